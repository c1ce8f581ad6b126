// SPDX-License-Identifier: ISC
// How an SA gets new outer addresses. The kernel finds SAs by destination and SPI and keeps the
// source inside, so that an SA cannot be renamed: it is read, deleted and made again. In the same
// way it leaves the kernel and comes back later.
#include <chrono>
#include <utility>

#include "xfrm/messages.h"
#include "xfrm/sockets.h"
#include "xfrm/tables.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {
namespace {

// Packets that may leave between reading an outbound SA and deleting it, in one send. A sequence
// number, and with it the IV of an AEAD, must never be used twice.
constexpr uint32_t kSkip = 1U << 20;

Outcome run_one(RequestSocket& socket, Batch& batch) {
  auto outcomes = socket.run(batch);
  if (!outcomes) return {-1, outcomes.error().text};
  return std::move(outcomes->front());
}

Result<void> to_result(const Outcome& outcome) {
  if (outcome.ok()) return {};
  return fail("{}", outcome.error < 0 ? outcome.words : to_string(outcome));
}

Result<void> change_in_place(RequestSocket& socket, const SaRecord& sa,
                             const std::optional<UdpEncap>& encap) {
  Batch batch;
  if (auto put = put_moved_sa(batch, SaVerb::update, sa, sa.key, encap, 0); !put) return put;
  return to_result(run_one(socket, batch));
}

// Reads the SA a last time and deletes it, in one send.
Result<FoundSa> take_out(RequestSocket& socket, const SaRecord& sa) {
  Batch batch;
  put_get_sa(batch, sa.key, sa.mark);
  put_delete_sa(batch, sa.key, sa.mark);
  Result<FoundSa> last = fail("it is not in the kernel");
  auto outcomes =
      socket.run(batch, [&](size_t, const Message& message) { last = keep_sa(message); });
  if (!outcomes) return fail(outcomes);
  if (auto deleted = to_result(outcomes->back()); !deleted) return fail(deleted);
  return last;
}

Result<void> make_anew(RequestSocket& socket, const SaRecord& sa, const SaKey& to,
                       const std::optional<UdpEncap>& encap) {
  Batch batch;
  if (auto put = put_moved_sa(batch, SaVerb::add, sa, to, encap, kSkip); !put) return put;
  return to_result(run_one(socket, batch));
}

Result<void> move_sa(RequestSocket& socket, const SaRecord& sa, const SaKey& to,
                     const std::optional<UdpEncap>& encap) {
  if (sa.larval) return fail("it has no keys yet");
  if (to.spi != sa.key.spi || to.protocol != sa.key.protocol) {
    return fail("SPI and protocol cannot change");
  }
  if (to.source.family() != to.destination.family()) return fail("two address families");
  if (to == sa.key && encap == sa.encap) return {};
  if (to == sa.key && encap.has_value() == sa.encap.has_value()) {
    return change_in_place(socket, sa, encap);
  }
  // Whatever can be refused without the kernel is refused before anything is deleted.
  Batch rehearsal;
  if (auto put = put_moved_sa(rehearsal, SaVerb::add, sa, to, encap, kSkip); !put) return put;
  auto last = take_out(socket, sa);
  if (!last) return fail(last);
  auto made = make_anew(socket, last->record, to, encap);
  if (made) return {};
  const auto back = make_anew(socket, last->record, sa.key, sa.encap);
  if (!back) return fail("{}; and it cannot be put back: {}", made.error().text, back.error().text);
  return made;
}

struct Parked final : ParkedSa {
  explicit Parked(FoundSa taken) : found(std::move(taken)) {}
  FoundSa found;
};

}  // namespace

Result<std::unique_ptr<ParkedSa>> XfrmKernel::take_out(const SaKey& sa) {
  auto asked = find_own_sa(sockets_->requests, sa);
  if (!asked) return fail(asked);
  if (!*asked) return nullptr;
  const SaRecord& record = (*asked)->record;
  if (record.larval) return fail("it has no keys yet");
  Batch rehearsal;
  auto put = put_moved_sa(rehearsal, SaVerb::add, record, sa, record.encap, kSkip);
  if (!put) return fail(put);
  auto last = xfrm::take_out(sockets_->requests, record);
  if (!last) return fail(last);
  auto parked = std::make_unique<Parked>(std::move(*last));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  parked->usage =
      usage_of(parked->found.record, std::chrono::duration_cast<std::chrono::seconds>(now));
  parked->encap = parked->found.record.encap;
  return parked;
}

Result<void> XfrmKernel::put_back(std::unique_ptr<ParkedSa> sa, const SaKey& as) {
  const SaRecord& record = static_cast<const Parked&>(*sa).found.record;
  return make_anew(sockets_->requests, record, as, sa->encap);
}

Result<void> XfrmKernel::move(const SaKey& sa, const SaKey& to, std::optional<UdpEncap> encap) {
  auto asked = find_own_sa(sockets_->requests, sa);
  if (!asked) return fail(asked);
  const std::optional<FoundSa>& found = *asked;
  if (!found) return fail("{} is not in the kernel", to_string(sa));
  const auto moved = move_sa(sockets_->requests, found->record, to, encap);
  if (moved) return {};
  return fail("cannot move {} to {} -> {}: {}", to_string(sa), to.source, to.destination,
              moved.error().text);
}

Result<void> XfrmKernel::move_policies(const std::vector<KernelPolicy>& policies) {
  auto placed = place(policies);
  if (!placed) return fail(placed);
  Batch batch;
  std::vector<const PlacedPolicy*> sent;
  for (const PlacedPolicy& one : *placed) {
    // Another one may have taken its place, and what is not there shall not come back.
    const auto there = find_policy(sockets_->requests, one);
    if (!there || there->reqid != one.policy->reqid) continue;
    put_policy(batch, PolicyVerb::update, *one.policy, one.selector);
    sent.push_back(&one);
  }
  if (sent.empty()) return {};
  auto outcomes = sockets_->requests.run(batch);
  if (!outcomes) return fail(outcomes);
  for (size_t i = 0; i < sent.size(); ++i) {
    if ((*outcomes)[i].ok()) continue;
    return fail("cannot change the policy from {} to {}: {}", to_string(sent[i]->policy->source),
                to_string(sent[i]->policy->destination), to_string((*outcomes)[i]));
  }
  return {};
}

}  // namespace iked::xfrm
