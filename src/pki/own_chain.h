// SPDX-License-Identifier: ISC
// Which of our own certificates the peer gets to see. A CERTREQ payload is a hint, not a demand
// (RFC7296 3.7): where nothing fits it, what we have is sent all the same.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/identity.h"
#include "pki/certificate.h"

namespace iked::pki {

struct OwnChain {
  size_t own = 0;                   // which one of `own` it is
  std::vector<Bytes> certificates;  // DER for CERT payloads: ours first, then intermediates
  bool wanted = false;              // the peer has named an authority above it, or none at all
};

/// Chooses among the certificates for whose keys we have the private ones. It must be for
/// `identity` and able to sign; what leads to an authority that the peer wants comes before what is
/// in force at `now`, and that before what lasts longer. The chain goes up over `authorities`, in
/// any order, to what the peer has: neither a root nor the authority that he named is sent.
/// `wanted` are SHA-1 digests of public keys, 20 octets each. Fails if none is for `identity`.
Result<OwnChain> choose_own_chain(std::span<const Certificate* const> own,
                                  std::span<const Certificate* const> authorities,
                                  const Identity& identity, std::span<const Bytes> wanted,
                                  UnixTime now);

}  // namespace iked::pki
