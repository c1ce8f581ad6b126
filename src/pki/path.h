// SPDX-License-Identifier: ISC
// The way from a peer's certificate to one that is trusted (RFC5280 6.1).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "pki/certificate.h"
#include "pki/trust.h"
#include "pki/verify.h"

namespace iked::pki {

/// Looks for a chain that is good in every respect, over intermediates of the peer's and of the
/// trust store. Which one was found, in one line, or why the one that came farthest is not good.
Result<std::string> find_path(const TrustStore& store, const ChainRequest& request,
                              const Certificate& leaf, const std::vector<Certificate>& others);

}  // namespace iked::pki
