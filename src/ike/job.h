// SPDX-License-Identifier: ISC
// Work whose outcome the protocol must know but that may take over a millisecond. A Job owns
// everything it touches, randomness included; it comes back as a FinishedJob, in any order, perhaps
// after the SA that wanted it is gone.
#pragma once

#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "model/keeper.h"
#include "model/peer_proof.h"
#include "model/policy.h"

namespace iked::ike {

/// Makes our public value, and g^ir where the peer's value is there already. For a worker.
struct KeyExchangeJob {
  KeId group = KeId::NONE;
  SecretBytes random;  // crypto::ike_ke(group)->random octets
  std::optional<Bytes> peer_value;
  bool want_public = true;  // false: it is known already
};
struct KeyExchangeResult {
  Bytes public_value;
  SecretBytes shared;  // empty without a peer value
};

/// Why a key exchange gave nothing: what the peer is told depends on whose fault it is.
struct KeyExchangeFailure {
  enum class Fault : uint8_t {
    peer,  // its public value is none: wrong length, off the curve, of low order
    ours,  // it was not computed: too many of them wait, or the library failed
  };
  Fault fault = Fault::ours;
  std::string why;
};
using KeyExchangeOutcome = std::expected<KeyExchangeResult, KeyExchangeFailure>;

/// The AUTH values of a shared key. For the keeper.
struct PskAuthJob {
  PskAuthRequest request;
};

/// Our signature. For the keeper.
struct SignJob {
  SignRequest request;
};

/// Whether the peer's AUTH payload is a signature by a key that is the peer's. For a worker, which
/// has the certificates that are trusted.
struct VerifyJob {
  PeerProof proof;
};

/// Looks up the names a policy uses, and the address from which packets to `peer` leave. For a
/// worker of its own: DNS may take long.
struct ResolveJob {
  std::vector<std::string> names;
  std::optional<Family> family;
  HostSpec peer;  // the source towards its first address is wanted; any: no source
};
struct ResolveResult {
  std::map<std::string, std::vector<IpPrefix>> addresses;  // each name has at least one
  std::optional<IpAddress> source;
  uint32_t scope = 0;  // interface index of a peer with a zone, as in fe80::1%eth0
};

using Job = std::variant<KeyExchangeJob, PskAuthJob, SignJob, VerifyJob, ResolveJob>;
using JobResult = std::variant<KeyExchangeOutcome, Result<PskAuthValues>, Result<Bytes>,
                               Result<Verified>, Result<ResolveResult>>;

struct FinishedJob {
  JobId id;
  JobResult result;
};

/// Runs a key exchange; pure, thread-safe.
KeyExchangeOutcome run(const KeyExchangeJob& job);

}  // namespace iked::ike
