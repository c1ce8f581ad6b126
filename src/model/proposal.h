// SPDX-License-Identifier: ISC
// What may be negotiated (Proposal: alternatives, in order of preference) and what was (a suite:
// one of each). The choice itself is ike/choose.h.
#pragma once

#include <string>
#include <vector>

#include "model/iana.h"

namespace iked {

/// One encryption algorithm with its key length in bits; 0 where the algorithm has one length only
/// (RFC7296 3.3.5: no Key Length attribute is sent then).
struct Encr {
  EncrId id = EncrId::NONE;
  uint16_t key_bits = 0;
  friend bool operator==(const Encr&, const Encr&) = default;
};

/// Alternatives of each transform type, most wanted first. An empty list means that the type is not
/// offered. AEAD and other ciphers never share a proposal (RFC 5282 8): with an AEAD `integ` is
/// empty.
struct Proposal {
  ProtocolId protocol = ProtocolId::IKE;
  std::vector<Encr> encr;
  std::vector<PrfId> prf;  // IKE only
  std::vector<IntegId> integ;
  std::vector<KeId> ke;    // children: used in CREATE_CHILD_SA only
  std::vector<EsnId> esn;  // children only
  friend bool operator==(const Proposal&, const Proposal&) = default;
};

/// The negotiated algorithms of an IKE SA. `integ` is NONE with an AEAD.
struct IkeSuite {
  Encr encr;
  PrfId prf = PrfId::NONE;
  IntegId integ = IntegId::NONE;
  KeId ke = KeId::NONE;
  friend bool operator==(const IkeSuite&, const IkeSuite&) = default;
};

/// The negotiated algorithms of a child SA. `ke` is NONE without PFS.
struct ChildSuite {
  ProtocolId protocol = ProtocolId::ESP;
  Encr encr;
  IntegId integ = IntegId::NONE;
  KeId ke = KeId::NONE;
  EsnId esn = EsnId::NO_ESN;
  friend bool operator==(const ChildSuite&, const ChildSuite&) = default;
};

/// Cipher and integrity in one (GCM, CCM, GMAC, ChaCha20-Poly1305).
bool is_aead(EncrId id);

/// In the words of iked.conf: "enc aes-256-gcm enc aes-128-gcm prf hmac-sha2-256 group curve25519".
std::string to_string(const Proposal& proposal);
std::string to_string(const IkeSuite& suite);
std::string to_string(const ChildSuite& suite);

}  // namespace iked
