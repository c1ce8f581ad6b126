// SPDX-License-Identifier: ISC
// One `ikev2` line of iked.conf as the protocol needs it. Immutable once loaded, free of secrets
// (those are behind the Keeper port, named by SecretId) and free of looked-up names: host names
// stay names here and are resolved when they are needed (host/, through a Job of ike/).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ip.h"
#include "model/identity.h"
#include "model/ids.h"
#include "model/proposal.h"

namespace iked {

/// Where in the configuration something was written. Never part of a comparison: a policy that only
/// moved to another line is the same policy.
struct Location {
  uint16_t file = 0;  // index into Config::files
  uint32_t line = 0;  // from 1; 0 = not from a file
  uint32_t column = 0;
  friend bool operator==(const Location&, const Location&) { return true; }
};

struct AnyHost {
  friend bool operator==(const AnyHost&, const AnyHost&) = default;
};

/// A DNS name or the name of a network interface; which of them is decided at look-up.
struct HostName {
  std::string name;
  std::optional<uint8_t> length;  // a "/n" behind the name
  friend bool operator==(const HostName&, const HostName&) = default;
};

/// A host specification of iked.conf: `any`, numbers or a name.
using HostSpec = std::variant<AnyHost, IpPrefix, HostName>;

/// "any", "192.0.2.0/24", "gw.example.com".
std::string to_string(const HostSpec& host);

/// One side of a `from ... to ...` pair. `port` 0 = all ports.
struct FlowEnd {
  HostSpec host;
  uint16_t port = 0;
  friend bool operator==(const FlowEnd&, const FlowEnd&) = default;
};

/// What a policy protects: from our side (`local`) to the peer's (`remote`).
struct Flow {
  FlowEnd local;
  FlowEnd remote;
  friend bool operator==(const Flow&, const Flow&) = default;
};

enum class Mode : uint8_t { tunnel, transport };

/// How a policy takes part in the choice for an incoming exchange: the last match wins, a
/// `quick_one` at once; `skip` never matches; `fallback` (the word `default`) is asked when nothing
/// else matched.
enum class Precedence : uint8_t { normal, quick_one, skip, fallback };

/// How both sides prove who they are. More methods are more alternatives.
struct PskAuth {
  SecretId secret;
  friend bool operator==(const PskAuth&, const PskAuth&) = default;
};
using AuthConfig = std::variant<PskAuth>;

struct Policy {
  std::string name;  // as written, or "policyN"
  Location where;
  Precedence precedence = Precedence::normal;
  bool active = false;
  Mode mode = Mode::tunnel;
  ProtocolId child_protocol = ProtocolId::ESP;
  bool force_udp_encap = false;    // `natt`
  std::optional<Family> family;    // `inet` / `inet6`
  std::vector<uint8_t> protocols;  // IP protocols; empty = any
  std::vector<Flow> flows;         // at least one
  HostSpec local;
  HostSpec peer;
  std::vector<Proposal> ike_proposals;    // at least one, in order of preference
  std::vector<Proposal> child_proposals;  // at least one, in order of preference
  std::optional<Identity> local_id;       // srcid; the host's name when absent
  std::optional<Identity> peer_id;        // dstid; any proven ID when absent
  std::chrono::seconds ike_lifetime{0};   // 0 = never ends of itself
  std::chrono::seconds child_lifetime{10800};
  uint64_t child_bytes = 4294967296;  // 0 = no limit
  AuthConfig auth;

  friend bool operator==(const Policy&, const Policy&) = default;
};

}  // namespace iked
