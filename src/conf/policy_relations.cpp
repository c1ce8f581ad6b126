// SPDX-License-Identifier: ISC
#include "conf/policy_relations.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

namespace iked::conf {
namespace {

// Of those that could take a policy's peers only the first ones are looked at: ten thousand
// policies for `peer any` shall not cost fifty million comparisons.
constexpr size_t most_compared = 32;

std::string shown(const std::string& name) {
  return printable(as_bytes(name), 60);
}

bool covers(const HostSpec& wide, const HostSpec& narrow) {
  if (std::holds_alternative<AnyHost>(wide)) return true;
  const auto* outer = std::get_if<IpPrefix>(&wide);
  const auto* inner = std::get_if<IpPrefix>(&narrow);
  if (outer == nullptr || inner == nullptr) return wide == narrow;
  return outer->length <= inner->length && outer->contains(inner->address);
}

bool covers(const FlowEnd& wide, const FlowEnd& narrow) {
  return (wide.port == 0 || wide.port == narrow.port) && covers(wide.host, narrow.host);
}

bool covers(const std::vector<uint8_t>& wide, const std::vector<uint8_t>& narrow) {
  if (wide.empty()) return true;
  return !narrow.empty() && std::all_of(narrow.begin(), narrow.end(), [&](uint8_t protocol) {
    return std::find(wide.begin(), wide.end(), protocol) != wide.end();
  });
}

/// Whatever peer calls and matches `narrow` matches `wide` as well, in every respect.
bool takes_all_of(const Policy& wide, const Policy& narrow) {
  const bool same = (!wide.family || wide.family == narrow.family) && wide.mode == narrow.mode &&
                    wide.child_protocol == narrow.child_protocol &&
                    wide.local_id == narrow.local_id &&
                    (!wide.peer_id || wide.peer_id == narrow.peer_id) &&
                    wide.ike_proposals == narrow.ike_proposals;
  if (!same || !covers(wide.peer, narrow.peer) || !covers(wide.local, narrow.local) ||
      !covers(wide.protocols, narrow.protocols)) {
    return false;
  }
  return std::all_of(narrow.flows.begin(), narrow.flows.end(), [&](const Flow& flow) {
    return std::any_of(wide.flows.begin(), wide.flows.end(), [&](const Flow& w) {
      return covers(w.local, flow.local) && covers(w.remote, flow.remote);
    });
  });
}

/// The smaller one is asked first: `quick` ones in their order, then the others from the last to
/// the first, then `default`.
std::pair<int, size_t> rank(const Policy& policy, size_t position) {
  switch (policy.precedence) {
    case Precedence::quick_one:
      return {0, position};
    case Precedence::fallback:
      return {2, SIZE_MAX - position};
    default:
      return {1, SIZE_MAX - position};
  }
}

bool may_be_chosen(const Policy& policy) {
  return policy.precedence != Precedence::skip && can_authenticate(policy);
}

std::string id_of(const Policy& policy) {
  return policy.peer_id ? to_string(*policy.peer_id) : std::string();
}

/// Finds, for a policy, those that could take its peers from it.
class Index {
 public:
  explicit Index(const std::vector<Policy>& policies) : policies_(policies) {
    for (size_t i = 0; i < policies.size(); ++i) {
      const Policy& policy = policies[i];
      if (!may_be_chosen(policy)) continue;
      if (const auto* prefix = std::get_if<IpPrefix>(&policy.peer)) lengths_.insert(prefix->length);
      buckets_[key(policy.peer, id_of(policy))].push_back(i);
    }
    for (auto& [peer, bucket] : buckets_) {
      std::sort(bucket.begin(), bucket.end(),
                [&](size_t a, size_t b) { return rank(policies[a], a) < rank(policies[b], b); });
      if (bucket.size() > most_compared) bucket.resize(most_compared);
    }
  }

  /// One that is asked before number `i` and leaves it nothing.
  std::optional<size_t> taker(size_t i) const {
    const Policy& policy = policies_[i];
    std::vector<HostSpec> peers = {AnyHost{}};
    if (const auto* prefix = std::get_if<IpPrefix>(&policy.peer)) {
      for (const uint8_t length : lengths_) {
        if (length > prefix->length) break;
        if (const auto wider = IpPrefix::make(prefix->address, length)) peers.emplace_back(*wider);
      }
    } else if (!std::holds_alternative<AnyHost>(policy.peer)) {
      peers.push_back(policy.peer);
    }
    for (const HostSpec& peer : peers) {
      if (const auto found = taker_in(key(peer, {}), i)) return found;
      if (!policy.peer_id) continue;
      if (const auto found = taker_in(key(peer, id_of(policy)), i)) return found;
    }
    return std::nullopt;
  }

