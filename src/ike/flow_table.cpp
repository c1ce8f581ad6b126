// SPDX-License-Identifier: ISC
#include "ike/flow_table.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace iked::ike {

std::vector<KernelPolicy> kernel_policies(const FlowUse& use, Reqid reqid) {
  std::vector<KernelPolicy> list;
  for (const FlowPair& pair : use.pairs) {
    KernelPolicy out;
    out.direction = PolicyDirection::out;
    out.source = pair.local;
    out.destination = pair.remote;
    out.mode = use.mode;
    out.protocol = use.protocol;
    out.reqid = reqid;
    out.tunnel_source = use.local;
    out.tunnel_destination = use.remote;
    KernelPolicy in = out;
    in.direction = PolicyDirection::in;
    std::swap(in.source, in.destination);
    std::swap(in.tunnel_source, in.tunnel_destination);
    list.push_back(out);
    list.push_back(in);
    // Transport mode protects traffic of this host alone, and that is never forwarded.
    if (use.mode == Mode::tunnel) {
      in.direction = PolicyDirection::fwd;
      list.push_back(in);
    }
  }
  return list;
}

Result<FlowTable::Claim> FlowTable::claim(FlowUse use, const FlowOwner& owner,
                                          const FindLeftBehind& find) {
  std::sort(use.pairs.begin(), use.pairs.end());
  use.pairs.erase(std::unique(use.pairs.begin(), use.pairs.end()), use.pairs.end());
  if (const auto same = by_use_.find(use); same != by_use_.end()) {
    Set& set = sets_.at(same->second);
    if (set.owner.is(owner)) {
      ++set.shares;
      return Claim{same->second, {}, {}, {}};
    }
  }
  for (const FlowPair& pair : use.pairs) {
    const auto taken = by_pair_.find(pair);
    if (taken == by_pair_.end()) continue;
    if (const FlowOwner& other = sets_.at(taken->second).owner; !other.is(owner)) {
      return fail(
          "the flow {} - {} belongs to {} already; two peers cannot have the same flow: give "
          "each its own addresses, or end the other tunnel",
          to_string(pair.local), to_string(pair.remote), other.words);
    }
  }
  const auto taken = [&](const FlowPair& pair) { return by_pair_.contains(pair); };
  Claim claim;
  if (find && std::none_of(use.pairs.begin(), use.pairs.end(), taken)) {
    const auto left = find(kernel_policies(use, Reqid{}));
    claim.left_behind = left && !sets_.contains(*left);
    if (claim.left_behind) claim.reqid = *left;
  }
  if (!claim.left_behind) {
    auto reqid = unused_reqid();
    if (!reqid) return fail(reqid);
    claim.reqid = *reqid;
    claim.install = kernel_policies(use, claim.reqid);
  }
  for (const FlowPair& pair : use.pairs) {
    const auto [at, is_new] = by_pair_.try_emplace(pair, claim.reqid);
    if (is_new) continue;
    claim.taken_over.push_back({std::exchange(at->second, claim.reqid), pair});
    hand_over(claim.taken_over.back(), claim.replaced);
  }
  by_use_[use] = claim.reqid;
  sets_[claim.reqid] = Set{std::move(use), owner, 1};
  return claim;
}

std::vector<KernelPolicy> FlowTable::release(Reqid reqid) {
  const auto found = sets_.find(reqid);
  if (found == sets_.end()) return {};
  Set& set = found->second;
  IKED_CHECK(set.shares > 0);
  if (--set.shares > 0) return {};
  for (const FlowPair& pair : set.use.pairs) by_pair_.erase(pair);
  forget_use(set, reqid);
  std::vector<KernelPolicy> gone = kernel_policies(set.use, reqid);
  sets_.erase(found);
  return gone;
}

std::vector<KernelPolicy> FlowTable::move(Reqid reqid, const IpAddress& local,
                                          const IpAddress& remote) {
  const auto found = sets_.find(reqid);
  if (found == sets_.end()) return {};
  Set& set = found->second;
  if (set.use.local == local && set.use.remote == remote) return {};
  const auto shared = by_use_.find(set.use);
  const bool whole = shared != by_use_.end() && shared->second == reqid;
  forget_use(set, reqid);
  set.use.local = local;
  set.use.remote = remote;
  if (whole) by_use_.try_emplace(set.use, reqid);
  return kernel_policies(set.use, reqid);
}

void FlowTable::undo(const Claim& claim) {
  release(claim.reqid);
  for (const TakenOver& flow : claim.taken_over) {
    Set& set = sets_.at(flow.from);
    by_pair_[flow.pair] = flow.from;
    auto& pairs = set.use.pairs;
    pairs.insert(std::lower_bound(pairs.begin(), pairs.end(), flow.pair), flow.pair);
  }
  // A set that is whole again may be shared again.
  for (const TakenOver& flow : claim.taken_over) {
    const Set& set = sets_.at(flow.from);
    by_use_.try_emplace(set.use, flow.from);
  }
}

// The pair's policies go; the set cannot be shared any more, because it is not whole.
void FlowTable::hand_over(const TakenOver& flow, std::vector<KernelPolicy>& replaced) {
  Set& set = sets_.at(flow.from);
  forget_use(set, flow.from);
  std::erase(set.use.pairs, flow.pair);
  FlowUse one = set.use;
  one.pairs = {flow.pair};
  for (KernelPolicy& policy : kernel_policies(one, flow.from)) {
    replaced.push_back(std::move(policy));
  }
}

void FlowTable::forget_use(const Set& set, Reqid reqid) {
  const auto found = by_use_.find(set.use);
  if (found != by_use_.end() && found->second == reqid) by_use_.erase(found);
}

std::vector<std::vector<KernelPolicy>> FlowTable::all() const {
  std::vector<std::vector<KernelPolicy>> sets;
  for (const auto& [reqid, set] : sets_) sets.push_back(kernel_policies(set.use, reqid));
  return sets;
}

const FlowOwner* FlowTable::owner(Reqid reqid) const {
  const auto found = sets_.find(reqid);
  return found == sets_.end() ? nullptr : &found->second.owner;
}

Result<Reqid> FlowTable::unused_reqid() {
  if (sets_.size() + reserved_.size() > last_reqid_ - first_reqid_) {
    return fail("all reqids are in use");
  }
  for (;;) {
    const Reqid candidate{next_reqid_};
    next_reqid_ = next_reqid_ == last_reqid_ ? first_reqid_ : next_reqid_ + 1;
    if (!sets_.contains(candidate) && !reserved_.contains(candidate)) return candidate;
  }
}

}  // namespace iked::ike
