// SPDX-License-Identifier: ISC
#include "conf/quantities.h"

#include <charconv>

namespace iked::conf {
namespace {

constexpr uint64_t longest_lifetime = 10ULL * 365 * 24 * 3600;

/// "<digits><letter>", the letter one of `units` in lower case. Returns number and unit.
std::optional<std::pair<uint64_t, char>> with_unit(std::string_view text, std::string_view units) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop + 1 != end) return std::nullopt;
  const char unit = static_cast<char>(*stop | 0x20);
  if (units.find(unit) == std::string_view::npos) return std::nullopt;
  return std::pair{number, unit};
}

}  // namespace

std::optional<uint64_t> parse_time(Tokens& tokens) {
  const Token token = tokens.now();
  const std::string expected =
      fmt::format("seconds, or minutes as 10m, or hours as 3h, up to {}h", longest_lifetime / 3600);
  uint64_t seconds = 0;
  if (token.kind == Token::Kind::number && token.number >= 0) {
    seconds = static_cast<uint64_t>(token.number);
  } else {
    const auto parts = token.is_string() ? with_unit(token.text, "mh") : std::nullopt;
    if (!parts && token.kind == Token::Kind::word) {
      return tokens.error(token, fmt::format("{} is not a time", Tokens::name_of(token)), expected);
    }
    if (!parts) return tokens.unexpected(expected);
    if (parts->first > longest_lifetime) {
      return tokens.error(token, fmt::format("{} is too long", Tokens::name_of(token)), expected);
    }
    seconds = parts->first * (parts->second == 'h' ? 3600 : 60);
  }
  if (seconds > longest_lifetime) {
    return tokens.error(token, fmt::format("{} is too long", Tokens::name_of(token)), expected);
  }
  tokens.advance();
  return seconds;
}

std::optional<uint64_t> parse_volume(Tokens& tokens) {
  const Token token = tokens.now();
  constexpr std::string_view expected = "bytes, or a number with K, M or G behind it";
  uint64_t bytes = 0;
  if (token.kind == Token::Kind::number && token.number >= 0) {
    bytes = static_cast<uint64_t>(token.number);
  } else {
    const auto parts = token.is_string() ? with_unit(token.text, "kmg") : std::nullopt;
    if (!parts && token.kind == Token::Kind::word) {
      return tokens.error(token, fmt::format("{} is not a number of bytes", Tokens::name_of(token)),
                          std::string(expected));
    }
    if (!parts) return tokens.unexpected(expected);
    const unsigned shift = parts->second == 'k' ? 10 : parts->second == 'm' ? 20 : 30;
    if (parts->first > UINT64_MAX >> shift) {
      return tokens.error(token, fmt::format("{} is too much", Tokens::name_of(token)),
                          std::string(expected));
    }
    bytes = parts->first << shift;
  }
  tokens.advance();
  return bytes;
}

}  // namespace iked::conf
