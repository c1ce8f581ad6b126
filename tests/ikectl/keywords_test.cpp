// SPDX-License-Identifier: ISC
#include "ikectl/keywords.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace iked::ikectl {
namespace {

/// The request's name, or the error.
std::string parsed(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  const auto request = parse_command(std::vector<std::string_view>(words.begin(), words.end()));
  return request ? to_string(*request) : request.error().text;
}

TEST(Keywords, EveryCommandIsUnderstood) {
  EXPECT_EQ(parsed("active"), "active");
  EXPECT_EQ(parsed("passive"), "passive");
  EXPECT_EQ(parsed("reload"), "reload");
  EXPECT_EQ(parsed("log verbose"), "log level 2");
  EXPECT_EQ(parsed("log brief"), "log level 0");
  EXPECT_EQ(parsed("show sa"), "show sa");
  EXPECT_EQ(parsed("show policy"), "show policy");
  for (const char* what : {"all", "ca", "policy", "sa", "user"}) {
    EXPECT_EQ(parsed(std::string("reset ") + what), std::string("reset ") + what);
  }
}

TEST(Keywords, UniquePrefixIsEnough) {
  EXPECT_EQ(parsed("s s"), "show sa");
  EXPECT_EQ(parsed("res sa"), "reset sa");
  EXPECT_EQ(parsed("rel"), "reload");
  EXPECT_EQ(parsed("log v"), "log level 2");
  EXPECT_EQ(parsed("a"), "active");
}

TEST(Keywords, AmbiguousPrefixIsRefusedWithTheChoices) {
  EXPECT_EQ(parsed("re"),
            "ambiguous argument: re\n"
            "valid commands/args:\n"
            "  active\n  passive\n  log\n  reload\n  reset\n  show");
}

TEST(Keywords, UnknownWordIsRefusedWithTheChoices) {
  EXPECT_EQ(parsed("show frob"),
            "unknown argument: frob\n"
            "valid commands/args:\n"
            "  policy\n  sa");
  EXPECT_EQ(parsed("reset sas"),
            "unknown argument: sas\n"
            "valid commands/args:\n"
            "  all\n  ca\n  policy\n  sa\n  user");
}

TEST(Keywords, MissingWordIsAskedForWithTheChoices) {
  EXPECT_EQ(parsed("log"),
            "missing argument:\n"
            "valid commands/args:\n"
            "  verbose\n  brief");
  EXPECT_EQ(parsed(""),
            "missing argument:\n"
            "valid commands/args:\n"
            "  active\n  passive\n  log\n  reload\n  reset\n  show");
}

TEST(Keywords, SuperfluousWordIsRefused) {
  EXPECT_EQ(parsed("show sa extra more"), "superfluous argument: extra");
}

}  // namespace
}  // namespace iked::ikectl
