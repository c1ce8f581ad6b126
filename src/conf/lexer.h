// SPDX-License-Identifier: ISC
// Characters to tokens: quotes, comments, continuations, macros and included files. Every token
// knows where it was written, also one that came out of a macro. The lexer also remembers which
// parts of the files are secret, because only it sees every character, wanted or skipped.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "conf/diagnostics.h"
#include "conf/environment.h"
#include "conf/keywords.h"
#include "conf/text_arena.h"

namespace iked::conf {

struct Token {
  enum class Kind : uint8_t {
    word,    // unquoted, not reserved
    quoted,  // never a keyword or a number
    number,
    keyword,
    symbol,    // one byte: `symbol`
    line_end,  // ends a statement
    end,       // of all files
    error,     // the lexer has reported it
  };
  Kind kind = Kind::end;
  Keyword keyword{};
  char symbol = '\0';
  bool secret = false;  // follows the word psk or the like: no message may show it
  int64_t number = 0;
  std::string_view text;  // of words, quoted strings (without quotes), numbers and keywords
  Spot spot;

  bool is(Keyword word) const { return kind == Kind::keyword && keyword == word; }
  bool is(char c) const { return kind == Kind::symbol && symbol == c; }
  bool is_string() const { return kind == Kind::word || kind == Kind::quoted; }
  bool ends_statement() const { return kind == Kind::line_end || kind == Kind::end; }
};

class Lexer {
 public:
  static constexpr size_t most_nested_files = 16;
  static constexpr size_t most_files = 1000;
  static constexpr size_t longest_quoted = 8094;
  static constexpr size_t longest_word = 8095;
  static constexpr size_t most_expanded = size_t{64} << 20;  // octets of macro text in all

  Lexer(Environment& environment, Diagnostics& diagnostics, SourceFiles& files);

  /// Begins with the top file. False when it cannot be read, which is reported.
  bool open(const std::string& path);

  /// Reads on from another file; at its end, from where we were. To be called between statements.
  /// False after an error, which is reported at `spot`.
  bool include(const std::string& path, const Spot& spot);

  Token next();

  /// Looks past blanks. Only right behind a token that was not the end of its line.
  bool next_is(char c);

  /// Drops the rest of the statement.
  void skip_line();

  /// Treats the rest of the statement as secret.
  void hide_rest();
  /// What was secret ends in front of `place`: the word that stands there cannot belong to it.
  void show_from(const Place& place);

  /// False: reserved or misspelt, for the command line too.
  static bool is_macro_name(std::string_view name);
  /// Later definitions replace earlier ones, but not those of the command line.
  void define(std::string_view name, std::string_view value, const Place& where,
              bool from_command_line);
  /// A definition of `name` begins behind its '=' at `where`; it ends with the line.
  void begin_definition(std::string_view name, const Place& where);
  void log_unused_macros() const;

  /// Where in a statement a quoted string ran over a line end; line 0 if none did.
  const Spot& long_string() const { return long_string_; }

  /// All secret parts of the files, once everything is read.
  std::vector<SecretRange> secrets() const;

 private:
  struct Char {
    int value = end_of_input;
    Place place;
    std::string_view macro = {};
  };
  static constexpr int end_of_input = -1;

  /// A file or the text of a macro that is being read.
  struct Input {
    std::string_view text;
    size_t pos = 0;
    Place place;                  // of the next byte; for a macro of its "$name"
    std::string_view macro = {};  // empty for a file
    std::string identity = {};
    bool ended = false;  // the line end behind a file's last line was given
  };

  struct Macro {
    std::string_view value;
    Place where;
    bool used = false;
    bool from_command_line = false;
  };

  /// A definition in the files, for hiding it when it turns out to hold a secret.
  struct Definition {
    SecretRange range;
    std::vector<std::string_view> uses;
  };

  /// How far we are in a statement with a secret.
  enum class Hiding : uint8_t { no, next, soon, yes };

  Char take();            // the next byte, whatever it means
  Char get();             // outside quotes: without continuations and backslashes
  void put_back(Char c);  // one at most
  Token scan();
  std::optional<Token> end_of_file(const Char& c);  // none: on with the file that included it
  Token quoted(const Char& open);
  Token number(const Char& first);
  Token word(const Char& first, SecretText text);
  Token symbol(const Char& c);
  bool expand(const Char& dollar);
  Token make(Token::Kind kind, const Char& first) const;
  Token failed(const Char& first, std::string message, std::string expected = {});
  Result<FileText> read(const std::string& path);
  void enter(const std::string& path, FileText file, std::optional<Place> from);
  std::string chain_to(const std::string& path) const;
  void follow_secrets(Token& token);
  void hide_from(const Place& place);
  void end_line(const Place& place);
  void skip_secret_quote(char quote);
  void end_skipped_word(std::string_view word);

  Environment& environment_;
  Diagnostics& diagnostics_;
  SourceFiles& files_;
  TextArena arena_;
  std::vector<Input> inputs_;
  std::optional<Char> pushed_;
  std::map<std::string, Macro, std::less<>> macros_;
  std::set<uint16_t> dos_files_;  // those that had a carriage return
  size_t expanded_ = 0;
  std::multimap<std::string_view, Definition> definitions_;  // by name
  Definition* defining_ = nullptr;                           // that of this statement
  Hiding hiding_ = Hiding::no;
  SecretRange hidden_;  // open while hiding_ is yes
  bool first_token_ = true;
  Spot long_string_;
  std::vector<SecretRange> ranges_;
  std::set<std::string, std::less<>> secret_macros_;
};

}  // namespace iked::conf
