// SPDX-License-Identifier: ISC
// Whether the certificates that a peer has sent vouch for who he says he is (RFC5280 6, RFC4945).
// That he has the private key as well is shown by his AUTH payload and checked elsewhere, with the
// public key that comes out here.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/config.h"
#include "model/identity.h"
#include "pki/certificate.h"
#include "pki/trust.h"

namespace iked::pki {

struct ChainRequest {
  static constexpr size_t most_certificates = 16;
  static constexpr size_t most_octets = 65536;     // of all of them
  static constexpr size_t longest_chain = 8;       // certificates, leaf and anchor included
  static constexpr unsigned most_signatures = 32;  // checked for one request

  /// DER, the peer's own first, then intermediates in any order (RFC7296 3.6).
  std::vector<Bytes> certificates;
  Identity peer;
  UnixTime now = 0;
  bool partial_chain = false;      // an intermediate of the trust store is enough
  bool strict_revocation = false;  // a missing or outdated list is an error, not a note
  CertificateLeniency leniency = {};
};

struct ChainVerdict {
  Bytes public_key;  // of the peer, DER SubjectPublicKeyInfo
  Certificate leaf;
  std::string how;  // one line for the log: who vouches, and what is known of revocations
};

/// The error is one line: the cause, whose certificate it is, and what to look at.
Result<ChainVerdict> verify(const TrustStore& store, const ChainRequest& request);

}  // namespace iked::pki
