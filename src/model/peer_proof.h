// SPDX-License-Identifier: ISC
// What a peer shows to prove who it is by signature (RFC7296 2.15), and what is known when it was
// looked at.
#pragma once

#include <string>
#include <vector>

#include "model/credentials.h"

namespace iked {

/// A CERT payload (RFC7296 3.6).
struct PeerCertificate {
  CertEncoding encoding = CertEncoding::X509_SIGNATURE;
  Bytes data;
};

struct PeerProof {
  AuthMethod method = AuthMethod::DIGITAL_SIGNATURE;
  Bytes data;    // of the AUTH payload
  Bytes octets;  // what must have been signed
  Identity peer;
  std::vector<PinnedKey> pinned;              // for this ID
  std::vector<PeerCertificate> certificates;  // as they came
};

/// The signature is good, and the key is the peer's.
struct Verified {
  SignatureScheme scheme = SignatureScheme::rsa_sha256;
  KeyKind key = KeyKind::rsa;
  std::string how;  // for the log: "its key in FILE"
};

}  // namespace iked
