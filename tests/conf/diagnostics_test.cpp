// SPDX-License-Identifier: ISC
#include "conf/diagnostics.h"

#include <gtest/gtest.h>

#include "conf/excerpt.h"

namespace iked::conf {
namespace {

Spot at(size_t offset, size_t length = 1) {
  Spot spot;
  spot.place = {0, 1, static_cast<uint32_t>(offset + 1), offset};
  spot.length = length;
  return spot;
}

TEST(Excerpt, PutsTheCaretUnderTheWord) {
  EXPECT_EQ(excerpt("one two three\n", at(4, 3), {}), "  one two three\n      ^~~");
}

TEST(Excerpt, ShowsTheLineOfTheSpotOnly) {
  EXPECT_EQ(excerpt("first\nsecond\nthird", at(6, 6), {}), "  second\n  ^~~~~~");
  EXPECT_EQ(excerpt("first\nlast", at(6, 4), {}), "  last\n  ^~~~");
}

TEST(Excerpt, KeepsTabsSoThatTheCaretFits) {
  EXPECT_EQ(excerpt("\ta\tb\n", at(3), {}), "  \ta\tb\n  \t \t^");
}

TEST(Excerpt, PointsBehindTheLineAtItsEnd) {
  EXPECT_EQ(excerpt("set\n", at(3), {}), "  set\n     ^");
  EXPECT_EQ(excerpt("set", at(3), {}), "  set\n     ^");
  EXPECT_EQ(excerpt("", at(0), {}), "  \n  ^");
}

TEST(Excerpt, UnderlinesWithinTheLineOnly) {
  EXPECT_EQ(excerpt("a \"b\nc\"\n", at(2, 6), {}), "  a \"b\n    ^~");
}

TEST(Excerpt, CutsLongLinesToAWindow) {
  const std::string line = std::string(1000, 'a') + " here " + std::string(1000, 'b');
  const std::string shown = excerpt(line, at(1001, 4), {});
  EXPECT_LT(shown.size(), 450u);
  EXPECT_NE(shown.find("... "), shown.find("here"));
  EXPECT_NE(shown.find(" here "), std::string::npos);
  EXPECT_EQ(shown.substr(0, 5), "  ...");
  const size_t caret = shown.find('^');
  const size_t second = shown.find('\n') + 1;
  EXPECT_EQ(caret - second, shown.find("here"));
}

TEST(Excerpt, LetsNothingThroughThatATerminalObeys) {
  const std::string shown = excerpt("a\x1b[31m \x7f \xc2\x9b \xff z", at(0), {});
  EXPECT_EQ(shown.substr(0, shown.find('\n')), "  a?[31m ? ?? ? z");
}

TEST(Excerpt, ShowsUtf8AsOneColumn) {
  EXPECT_EQ(excerpt("\"Gr\xc3\xbc\xc3\x9f"
                    "e\" x",
                    at(10), {}),
            "  \"Gr\xc3\xbc\xc3\x9f"
            "e\" x\n          ^");
}

TEST(Excerpt, HidesSecretRanges) {
  EXPECT_EQ(excerpt("a hidden b", at(9), {{0, 2, 8}}), "  a *** b\n        ^");
  EXPECT_EQ(excerpt("a hidden b", at(2, 6), {{0, 2, 8}}), "  a *** b\n    ^~~");
  EXPECT_EQ(excerpt("a hidden b", at(9), {{1, 2, 8}}), "  a hidden b\n           ^");
}

TEST(Excerpt, HidesWhatFollowsPskWhereverItStands) {
  EXPECT_EQ(excerpt("x psk abc def", at(0), {}), "  x psk ***\n  ^");
  EXPECT_EQ(excerpt("x # old: psk 'abc'", at(0), {}), "  x # old: psk ***\n  ^");
  EXPECT_EQ(excerpt("my_psk = abc", at(0), {}), "  my_psk = ***\n  ^");
  EXPECT_EQ(excerpt("x psk file \"name\"", at(0), {}), "  x psk file \"name\"\n  ^");
}

TEST(Excerpt, ShowsAKeywordAmongSecrets) {
  Spot spot = at(10, 5);
  spot.keyword = true;
  EXPECT_EQ(excerpt("x psk abc srcid d", spot, {}), "  x psk *** srcid ***\n            ^~~~~");
}

TEST(AnnouncesSecret, KnowsPskAndItsMisspellings) {
  for (const char* word :
       {"psk", "PSK", "pks", "ps", "pskk", "sk", "my_psk", "psk1", "password", "Secret", "key",
        "passwd", "secretkey", "pre-shared-key", "psk:", "psk:abc"}) {
    EXPECT_TRUE(announces_secret(word)) << word;
  }
  for (const char* word : {"", "esp", "peer", "from", "10.0.0.1", "srcid", "tap", "ah", "passive",
                           "pasive", "keystore", "presharedfile"}) {
    EXPECT_FALSE(announces_secret(word)) << word;
  }
}

TEST(Diagnostics, PutsEverythingInOrder) {
  SourceFiles files = {{"main", "include \"x\"\n", std::nullopt},
                       {"x", "abc\n", Place{0, 1, 9, 8}}};
  Diagnostics diagnostics(files);
  diagnostics.error({{1, 1, 1, 0}, 3, false, "m"}, "bad word", "a good one", "a note");
  diagnostics.warning({{0, 1, 1, 0}, 7}, "odd");
  EXPECT_TRUE(diagnostics.has_errors());
  const auto all = diagnostics.render({});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].severity, Severity::error);
  EXPECT_EQ(to_string(all[0]),
            "x:1:1: bad word\n  abc\n  ^~~\n  expected a good one\n  a note\n"
            "  in the text of macro 'm'\n  included from main:1:9");
  EXPECT_EQ(all[1].severity, Severity::warning);
  EXPECT_EQ(to_string(all[1]), "main:1:1: warning: odd\n  include \"x\"\n  ^~~~~~~");
}

TEST(Diagnostics, WarningsAreNotErrorsAndAreBounded) {
  const SourceFiles files = {{"f", "x\n", std::nullopt}};
  Diagnostics diagnostics(files);
  for (size_t i = 0; i < Diagnostics::most_warnings + 5; ++i)
    diagnostics.warning({{0, 1, 1, 0}}, "w");
  EXPECT_FALSE(diagnostics.has_errors());
  const auto all = diagnostics.render({});
  ASSERT_EQ(all.size(), Diagnostics::most_warnings + 1);
  EXPECT_EQ(all.back().text, "5 more warnings");
}

}  // namespace
}  // namespace iked::conf
