// SPDX-License-Identifier: ISC
// The parser's view of a statement: the current token, and the ways to complain about it. A
// statement gets one error: who reports it returns Failed, and everybody above returns at once.
#pragma once

#include <concepts>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "conf/lexer.h"

namespace iked::conf {

/// Converts to the "no" of whatever a parsing function returns.
struct Failed {
  /// Of bool only: the way over bool to a number must stay closed.
  template <std::same_as<bool> T>
  operator T() const {  // NOLINT: that is what it is for
    return false;
  }
  template <typename T>
  operator std::optional<T>() const {  // NOLINT
    return std::nullopt;
  }
};

class Tokens {
 public:
  Tokens(Lexer& lexer, Diagnostics& diagnostics) : lexer_(lexer), diagnostics_(diagnostics) {}

  const Token& now() const { return now_; }
  void advance() { now_ = lexer_.next(); }
  bool at(Keyword keyword) const { return now_.is(keyword); }
  /// Takes the token if it is this one.
  bool accept(Keyword keyword);
  bool accept(char symbol);

  Lexer& lexer() { return lexer_; }
  Diagnostics& diagnostics() { return diagnostics_; }

  /// A word or a quoted string that is `what` ("an algorithm"). Reserved words and numbers are
  /// refused with the advice to quote them.
  std::optional<Token> string(std::string_view what);

  /// A whole number from `least` to `most`.
  std::optional<uint64_t> number(std::string_view what, uint64_t least, uint64_t most);

  /// The statement must end here.
  bool expect_end(std::string_view expected = "the end of the line");

  /// The token cannot stand here. `known` are the words it may have been meant to be.
  Failed unexpected(std::string_view expected, std::span<const std::string_view> known = {});

  Failed error(const Token& token, std::string message, std::string expected = {});
  void warning(const Token& token, std::string message, std::string note = {});
  /// The current token is not secret, nor is what stands behind it.
  void show_from_now();
  /// Warns, once for each word, that nothing acts on it: `what` is what iked does not do yet.
  void not_yet(const Token& word, std::string_view what);

  /// "'word'", "the end of the line"; "this text" where it may be secret.
  static std::string name_of(const Token& token);

 private:
  Lexer& lexer_;
  Diagnostics& diagnostics_;
  Token now_;
  std::set<std::string, std::less<>> not_yet_;  // words that were warned of
};

}  // namespace iked::conf
