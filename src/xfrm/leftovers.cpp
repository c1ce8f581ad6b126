// SPDX-License-Identifier: ISC
// Cleaning up after a process of ours that could not do it itself.
#include "base/check.h"
#include "model/reqid_range.h"
#include "xfrm/messages.h"
#include "xfrm/sockets.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {
namespace {

// Runs deletions that were put together from a dump and counts those that took something away.
Result<size_t> count_deleted(RequestSocket& socket, Batch& batch) {
  if (batch.empty()) return 0;
  auto outcomes = socket.run(batch);
  if (!outcomes) return fail(outcomes);
  size_t count = 0;
  for (const Outcome& outcome : *outcomes) count += outcome.ok() ? 1 : 0;
  return count;
}

}  // namespace

Result<Leftovers> XfrmKernel::remove_own_leftovers(Reqid first, Reqid last) {
  IKED_CHECK(is_own(first) && is_own(last));
  const auto wanted = [&](Reqid reqid) { return reqid >= first && reqid <= last; };
  RequestSocket& socket = sockets_->requests;
  Leftovers deleted;

  // A gap in a dump hides entries from us, but shows none that is not there: delete what was seen,
  // then look again.
  constexpr int kTries = 5;
  for (int i = 0; i < kTries; ++i) {
    Batch question;
    put_dump_policies(question);
    Batch deletions;
    const auto seen = socket.dump(question, [&](size_t, const Message& message) {
      const auto policy = parse_policy(message);
      if (policy && wanted(policy->reqid)) put_delete_policy(deletions, *policy);
    });
    auto count = count_deleted(socket, deletions);
    if (!count) return fail(count);
    deleted.policies += *count;
    if (seen) break;
    if (i + 1 == kTries) return fail("cannot read the kernel's policies: {}", seen.error().text);
  }
  for (int i = 0; i < kTries; ++i) {
    Batch question;
    put_dump_sas(question, nullptr);
    Batch deletions;
    const auto seen = socket.dump(question, [&](size_t, const Message& message) {
      const auto sa = parse_sa(message);
      if (sa && wanted(sa->reqid)) put_delete_sa(deletions, sa->key, sa->mark);
    });
    auto count = count_deleted(socket, deletions);
    if (!count) return fail(count);
    deleted.sas += *count;
    if (seen) break;
    if (i + 1 == kTries) return fail("cannot read the kernel's SAs: {}", seen.error().text);
  }
  return deleted;
}

}  // namespace iked::xfrm
