// SPDX-License-Identifier: ISC
#include "xfrm/leftovers.h"

#include <algorithm>

#include "base/log.h"
#include "model/reqid_range.h"
#include "xfrm/messages.h"
#include "xfrm/sockets.h"

namespace iked::xfrm {
namespace {

bool contains(const IpPrefix& outer, const IpPrefix& inner) {
  return outer.length <= inner.length && outer.contains(inner.address);
}

bool contains(const PortBlock& outer, const PortBlock& inner) {
  return (outer.mask & ~inner.mask) == 0 && ((outer.value ^ inner.value) & outer.mask) == 0;
}

bool contains(const KernelSelector& outer, const KernelSelector& inner) {
  return contains(outer.source, inner.source) && contains(outer.destination, inner.destination) &&
         (outer.protocol == 0 || outer.protocol == inner.protocol) &&
         contains(outer.source_port, inner.source_port) &&
         contains(outer.destination_port, inner.destination_port);
}

LeftoverPolicy describe_sides(const KernelPolicy& policy, const KernelSelector& selector) {
  LeftoverPolicy words;
  words.local = local_side(policy.direction, selector);
  words.remote = remote_side(policy.direction, selector);
  words.outer_local = words.local.address;
  words.outer_remote = words.remote.address;
  if (policy.mode == Mode::tunnel) {
    const bool out = policy.direction == PolicyDirection::out;
    words.outer_local = out ? policy.tunnel_source : policy.tunnel_destination;
    words.outer_remote = out ? policy.tunnel_destination : policy.tunnel_source;
  }
  return words;
}

// Whether the kernel's policy is the one that would be installed for `wanted`, but for the reqid.
bool is_as_wanted(const PolicyRecord& record, const PlacedPolicy& wanted) {
  const KernelPolicy& policy = *wanted.policy;
  const bool tunnel = record.tunnel_source && record.tunnel_destination;
  if ((policy.mode == Mode::tunnel) != tunnel || record.protocol != policy.protocol ||
      record.priority != priority_of(wanted.selector)) {
    return false;
  }
  return !tunnel || (*record.tunnel_source == policy.tunnel_source &&
                     *record.tunnel_destination == policy.tunnel_destination);
}

}  // namespace

const IpPrefix& local_side(PolicyDirection direction, const KernelSelector& selector) {
  return direction == PolicyDirection::out ? selector.source : selector.destination;
}

const IpPrefix& remote_side(PolicyDirection direction, const KernelSelector& selector) {
  return direction == PolicyDirection::out ? selector.destination : selector.source;
}

std::optional<LeftoverPolicy> describe(const PolicyRecord& record) {
  const auto direction = direction_from(record.direction);
  const auto selector = selector_from(record.selector);
  if (!direction || !selector) return std::nullopt;
  KernelPolicy policy;
  policy.direction = *direction;
  policy.mode = Mode::transport;
  if (record.tunnel_source && record.tunnel_destination) {
    policy.mode = Mode::tunnel;
    policy.tunnel_source = *record.tunnel_source;
    policy.tunnel_destination = *record.tunnel_destination;
  }
  return describe_sides(policy, *selector);
}

bool Leftovers::Left::closed() const {
  return policy.reqid == kLeftoverReqid;
}

void Leftovers::add(const PolicyRecord& record, Reqid reqid) {
  const auto direction = direction_from(record.direction);
  const auto selector = selector_from(record.selector);
  if (!direction || !selector) return;
  Left left{record, {}, *selector};
  left.policy.direction = *direction;
  left.policy.reqid = reqid;
  left.policy.mode = record.tunnel_source ? Mode::tunnel : Mode::transport;
  left.policy.tunnel_source = record.tunnel_source.value_or(IpAddress{});
  left.policy.tunnel_destination = record.tunnel_destination.value_or(IpAddress{});
  left.policy.mark = record.mark;
  left.policy.if_id = record.if_id;
  left_.push_back(std::move(left));
}

void Leftovers::add_closed(const PolicyRecord& before) {
  add(before, kLeftoverReqid);
}

void Leftovers::add_carrying(const PolicyRecord& policy) {
  add(policy, policy.reqid);
}

void Leftovers::add_sa(const SaRecord& sa) {
  sas_.push_back({sa.reqid, sa.key, sa.mark});
}

bool Leftovers::makes_way(const Left& left, const PlacedPolicy& placed) {
  const KernelPolicy& policy = *placed.policy;
  if (policy.direction != left.policy.direction || policy.mark != left.policy.mark ||
      policy.if_id != left.policy.if_id) {
    return false;
  }
  if (placed.selector == left.selector) return true;
  return policy.tunnel_source == left.policy.tunnel_source &&
         policy.tunnel_destination == left.policy.tunnel_destination &&
         contains(placed.selector, left.selector);
}

LeftoverPolicy Leftovers::describe(const Left& left) {
  return describe_sides(left.policy, left.selector);
}

template <typename Condition>
std::vector<Leftovers::Left> Leftovers::take_if(const Condition& condition) {
  std::vector<Left> taken;
  for (size_t i = 0; i < left_.size();) {
    if (!condition(left_[i])) {
      ++i;
      continue;
    }
    // There may be many, and most stay: nothing but these is moved about.
    taken.push_back(std::move(left_[i]));
    if (i + 1 != left_.size()) left_[i] = std::move(left_.back());
    left_.pop_back();
  }
  return taken;
}

void Leftovers::remove(RequestSocket& socket, const std::vector<Left>& gone) {
  std::vector<PlacedPolicy> policies;
  for (const Left& left : gone) policies.push_back({&left.policy, left.selector});
  // What a tunnel has replaced carries another reqid now and is spared.
  delete_own_policies(socket, policies);
}

void Leftovers::close(RequestSocket& socket, std::vector<Left> open) {
  Batch batch;
  for (const Left& left : open) put_closed_policy(batch, left.record);
  if (batch.empty()) return;
  const auto outcomes = socket.run(batch);
  std::vector<Left> gone;
  for (size_t i = 0; i < open.size(); ++i) {
    if (outcomes && (*outcomes)[i].ok()) {
      open[i].policy.reqid = kLeftoverReqid;
      left_.push_back(std::move(open[i]));
    } else {
      gone.push_back(std::move(open[i]));
    }
  }
  // What could not be closed holds traffic back as well, once its SAs are gone.
  if (!gone.empty()) log::error("cannot close {} policies of an earlier iked", gone.size());
}

void Leftovers::remove_unused_sas(RequestSocket& socket) {
  const std::set<Reqid> used = reqids();
  std::erase_if(sas_, [&](const LeftSa& sa) {
    if (used.contains(sa.reqid)) return false;
    delete_own_sas(socket, {sa.key}, sa.mark);
    return true;
  });
}

void Leftovers::make_way(RequestSocket& socket, const std::vector<PlacedPolicy>& policies) {
  const auto condition = [&](const Left& left) {
    return std::ranges::any_of(policies,
                               [&](const PlacedPolicy& placed) { return makes_way(left, placed); });
  };
  const auto gone = take_if(condition);
  if (gone.empty()) return;
  remove(socket, gone);
  remove_unused_sas(socket);
}

size_t Leftovers::judge(RequestSocket& socket, const Judge& judge) {
  const auto gone = take_if([&](const Left& left) { return judge(describe(left)) == Fate::gone; });
  remove(socket, gone);
  auto open = take_if(
      [&](const Left& left) { return !left.closed() && judge(describe(left)) == Fate::closed; });
  const size_t changed = gone.size() + open.size();
  close(socket, std::move(open));
  if (changed != 0) remove_unused_sas(socket);
  return changed;
}

std::optional<Reqid> Leftovers::find(RequestSocket& socket,
                                     const std::vector<PlacedPolicy>& policies) const {
  if (policies.empty()) return std::nullopt;
  const auto same_place = [](const Left& left, const PlacedPolicy& placed) {
    return left.selector == placed.selector && left.policy.direction == placed.policy->direction &&
           left.policy.mark == placed.policy->mark && left.policy.if_id == placed.policy->if_id;
  };
  const auto first = std::ranges::find_if(
      left_, [&](const Left& left) { return same_place(left, policies.front()); });
  if (first == left_.end() || first->closed()) return std::nullopt;
  const Reqid reqid = first->policy.reqid;
  const auto count =
      std::ranges::count_if(left_, [&](const Left& left) { return left.policy.reqid == reqid; });
  if (static_cast<size_t>(count) != policies.size()) return std::nullopt;
  for (const PlacedPolicy& placed : policies) {
    // The kernel's word, not ours: a tunnel without its policies would be worse than none.
    const auto found = find_policy(socket, placed);
    if (!found || found->reqid != reqid || !is_as_wanted(*found, placed)) return std::nullopt;
  }
  return reqid;
}

std::vector<SaKey> Leftovers::take_over(RequestSocket& socket, Reqid reqid) {
  const auto taken = take_if([&](const Left& left) { return left.policy.reqid == reqid; });
  std::vector<PlacedPolicy> policies;
  for (const Left& left : taken) policies.push_back({&left.policy, left.selector});
  std::vector<SaKey> keys;
  std::erase_if(sas_, [&](const LeftSa& sa) {
    if (sa.reqid != reqid) return false;
    keys.push_back(sa.key);
    return true;
  });
  make_way(socket, policies);
  return keys;
}

std::set<Reqid> Leftovers::reqids() const {
  std::set<Reqid> list;
  for (const Left& left : left_) {
    if (!left.closed()) list.insert(left.policy.reqid);
  }
  return list;
}

bool Leftovers::has(Reqid reqid) const {
  return reqid == kLeftoverReqid ||
         std::ranges::any_of(left_, [&](const Left& left) { return left.policy.reqid == reqid; });
}

size_t Leftovers::closed() const {
  return static_cast<size_t>(std::ranges::count_if(left_, &Left::closed));
}

std::vector<Reqid> XfrmKernel::left_behind() const {
  const std::set<Reqid> reqids = sockets_->leftovers.reqids();
  return {reqids.begin(), reqids.end()};
}

std::optional<Reqid> XfrmKernel::find_left_behind(const std::vector<KernelPolicy>& policies) {
  if (sockets_->leftovers.carrying() == 0) return std::nullopt;
  auto placed = place(policies);
  if (!placed) return std::nullopt;
  drop_repeated(*placed);
  return sockets_->leftovers.find(sockets_->requests, *placed);
}

std::vector<SaKey> XfrmKernel::take_over(Reqid reqid) {
  return sockets_->leftovers.take_over(sockets_->requests, reqid);
}

}  // namespace iked::xfrm
