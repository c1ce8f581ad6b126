// SPDX-License-Identifier: ISC
#include "ike/policy_set.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/overloaded.h"

namespace iked::ike {
namespace {

// The order of choice: quick ones as they stand, then the others from the last to the first, then
// the default policy. A `skip` policy is never chosen.
uint64_t rank_of(Precedence precedence, size_t position) {
  constexpr uint64_t band = uint64_t{1} << 40;
  switch (precedence) {
    case Precedence::quick_one:
      return position;
    case Precedence::normal:
      return 2 * band - position;
    case Precedence::fallback:
      return 4 * band - position;
    case Precedence::skip:
      break;
  }
  return 6 * band;
}

using Addresses = std::map<std::string, std::vector<IpPrefix>>;

// Prefixes of a host specification; empty when a name was not found.
std::vector<IpPrefix> prefixes(const HostSpec& host, const Addresses& addresses,
                               std::optional<Family> family) {
  std::vector<IpPrefix> all;
  std::visit(overloaded{
                 [&](const AnyHost&) {
                   all = {IpPrefix::any(Family::v4), IpPrefix::any(Family::v6)};
                 },
                 [](const DynamicHost&) {},  // nothing assigns addresses yet
                 [&](const IpPrefix& prefix) { all = {prefix}; },
                 [&](const HostName& name) {
                   const auto found = addresses.find(name.name);
                   if (found == addresses.end()) return;
                   for (const IpPrefix& prefix : found->second) {
                     auto masked =
                         IpPrefix::make(prefix.address, name.length.value_or(prefix.length));
                     if (masked) all.push_back(*masked);
                   }
                 },
             },
             host);
  if (family) {
    std::erase_if(all, [&](const IpPrefix& prefix) { return prefix.address.family() != *family; });
  }
  return all;
}

TrafficSelector selector(const IpPrefix& prefix, uint8_t protocol, uint16_t port) {
  TrafficSelector ts = TrafficSelector::of(prefix, protocol);
  if (port != 0) ts.first_port = ts.last_port = port;
  return ts;
}

std::vector<FlowPair> flow_pairs(const Policy& policy, const Addresses& addresses) {
  std::vector<FlowPair> pairs;
  const std::vector<uint8_t> protocols =
      policy.protocols.empty() ? std::vector<uint8_t>{0} : policy.protocols;
  for (const Flow& flow : policy.flows) {
    for (const IpPrefix& local : prefixes(flow.local.host, addresses, std::nullopt)) {
      for (const IpPrefix& remote : prefixes(flow.remote.host, addresses, std::nullopt)) {
        if (local.address.family() != remote.address.family()) continue;
        for (uint8_t protocol : protocols) {
          FlowPair pair{selector(local, protocol, flow.local.port),
                        selector(remote, protocol, flow.remote.port)};
          if (std::find(pairs.begin(), pairs.end(), pair) == pairs.end()) pairs.push_back(pair);
        }
      }
    }
  }
  return pairs;
}

void collect_name(const HostSpec& host, std::vector<std::string>& names) {
  const auto* name = std::get_if<HostName>(&host);
  if (name == nullptr) return;
  if (std::find(names.begin(), names.end(), name->name) == names.end()) names.push_back(name->name);
}

bool holds(const std::vector<IpPrefix>& prefixes, const IpAddress& address) {
  return prefixes.empty() || std::any_of(prefixes.begin(), prefixes.end(),
                                         [&](const IpPrefix& p) { return p.contains(address); });
}

bool by_rank(const PolicyEntry* a, const PolicyEntry* b) {
  return a->rank < b->rank;
}

template <typename Entry>
void put_in_order(std::vector<Entry*>& entries) {
  std::sort(entries.begin(), entries.end(), by_rank);
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
}

std::string text_of(const FlowEnd& end) {
  return fmt::format("{}:{}", to_string(end.host), end.port);
}

// The same for policies that are equal but for their names, and rarely for others.
std::string looks_of(const Policy& policy) {
  std::string text = to_string(policy.peer) + ' ' + to_string(policy.local);
  for (const Flow& flow : policy.flows) {
    text += fmt::format(" {} {}", text_of(flow.local), text_of(flow.remote));
  }
  if (policy.peer_id) text += to_string(*policy.peer_id);
  return text;
}

// Entries of the last load that no policy of the new one has claimed.
class Leftovers {
 public:
  explicit Leftovers(const std::vector<PolicyEntry*>& entries) {
    for (PolicyEntry* entry : entries) by_name_[entry->policy.name].push_back(entry);
  }

