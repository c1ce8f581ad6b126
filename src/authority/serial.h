// SPDX-License-Identifier: ISC
#pragma once

#include "base/bytes.h"

namespace iked::authority {

/// A serial number that nobody can foresee and that never occurs twice: 128 random bits behind an
/// octet that keeps it positive and without leading zeros. RFC5280 4.1.2.2 allows 20 octets.
Bytes random_serial();

}  // namespace iked::authority
