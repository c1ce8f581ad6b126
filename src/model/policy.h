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

/// A DNS name, the name of a network interface or a group of them, or a link-local address with its
/// zone ("fe80::1%eth0"); which of them is decided at look-up.
struct HostName {
  std::string name;
  std::optional<uint8_t> length;  // a "/n" behind the name
  friend bool operator==(const HostName&, const HostName&) = default;
};

/// `dynamic`: the address within the tunnel that the configuration payload assigns; of flows only.
struct DynamicHost {
  friend bool operator==(const DynamicHost&, const DynamicHost&) = default;
};

/// A host specification of iked.conf: `any`, numbers, a name or `dynamic`.
using HostSpec = std::variant<AnyHost, IpPrefix, HostName, DynamicHost>;

/// "any", "192.0.2.0/24", "gw.example.com", "dynamic".
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
  std::optional<HostSpec> nat_source = {};  // in brackets: who is behind a NAT of ours
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
/// Certificates or public keys. `any` is whatever kind the key has; the others restrict it.
enum class SignatureKind : uint8_t {
  any,
  rsa,
  ecdsa256,
  ecdsa384,
  ecdsa521,
  eddsa,
  dsa,
  rfc7427,
};
struct SignatureAuth {
  SignatureKind kind = SignatureKind::any;
  friend bool operator==(const SignatureAuth&, const SignatureAuth&) = default;
};
/// The initiator by EAP, the responder by a signature.
enum class EapMethod : uint8_t { mschap_v2, md5 };
struct EapAuth {
  EapMethod method = EapMethod::mschap_v2;
  friend bool operator==(const EapAuth&, const EapAuth&) = default;
};
/// See can_authenticate() for what the protocol can do today.
using AuthConfig = std::variant<PskAuth, SignatureAuth, EapAuth>;

/// `config` and `request`: what the configuration payload (RFC7296 3.15) gives or asks for.
enum class ConfigKind : uint8_t {
  address,
  netmask,
  name_server,
  netbios_server,
  dhcp_server,
  protected_subnet,
  access_server,
};
struct ConfigOption {
  bool request = false;  // ask the peer for it, instead of giving it
  ConfigKind kind = ConfigKind::address;
  HostSpec value;  // AnyHost: whatever the peer has, of requests only; a network is a pool
  friend bool operator==(const ConfigOption&, const ConfigOption&) = default;
};

/// Where each clause of a policy was written: its lines in file order, and for each the first words
/// of the clauses that begin there ("from peer psk"). What is not here is a default. Never part of
/// a comparison, as Location.
struct WrittenClauses {
  struct Line {
    std::string words;
    Location where;
  };
  std::vector<Line> lines;
  friend bool operator==(const WrittenClauses&, const WrittenClauses&) { return true; }
};

/// The words of iked.conf: "rsa", "signature"; "mschap-v2"; "name-server".
std::string to_string(SignatureKind kind);
std::string to_string(EapMethod method);
std::string to_string(ConfigKind kind);

struct Policy {
  std::string name;  // as written, or "policyN"
  Location where;
  Precedence precedence = Precedence::normal;
  bool active = false;
  bool ipcomp = false;  // compress
  Mode mode = Mode::tunnel;
  ProtocolId child_protocol = ProtocolId::ESP;
  bool force_udp_encap = false;          // `natt`
  std::optional<Family> family;          // `inet` / `inet6`
  std::vector<uint8_t> protocols;        // IP protocols; empty = any
  std::optional<uint32_t> rdomain = {};  // the routing table of the VRF that the tunnel belongs to
  std::vector<Flow> flows;               // at least one
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
  std::vector<ConfigOption> config_options = {};
  std::optional<std::string> iface = {};  // gets what the peer assigns to us
  std::optional<std::string> tag = {};    // marks the tunnel's packets; "$id" and so on unexpanded
  std::optional<uint32_t> tap = {};       // N of `tap encN`: an interface that sees the packets
  WrittenClauses written = {};

  friend bool operator==(const Policy&, const Policy&) = default;
};

/// Whether this version of iked can do the policy's kind of authentication: pre-shared keys. A
/// policy without is kept and shown, but calls nobody and is never chosen for a peer.
bool can_authenticate(const Policy& policy);

}  // namespace iked
