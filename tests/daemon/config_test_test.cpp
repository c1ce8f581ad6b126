// SPDX-License-Identifier: ISC
// `iked -n` and the command line, as a user without privileges meets them.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/process.h"

namespace iked::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* good =
    "ikev2 \"west\" esp from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2 psk \"correct horse\"\n";

/// Nobody owns files or has capabilities.
constexpr uid_t nobody = 65534;

class ConfigTest : public testing::Test {
 protected:
  int iked(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), IKED_PROGRAM);
    SpawnOptions options;
    if (getuid() == 0) options.uid = nobody;
    return run(std::move(arguments), &output, options);
  }
  std::string file(const std::string& content) {
    std::string path = folder.write("iked.conf", content);
    if (getuid() == 0) {
      EXPECT_EQ(chown(path.c_str(), nobody, nobody), 0);
    }
    return path;
  }

  Folder folder;
  std::string output;
};

TEST_F(ConfigTest, GoodFileIsOkForAnUnprivilegedUser) {
  EXPECT_EQ(iked({"-n", "-f", file(good)}), 0) << output;
  EXPECT_EQ(output, "configuration OK\n");
}

TEST_F(ConfigTest, CIsTheSameAsN) {
  EXPECT_EQ(iked({"-c", "-f", file(good)}), 0) << output;
  EXPECT_EQ(output, "configuration OK\n");
}

TEST_F(ConfigTest, MistakeIsShownWithItsPlaceAndExitsWith1) {
  const std::string path = file("ikev2 \"west\" esp form 10.1.0.0/24 to 10.2.0.0/24 psk \"x\"\n");
  EXPECT_EQ(iked({"-n", "-f", path}), 1);
  EXPECT_THAT(output, HasSubstr(path + ":1:18: "));
  EXPECT_THAT(output, HasSubstr("form"));
  EXPECT_THAT(output, Not(HasSubstr("configuration OK")));
}

TEST_F(ConfigTest, MissingFileExitsWith1) {
  EXPECT_EQ(iked({"-n", "-f", folder / "missing.conf"}), 1);
  EXPECT_THAT(output, HasSubstr("missing.conf"));
  EXPECT_THAT(output, HasSubstr("No such file or directory"));
  EXPECT_THAT(output, HasSubstr("there is no " + folder / "missing.conf" +
                                ": write it, iked.conf(5) has a first example, or name another "
                                "file with -f FILE\n"));
}

TEST_F(ConfigTest, FileReadableByOthersIsRefused) {
  const std::string path = file(good);
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(iked({"-n", "-f", path}), 1);
  EXPECT_THAT(output, HasSubstr(path));
  EXPECT_THAT(output, HasSubstr("chmod"));
}

TEST_F(ConfigTest, VerbosePrintsThePoliciesWithoutTheSecret) {
  EXPECT_EQ(iked({"-nv", "-f", file(good)}), 0) << output;
  EXPECT_THAT(output, HasSubstr("\"west\""));
  EXPECT_THAT(output, HasSubstr("10.1.0.0/24"));
  EXPECT_THAT(output, Not(HasSubstr("correct horse")));
  EXPECT_THAT(output, Not(HasSubstr("636f7272656374")));  // "correct" in hexadecimal
}

TEST_F(ConfigTest, MacroOfTheCommandLineWinsOverTheFile) {
  const std::string path =
      file("gw = \"192.0.2.99\"\nikev2 esp from 10.1.0.0/24 to 10.2.0.0/24 peer $gw psk \"x\"\n");
  EXPECT_EQ(iked({"-nv", "-D", "gw=192.0.2.7", "-f", path}), 0) << output;
  EXPECT_THAT(output, HasSubstr("192.0.2.7"));
  EXPECT_THAT(output, Not(HasSubstr("192.0.2.99")));
}

TEST_F(ConfigTest, VersionIsPrintedWithoutAnyConfiguration) {
  EXPECT_EQ(iked({"-V", "-f", "/nowhere"}), 0);
  EXPECT_THAT(output, testing::MatchesRegex("iked [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(ConfigTest, TwoVsAddWhereEachValueIsFrom) {
  const std::string path = file(
      "set passive\nikev2 \"p\" from 10.1.0.0/24 \\\n to 10.2.0.0/24 \\\n"
      " peer 192.0.2.1 psk \"0123456789abcdef\"\n");
  EXPECT_EQ(iked({"-nvv", "-f", path}), 0) << output;
  EXPECT_THAT(output, HasSubstr("# " + path + ":1\nset passive\n# default\nset couple\n"));
  EXPECT_THAT(output, HasSubstr("# " + path + ":2: ikev2 from\n# " + path +
                                ":4: peer psk\n# default: passive tunnel esp local ikesa "
                                "childsa ikelifetime lifetime\nikev2 \"p\" passive"));
}

TEST_F(ConfigTest, IgnoredErrorsStillFailTheCheck) {
  const std::string text = "set ignore_errors yes\nikev2 frm any\n" + std::string(good);
  EXPECT_EQ(iked({"-nv", "-f", file(text)}), 1);
  EXPECT_THAT(output, HasSubstr("this policy is left out"));
  EXPECT_THAT(output, HasSubstr("iked would run without 1 of its policies"));
  EXPECT_THAT(output, HasSubstr("ikev2 \"west\" passive"));
}

TEST_F(ConfigTest, UnknownOptionShowsTheUsage) {
  EXPECT_EQ(iked({"-x"}), 1);
  EXPECT_EQ(output,
            "iked: unknown option -x\n"
            "usage: iked [-6cdnSTtVv] [-D macro=value] [-f file] [-k folder] "
            "[-p port] [-s socket]\n");
}

TEST_F(ConfigTest, NatTraversalNeverAndAlwaysTogetherShowTheUsage) {
  EXPECT_EQ(iked({"-T", "-t"}), 1);
  EXPECT_THAT(output, HasSubstr("-T and -t are mutually exclusive\nusage: iked "));
}

}  // namespace
}  // namespace iked::test
