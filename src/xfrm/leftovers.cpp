// SPDX-License-Identifier: ISC
#include "xfrm/leftovers.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/check.h"
#include "model/reqid_range.h"
#include "xfrm/messages.h"
#include "xfrm/sockets.h"
#include "xfrm/xfrm_kernel.h"

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

// Runs changes that were put together from a dump and counts those that changed something.
Result<size_t> count_done(RequestSocket& socket, Batch& batch) {
  if (batch.empty()) return 0;
  auto outcomes = socket.run(batch);
  if (!outcomes) return fail(outcomes);
  return static_cast<size_t>(std::ranges::count_if(*outcomes, &Outcome::ok));
}

// Reads one of the kernel's tables and changes what `on_entry` puts into the batch. A gap in a dump
// hides entries from us, but shows none that is not there: change what was seen, then look again.
template <typename PutDump, typename OnEntry>
Result<size_t> sweep(RequestSocket& socket, const char* table, const PutDump& put_dump,
                     const OnEntry& on_entry) {
  constexpr int kTries = 5;
  size_t changed = 0;
  for (int i = 1;; ++i) {
    Batch question;
    put_dump(question);
    Batch changes;
    const auto seen =
        socket.dump(question, [&](size_t, const Message& message) { on_entry(changes, message); });
    auto count = count_done(socket, changes);
    if (!count) return fail(count);
    changed += *count;
    if (seen) return changed;
    if (i == kTries) return fail("cannot read the kernel's {}: {}", table, seen.error().text);
  }
}

using Wanted = std::function<bool(Reqid)>;

Result<size_t> delete_sas(RequestSocket& socket, const Wanted& wanted) {
  return sweep(
      socket, "SAs", [](Batch& batch) { put_dump_sas(batch, nullptr); },
      [&](Batch& deletions, const Message& message) {
        const auto sa = parse_sa(message);
        if (sa && wanted(sa->reqid)) put_delete_sa(deletions, sa->key, sa->mark);
      });
}

Result<size_t> delete_policies(RequestSocket& socket, const Wanted& wanted) {
  return sweep(socket, "policies", put_dump_policies,
               [&](Batch& deletions, const Message& message) {
                 const auto policy = parse_policy(message);
                 if (policy && wanted(policy->reqid)) put_delete_policy(deletions, *policy);
               });
}

}  // namespace

const IpPrefix& local_side(PolicyDirection direction, const KernelSelector& selector) {
  return direction == PolicyDirection::out ? selector.source : selector.destination;
}

const IpPrefix& remote_side(PolicyDirection direction, const KernelSelector& selector) {
  return direction == PolicyDirection::out ? selector.destination : selector.source;
}

void Leftovers::add(const PolicyRecord& before) {
  const auto direction = direction_from(before.direction);
  const auto selector = selector_from(before.selector);
  if (!direction || !selector) return;
  Closed closed;
  closed.policy.direction = *direction;
  closed.policy.reqid = kLeftoverReqid;
  closed.policy.tunnel_source = before.tunnel_source.value_or(IpAddress{});
  closed.policy.tunnel_destination = before.tunnel_destination.value_or(IpAddress{});
  closed.policy.mark = before.mark;
  closed.policy.if_id = before.if_id;
  closed.selector = *selector;
  closed_.push_back(std::move(closed));
}

bool Leftovers::makes_way(const Closed& closed, const PlacedPolicy& placed) {
  const KernelPolicy& policy = *placed.policy;
  if (policy.direction != closed.policy.direction || policy.mark != closed.policy.mark ||
      policy.if_id != closed.policy.if_id) {
    return false;
  }
  if (placed.selector == closed.selector) return true;
  return policy.tunnel_source == closed.policy.tunnel_source &&
         policy.tunnel_destination == closed.policy.tunnel_destination &&
         contains(placed.selector, closed.selector);
}

template <typename Condition>
size_t Leftovers::remove_if(RequestSocket& socket, const Condition& condition) {
  const auto gone = std::stable_partition(closed_.begin(), closed_.end(),
                                          [&](const Closed& closed) { return !condition(closed); });
  std::vector<PlacedPolicy> policies;
  for (auto at = gone; at != closed_.end(); ++at) policies.push_back({&at->policy, at->selector});
  // What a tunnel has replaced carries another reqid now and is spared.
  delete_own_policies(socket, policies);
  closed_.erase(gone, closed_.end());
  return policies.size();
}

void Leftovers::make_way(RequestSocket& socket, const std::vector<PlacedPolicy>& policies) {
  const auto condition = [&](const Closed& closed) {
    return std::ranges::any_of(
        policies, [&](const PlacedPolicy& placed) { return makes_way(closed, placed); });
  };
  // As a rule there is none, and nothing need be moved about.
  if (std::ranges::any_of(closed_, condition)) remove_if(socket, condition);
}

size_t Leftovers::keep_only(RequestSocket& socket, const MayCarry& may_carry) {
  if (closed_.empty()) return 0;
  return remove_if(socket, [&](const Closed& closed) {
    return !may_carry(local_side(closed.policy.direction, closed.selector),
                      remote_side(closed.policy.direction, closed.selector));
  });
}

Result<LeftoverCounts> XfrmKernel::close_own_leftovers(const MayCarry& may_carry) {
  RequestSocket& socket = sockets_->requests;
  std::unordered_map<uint32_t, PolicyRecord> before;  // by index, which the successor inherits
  const auto closed =
      sweep(socket, "policies", put_dump_policies, [&](Batch& changes, const Message& message) {
        const auto policy = parse_policy(message);
        if (!policy || !is_own(policy->reqid)) return;
        if (!before.try_emplace(policy->index, *policy).second) return;
        if (policy->reqid != kLeftoverReqid) put_closed_policy(changes, *policy);
      });
  // What the kernel shows as closed is. What could not be closed goes: under its old reqid it would
  // stand in the way of the next tunnel.
  std::unordered_set<uint32_t> seen;
  const auto opened =
      sweep(socket, "policies", put_dump_policies, [&](Batch& changes, const Message& message) {
        const auto policy = parse_policy(message);
        if (!policy || !is_own(policy->reqid) || !seen.insert(policy->index).second) return;
        if (policy->reqid != kLeftoverReqid) return put_delete_policy(changes, *policy);
        const auto known = before.find(policy->index);
        sockets_->leftovers.add(known == before.end() ? *policy : known->second);
      });
  const auto sas = delete_sas(socket, is_own);
  for (const auto* done : {&closed, &opened, &sas}) {
    if (!*done) return std::unexpected(done->error());
  }
  LeftoverCounts counts;
  counts.sas = *sas;
  counts.policies = *opened + drop_leftovers(may_carry);
  counts.closed = sockets_->leftovers.size();
  return counts;
}

size_t XfrmKernel::drop_leftovers(const MayCarry& may_carry) {
  return sockets_->leftovers.keep_only(sockets_->requests, may_carry);
}

Result<LeftoverCounts> XfrmKernel::remove_own_leftovers(Reqid first, Reqid last) {
  IKED_CHECK(is_own(first) && is_own(last));
  const auto wanted = [&](Reqid reqid) { return reqid >= first && reqid <= last; };
  auto policies = delete_policies(sockets_->requests, wanted);
  if (!policies) return fail(policies);
  auto sas = delete_sas(sockets_->requests, wanted);
  if (!sas) return fail(sas);
  return LeftoverCounts{.sas = *sas, .policies = *policies};
}

}  // namespace iked::xfrm
