// SPDX-License-Identifier: ISC
#pragma once

#include "model/rng.h"

namespace iked::crypto {

/// The library's generator, seeded by the kernel. Never fails to deliver: where it would, the
/// process ends.
class SystemRng final : public Rng {
 public:
  void fill(std::span<uint8_t> out) override;
};

}  // namespace iked::crypto
