// SPDX-License-Identifier: ISC
// Octets as tests write them down: hex("21 00 00 08").
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/check.h"

namespace iked::wire {

inline Bytes hex(std::string_view digits) {
  auto octets = from_hex(digits);
  IKED_CHECK(octets);
  return std::move(*octets);
}

}  // namespace iked::wire
