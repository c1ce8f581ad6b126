// SPDX-License-Identifier: ISC
// For which names an authority may issue certificates (RFC5280 4.2.1.10).
#pragma once

#include "base/result.h"
#include "pki/certificate.h"

namespace iked::pki {

/// Fails if `below` has a name that `authority` may not give out, or one that cannot be compared
/// with what the authority may. Host names, mail addresses, IP addresses and distinguished names
/// can be; of the other kinds none is allowed where the authority limits that kind.
Result<void> check_name_constraints(const Certificate& authority, const Certificate& below);

}  // namespace iked::pki
