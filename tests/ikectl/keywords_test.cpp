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
  for (const char* command : {"active",
                              "passive",
                              "couple",
                              "decouple",
                              "load /etc/iked/b.conf",
                              "monitor",
                              "reload",
                              "reset all",
                              "reset ca",
                              "reset policy",
                              "reset sa",
                              "reset user",
                              "reset id FQDN/b",
                              "show sa",
                              "show certstore",
                              "show stats",
                              "show policy",
                              "connect office",
                              "disconnect office",
                              "why office"}) {
    EXPECT_EQ(parsed(command), command);
  }
  EXPECT_EQ(parsed("log verbose"), "log level 2");
  EXPECT_EQ(parsed("log brief"), "log level 0");
}

TEST(Keywords, UniquePrefixIsEnough) {
  EXPECT_EQ(parsed("s sa"), "show sa");
  EXPECT_EQ(parsed("s st"), "show stats");
  EXPECT_EQ(parsed("res sa"), "reset sa");
  EXPECT_EQ(parsed("rel"), "reload");
  EXPECT_EQ(parsed("log v"), "log level 2");
  EXPECT_EQ(parsed("a"), "active");
  EXPECT_EQ(parsed("m"), "monitor");
  EXPECT_EQ(parsed("con x"), "connect x");
  EXPECT_EQ(parsed("w x"), "why x");
}

TEST(Keywords, OldWordsAreShortenedAsEver) {
  EXPECT_EQ(parsed("co"), "couple");
  EXPECT_EQ(parsed("d"), "decouple");
  EXPECT_EQ(parsed("di x"), "disconnect x");
  EXPECT_EQ(parsed("show p"), "show policy");
}

const std::string all_words =
    "valid commands/args:\n  active\n  passive\n  couple\n  decouple\n  load\n  log\n  monitor\n"
    "  reload\n  reset\n  show\n  ca\n  connect\n  disconnect\n  why";

TEST(Keywords, AmbiguousPrefixIsRefusedWithTheChoices) {
  EXPECT_EQ(parsed("re"), "ambiguous argument: re\n" + all_words);
  EXPECT_EQ(parsed("c"), "ambiguous argument: c\n" + all_words);
  EXPECT_EQ(
      parsed("show s"),
      "ambiguous argument: s\nvalid commands/args:\n  ca\n  sa\n  certstore\n  stats\n  policy");
}

TEST(Keywords, UnknownWordIsRefusedWithTheChoices) {
  EXPECT_EQ(parsed("frob"), "unknown argument: frob\n" + all_words);
  EXPECT_EQ(parsed("show frob"),
            "unknown argument: frob\n"
            "valid commands/args:\n  ca\n  sa\n  certstore\n  stats\n  policy");
  EXPECT_EQ(parsed("reset sas"),
            "unknown argument: sas\n"
            "valid commands/args:\n  all\n  ca\n  policy\n  sa\n  user\n  id");
}

TEST(Keywords, MissingWordIsAskedForWithTheChoices) {
  EXPECT_EQ(parsed("log"), "missing argument:\nvalid commands/args:\n  verbose\n  brief");
  EXPECT_EQ(parsed("reset id"), "missing argument:\nvalid commands/args:\n  <ikeid>");
  EXPECT_EQ(parsed("load"), "missing argument:\nvalid commands/args:\n  <path>");
  EXPECT_EQ(parsed(""), "missing argument:\n" + all_words);
}

TEST(Keywords, UsageListsEveryCommand) {
  EXPECT_EQ(usage(),
            "usage: ikectl [-q] [-s socket] [--json | --table | --openmetrics] command [arg ...]\n"
            "commands:\n"
            "  active\n"
            "  passive\n"
            "  couple\n"
            "  decouple\n"
            "  load <path>\n"
            "  log verbose | brief\n"
            "  monitor\n"
            "  reload\n"
            "  reset all | ca | policy | sa | user | id <ikeid>\n"
            "  show sa | certstore | stats | policy\n"
            "  connect <policy>\n"
            "  disconnect <policy>\n"
            "  why <name>\n"
            "of certificates:\n"
            "  ca NAME create | delete | install | certificate | key | export | crl\n"
            "  show ca NAME certificates\n"
            "See ikectl(8).");
}

TEST(Keywords, ManualHasTheSameCommands) {
  // "  reset all | id <ikeid>" of the usage is ".It Ic reset all" and ".It Ic reset id Ar ikeid" of
  // the manual.
  std::set<std::string> of_the_program;
  std::istringstream lines(usage());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("of certificates")) break;
    if (!line.starts_with("  ")) continue;
    std::istringstream words(line);
    std::string command, word, sub;
    words >> command;
    const auto add = [&] {
      of_the_program.insert(sub.empty() ? command : command + " " + sub);
      sub.clear();
    };
    while (words >> word) {
      if (word == "|") {
        add();
      } else {
        if (word.front() == '<') word = "Ar " + word.substr(1, word.size() - 2);
        sub += (sub.empty() ? "" : " ") + word;
      }
    }
    add();
  }
  std::set<std::string> of_the_manual;
  std::ifstream page(IKED_SOURCE_DIR "/data/man/ikectl.8");
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(".It Ic ") && !line.starts_with(".It Ic ca ") &&
        !line.starts_with(".It Ic show ca ")) {
      of_the_manual.insert(line.substr(7));
    }
  }
  EXPECT_EQ(of_the_program, of_the_manual);
}

TEST(Keywords, SuperfluousWordIsRefused) {
  EXPECT_EQ(parsed("show sa extra more"), "superfluous argument: extra");
}

}  // namespace
}  // namespace iked::ikectl
