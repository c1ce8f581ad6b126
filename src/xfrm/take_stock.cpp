// SPDX-License-Identifier: ISC
// What earlier processes of ours left in the kernel, read and judged; see leftovers.h. And the
// clean end, which leaves nothing.
#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/check.h"
#include "model/reqid_range.h"
#include "xfrm/leftovers.h"
#include "xfrm/messages.h"
#include "xfrm/sockets.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {
namespace {

// The peer may send on an SA that a newer one has replaced for so long. (We ourselves send on the
// youngest.)
constexpr auto kOverlap = std::chrono::seconds(30);

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

template <typename OnSa>
Result<size_t> sweep_sas(RequestSocket& socket, const OnSa& on_sa) {
  return sweep(
      socket, "SAs", [](Batch& batch) { put_dump_sas(batch, nullptr); },
      [&](Batch& changes, const Message& message) {
        if (const auto sa = parse_sa(message)) on_sa(changes, *sa);
      });
}

template <typename OnPolicy>
Result<size_t> sweep_policies(RequestSocket& socket, const OnPolicy& on_policy) {
  return sweep(socket, "policies", put_dump_policies, [&](Batch& changes, const Message& message) {
    if (const auto policy = parse_policy(message)) on_policy(changes, *policy);
  });
}

// The SAs of ours that have keys, by reqid; what has none goes. `deleted` counts on.
using SasLeft = std::map<Reqid, std::vector<SaRecord>>;
Result<SasLeft> read_sas(RequestSocket& socket, size_t& deleted) {
  std::map<SaKey, SaRecord> seen;
  auto swept = sweep_sas(socket, [&](Batch& deletions, const SaRecord& sa) {
    if (!is_own(sa.reqid)) return;
    if (sa.larval || sa.reqid >= kLeftoverReqid) return put_delete_sa(deletions, sa.key, sa.mark);
    SaRecord kept = sa;
    kept.attributes = {};  // of a message that goes
    seen.insert_or_assign(sa.key, kept);
  });
  if (!swept) return fail(swept);
  deleted += *swept;
  SasLeft sas;
  for (const auto& [key, sa] : seen) sas[sa.reqid].push_back(sa);
  return sas;
}

std::chrono::seconds time_of_day() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now);
}

void delete_sas(RequestSocket& socket, const std::vector<SaRecord>& sas, size_t& deleted) {
  Batch deletions;
  for (const SaRecord& sa : sas) put_delete_sa(deletions, sa.key, sa.mark);
  if (const auto done = count_done(socket, deletions)) deleted += *done;
}

bool carries_on(const PolicyRecord& policy, const SasLeft& sas, const Judge& judge) {
  if (policy.reqid == kLeftoverReqid || !sas.contains(policy.reqid)) return false;
  const auto words = describe(policy);
  return words && judge(*words) == Fate::carries_on;
}

// Closes the policies that have nothing to carry their traffic, and fills `leftovers`. Returns how
// many it deleted.
Result<size_t> close_policies(RequestSocket& socket, const SasLeft& sas, const Judge& judge,
                              Leftovers& leftovers) {
  std::unordered_map<uint32_t, PolicyRecord> before;  // by index, which the successor inherits
  auto closed = sweep_policies(socket, [&](Batch& changes, const PolicyRecord& policy) {
    if (!is_own(policy.reqid) || !before.try_emplace(policy.index, policy).second) return;
    if (policy.reqid != kLeftoverReqid && !carries_on(policy, sas, judge)) {
      put_closed_policy(changes, policy);
    }
  });
  // What the kernel shows as closed is. What could not be closed goes: under its old reqid it would
  // stand in the way of the next tunnel.
  std::unordered_set<uint32_t> seen;
  auto opened = sweep_policies(socket, [&](Batch& changes, const PolicyRecord& policy) {
    if (!is_own(policy.reqid) || !seen.insert(policy.index).second) return;
    if (carries_on(policy, sas, judge)) return leftovers.add_carrying(policy);
    if (policy.reqid != kLeftoverReqid) return put_delete_policy(changes, policy);
    const auto known = before.find(policy.index);
    leftovers.add_closed(known == before.end() ? policy : known->second);
  });
  if (!closed) return fail(closed);
  return opened;
}

}  // namespace

std::vector<SaRecord> take_outdated(std::vector<SaRecord>& sas, std::chrono::seconds now) {
  std::ranges::sort(sas, [](const SaRecord& a, const SaRecord& b) {
    return std::tuple(a.key.source, a.key.destination, -made_at(a)) <
           std::tuple(b.key.source, b.key.destination, -made_at(b));
  });
  std::vector<SaRecord> kept;
  std::vector<SaRecord> outdated;
  for (const SaRecord& sa : sas) {
    const bool same_way = !kept.empty() && kept.back().key.source == sa.key.source &&
                          kept.back().key.destination == sa.key.destination;
    const bool replaced = same_way && made_at(kept.back()) + kOverlap < now;
    (replaced ? outdated : kept).push_back(sa);
  }
  sas = std::move(kept);
  return outdated;
}

Result<LeftoverCounts> XfrmKernel::take_stock(const Judge& judge) {
  RequestSocket& socket = sockets_->requests;
  Leftovers& leftovers = sockets_->leftovers;
  LeftoverCounts counts;
  auto sas = read_sas(socket, counts.sas);
  if (!sas) return fail(sas);
  auto deleted = close_policies(socket, *sas, judge, leftovers);
  if (!deleted) return fail(deleted);
  const std::set<Reqid> carrying = leftovers.reqids();
  std::vector<SaRecord> gone;
  for (auto& [reqid, list] : *sas) {
    if (carrying.contains(reqid)) {
      for (const SaRecord& sa : take_outdated(list, time_of_day())) gone.push_back(sa);
      for (const SaRecord& sa : list) leftovers.add_sa(sa);
    } else {
      gone.insert(gone.end(), list.begin(), list.end());
    }
  }
  delete_sas(socket, gone, counts.sas);
  counts.policies = *deleted + leftovers.judge(socket, judge);
  counts.closed = leftovers.closed();
  counts.carrying = leftovers.carrying();
  return counts;
}

size_t XfrmKernel::judge_leftovers(const Judge& judge) {
  return sockets_->leftovers.judge(sockets_->requests, judge);
}

Result<LeftoverCounts> XfrmKernel::remove_own_leftovers(Reqid first, Reqid last) {
  IKED_CHECK(is_own(first) && is_own(last));
  const auto wanted = [&](Reqid reqid) { return reqid >= first && reqid <= last; };
  RequestSocket& socket = sockets_->requests;
  auto policies = sweep_policies(socket, [&](Batch& deletions, const PolicyRecord& policy) {
    if (wanted(policy.reqid)) put_delete_policy(deletions, policy);
  });
  if (!policies) return fail(policies);
  auto sas = sweep_sas(socket, [&](Batch& deletions, const SaRecord& sa) {
    if (wanted(sa.reqid)) put_delete_sa(deletions, sa.key, sa.mark);
  });
  if (!sas) return fail(sas);
  return LeftoverCounts{.sas = *sas, .policies = *policies};
}

}  // namespace iked::xfrm
