// SPDX-License-Identifier: ISC
#include "ikectl/keywords.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
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
  EXPECT_EQ(parsed("couple"), "couple");
  EXPECT_EQ(parsed("decouple"), "decouple");
  EXPECT_EQ(parsed("reload"), "reload");
  EXPECT_EQ(parsed("log verbose"), "log level 2");
  EXPECT_EQ(parsed("log brief"), "log level 0");
  EXPECT_EQ(parsed("show sa"), "show sa");
  EXPECT_EQ(parsed("show policy"), "show policy");
  for (const char* what : {"all", "sa"}) {
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
            "  active\n  passive\n  couple\n  decouple\n  log\n  reload\n  reset\n  show\n  ca");
}

TEST(Keywords, UnknownWordIsRefusedWithTheChoices) {
  EXPECT_EQ(parsed("show frob"),
            "unknown argument: frob\n"
            "valid commands/args:\n"
            "  policy\n  sa\n  ca");
  EXPECT_EQ(parsed("reset sas"),
            "unknown argument: sas\n"
            "valid commands/args:\n"
            "  all\n  sa");
}

TEST(Keywords, MissingWordIsAskedForWithTheChoices) {
  EXPECT_EQ(parsed("log"),
            "missing argument:\n"
            "valid commands/args:\n"
            "  verbose\n  brief");
  EXPECT_EQ(parsed(""),
            "missing argument:\n"
            "valid commands/args:\n"
            "  active\n  passive\n  couple\n  decouple\n  log\n  reload\n  reset\n  show\n  ca");
}

TEST(Keywords, UsageListsEveryCommand) {
  EXPECT_EQ(usage(),
            "usage: ikectl [-q] [-s socket] command [arg ...]\n"
            "commands:\n"
            "  active\n"
            "  passive\n"
            "  couple\n"
            "  decouple\n"
            "  log verbose | brief\n"
            "  reload\n"
            "  reset all | sa\n"
            "  show policy | sa\n"
            "of certificates:\n"
            "  ca NAME create | delete | install | certificate | key | export | crl\n"
            "  show ca NAME certificates\n"
            "See ikectl(8).");
}

TEST(Keywords, ManualHasTheSameCommands) {
  // "  reset all | sa" of the usage is ".It Ic reset all" and ".It Ic reset sa" of the manual.
  std::set<std::string> of_the_program;
  std::istringstream lines(usage());
  for (std::string line; std::getline(lines, line);) {
    if (line == "of certificates:") break;  // ca_words_test.cpp
    if (!line.starts_with("  ")) continue;
    std::istringstream words(line);
    std::string command;
    words >> command;
    bool alone = true;
    for (std::string word; words >> word;) {
      alone = false;
      if (word != "|") of_the_program.insert(command + " " + word);
    }
    if (alone) of_the_program.insert(command);
  }
  std::set<std::string> of_the_manual;
  std::ifstream page(IKED_SOURCE_DIR "/data/man/ikectl.8");
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(".It Ic ")) of_the_manual.insert(line.substr(7));
  }
  EXPECT_EQ(of_the_program, of_the_manual);
  for (const std::string& command : of_the_manual) EXPECT_FALSE(parsed(command).contains('\n'));
}

TEST(Keywords, SuperfluousWordIsRefused) {
  EXPECT_EQ(parsed("show sa extra more"), "superfluous argument: extra");
}

}  // namespace
}  // namespace iked::ikectl
