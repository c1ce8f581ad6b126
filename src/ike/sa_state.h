// SPDX-License-Identifier: ISC
// What an established IKE SA is: plain values that could be written out and read back. How it got
// there (the transcript) and what it is doing (the exchanges) are in IkeSa.
#pragma once

#include <deque>
#include <memory>
#include <optional>
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

/// What becomes of a child.
enum class ChildStage : uint8_t {
  in_use,
  replaced,   // a newer one has taken over; it receives until it is deleted
  redundant,  // both sides rekeyed at once and it lost; it receives until it is deleted
  closing,    // our Delete is on its way; it receives until that is answered
};

/// Whether two names are of the same child. Its addresses may have changed since it was named (RFC
/// 4555), and the SPI that we chose for it is no other's of this IKE SA.
inline bool names_same(const SaKey& a, const SaKey& b) {
  return a.spi == b.spi && a.protocol == b.protocol;
}

/// A rekey by the peer that is through, while ours of the same child is under way.
struct PeerRekey {
  SaKey inbound;  // of the child that it made
  Bytes lower_nonce;
};

/// A pair of ESP or AH SAs and the flows they carry. Its inbound SA is its name, as names_same()
/// compares.
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
  Time rekey_at;  // the kernel will ask for new keys

  ChildStage stage = ChildStage::in_use;
  bool wants_rekey = false;           // its time runs out
  unsigned tries = 0;                 // to rekey it, that the peer put off
  std::optional<Time> put_off_since;  // the first of these
  std::optional<Time> work_at;        // when to rekey it, or, in another stage, to delete it
  std::optional<Time> delete_by =
      {};           // replaced by us: deleted then even if nothing used the new one
  SaKey successor;  // replaced: the inbound SA of the child that did it
  std::unique_ptr<PeerRekey> peer_rekey;
  /// RFC7296 2.8: the responder of a rekey may wait with sending until the initiator is known to
  /// receive. Until then the outbound SA is here and not in the kernel.
  std::unique_ptr<KernelSa> outbound_later;
  /// It became redundant before it sent: its outbound SA never came into the kernel.
  bool receives_only = false;
  bool has_outbound() const { return !outbound_later && !receives_only; }
  std::optional<Time> look_at;  // with outbound_later: when to see whether the peer sends already
  Time send_by;                 // with outbound_later: from then on we send anyway
};

/// A child that is to be made, beside what there is.
struct WantedChild {
  TrafficSelectors local;
  TrafficSelectors remote;
  Reqid instead_of;      // nothing to do when a child with this one is there; 0 = none
  bool missing = false;  // nothing to do when a child with these flows is there
  Time at;               // not before
  unsigned tries = 0;
  bool refused = false;  // once at least; nobody counts on it
};

/// What the two sides know of address changes. RFC 4555
struct Mobility {
  bool agreed = false;   // both said MOBIKE_SUPPORTED
  bool decides = false;  // we began the first of the IKE SAs, so that we say which addresses to use
  /// Where the peer can be reached as well, by its own word.
  std::vector<IpAddress> peer_addresses;
  uint32_t changes = 0;   // of the path; tells an answer to an older update
  bool confirmed = true;  // the peer knows of the last of them
  bool unproven = false;  // the peer has not answered from its present address yet
  bool announce = false;  // our address has changed, and the other side decides
  Bytes seen_as;          // NAT_DETECTION_DESTINATION_IP of its last answer: where it sees us
};

struct SaState {
  SaId id;
  Role role = Role::initiator;
  IkeSpi spi_i;
  IkeSpi spi_r;
  Path path;
  NatDetection nat;
  Mobility mobility;
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
  std::deque<WantedChild> wanted;
  Time created_at;
  Time established_at;
  Time last_heard;  // an authentic message of the peer

  IkeSpi own_spi() const { return role == Role::initiator ? spi_i : spi_r; }
};

}  // namespace iked::ike
