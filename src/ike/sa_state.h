// SPDX-License-Identifier: ISC
// What an established IKE SA is: plain values that could be written out and read back. How it got
// there (the transcript) and what it is doing (the exchanges) are in IkeSa.
#pragma once

#include <vector>

#include "base/time.h"
#include "crypto/keys.h"
#include "ike/nat_detection.h"
#include "ike/window.h"
#include "model/kernel.h"

namespace iked::ike {

/// Who sent the first IKE_SA_INIT. It stays so for the life of the SA: it decides the I flag and
/// the direction of the keys, not who may send requests.
enum class Role : uint8_t { initiator, responder };

/// connecting: not authenticated. closing: a Delete of ours is on its way. dead: to be forgotten.
enum class Phase : uint8_t { connecting, established, closing, dead };

/// Where messages go. `natt`: from port 4500 with the non-ESP marker.
struct Path {
  Endpoint local;
  Endpoint remote;
  bool natt = false;
};

/// A pair of ESP or AH SAs and the flows they carry.
struct ChildSa {
  Reqid reqid;
  Mode mode = Mode::tunnel;
  ChildSuite suite;
  SaKey inbound;
  SaKey outbound;
  TrafficSelectors local;
  TrafficSelectors remote;
  bool udp_encap = false;
  Time installed_at;
};

struct SaState {
  SaId id;
  Role role = Role::initiator;
  IkeSpi spi_i;
  IkeSpi spi_r;
  Path path;
  NatDetection nat;
  PolicyId policy;
  IkeSuite suite;
  crypto::IkeKeys keys;
  uint64_t next_iv = 0;  // AEAD only: a number used once (RFC 5282 3.1)
  /// Octets of an IP packet from which on a message is cut; 0 = the peer knows no fragments.
  uint16_t fragment_mtu = 0;
  Window window;
  Identity local_id;
  Identity peer_id;  // proven once the phase is established
  std::vector<ChildSa> children;
  Time created_at;
  Time established_at;
  Time last_heard;  // an authentic message of the peer

  IkeSpi own_spi() const { return role == Role::initiator ? spi_i : spi_r; }
};

}  // namespace iked::ike
