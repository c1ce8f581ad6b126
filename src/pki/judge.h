// SPDX-License-Identifier: ISC
// What a single certificate must be for its place in a chain, whoever has signed it.
#pragma once

#include "base/result.h"
#include "pki/certificate.h"
#include "pki/verify.h"

namespace iked::pki {

/// That of the peer: its key may sign, for IKE, and it is his.
Result<void> check_leaf(const Certificate& leaf, const ChainRequest& request);

/// That of an authority, be it trusted by itself (`anchor`) or because of another one.
Result<void> check_authority(const Certificate& authority, const ChainRequest& request,
                             bool anchor);

}  // namespace iked::pki