 private:
  static std::string key(const HostSpec& peer, const std::string& id) {
    return to_string(peer) + '\n' + id;
  }
  std::optional<size_t> taker_in(const std::string& key, size_t i) const {
    const auto bucket = buckets_.find(key);
    if (bucket == buckets_.end()) return std::nullopt;
    for (const size_t other : bucket->second) {
      if (rank(policies_[other], other) >= rank(policies_[i], i)) break;
      if (takes_all_of(policies_[other], policies_[i])) return other;
    }
    return std::nullopt;
  }

  const std::vector<Policy>& policies_;
  std::set<uint8_t> lengths_;
  std::unordered_map<std::string, std::vector<size_t>> buckets_;
};

size_t hash_of(const Policy& policy, const Flow& flow) {
  std::string text =
      fmt::format("{} {} {} {} {}", policy.rdomain.value_or(0), to_string(flow.local.host),
                  flow.local.port, to_string(flow.remote.host), flow.remote.port);
  for (const uint8_t protocol : policy.protocols) text += fmt::format(" {}", protocol);
  return std::hash<std::string>{}(text);
}

/// Both are named, and they are different ones.
bool different_peers(const Policy& a, const Policy& b) {
  return !covers(a.peer, b.peer) && !covers(b.peer, a.peer);
}

}  // namespace

void PolicyRelations::check_name(const Draft& draft) {
  const Policy& policy = draft.policy;
  const Token& token = draft.name ? *draft.name : draft.head;
  const auto [earlier, is_new] = names_.emplace(policy.name, token.spot.place);
  if (!is_new) {
    diagnostics_.warning(
        token.spot, fmt::format("a second policy with the name \"{}\"", shown(policy.name)),
        fmt::format("the first one is at {}", diagnostics_.name_of(earlier->second)));
  }
  if (policy.precedence == Precedence::fallback && ++fallbacks_ == 2) {
    diagnostics_.warning(draft.head.spot, "a second 'default' policy; the last one counts");
  }
}

void PolicyRelations::check_traffic(const Draft& draft, const std::vector<Policy>& policies) {
  const Policy& policy = draft.policy;
  if (!may_be_chosen(policy)) return;
  for (size_t i = 0; i < policy.flows.size(); ++i) {
    const Flow& flow = policy.flows[i];
    if (!family_of(flow.local.host) || !family_of(flow.remote.host)) continue;
    const auto [known, is_new] = traffic_.emplace(hash_of(policy, flow), policies.size());
    if (is_new || known->second == policies.size()) continue;
    const Policy& earlier = policies[known->second];
    if (!different_peers(policy, earlier)) continue;
    diagnostics_.warning(
        draft.flow_tokens[i].spot,
        fmt::format("policy \"{}\" at {} has the same traffic for another peer",
                    shown(earlier.name), diagnostics_.name_of(heads_[known->second].place)),
        "while one of the two tunnels is up, the other one cannot be");
    return;
  }
}

void PolicyRelations::add(const Draft& draft, const std::vector<Policy>& policies) {
  check_name(draft);
  check_traffic(draft, policies);
  heads_.push_back(draft.head.spot);
}

void PolicyRelations::finish(const std::vector<Policy>& policies) {
  const Index index(policies);
  for (size_t i = 0; i < policies.size(); ++i) {
    // An active policy calls by itself, also if it is never chosen for those who call.
    if (policies[i].active || !may_be_chosen(policies[i])) continue;
    const auto taker = index.taker(i);
    // Two default policies have had their warning.
    if (!taker || (policies[i].precedence == Precedence::fallback &&
                   policies[*taker].precedence == Precedence::fallback)) {
      continue;
    }
    diagnostics_.warning(
        heads_[i],
        fmt::format("policy \"{}\" is never chosen: \"{}\" at {} takes all of its peers",
                    shown(policies[i].name), shown(policies[*taker].name),
                    diagnostics_.name_of(heads_[*taker].place)),
        "of all policies that match the first 'quick' one counts, else the last one");
  }
}

}  // namespace iked::conf
