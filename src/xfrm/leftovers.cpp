// SPDX-License-Identifier: ISC
#include "xfrm/leftovers.h"

#include <algorithm>
#include <unordered_set>

#include "base/check.h"
#include "model/reqid_range.h"
#include "xfrm/messages.h"
#include "xfrm/sockets.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {
namespace {

bool overlap(const IpPrefix& a, const IpPrefix& b) {
  return a.contains(b.address) || b.contains(a.address);
}

bool overlap(const KernelSelector& a, const KernelSelector& b) {
  return overlap(a.source, b.source) && overlap(a.destination, b.destination) &&
         (a.protocol == 0 || b.protocol == 0 || a.protocol == b.protocol);
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

void Leftovers::add(const PolicyRecord& policy) {
  const auto direction = direction_from(policy.direction);
  const auto selector = selector_from(policy.selector);
  if (!direction || !selector) return;
  Closed closed;
  closed.policy.direction = *direction;
  closed.policy.reqid = kLeftoverReqid;
  closed.policy.mark = policy.mark;
  closed.policy.if_id = policy.if_id;
  closed.selector = *selector;
  closed_.push_back(std::move(closed));
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
  if (closed_.empty()) return;
  remove_if(socket, [&](const Closed& closed) {
    return std::ranges::any_of(policies, [&](const PlacedPolicy& placed) {
      return placed.policy->direction == closed.policy.direction &&
             overlap(placed.selector, closed.selector) &&
             priority_of(closed.selector) <= priority_of(placed.selector);
    });
  });
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
  std::vector<PolicyRecord> found;
  std::unordered_set<uint32_t> seen;
  LeftoverCounts counts;
  auto policies =
      sweep(socket, "policies", put_dump_policies, [&](Batch& changes, const Message& message) {
        const auto policy = parse_policy(message);
        if (!policy || !is_own(policy->reqid)) return;
        if (!seen.insert(policy->index).second) return;
        put_closed_policy(changes, *policy);
        found.push_back(*policy);
      });
  if (!policies) return fail(policies);
  auto sas = delete_sas(socket, is_own);
  if (!sas) return fail(sas);
  counts.sas = *sas;
  for (const PolicyRecord& policy : found) sockets_->leftovers.add(policy);
  counts.policies = drop_leftovers(may_carry);
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
