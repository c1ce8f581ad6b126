// SPDX-License-Identifier: ISC
// Looks at what a peer shows to prove who it is, with what the administrator trusts: keys that are
// pinned to an ID, else certificates of authorities. Made once for a configuration; calls are
// independent of each other.
#pragma once

#include "model/config.h"
#include "model/peer_proof.h"
#include "pki/trust.h"

namespace iked::pki {

class PeerVerifier {
 public:
  /// What cannot be used of the credentials is left out; the keeper has warned of it.
  PeerVerifier(const Credentials& credentials, const Settings& settings);

  /// The error is one line: cause and cure.
  Result<Verified> verify(const PeerProof& proof, UnixTime now) const;

 private:
  std::string folder_;
  Settings settings_;
  TrustStore store_;
};

}  // namespace iked::pki
