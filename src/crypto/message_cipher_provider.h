// SPDX-License-Identifier: ISC
// Which code computes which integrity check; for the self test.
#pragma once

#include <optional>

#include "crypto/mac.h"
#include "model/proposal.h"

namespace iked::crypto {

/// Null when nothing here computes it.
std::optional<MacAlgorithm> integ_provider(IntegId id);

}  // namespace iked::crypto
