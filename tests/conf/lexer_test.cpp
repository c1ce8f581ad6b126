// SPDX-License-Identifier: ISC
#include "conf/lexer.h"

#include <gtest/gtest.h>

#include "conf/support.h"

namespace iked::conf {
namespace {

/// A lexer over one file, "c", and what it reports.
struct World {
  test::MemoryEnvironment environment;
  SourceFiles files;
  Diagnostics diagnostics{files};
  Lexer lexer{environment, diagnostics, files};

  explicit World(std::string text) {
    environment.files["c"] = std::move(text);
    EXPECT_TRUE(lexer.open("c"));
  }
  std::string errors() {
    std::string all;
    for (const auto& d : diagnostics.render(lexer.secrets())) all += to_string(d) + "\n";
    return all;
  }
};

/// Tokens in short: w(word) q"quoted" n7 k(keyword) s= | (line end) . (end) E (error)
std::string shape(std::string text) {
  World world(std::move(text));
  std::string all;
  for (;;) {
    const Token token = world.lexer.next();
    using Kind = Token::Kind;
    const std::string t(token.text);
    switch (token.kind) {
      case Kind::word:
        all += "w(" + t + ")";
        break;
      case Kind::quoted:
        all += "q(" + t + ")";
        break;
      case Kind::number:
        all += "n" + std::to_string(token.number);
        break;
      case Kind::keyword:
        all += "k(" + t + ")";
        break;
      case Kind::symbol:
        all += std::string("s") + token.symbol;
        break;
      case Kind::line_end:
        all += "|";
        break;
      case Kind::end:
        return all + ".";
      case Kind::error:
        return all + "E";
    }
  }
}

TEST(Lexer, WordsKeywordsAndNumbers) {
  EXPECT_EQ(shape("esp espx ESP 7 7win 10m 0xff -5 -x"),
            "k(esp)w(espx)w(ESP)n7w(7win)w(10m)w(0xff)n-5s-w(x)|.");
}

TEST(Lexer, NumberNeedsAnEnd) {
  EXPECT_EQ(shape("1)2,3/4}5=6 7(8"), "n1s)n2s,n3s/n4s}n5s=n6w(7)s(n8|.");
}

TEST(Lexer, WordsHoldMostPunctuation) {
  EXPECT_EQ(shape("a.-@%+;?[]^~|&'\"$:z _x :: *"), "w(a.-@%+;?[]^~|&'\"$:z)w(_x)w(::)w(*)|.");
}

TEST(Lexer, OtherBytesStandForThemselves) {
  EXPECT_EQ(shape("={}(),/<>!"), "s=s{s}s(s)s,s/s<s>s!|.");
}

TEST(Lexer, EachFileEndsWithALineEnd) {
  EXPECT_EQ(shape(""), "|.");
  EXPECT_EQ(shape("a"), "w(a)|.");
  EXPECT_EQ(shape("a\n"), "w(a)||.");
}

TEST(Lexer, CommentsRunToTheLineEnd) {
  EXPECT_EQ(shape("a # b \"c\nd"), "w(a)|w(d)|.");
  EXPECT_EQ(shape("a#b\nd"), "w(a)|w(d)|.");
  EXPECT_EQ(shape("# a \\\n b\nc"), "|w(c)|.");
}

TEST(Lexer, ContinuationVanishesEverywhere) {
  EXPECT_EQ(shape("a\\\nb c \\\n d"), "w(ab)w(c)w(d)|.");
  EXPECT_EQ(shape("1\\\n2 "), "n12|.");
  EXPECT_EQ(shape("\\\n\\\na"), "w(a)|.");
}

TEST(Lexer, BackslashOutsideQuotesDisappears) {
  EXPECT_EQ(shape("a\\b \\# c"), "w(ab)|.");
  EXPECT_EQ(shape("\\\"a b\""), "q(a b)|.");
  EXPECT_EQ(shape("a\\ b"), "w(a)w(b)|.");
  EXPECT_EQ(shape("a\\\\b"), "w(a\\b)|.");
  EXPECT_EQ(shape("a \\"), "w(a)|.");
}

TEST(Lexer, QuotesEscapeOnlyTheirOwnKindAndBlanks) {
  EXPECT_EQ(shape(R"("a\"b" 'a\'b' "a'b" "a\ b" "a\'b" "a\nb")"),
            R"(q(a"b)q(a'b)q(a'b)q(a b)q(a\'b)q(a\nb)|.)");
  EXPECT_EQ(shape("\"a\\\\\" b\""), "q(a\\\" b)|.");  // the second backslash escapes the quote
}

TEST(Lexer, QuotesSwallowLineEnds) {
  EXPECT_EQ(shape("\"a\nb\" \"c\\\nd\""), "q(ab)q(cd)|.");
}

TEST(Lexer, QuotedTokensAreNeverKeywordsOrNumbers) {
  EXPECT_EQ(shape("\"esp\" \"7\" \"\""), "q(esp)q(7)q()|.");
}

TEST(Lexer, QuotedStringsEndAtTheLimit) {
  const std::string longest(Lexer::longest_quoted, 'a');
  EXPECT_EQ(shape('"' + longest + '"'), "q(" + longest + ")|.");
  EXPECT_EQ(shape('"' + longest + "a\""), "E");
}

TEST(Lexer, WordsEndAtTheLimit) {
  const std::string longest(Lexer::longest_word, 'a');
  EXPECT_EQ(shape(longest), "w(" + longest + ")|.");
  EXPECT_EQ(shape(longest + "a"), "E");
  EXPECT_EQ(shape(std::string(Lexer::longest_word + 10, '7')), "E");
}

TEST(Lexer, NumbersAreSigned64Bit) {
  EXPECT_EQ(shape("9223372036854775807 -9223372036854775808"),
            "n9223372036854775807n-9223372036854775808|.");
  EXPECT_EQ(shape("9223372036854775808"), "E");
}

TEST(Lexer, BytesThatCannotStandAreErrors) {
  EXPECT_EQ(shape(std::string("a\0b", 3)), "w(a)E");
  EXPECT_EQ(shape("a\r\n"), "w(a)E");
  EXPECT_EQ(shape("\xc3\xbc"), "E");
  EXPECT_EQ(shape("\x01"
                  "a\x02"
                  "b"),
            "w(ab)|.");
}

TEST(Lexer, CarriageReturnIsReportedOncePerFile) {
  World world("a\r\nb\r\n");
  while (world.lexer.next().kind != Token::Kind::end) {
  }
  EXPECT_EQ(world.diagnostics.render({}).size(), 1u);
}

TEST(Lexer, MacroTextIsReadAfresh) {
  World world("x $m y\n");
  world.lexer.define("m", "a \"b c\" 7 esp", {}, false);
  std::string all;
  for (Token t = world.lexer.next(); !t.ends_statement(); t = world.lexer.next()) {
    all += std::string(t.text) + ";";
  }
  EXPECT_EQ(all, "x;a;b c;7;esp;y;");
}

TEST(Lexer, MacroTextJoinsWhatFollows) {
  World world("$m.1/$n\n");
  world.lexer.define("m", "10.0.0", {}, false);
  world.lexer.define("n", "24", {}, false);
  EXPECT_EQ(world.lexer.next().text, "10.0.0.1");
  EXPECT_TRUE(world.lexer.next().is('/'));
  EXPECT_EQ(world.lexer.next().number, 24);
}

TEST(Lexer, TokensOfAMacroPointAtItsUse) {
  World world("a\n  $macro b\n");
  world.lexer.define("macro", "one two", {}, false);
  world.lexer.next();
  world.lexer.next();
  for (const char* word : {"one", "two"}) {
    const Token token = world.lexer.next();
    EXPECT_EQ(token.text, word);
    EXPECT_EQ(token.spot.place.line, 2u);
    EXPECT_EQ(token.spot.place.column, 3u);
    EXPECT_EQ(token.spot.length, 6u);
    EXPECT_EQ(token.spot.macro, "macro");
  }
  EXPECT_EQ(world.lexer.next().spot.place.column, 10u);
}

TEST(Lexer, DollarIsLiteralInsideWordsQuotesAndMacros) {
  World world("a$m \"$m\" $m\n");
  world.lexer.define("m", "$m", {}, false);
  EXPECT_EQ(world.lexer.next().text, "a$m");
  EXPECT_EQ(world.lexer.next().text, "$m");
  EXPECT_TRUE(world.lexer.next().is('$'));
  EXPECT_EQ(world.lexer.next().text, "m");
}

TEST(Lexer, CommandLineMacrosWin) {
  World world("$m $n\n");
  world.lexer.define("m", "command", {}, true);
  world.lexer.define("m", "file", {}, false);
  world.lexer.define("n", "first", {}, false);
  world.lexer.define("n", "second", {}, false);
  EXPECT_EQ(world.lexer.next().text, "command");
  EXPECT_EQ(world.lexer.next().text, "second");
}

TEST(Lexer, UndefinedMacroNamesTheNearest) {
  World world("$gatway\n");
  world.lexer.define("gateway", "x", {}, false);
  EXPECT_EQ(world.lexer.next().kind, Token::Kind::error);
  EXPECT_NE(world.errors().find("c:1:1: macro 'gatway' is not defined; did you mean 'gateway'?"),
            std::string::npos);
}

TEST(Lexer, MacroExpansionIsBounded) {
  World world(std::string(size_t{1} << 20, ' ') + "$m $m $m $m $m");
  world.lexer.define("m", std::string(Lexer::most_expanded / 4, ' '), {}, false);
  EXPECT_EQ(world.lexer.next().kind, Token::Kind::error);
  EXPECT_NE(world.errors().find("expand to more than 64 MiB"), std::string::npos);
}

TEST(Lexer, PlacesStayRightThroughContinuationsAndTabs) {
  World world("a \\\n\tb\n\"x\ny\" c\n");
  EXPECT_EQ(world.lexer.next().spot.place.column, 1u);
  const Token b = world.lexer.next();
  EXPECT_EQ(b.spot.place.line, 2u);
  EXPECT_EQ(b.spot.place.column, 2u);
  world.lexer.next();
  EXPECT_EQ(world.lexer.next().spot.place.line, 3u);
  const Token c = world.lexer.next();
  EXPECT_EQ(c.spot.place.line, 4u);
  EXPECT_EQ(c.spot.place.column, 4u);
}

TEST(Lexer, UnclosedQuoteCostsOneLineOnly) {
  World world("a \"b\nc\n");
  EXPECT_EQ(world.lexer.next().text, "a");
  EXPECT_EQ(world.lexer.next().kind, Token::Kind::error);
  world.lexer.skip_line();
  EXPECT_EQ(world.lexer.next().text, "c");
}

TEST(Lexer, IncludedFilesAreReadInPlace) {
  World world("a\nb\n");
  world.environment.files["d"] = "in d";
  EXPECT_EQ(world.lexer.next().text, "a");
  world.lexer.next();
  EXPECT_TRUE(world.lexer.include("d", {}));
  EXPECT_EQ(world.lexer.next().text, "in");
  const Token d = world.lexer.next();
  EXPECT_EQ(d.text, "d");
  EXPECT_EQ(world.files[d.spot.place.file].path, "d");
  EXPECT_EQ(d.spot.place.line, 1u);
  EXPECT_EQ(d.spot.place.column, 4u);
  EXPECT_EQ(world.lexer.next().kind, Token::Kind::line_end);
  const Token b = world.lexer.next();
  EXPECT_EQ(b.text, "b");
  EXPECT_EQ(b.spot.place.line, 2u);
}

TEST(Lexer, IncludesNestSixteenDeep) {
  World world("\n");
  for (size_t i = 1; i <= Lexer::most_nested_files; ++i) {
    world.environment.files["f" + std::to_string(i)] = "\n";
    const bool fits = i < Lexer::most_nested_files;
    EXPECT_EQ(world.lexer.include("f" + std::to_string(i), {}), fits) << i;
  }
}

TEST(Lexer, TheSameFileUnderAnotherNameIsACircle) {
  class SameFile final : public Environment {
   public:
    Result<FileText> read(const std::string&) override { return FileText{"x\n", "1:2"}; }
    std::optional<uint16_t> service_port(const std::string&) override { return {}; }
    std::optional<uint8_t> protocol_number(const std::string&) override { return {}; }
  } environment;
  SourceFiles files;
  Diagnostics diagnostics(files);
  Lexer lexer(environment, diagnostics, files);
  ASSERT_TRUE(lexer.open("a"));
  EXPECT_FALSE(lexer.include("./a", {{0, 1, 1, 0}}));
  ASSERT_EQ(diagnostics.render({}).size(), 1u);
  EXPECT_NE(diagnostics.render({})[0].text.find("a -> ./a"), std::string::npos);
}

}  // namespace
}  // namespace iked::conf
