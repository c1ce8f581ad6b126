// SPDX-License-Identifier: ISC
#include "conf/lexer.h"

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "conf/suggest.h"

namespace iked::conf {
namespace {

bool is_digit(int c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(int c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_blank(int c) {
  return c == ' ' || c == '\t';
}
bool begins_word(int c) {
  return is_alnum(c) || c == ':' || c == '_' || c == '*';
}
bool continues_word(int c) {
  if (c <= ' ' || c >= 0x7f) return false;
  return std::string_view("(){}<>!=/#,").find(static_cast<char>(c)) == std::string_view::npos;
}
bool ends_number(int c) {
  if (c < 0 || c == ' ' || (c >= '\t' && c <= '\r')) return true;
  return c == ')' || c == ',' || c == '/' || c == '}' || c == '=';
}

}  // namespace

Lexer::Lexer(Environment& environment, Diagnostics& diagnostics, SourceFiles& files)
    : environment_(environment), diagnostics_(diagnostics), files_(files) {}

// ---- characters --------------------------------------------------------------------------------

Lexer::Char Lexer::take() {
  for (;;) {
    Input& in = inputs_.back();
    if (in.pos == in.text.size()) {
      if (in.macro.empty()) return {end_of_input, in.place, {}};
      inputs_.pop_back();  // what follows "$name" goes on where the macro's text ends
      continue;
    }
    const auto c = static_cast<uint8_t>(in.text[in.pos++]);
    const Char taken{c, in.place, in.macro};
    if (in.macro.empty()) {
      ++in.place.offset;
      ++in.place.column;
      if (c == '\n') {
        ++in.place.line;
        in.place.column = 1;
      }
    }
    if (c != 1 && c != 2) return taken;  // OpenIKED: its own marks around macros, never text
  }
}

Lexer::Char Lexer::get() {
  if (pushed_) {
    const Char c = *pushed_;
    pushed_.reset();
    return c;
  }
  Char c = take();
  while (c.value == '\\') {
    const Char next = take();
    if (next.value != '\n') return {next.value, c.place, c.macro};
    c = take();
  }
  return c;
}

void Lexer::put_back(Char c) {
  pushed_ = c;
}

// ---- tokens ------------------------------------------------------------------------------------

Token Lexer::next() {
  if (first_token_) long_string_ = {};
  Token token = scan();
  follow_secrets(token);
  return token;
}

bool Lexer::next_is(char wanted) {
  Char c = get();
  while (is_blank(c.value)) c = get();
  put_back(c);
  return c.value == wanted;
}

Token Lexer::scan() {
  for (;;) {
    Char c = get();
    while (is_blank(c.value) || (c.value == '\r' && dos_files_.contains(c.place.file))) c = get();
    if (c.value == '#') {
      while (c.value != '\n' && c.value != end_of_input) c = get();
    }
    if (c.value == end_of_input) {
      if (auto token = end_of_file(c)) return *token;
      continue;  // back in the file that included this one
    }
    if (c.value == '\n') return make(Token::Kind::line_end, c);
    if (c.value == '$' && c.macro.empty()) {
      if (expand(c)) continue;
      return make(Token::Kind::error, c);
    }
    if (c.value == '"' || c.value == '\'') return quoted(c);
    if (c.value == '-' || is_digit(c.value)) return number(c);
    if (begins_word(c.value)) return word(c, {});
    return symbol(c);
  }
}

Token Lexer::make(Token::Kind kind, const Char& first) const {
  Token token;
  token.kind = kind;
  token.spot = {first.place, 1, false, first.macro};
  if (!first.macro.empty()) token.spot.length = first.macro.size() + 1;
  return token;
}

Token Lexer::failed(const Char& first, std::string message, std::string expected) {
  Token token = make(Token::Kind::error, first);
  diagnostics_.error(token.spot, std::move(message), std::move(expected));
  return token;
}

std::optional<Token> Lexer::end_of_file(const Char& c) {
  Input& in = inputs_.back();
  if (!in.ended) {
    in.ended = true;
    return make(Token::Kind::line_end, c);
  }
  if (inputs_.size() == 1) return make(Token::Kind::end, c);
  inputs_.pop_back();
  return std::nullopt;
}

Token Lexer::quoted(const Char& open) {
  SecretText text;
  std::optional<Input> line_end;  // the first one inside, of a file
  size_t depth = 0;
  Char c = take();
  while (c.value != open.value && c.value != end_of_input) {
    if (c.value == '\n') {
      if (!line_end && c.macro.empty()) {
        line_end = inputs_.back();
        --line_end->pos;
        line_end->place = c.place;
        depth = inputs_.size();
      }
      c = take();
      continue;
    }
    if (c.value == '\\') {
      const Char next = take();
      if (next.value == '\n') {
        c = take();
        continue;
      }
      if (next.value != open.value && !is_blank(next.value)) {
        text.push_back('\\');
        c = next;  // looked at again: a second backslash may escape the quote behind it
        continue;
      }
      c = next;
    }
    text.push_back(static_cast<char>(c.value));
    c = take();
  }
  if (c.value == end_of_input) {
    // What follows the line is likely fine, unless it may be the rest of a secret.
    if (line_end && hiding_ == Hiding::no) {
      inputs_.resize(depth);
      inputs_.back() = *line_end;
    }
    return failed(open, "the quote that begins here is not closed");
  }
  if (text.size() > longest_quoted) {
    return failed(open, fmt::format("a quoted string may have {} characters", longest_quoted));
  }
  Token token = make(Token::Kind::quoted, open);
  token.text = arena_.keep(view(text));
  if (open.macro.empty() && c.macro.empty()) {
    token.spot.length = c.place.offset - open.place.offset + 1;
  }
  if (line_end) long_string_ = token.spot;
  return token;
}

Token Lexer::number(const Char& first) {
  SecretText text;
  text.push_back(static_cast<char>(first.value));
  Char c = get();
  for (; is_digit(c.value); c = get()) {
    text.push_back(static_cast<char>(c.value));
    if (text.size() > longest_word) break;
  }
  const bool digits = first.value != '-' || text.size() > 1;
  if (!digits || !ends_number(c.value)) {
    put_back(c);
    return first.value == '-' ? symbol(first) : word(first, std::move(text));
  }
  put_back(c);
  Token token = make(Token::Kind::number, first);
  token.text = arena_.keep(view(text));
  if (first.macro.empty()) token.spot.length = text.size();
  const char* end = token.text.data() + token.text.size();
  if (std::from_chars(token.text.data(), end, token.number).ec != std::errc{}) {
    return failed(first, "the number is too big");
  }
  return token;
}

Token Lexer::word(const Char& first, SecretText text) {
  if (text.empty()) text.push_back(static_cast<char>(first.value));
  Char last = first;
  size_t length = text.size();
  Char c = get();
  for (; continues_word(c.value); c = get()) {
    if (text.size() <= longest_word) text.push_back(static_cast<char>(c.value));
    last = c;
    length = last.place.offset - first.place.offset + 1;
  }
  put_back(c);
  if (text.size() > longest_word) {
    return failed(first, fmt::format("a word may have {} characters", longest_word));
  }
  Token token = make(Token::Kind::word, first);
  token.text = arena_.keep(view(text));
  if (first.macro.empty() && last.macro.empty()) token.spot.length = length;
  if (const auto keyword = find_keyword(token.text)) {
    token.kind = Token::Kind::keyword;
    token.keyword = *keyword;
    token.spot.keyword = true;
  }
  return token;
}

Token Lexer::symbol(const Char& c) {
  if (c.value == '\r') {
    dos_files_.insert(c.place.file);  // said once is enough
    return failed(c, "carriage return: this file has the line ends of DOS",
                  "line ends without it; dos2unix(1) or sed 's/\\r$//' removes them");
  }
  if (c.value == 0xef && c.place.offset == 0) {
    return failed(c, "the file begins with a byte order mark", "plain text without it");
  }
  if (c.value >= 0x7f || c.value < ' ') {
    return failed(c, fmt::format("byte 0x{:02x} outside of quotes", c.value),
                  "ASCII characters; anything else only inside of quotes and comments");
  }
  Token token = make(Token::Kind::symbol, c);
  token.symbol = static_cast<char>(c.value);
  return token;
}

// ---- macros ------------------------------------------------------------------------------------

bool Lexer::is_macro_name(std::string_view name) {
  if (name.empty() || find_keyword(name)) return false;
  for (char c : name) {
    if (!is_alnum(static_cast<uint8_t>(c)) && c != '_') return false;
  }
  return true;
}

void Lexer::define(std::string_view name, std::string_view value, const Place& where,
                   bool from_command_line) {
  auto found = macros_.find(name);
  if (found == macros_.end()) found = macros_.emplace(std::string(name), Macro{}).first;
  Macro& macro = found->second;
  if (macro.from_command_line && !from_command_line) return;
  macro.value = arena_.keep(value);
  macro.where = where;
  macro.from_command_line = from_command_line;
}

bool Lexer::expand(const Char& dollar) {
  Input& in = inputs_.back();
  std::string name;
  for (;;) {
    const size_t pos = in.pos;
    const Place place = in.place;
    const Char c = get();
    if (is_alnum(c.value) || c.value == '_') {
      name.push_back(static_cast<char>(c.value));
      continue;
    }
    in.pos = pos;
    in.place = place;
    break;
  }
  if (hiding_ == Hiding::next || hiding_ == Hiding::yes) secret_macros_.insert(name);
  if (defining_ != nullptr) defining_->uses.push_back(arena_.keep(name));
  const Spot spot{dollar.place, name.size() + 1};
  const auto found = macros_.find(name);
  // A definition that failed was reported where it stands.
  if (found == macros_.end() && definitions_.contains(name)) return false;
  if (found == macros_.end()) {
    std::vector<std::string_view> known;
    for (const auto& [other, macro] : macros_) known.push_back(other);
    if (name.empty())
      diagnostics_.error(spot, "a '$' without the name of a macro");
    else
      diagnostics_.error(
          spot, fmt::format("macro '{}' is not defined{}", name, did_you_mean(name, known)));
    return false;
  }
  found->second.used = true;
  expanded_ += found->second.value.size();
  if (expanded_ > most_expanded) {
    diagnostics_.error(
        spot, fmt::format("all macros together expand to more than {} MiB", most_expanded >> 20));
    return false;
  }
  inputs_.push_back({found->second.value, 0, dollar.place, found->first});
  return true;
}

void Lexer::begin_definition(std::string_view name, const Place& where) {
  const SecretRange range{where.file, where.offset + 1, where.offset + 1};
  defining_ = &definitions_.emplace(arena_.keep(name), Definition{range, {}})->second;
}

void Lexer::log_unused_macros() const {
  for (const auto& [name, macro] : macros_) {
    if (!macro.used) log::debug("macro '{}' is not used", name);
  }
}

}  // namespace iked::conf
