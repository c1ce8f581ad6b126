// SPDX-License-Identifier: ISC
#include "conf/policy_checks.h"

#include <algorithm>
#include <array>

#include "conf/transforms.h"

namespace iked::conf {
namespace {

// RFC7296 3.13: the number of selectors in a TS payload is an octet.
constexpr size_t most_selectors = 255;

// Protocols whose packets have ports: tcp, udp, dccp, sctp, udplite.
constexpr std::array<uint8_t, 5> with_ports = {6, 17, 33, 132, 136};

class Checks {
 public:
  Checks(Draft& draft, Tokens& tokens) : draft_(draft), policy_(draft.policy), tokens_(tokens) {}

  bool run() { return auth() && ends() && activity() && families() && selectors(); }

 private:
  bool auth();
  bool ends();
  bool activity();
  bool families();
  bool selectors();
  std::string origin(bool given, const char* clause) const;

  Draft& draft_;
  Policy& policy_;
  Tokens& tokens_;
};

/// A policy with EAP waits for a version of iked that has it.
bool Checks::auth() {
  if (!draft_.auth) policy_.auth = SignatureAuth{};
  if (can_authenticate(policy_) || policy_.precedence == Precedence::skip) return true;
  tokens_.warning(*draft_.auth,
                  fmt::format("this policy is kept but not used: this version of iked has no "
                              "'{}' yet, only 'psk' and signatures",
                              draft_.auth->text));
  return true;
}

/// peer and local from the flow, where the statement does not give them.
bool Checks::ends() {
  policy_.peer = draft_.peer ? draft_.peer->spec : AnyHost{};
  policy_.local = draft_.local ? draft_.local->spec : AnyHost{};
  if (draft_.peer || draft_.local || policy_.precedence == Precedence::fallback) return true;
  if (policy_.flows.size() > 1) {
    if (policy_.precedence == Precedence::skip) return true;
    return tokens_.error(draft_.head, "with several flows the peer cannot be told from them",
                         "peer ADDRESS, or 'peer any', behind the last 'from ... to ...'");
  }
  const auto fixed = [](const HostSpec& host) {
    return std::holds_alternative<DynamicHost>(host) ? AnyHost{} : host;
  };
  policy_.local = fixed(policy_.flows.front().local.host);
  policy_.peer = fixed(policy_.flows.front().remote.host);
  return true;
}

std::string Checks::origin(bool given, const char* clause) const {
  return given ? std::string() : fmt::format(" (taken from '{}')", clause);
}

bool Checks::activity() {
  if (!policy_.active) return true;
  const Token& word = *draft_.active;
  if (policy_.precedence == Precedence::skip) {
    return tokens_.error(word, "'active' contradicts 'skip'");
  }
  if (!is_single(policy_.peer)) {
    return tokens_.error(
        word,
        fmt::format("an 'active' policy needs one peer to call, but its peer is {}{}",
                    to_string(policy_.peer), origin(draft_.peer.has_value(), "to")),
        "peer ADDRESS with the address or name of one host");
  }
  if (!is_single(policy_.local) && !std::holds_alternative<AnyHost>(policy_.local)) {
    return tokens_.error(
        word,
        fmt::format("an 'active' policy needs one address to call from, but its local end is {}{}",
                    to_string(policy_.local), origin(draft_.local.has_value(), "from")),
        "local ADDRESS with an address of this host, or peer ADDRESS alone");
  }
  return true;
}

bool Checks::families() {
  const auto peer = family_of(policy_.peer);
  const auto local = family_of(policy_.local);
  if (peer && local && *peer != *local) {
    return tokens_.error(draft_.peer ? draft_.peer->token : draft_.local->token,
                         fmt::format("peer {} and local {} are of different families",
                                     to_string(policy_.peer), to_string(policy_.local)),
                         "addresses of one family");
  }
  const auto ends = local ? local : peer;
  if (policy_.family && ends && *policy_.family != *ends) {
    return tokens_.error(
        *draft_.family,
        fmt::format("'{}' contradicts {} {}", draft_.family->text, local ? "local" : "peer",
                    to_string(local ? policy_.local : policy_.peer)),
        *ends == Family::v4 ? "'inet'" : "'inet6'");
  }
  const auto outer = policy_.family ? policy_.family : ends;
  for (size_t i = 0; i < policy_.flows.size(); ++i) {
    const auto inner = family_of(policy_.flows[i].remote.host);
    if (policy_.mode == Mode::transport && outer && inner && *inner != *outer) {
      return tokens_.error(draft_.flow_tokens[i],
                           "a transport mode flow must be of the same family as the peers");
    }
  }
  return true;
}

bool Checks::selectors() {
  const size_t protocols = std::max<size_t>(policy_.protocols.size(), 1);
  if (policy_.flows.size() * protocols > most_selectors) {
    return tokens_.error(
        draft_.head,
        fmt::format("{} flows of {} protocols are more than the {} selectors that IKEv2 can carry",
                    policy_.flows.size(), protocols, most_selectors));
  }
  const bool ported =
      !policy_.protocols.empty() &&
      std::all_of(policy_.protocols.begin(), policy_.protocols.end(), [](uint8_t protocol) {
        return std::find(with_ports.begin(), with_ports.end(), protocol) != with_ports.end();
      });
  if (draft_.first_port && !ported) {
    tokens_.warning(
        *draft_.first_port,
        "'port' without 'proto tcp' or 'proto udp': packets of other protocols have no ports");
  }
  return true;
}

}  // namespace

bool finish_policy(Draft& draft, Tokens& tokens, size_t number) {
  if (!Checks(draft, tokens).run()) return false;
  if (draft.weak_psk) {
    tokens.warning(*draft.weak_psk,
                   fmt::format("this pre-shared key is easily guessed; take at least {} random "
                               "characters, as from 'openssl rand -base64 24'",
                               Draft::short_psk));
  }
  Policy& policy = draft.policy;
  if (policy.name.empty()) policy.name = fmt::format("policy{}", number);
  if (policy.ike_proposals.empty()) policy.ike_proposals = default_proposals(ProtocolId::IKE);
  if (policy.child_proposals.empty())
    policy.child_proposals = default_proposals(policy.child_protocol);
  return true;
}

}  // namespace iked::conf