  /// The entry of this very policy, or null.
  PolicyEntry* take(const Policy& policy) {
    const auto found = by_name_.find(policy.name);
    return found == by_name_.end() ? nullptr : take_from(found->second, policy);
  }
  /// To be called when all that have kept their names are taken: the entry of a policy that only
  /// has another name now, or null. A line more in the file renames all policies without a name
  /// that come after it.
  PolicyEntry* take_renamed(const Policy& policy) {
    if (!std::exchange(looks_known_, true)) {
      for (auto& [name, entries] : by_name_) {
        for (PolicyEntry* entry : entries) by_looks_[looks_of(entry->policy)].push_back(entry);
      }
    }
    const auto found = by_looks_.find(looks_of(policy));
    if (found == by_looks_.end()) return nullptr;
    for (PolicyEntry* entry : found->second) {
      // Equal with the new name: then the new name is what it shall have.
      const std::string old_name = std::exchange(entry->policy.name, policy.name);
      if (entry->policy == policy) {
        std::erase(found->second, entry);
        std::erase(by_name_.at(old_name), entry);
        return entry;
      }
      entry->policy.name = old_name;
    }
    return nullptr;
  }
  std::vector<PolicyId> ids() const {
    std::vector<PolicyId> ids;
    for (const auto& [name, entries] : by_name_) {
      for (const PolicyEntry* entry : entries) ids.push_back(entry->id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

 private:
  static PolicyEntry* take_from(std::vector<PolicyEntry*>& entries, const Policy& policy) {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const PolicyEntry* e) { return e->policy == policy; });
    if (found == entries.end()) return nullptr;
    PolicyEntry* entry = *found;
    entries.erase(found);
    return entry;
  }
  std::unordered_map<std::string, std::vector<PolicyEntry*>> by_name_;
  std::unordered_map<std::string, std::vector<PolicyEntry*>> by_looks_;
  bool looks_known_ = false;
};

}  // namespace

std::vector<std::string> PolicySet::names_in(const Policy& policy) {
  std::vector<std::string> names;
  collect_name(policy.peer, names);
  collect_name(policy.local, names);
  for (const Flow& flow : policy.flows) {
    collect_name(flow.local.host, names);
    collect_name(flow.remote.host, names);
  }
  return names;
}

PolicySet::Changes PolicySet::replace(const Config& config) {
  Leftovers old(in_order_);
  std::vector<PolicyEntry*> order;
  for (const Policy& policy : config.policies) order.push_back(old.take(policy));
  Changes changes;
  for (size_t i = 0; i < order.size(); ++i) {
    const Policy& policy = config.policies[i];
    if (order[i] == nullptr) order[i] = old.take_renamed(policy);
    if (order[i] == nullptr) {
      order[i] = &add(policy);
      changes.added.push_back(order[i]->id);
    } else {
      ++changes.kept;
    }
    order[i]->written_at = to_string(config, policy.where);
    order[i]->rank = rank_of(policy.precedence, i);
  }
  in_order_ = std::move(order);
  changes.removed = old.ids();
  for (PolicyId id : changes.removed) {
    PolicyEntry* entry = find(id);
    entry->retired = true;
    if (entry->users == 0) entries_.erase(id);
  }
  index_is_stale_ = true;
  return changes;
}

PolicyEntry& PolicySet::add(const Policy& policy) {
  auto made = std::make_unique<PolicyEntry>();
  PolicyEntry& entry = *made;
  entry.id = PolicyId{next_id_++};
  entry.policy = policy;
  entries_.emplace(entry.id, std::move(made));
  if (names_in(policy).empty()) resolve(entry, {});
  return entry;
}

PolicyEntry* PolicySet::find(PolicyId id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.get();
}

const PolicyEntry* PolicySet::find(PolicyId id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.get();
}

void PolicySet::drop_user(PolicyId id) {
  PolicyEntry* entry = find(id);
  if (entry == nullptr) return;
  IKED_CHECK(entry->users > 0);
  --entry->users;
  if (entry->retired && entry->users == 0) entries_.erase(id);
}

bool PolicySet::resolve(PolicyEntry& entry, const Addresses& addresses) {
  const Policy& policy = entry.policy;
  const bool any_local = std::holds_alternative<AnyHost>(policy.local);
  auto peers = prefixes(policy.peer, addresses, policy.family);
  auto locals =
      any_local ? std::vector<IpPrefix>{} : prefixes(policy.local, addresses, policy.family);
  // Names are looked up again and again, mostly with the same outcome: keep the index then.
  if (peers != entry.peers || locals != entry.locals) index_is_stale_ = true;
  entry.peers = std::move(peers);
  entry.locals = std::move(locals);
  entry.flows = flow_pairs(policy, addresses);
  const bool usable = can_authenticate(policy) && !entry.peers.empty() &&
                      (any_local || !entry.locals.empty()) && !entry.flows.empty();
  if (usable != std::exchange(entry.resolved, usable)) index_is_stale_ = true;
  return usable;
}

void PolicySet::bring_index_up_to_date() {
  if (!std::exchange(index_is_stale_, false)) return;
  buckets_.clear();
  lengths_v4_.clear();
  lengths_v6_.clear();
  for (PolicyEntry* entry : in_order_) {
    if (entry->resolved && entry->policy.precedence != Precedence::skip) index(*entry);
  }
}

void PolicySet::index(PolicyEntry& entry) {
  for (const IpPrefix& peer : entry.peers) {
    auto& lengths = peer.address.is_v4() ? lengths_v4_ : lengths_v6_;
    if (std::find(lengths.begin(), lengths.end(), peer.length) == lengths.end()) {
      lengths.push_back(peer.length);
    }
    Bucket& bucket = buckets_[peer];
    if (entry.policy.peer_id) {
      bucket.by_peer_id[*entry.policy.peer_id].push_back(&entry);
    } else {
      bucket.any_peer_id.push_back(&entry);
    }
    const auto same = std::find_if(bucket.classes.begin(), bucket.classes.end(), [&](Class& c) {
      return c.first->locals == entry.locals &&
             c.first->policy.ike_proposals == entry.policy.ike_proposals;
    });
    if (same == bucket.classes.end()) {
      bucket.classes.push_back({&entry});
    } else if (entry.rank < same->first->rank) {
      same->first = &entry;
    }
  }
}

template <typename F>
void PolicySet::each_bucket(const IpAddress& remote, F&& f) {
  bring_index_up_to_date();
  for (uint8_t length : remote.is_v4() ? lengths_v4_ : lengths_v6_) {
    const auto found = buckets_.find(IpPrefix{remote.with_bits_from(length, false), length});
    if (found != buckets_.end()) f(found->second);
  }
}

std::vector<const PolicyEntry*> PolicySet::for_first_message(const AddressPair& addresses) {
  std::vector<const PolicyEntry*> found;
  each_bucket(addresses.remote, [&](const Bucket& bucket) {
    for (const Class& c : bucket.classes) {
      if (holds(c.first->locals, addresses.local)) found.push_back(c.first);
    }
  });
  put_in_order(found);
  return found;
}

std::vector<PolicyEntry*> PolicySet::for_identity(const AddressPair& addresses,
                                                  const Identity& peer_id) {
  std::vector<PolicyEntry*> found;
  const auto take = [&](const std::vector<PolicyEntry*>& list) {
    for (PolicyEntry* entry : list) {
      if (holds(entry->locals, addresses.local)) found.push_back(entry);
    }
  };
  each_bucket(addresses.remote, [&](const Bucket& bucket) {
    if (const auto named = bucket.by_peer_id.find(peer_id); named != bucket.by_peer_id.end()) {
      take(named->second);
    }
    take(bucket.any_peer_id);
  });
  put_in_order(found);
  return found;
}

}  // namespace iked::ike
