// SPDX-License-Identifier: ISC
#pragma once

#include "base/result.h"

namespace iked::crypto {

/// Computes a known answer with every algorithm of the catalogue. To be run at start: an algorithm
/// whose library is broken must not be offered. The error names the first that failed.
/// Milliseconds.
Result<void> self_test();

}  // namespace iked::crypto
