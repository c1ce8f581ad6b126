// SPDX-License-Identifier: ISC
// The lexer's knowledge of what is secret. It errs on the safe side: whatever follows a word that
// looks like psk, up to the end of the statement, in whatever file or macro it was written.
#include <algorithm>

#include "conf/lexer.h"

namespace iked::conf {

void Lexer::hide_from(const Place& place) {
  hiding_ = Hiding::yes;
  hidden_ = {place.file, place.offset, place.offset};
}

void Lexer::hide_rest() {
  if (hiding_ == Hiding::yes) return;
  const Input& in = inputs_.back();
  hide_from(pushed_ ? pushed_->place : in.place);
}

void Lexer::show_from(const Place& place) {
  if (hiding_ != Hiding::yes || place.file != hidden_.file) return;
  hidden_.end = place.offset;
  ranges_.push_back(hidden_);
  hiding_ = Hiding::no;
}

void Lexer::end_line(const Place& place) {
  if (hiding_ == Hiding::yes) {
    hidden_.end = hidden_.file == place.file ? place.offset : files_[hidden_.file].text.size();
    ranges_.push_back(hidden_);
  }
  hiding_ = Hiding::no;
  if (defining_ != nullptr) defining_->range.end = std::max(defining_->range.begin, place.offset);
  defining_ = nullptr;
  first_token_ = true;
}

void Lexer::follow_secrets(Token& token) {
  if (token.ends_statement()) {
    end_line(token.spot.place);
    return;
  }
  if (hiding_ == Hiding::next) {
    if (token.is(Keyword::file))
      hiding_ = Hiding::no;
    else
      hide_from(token.spot.place);
    token.spot.keyword = false;  // even if it looks like one: it is the secret
  }
  if (hiding_ == Hiding::yes) {
    token.secret = true;
    if (!token.spot.macro.empty()) secret_macros_.emplace(token.spot.macro);
  } else if (hiding_ == Hiding::soon) {
    hiding_ = Hiding::next;
    if (token.kind == Token::Kind::error) hide_from(token.spot.place);  // "name password
  } else if (const size_t within = secret_within(token.text);
             token.kind == Token::Kind::word && within > 0) {
    hide_from(token.spot.place);
    if (token.spot.macro.empty()) hidden_.begin += within;
    token.secret = true;
  } else if (token.is(Keyword::psk) ||
             (token.kind == Token::Kind::word && announces_secret(token.text))) {
    hiding_ = Hiding::next;
  } else if (first_token_ && token.is(Keyword::user)) {
    hiding_ = Hiding::soon;  // the name first, then the password
  }
  first_token_ = false;
}

// A secret whose quote is not closed may have any number of lines: all of them stay hidden.
void Lexer::skip_secret_quote(char quote) {
  // Not closed at all: then all that follows may be secret, and nothing more is read.
  Char c = take();
  while (c.value != quote && c.value != end_of_input) {
    if (c.value == '\\') c = take();
    if (c.value != end_of_input) c = take();
  }
}

void Lexer::end_skipped_word(std::string_view word) {
  if (hiding_ == Hiding::yes && word.starts_with('$')) {
    const auto is_name = [](char c) { return is_macro_name(std::string_view(&c, 1)); };
    const auto* end = std::find_if_not(word.begin() + 1, word.end(), is_name);
    secret_macros_.emplace(word.begin() + 1, end);
  }
  if (hiding_ == Hiding::no && announces_secret(word)) hiding_ = Hiding::next;
}

void Lexer::skip_line() {
  if (hiding_ == Hiding::soon) hiding_ = Hiding::next;
  SecretText word;
  for (;;) {
    const Char c = get();
    const bool at_end = c.value == '\n' || c.value == end_of_input;
    const bool quote = word.empty() && (c.value == '"' || c.value == '\'');
    const bool separates = c.value == ' ' || c.value == '\t' || c.value == '=' || c.value == ',';
    if (!at_end && !separates && hiding_ == Hiding::next) hide_from(c.place);
    if (quote && hiding_ == Hiding::yes) {
      skip_secret_quote(static_cast<char>(c.value));
    } else if (at_end || separates || quote) {
      end_skipped_word(view(word));
      word.clear();
      if (at_end) return end_line(c.place);
    } else {
      word.push_back(static_cast<char>(c.value));
    }
  }
}

std::vector<SecretRange> Lexer::secrets() const {
  std::vector<SecretRange> all = ranges_;
  // A macro that stands in a secret macro's text is secret as well.
  std::vector<std::string_view> names(secret_macros_.begin(), secret_macros_.end());
  std::set<std::string_view> done;
  while (!names.empty()) {
    const std::string_view name = names.back();
    names.pop_back();
    if (!done.insert(name).second) continue;
    const auto [first, last] = definitions_.equal_range(name);
    for (auto it = first; it != last; ++it) {
      all.push_back(it->second.range);
      names.insert(names.end(), it->second.uses.begin(), it->second.uses.end());
    }
  }
  return all;
}

}  // namespace iked::conf
