// SPDX-License-Identifier: ISC
#include "conf/tokens.h"

#include "conf/suggest.h"

namespace iked::conf {

bool Tokens::accept(Keyword keyword) {
  if (!now_.is(keyword)) return false;
  advance();
  return true;
}

bool Tokens::accept(char symbol) {
  if (!now_.is(symbol)) return false;
  advance();
  return true;
}

std::string Tokens::name_of(const Token& token) {
  if (token.ends_statement()) return "the end of the line";
  if (token.secret && token.kind != Token::Kind::keyword) return "this text";
  if (token.kind == Token::Kind::symbol) return fmt::format("'{}'", token.symbol);
  const std::string text = printable(as_bytes(token.text), 60);
  return token.kind == Token::Kind::quoted ? '"' + text + '"' : '\'' + text + '\'';
}

Failed Tokens::error(const Token& token, std::string message, std::string expected) {
  if (token.kind == Token::Kind::error) return {};  // the lexer said what is wrong
  std::string note;
  if (const Spot& string = lexer_.long_string(); string.place.line != 0) {
    note =
        fmt::format("the string that begins at {} runs over the line's end: is its quote missing?",
                    diagnostics_.name_of(string.place));
  }
  diagnostics_.error(token.spot, std::move(message), std::move(expected), std::move(note));
  return {};
}

void Tokens::warning(const Token& token, std::string message, std::string note) {
  diagnostics_.warning(token.spot, std::move(message), std::move(note));
}

void Tokens::show_from_now() {
  lexer_.show_from(now_.spot.place);
  now_.secret = false;
}

void Tokens::not_yet(const Token& word, std::string_view what) {
  if (!not_yet_.emplace(word.text).second) return;
  warning(word,
          fmt::format("'{}' is kept, but this version of iked does not {} yet", word.text, what));
}

Failed Tokens::unexpected(std::string_view expected, std::span<const std::string_view> known) {
  // With a suggestion, nobody needs a long list.
  constexpr size_t long_list = 200;
  std::string message;
  const bool unknown = now_.kind == Token::Kind::word;
  if (now_.ends_statement()) {
    message = "the statement ends too early";
  } else if (unknown && !now_.secret) {
    const std::string meant = did_you_mean(now_.text, known);
    message = fmt::format("unknown word {}{}", name_of(now_), meant);
    // Whatever it was meant to be, a secret may follow.
    if (meant.empty() && !known.empty()) lexer_.hide_rest();
    if (!meant.empty() && expected.size() > long_list) expected = {};
  } else {
    message = fmt::format("{} cannot stand here", name_of(now_));
  }
  return error(now_, std::move(message), std::string(expected));
}

std::optional<Token> Tokens::string(std::string_view what) {
  if (now_.is_string()) {
    Token token = now_;
    advance();
    return token;
  }
  if (now_.kind == Token::Kind::keyword) {
    return error(now_, fmt::format("{} is a reserved word", name_of(now_)),
                 fmt::format("{}; put quotes around the word if it is one", what));
  }
  if (now_.kind == Token::Kind::number) {
    return error(now_, fmt::format("{} is a number", name_of(now_)),
                 fmt::format("{}; put quotes around the number if it is one", what));
  }
  if (now_.is('/')) {
    return error(now_, "'/' outside of quotes",
                 fmt::format("{}; text with a slash needs quotes around it", what));
  }
  if (now_.ends_statement()) {
    return error(now_, "the statement ends too early", std::string(what));
  }
  return error(now_, fmt::format("{} cannot stand here", name_of(now_)), std::string(what));
}

std::optional<uint64_t> Tokens::number(std::string_view what, uint64_t least, uint64_t most) {
  const std::string range =
      most == UINT64_MAX ? std::string(what) : fmt::format("{} from {} to {}", what, least, most);
  if (now_.kind != Token::Kind::number) return unexpected(range);
  if (now_.number < 0 || static_cast<uint64_t>(now_.number) < least ||
      static_cast<uint64_t>(now_.number) > most) {
    return error(now_, fmt::format("{} is out of range", name_of(now_)), range);
  }
  const auto value = static_cast<uint64_t>(now_.number);
  advance();
  return value;
}

bool Tokens::expect_end(std::string_view expected) {
  if (now_.ends_statement()) return true;
  return unexpected(expected);
}

}  // namespace iked::conf
