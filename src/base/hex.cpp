// SPDX-License-Identifier: ISC
#include <algorithm>

#include "base/bytes.h"

namespace iked {
namespace {

constexpr std::string_view digits_of = "0123456789abcdef";

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (uint8_t octet : bytes) {
    text += digits_of[octet >> 4];
    text += digits_of[octet & 15];
  }
  return text;
}

Result<Bytes> from_hex(std::string_view digits) {
  Bytes bytes;
  int high = -1;
  for (char c : digits) {
    if (c == ' ' && high < 0) continue;
    int value = digit_value(c);
    if (value < 0) return fail("'{}' is not a hexadecimal digit", printable(as_bytes({&c, 1})));
    if (high < 0) {
      high = value;
    } else {
      bytes.push_back(static_cast<uint8_t>(high << 4 | value));
      high = -1;
    }
  }
  if (high >= 0) return fail("odd number of hexadecimal digits; each octet needs two");
  return bytes;
}

std::string printable(ByteView text, size_t max) {
  std::string safe;
  for (uint8_t octet : text.first(std::min(text.size(), max))) {
    if (octet >= 0x20 && octet < 0x7f && octet != '\\') {
      safe += static_cast<char>(octet);
    } else {
      safe += "\\x";
      safe += digits_of[octet >> 4];
      safe += digits_of[octet & 15];
    }
  }
  if (text.size() > max) safe += "...";
  return safe;
}

}  // namespace iked
