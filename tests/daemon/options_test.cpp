// SPDX-License-Identifier: ISC
#include "daemon/options.h"

#include <gmock/gmock.h>

namespace iked::daemon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

Result<Options> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "iked");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return parse_options(static_cast<int>(words.size()), argv.data());
}

std::string error_of(std::vector<std::string> words) {
  const Result<Options> options = parse(std::move(words));
  return options ? "accepted" : options.error().text;
}

TEST(Options, DashIsTheStandardInputOfACheck) {
  EXPECT_EQ(parse({"-n", "-"})->config_path, "-");
  EXPECT_EQ(parse({"-nf", "-"})->config_path, "-");
  EXPECT_EQ(error_of({"-"}), "unexpected argument \"-\"");
  EXPECT_EQ(error_of({"-n", "-", "x"}), "unexpected argument \"-\"");
}

TEST(Options, WithoutArgumentsAreTheDefaults) {
  const Result<Options> options = parse({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->config_path, "/etc/iked.conf");
  EXPECT_EQ(options->socket_path, "/run/iked.sock");
  EXPECT_EQ(options->natt_port, 4500);
  EXPECT_EQ(options->verbosity, 0);
  EXPECT_FALSE(options->foreground || options->config_test || options->passive);
  EXPECT_FALSE(options->no_natt || options->force_natt || options->no_ipv6_block);
  EXPECT_THAT(options->macros, IsEmpty());
  EXPECT_THAT(options->warnings, IsEmpty());
}

TEST(Options, LettersCanBeJoined) {
  const Result<Options> options = parse({"-6dnSTvv", "-fx.conf"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->no_ipv6_block && options->foreground && options->config_test);
  EXPECT_TRUE(options->passive && options->no_natt);
  EXPECT_EQ(options->verbosity, 2);
  EXPECT_EQ(options->config_path, "x.conf");
}

TEST(Options, CIsN) {
  const Result<Options> options = parse({"-c", "-f", "/x"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->config_test);
}

TEST(Options, MacrosCanBeRepeatedAndTheLastOneCounts) {
  const Result<Options> options = parse({"-D", "gw=192.0.2.1", "-Dlan=10.0.0.0/8", "-D", "gw="});
  ASSERT_TRUE(options);
  EXPECT_THAT(options->macros, UnorderedElementsAre(Pair("gw", ""), Pair("lan", "10.0.0.0/8")));
}

TEST(Options, MacroWithoutEqualsOrWithABadNameIsRefused) {
  EXPECT_THAT(error_of({"-D", "gw"}), HasSubstr("-D macro=value"));
  EXPECT_THAT(error_of({"-D", "=x"}), HasSubstr("cannot be the name of a macro"));
  EXPECT_THAT(error_of({"-D", "1a=x"}), HasSubstr("\"1a\" cannot be"));
  EXPECT_THAT(error_of({"-D", "a=b=c"}), HasSubstr("\"a=b\" cannot be"));
}

TEST(Options, NoNatTraversalAndOnlyNatTraversalExcludeEachOther) {
  EXPECT_EQ(error_of({"-T", "-t"}), "-T and -t are mutually exclusive");
  EXPECT_TRUE(parse({"-t"})->force_natt);
  EXPECT_TRUE(parse({"-T"})->no_natt);
}

TEST(Options, SmallSWithAPathIsTheSocket) {
  const Result<Options> options = parse({"-s", "/run/other.sock"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->socket_path, "/run/other.sock");
  EXPECT_FALSE(options->passive);
  EXPECT_THAT(options->warnings, IsEmpty());
}

TEST(Options, SmallSWithoutAPathIsPassiveWithAWarning) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"-d", "-s"}, {"-s", "-d"}, {"-ds"}, {"-s", "", "-d"}}) {
    const Result<Options> options = parse(words);
    ASSERT_TRUE(options);
    EXPECT_TRUE(options->passive);
    EXPECT_TRUE(options->foreground);
    EXPECT_EQ(options->socket_path, "/run/iked.sock");
    EXPECT_THAT(options->warnings, SizeIs(1));
  }
}

TEST(Options, UnknownLettersAndOperandsAreRefused) {
  EXPECT_EQ(error_of({"-x"}), "unknown option -x");
  EXPECT_EQ(error_of({"extra"}), "unexpected argument \"extra\"");
  EXPECT_EQ(error_of({"-f"}), "option -f needs an argument");
  EXPECT_EQ(error_of({"-f", ""}), "-f needs the name of a file");
}

TEST(Options, PortIsChecked) {
  EXPECT_EQ(parse({"-p", "14500"})->natt_port, 14500);
  EXPECT_THAT(error_of({"-p", "99999"}), HasSubstr("port is too large"));
  EXPECT_THAT(error_of({"-p", "99999999999999999999999"}), HasSubstr("port is too large"));
  EXPECT_THAT(error_of({"-p", "0"}), HasSubstr("from 1 to 65535"));
  EXPECT_THAT(error_of({"-p", "-1"}), HasSubstr("from 1 to 65535"));
  EXPECT_THAT(error_of({"-p", "45x"}), HasSubstr("from 1 to 65535"));
  EXPECT_THAT(error_of({"-p", "500"}), HasSubstr("plain IKE"));
}

}  // namespace
}  // namespace iked::daemon
