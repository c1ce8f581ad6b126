// SPDX-License-Identifier: ISC
// Which code computes which cipher and integrity check; for the self test.
#pragma once

#include <optional>

#include "crypto/mac.h"
#include "model/proposal.h"

namespace iked::crypto {

/// Whether message_cipher.cpp has a row for it and the library has the cipher.
bool cipher_available(Encr encr);

/// Null when nothing here computes it.
std::optional<MacAlgorithm> integ_provider(IntegId id);

}  // namespace iked::crypto
