// SPDX-License-Identifier: ISC
#pragma once

#include <cstdint>
#include <span>

namespace iked {

/// The source of everything unpredictable in the protocol core. The system's generator in the
/// daemon (crypto/system_rng.h), a seeded one in tests, so that a simulation replays exactly.
class Rng {
 public:
  virtual ~Rng() = default;
  virtual void fill(std::span<uint8_t> out) = 0;

  uint64_t u64() {
    uint8_t octets[8];
    fill(octets);
    uint64_t value = 0;
    for (uint8_t octet : octets) value = value << 8 | octet;
    return value;
  }
};

}  // namespace iked
