// SPDX-License-Identifier: ISC
// Two hosts, one tunnel: `a` calls, `b` is called. Change the configurations before start().
#pragma once

#include "support/world.h"

namespace iked::test {

inline constexpr SecretId common_secret{1};

/// AES-256-GCM and curve25519, AES-128-GCM and ecp256 as alternatives; ESP AES-256-GCM.
inline std::vector<Proposal> default_ike() {
  Proposal p;
  p.encr = {{EncrId::AES_GCM_16, 256}, {EncrId::AES_GCM_16, 128}};
  p.prf = {PrfId::HMAC_SHA2_256, PrfId::HMAC_SHA2_512};
  p.ke = {KeId::CURVE25519, KeId::ECP_256, KeId::MODP_2048};
  return {p};
}

inline std::vector<Proposal> default_child() {
  Proposal p;
  p.protocol = ProtocolId::ESP;
  p.encr = {{EncrId::AES_GCM_16, 256}};
  p.esn = {EsnId::NO_ESN};
  return {p};
}

inline HostSpec host(std::string_view prefix) {
  return *IpPrefix::parse(prefix);
}

inline Policy psk_policy(std::string name, std::string_view local, std::string_view peer,
                         std::string_view from, std::string_view to, std::string_view srcid,
                         std::string_view dstid) {
  Policy policy;
  policy.name = std::move(name);
  policy.where = {0, 1, 1};
  policy.local = host(local);
  policy.peer = host(peer);
  policy.flows = {{{host(from), 0}, {host(to), 0}}};
  policy.ike_proposals = default_ike();
  policy.child_proposals = default_child();
  policy.local_id = *Identity::parse(srcid);
  policy.peer_id = *Identity::parse(dstid);
  policy.auth = PskAuth{common_secret};
  return policy;
}

inline Config config_of(std::vector<Policy> policies) {
  Config config;
  config.files = {"iked.conf"};
  config.default_id = *Identity::parse("host.example.com");
  config.policies = std::move(policies);
  return config;
}

class Pair {
 public:
  explicit Pair(uint64_t seed = 1) : world(seed) {
    config_a = config_of({psk_policy("to-b", "192.0.2.1", "192.0.2.2", "10.1.0.0/24", "10.2.0.0/24",
                                     "a.example.com", "b.example.com")});
    config_a.policies[0].active = true;
    config_b = config_of({psk_policy("to-a", "192.0.2.2", "192.0.2.1", "10.2.0.0/24", "10.1.0.0/24",
                                     "b.example.com", "a.example.com")});
  }

  /// Makes both hosts from the configurations and starts them; nothing has been delivered yet.
  void start() {
    a = &world.add("a", "192.0.2.1", config_a, options_a);
    b = &world.add("b", "192.0.2.2", config_b, options_b);
    a->psks[common_secret] = "a very common secret";
    b->psks[common_secret] = "a very common secret";
    if (before_start) before_start(*this);
    b->start();
    a->start();
  }
  /// start(), and everything that follows from it.
  void connect() {
    start();
    world.settle();
  }

  Policy& policy_a() { return config_a.policies[0]; }
  Policy& policy_b() { return config_b.policies[0]; }

  World world;
  Config config_a, config_b;
  ike::EngineOptions options_a, options_b;
  std::function<void(Pair&)> before_start;
  Node* a = nullptr;
  Node* b = nullptr;
};

}  // namespace iked::test
