// SPDX-License-Identifier: ISC
// Octets that are not secret. What is secret is a SecretBytes (base/secret.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace iked {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

inline Bytes to_bytes(ByteView view) {
  return Bytes(view.begin(), view.end());
}

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

inline void append(Bytes& to, ByteView more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// Equality of public octets. Secrets compare through SecretBytes, in constant time.
inline bool same_octets(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

/// Big-endian stores, as the wire wants them.
inline void put_u16(Bytes& to, uint16_t v) {
  to.push_back(static_cast<uint8_t>(v >> 8));
  to.push_back(static_cast<uint8_t>(v));
}
inline void put_u32(Bytes& to, uint32_t v) {
  put_u16(to, static_cast<uint16_t>(v >> 16));
  put_u16(to, static_cast<uint16_t>(v));
}
inline void put_u64(Bytes& to, uint64_t v) {
  put_u32(to, static_cast<uint32_t>(v >> 32));
  put_u32(to, static_cast<uint32_t>(v));
}

/// Lower-case hexadecimal digits without separators.
std::string to_hex(ByteView bytes);

/// Reads hexadecimal digits of either case; spaces between octets are skipped. Fails on an odd
/// count of digits and on anything else.
Result<Bytes> from_hex(std::string_view digits);

/// Foreign text made safe for a log line: printable ASCII stays, anything else becomes \xNN, and
/// what is longer than `max` octets is cut and marked with "...".
std::string printable(ByteView text, size_t max = 128);

}  // namespace iked
