// SPDX-License-Identifier: ISC
// Which code computes which pseudorandom function; for the self test.
#pragma once

#include <optional>

#include "crypto/mac.h"
#include "model/iana.h"

namespace iked::crypto {

/// Null when nothing here computes it.
std::optional<MacAlgorithm> prf_provider(PrfId id);

}  // namespace iked::crypto
