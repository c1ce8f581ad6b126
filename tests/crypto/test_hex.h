// SPDX-License-Identifier: ISC
// Short ways to write octets in tests of crypto/.
#pragma once

#include <string>
#include <string_view>

#include "base/check.h"
#include "base/secret.h"

namespace iked::crypto {

inline Bytes unhex(std::string_view digits) {
  Result<Bytes> octets = from_hex(digits);
  IKED_CHECK(octets);
  return std::move(*octets);
}

inline SecretBytes secret(std::string_view digits) {
  return SecretBytes(unhex(digits));
}

inline std::string hex(const SecretBytes& value) {
  return to_hex(value.reveal());
}

/// `first`, `first` + 1, ... as test keys and nonces.
inline Bytes counting(uint8_t first, size_t length) {
  Bytes octets(length);
  for (size_t i = 0; i < length; ++i) octets[i] = static_cast<uint8_t>(first + i);
  return octets;
}

}  // namespace iked::crypto
