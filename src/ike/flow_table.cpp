// SPDX-License-Identifier: ISC
#include "ike/flow_table.h"

#include <algorithm>

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

Result<FlowTable::Claim> FlowTable::claim(FlowUse use, const FlowOwner& owner) {
  std::sort(use.pairs.begin(), use.pairs.end());
  if (const auto same = by_use_.find(use); same != by_use_.end()) {
    Set& set = sets_.at(same->second);
    if (set.owner.policy == owner.policy && set.owner.peer == owner.peer) {
      ++set.shares;
      return Claim{same->second, {}, {}};
    }
  }
  Claim claim;
  std::vector<Reqid> replaced;
  for (const FlowPair& pair : use.pairs) {
    const auto taken = by_pair_.find(pair);
    if (taken == by_pair_.end()) continue;
    const Set& other = sets_.at(taken->second);
    if (other.owner.policy != owner.policy || other.owner.peer != owner.peer) {
      return fail(
          "the flow {} - {} belongs to {} already; two peers cannot have the same flow: give "
          "each its own addresses, or end the other tunnel",
          to_string(pair.local), to_string(pair.remote), other.owner.words);
    }
    if (std::find(replaced.begin(), replaced.end(), taken->second) == replaced.end()) {
      replaced.push_back(taken->second);
    }
  }
  for (Reqid old : replaced) {
    Set& set = sets_.at(old);
    for (KernelPolicy& policy : kernel_policies(set.use, old)) claim.remove.push_back(policy);
    for (const FlowPair& pair : set.use.pairs) by_pair_.erase(pair);
    by_use_.erase(set.use);
    set.replaced = true;
  }
  claim.reqid = unused_reqid();
  claim.install = kernel_policies(use, claim.reqid);
  for (const FlowPair& pair : use.pairs) by_pair_[pair] = claim.reqid;
  by_use_[use] = claim.reqid;
  sets_[claim.reqid] = Set{std::move(use), owner, 1, false};
  return claim;
}

std::vector<KernelPolicy> FlowTable::release(Reqid reqid) {
  const auto found = sets_.find(reqid);
  if (found == sets_.end()) return {};
  Set& set = found->second;
  IKED_CHECK(set.shares > 0);
  if (--set.shares > 0) return {};
  std::vector<KernelPolicy> gone;
  if (!set.replaced) {
    gone = kernel_policies(set.use, reqid);
    for (const FlowPair& pair : set.use.pairs) by_pair_.erase(pair);
    by_use_.erase(set.use);
  }
  sets_.erase(found);
  return gone;
}

const FlowOwner* FlowTable::owner(Reqid reqid) const {
  const auto found = sets_.find(reqid);
  return found == sets_.end() ? nullptr : &found->second.owner;
}

Reqid FlowTable::unused_reqid() {
  for (;;) {
    const Reqid candidate{next_reqid_};
    next_reqid_ = next_reqid_ == kLastReqid.value ? kFirstReqid.value : next_reqid_ + 1;
    if (!sets_.contains(candidate)) return candidate;
  }
}

}  // namespace iked::ike
