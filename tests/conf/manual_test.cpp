// SPDX-License-Identifier: ISC
// What iked.conf(5) shows must be true.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "conf/keywords.h"
#include "conf/support.h"
#include "conf/to_text.h"
#include "conf/transforms.h"

namespace iked::conf {
namespace {

using test::parse_text;

/// The literal displays of a section, as a reader sees them.
std::vector<std::string> displays(const std::string& section) {
  std::ifstream in(IKED_SOURCE_DIR "/data/man/iked.conf.5");
  std::vector<std::string> found;
  bool whole = false;
  bool inside = false;
  bool literal = false;
  for (std::string line; std::getline(in, line);) {
    // A section has the displays of its subsections as well.
    if (line.starts_with(".Sh ")) inside = whole = line.substr(4) == section;
    if (line.starts_with(".Ss ")) inside = whole || line.substr(4) == section;
    if (line.starts_with(".Ed")) literal = false;
    if (literal) {
      for (size_t at = line.find("\\e"); at != std::string::npos; at = line.find("\\e")) {
        line.replace(at, 2, "\\");
      }
      found.back() += line + "\n";
    }
    if (inside && line.starts_with(".Bd -literal")) {
      literal = true;
      found.emplace_back();
    }
  }
  return found;
}

TEST(Manual, ExamplesParseWithoutAMistake) {
  const auto examples = displays("EXAMPLES");
  EXPECT_GE(examples.size(), 10u);
  for (const std::string& text : examples) {
    const auto parsed =
        parse_text(text, {{"/etc/iked/hosts.key", "00112233445566778899aabbccddeeff\n"}});
    EXPECT_TRUE(parsed.good()) << text << parsed.text();
    for (const Diagnostic& d : parsed.result.diagnostics) {
      EXPECT_THAT(d.text, testing::HasSubstr(" is kept")) << text;  // not acted on yet
    }
  }
}

TEST(Manual, NamesEveryWordOfTheLanguage) {
  std::ifstream in(IKED_SOURCE_DIR "/data/man/iked.conf.5");
  std::string manual{std::istreambuf_iterator<char>(in), {}};
  // The grammar writes both at once.
  for (size_t at = 0; (at = manual.find("[no]", at)) != std::string::npos;) {
    const size_t end = manual.find_first_of(" \n", at);
    const std::string word = manual.substr(at + 4, end - at - 4);
    manual.replace(at, end - at, word + " no" + word);
  }
  for (size_t i = 0; i <= static_cast<size_t>(Keyword::vendorid); ++i) {
    const std::string word(word_of(static_cast<Keyword>(i)));
    if (word == "name") continue;  // reserved, and used nowhere
    const bool found = std::regex_search(manual, std::regex("\\b" + word + "\\b"));
    EXPECT_TRUE(found) << word;
  }
  const std::string settings = to_text(Config{});
  const std::regex setting("set (\\w+)");
  for (std::sregex_iterator at(settings.begin(), settings.end(), setting), end; at != end; ++at) {
    EXPECT_THAT(manual, testing::HasSubstr((*at)[1].str()));
  }
}

TEST(Manual, FirstExampleParses) {
  const auto examples = displays("DESCRIPTION");
  ASSERT_EQ(examples.size(), 1u);
  const auto parsed = parse_text(examples[0]);
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_TRUE(parsed.policy().active);
}

TEST(Manual, DefaultsAreThoseOfTheCode) {
  const auto shown = displays("Defaults");
  ASSERT_EQ(shown.size(), 3u);
  const std::string key = " psk \"correct horse battery\"\n";
  const auto policy_with = [&](std::string clauses, const std::string& protocol) {
    clauses.pop_back();
    return parse_text("ikev2 \"p\" " + protocol + " from any to any peer any " + clauses + key);
  };
  const auto ike = policy_with(shown[0], "esp");
  ASSERT_TRUE(ike.good()) << ike.text();
  EXPECT_EQ(ike.policy().ike_proposals, default_proposals(ProtocolId::IKE));
  const auto esp = policy_with(shown[1], "esp");
  ASSERT_TRUE(esp.good()) << esp.text();
  EXPECT_EQ(esp.policy().child_proposals, default_proposals(ProtocolId::ESP));
  const auto ah = policy_with(shown[2], "ah");
  ASSERT_TRUE(ah.good()) << ah.text();
  EXPECT_EQ(ah.policy().child_proposals, default_proposals(ProtocolId::AH));
}

TEST(Manual, DiagnosticIsTheRealOne) {
  const auto shown = displays("DIAGNOSTICS");
  ASSERT_EQ(shown.size(), 1u);
  const auto parsed = parse_text(
      "\n\nikev2 \"office\" actve from 10.1.0.0/24 to 10.2.0.0/24 psk \"0123456789abcdef\"\n");
  std::string text = shown[0];
  ASSERT_TRUE(text.starts_with("/etc/iked.conf:"));
  text.replace(0, 14, "c");
  EXPECT_THAT(parsed.text(), testing::StartsWith(text));
}

}  // namespace
}  // namespace iked::conf
