// SPDX-License-Identifier: ISC
// The children of an IKE SA: which go, which take over from which, and what is to be done about
// them next. Declared in ike/ike_sa.h; making them is child_negotiation.h.
#include <algorithm>

#include "base/check.h"
#include "ike/exchange/create_child.h"
#include "ike/exchange/informational.h"
#include "ike/exchange/rekey_ike.h"
#include "ike/ike_sa.h"
#include "ike/narrow.h"
#include "ike/sa_table.h"

namespace iked::ike {
namespace {

// How often we look whether the new child carries traffic already.
constexpr Duration look_pause = 500ms;
// The child that was replaced goes after this even if nobody used the new one yet.
constexpr Duration longest_overlap = 3s;
// As the responder of a rekey we send on the new child after this, whatever we heard. An initiator
// whose answer got lost has asked again several times by then.
constexpr Duration send_anyway = 10s;
// A peer that has begun anew may have lost the older SAs, unless it is one like us.
constexpr Duration send_anyway_after_loss = 1s;
// A peer that does not delete what it should.
constexpr Duration peer_delete_time = 60s;
// RFC7296 2.25: TEMPORARY_FAILURE is tried again "over a period of several minutes"; then the state
// "is out of sync".
constexpr Duration several_minutes = 300s;
constexpr Duration first_pause = 4s;
constexpr Duration longest_pause = 60s;

Duration put_off(unsigned tries, Rng& rng) {
  const Duration full = std::min(first_pause * (1 << std::min(tries, 4U)), longest_pause);
  return full + full * static_cast<int64_t>(rng.u64() % 256) / 512;
}

bool carries_traffic(Context& ctx, const SaKey& sa) {
  const auto usage = ctx.kernel.usage(sa).value_or(std::nullopt);
  return usage && usage->packets > 0;
}

}  // namespace

ChildSa* IkeSa::child_by_inbound(const SaKey& inbound) {
  for (ChildSa& child : state_.children) {
    if (names_same(child.inbound, inbound)) return &child;
  }
  return nullptr;
}

ChildSa* IkeSa::child_by_outbound(ProtocolId protocol, ChildSpi spi) {
  for (ChildSa& child : state_.children) {
    if (child.outbound.spi == spi && child.outbound.protocol == protocol) return &child;
  }
  return nullptr;
}

bool IkeSa::uses(Reqid reqid) const {
  return std::any_of(state_.children.begin(), state_.children.end(), [&](const ChildSa& child) {
    return child.reqid == reqid && child.stage == ChildStage::in_use;
  });
}

// Its reqid may have changed: the flows were nobody's for a while, and the peer made the new child.
bool IkeSa::expects_child() const {
  return is_spare() || ours_ ||
         std::ranges::any_of(state_.wanted, [](const auto& wanted) { return !wanted.refused; });
}

bool IkeSa::carries(const WantedChild& wanted) const {
  return uses(wanted.instead_of) ||
         std::any_of(state_.children.begin(), state_.children.end(), [&](const ChildSa& child) {
           return child.stage == ChildStage::in_use && within(wanted.local, child.local) &&
                  within(wanted.remote, child.remote);
         });
}

// ---- going

void IkeSa::remove_child_at(Context& ctx, size_t index) {
  // What takes its place must be able to send before it is gone.
  if (phase_ != Phase::dead) start_sending_instead_of(ctx, state_.children[index]);
  others_start_sending(ctx, state_.children[index].reqid);
  const ChildSa child = std::move(state_.children[index]);
  state_.children.erase(state_.children.begin() + static_cast<ptrdiff_t>(index));
  for (ChildSa& other : state_.children) {
    if (other.stage != ChildStage::replaced || !names_same(other.successor, child.inbound)) {
      continue;
    }
    if (child.stage == ChildStage::replaced) {
      // Its successor has one of its own already.
      other.successor = child.successor;
      continue;
    }
    // Its successor went before it did: then it goes on.
    other.stage = ChildStage::in_use;
    other.work_at.reset();
  }
  ctx.sas.forget_child(child);
  ChildRemoval removal;
  removal.inbound = child.inbound;
  removal.outbound = child.outbound;
  removal.policies = ctx.flows.release(child.reqid);
  ctx.kernel.remove(removal);
  if (!removal.policies.empty()) ctx.lingering.end(ctx.kernel, child.reqid);
  ++ctx.statistics.children_removed;
  log::About gone = about(log::Event::child_sa_down);
  gone.child_spi = child.inbound.spi.value;
  log::notice(gone, "child SA down: {} SPI in {:#010x} out {:#010x}, from {} to {}",
              to_string(child.suite.protocol), child.inbound.spi.value, child.outbound.spi.value,
              to_string(child.local), to_string(child.remote));
}

bool IkeSa::remove_child(Context& ctx, const SaKey& inbound) {
  for (size_t i = 0; i < state_.children.size(); ++i) {
    if (!names_same(state_.children[i].inbound, inbound)) continue;
    remove_child_at(ctx, i);
    return true;
  }
  return false;
}

SaKey IkeSa::take_reserved(ProtocolId protocol, ChildSpi spi) {
  const auto found = std::ranges::find_if(
      reserved_, [&](const SaKey& key) { return key.protocol == protocol && key.spi == spi; });
  if (found == reserved_.end()) {
    return {state_.path.remote.address, state_.path.local.address, protocol, spi};
  }
  const SaKey key = *found;
  reserved_.erase(found);
  return key;
}

// ---- sending later

void IkeSa::start_sending(Context& ctx, ChildSa& child) {
  const auto outbound = std::move(child.outbound_later);
  child.look_at.reset();
  if (auto installed = ctx.kernel.install_half(*outbound, Kernel::Half::outbound); !installed) {
    // The kernel's policies find no SA then, once the old one is gone: begin anew.
    log::error(*this, "cannot send on the rekeyed child SA: {}", installed.error().text);
    child.wants_rekey = true;
    child.work_at = ctx.now;
    return;
  }
  log::debug(*this, "sending on SPI {:#010x} from now on", child.outbound.spi.value);
}

void IkeSa::start_sending_instead_of(Context& ctx, const ChildSa& old) {
  for (ChildSa& child : state_.children) {
    const bool heir = names_same(child.inbound, old.successor) ||
                      (old.peer_rekey && names_same(child.inbound, old.peer_rekey->inbound));
    if (heir && child.outbound_later) start_sending(ctx, child);
  }
}

// The same for a child of another IKE SA with this peer, which replaces this one.
void IkeSa::others_start_sending(Context& ctx, Reqid reqid) {
  for (SaId id : ctx.sas.established_with(state_.policy, state_.peer_id, state_.id)) {
    IkeSa* other = ctx.sas.find(id);
    if (other == nullptr || other->phase_ != Phase::established) continue;
    for (ChildSa& child : other->state_.children) {
      if (child.reqid == reqid && child.outbound_later && child.look_at) {
        other->start_sending(ctx, child);
      }
    }
  }
}

void IkeSa::watch_for_traffic(Context& ctx, const SaKey& inbound) {
  ChildSa* child = child_by_inbound(inbound);
  if (child == nullptr || !child->outbound_later) return;
  child->look_at = ctx.now + look_pause;
  child->send_by = ctx.now + (initial_contact_received ? send_anyway_after_loss : send_anyway);
}

void IkeSa::leave_children_to(Context& ctx, const IkeSa& heir) {
  std::erase_if(state_.children, [&](const ChildSa& child) {
    if (!heir.uses(child.reqid)) return false;
    ctx.sas.forget_child(child);
    const auto policies = ctx.flows.release(child.reqid);
    IKED_CHECK(policies.empty());  // the heir has its share
    ChildRemoval sas;
    sas.inbound = child.inbound;
    if (!child.outbound_later) sas.outbound = child.outbound;
    ctx.lingering.add(child.reqid, std::move(sas), ctx.now);
    log::notice(*this, "child SA replaced: {} SPI in {:#010x} out {:#010x}, from {} to {}",
                to_string(child.suite.protocol), child.inbound.spi.value, child.outbound.spi.value,
                to_string(child.local), to_string(child.remote));
    return true;
  });
}

// RFC7296 2.8: the initiator is known to receive on the new child when it sends on it, or deletes
// the old one.
void IkeSa::see_to_sending(Context& ctx) {
  for (ChildSa& child : state_.children) {
    if (!child.look_at || *child.look_at > ctx.now) continue;
    child.look_at = ctx.now + look_pause;
    if (child.send_by <= ctx.now || carries_traffic(ctx, child.inbound)) start_sending(ctx, child);
  }
}

// ---- taking over

void IkeSa::want_rekey(Context& ctx, const SaKey& inbound) {
  ChildSa* child = child_by_inbound(inbound);
  if (child == nullptr || child->stage != ChildStage::in_use || child->wants_rekey) return;
  child->wants_rekey = true;
  child->work_at = ctx.now;
}

bool IkeSa::own_child_rekey_loses(const SaKey& old, ByteView own_lower) {
  const ChildSa* child = child_by_inbound(old);
  return child != nullptr && child->peer_rekey != nullptr &&
         own_rekey_loses(own_lower, child->peer_rekey->lower_nonce);
}

void IkeSa::rekeyed_by_us(Context& ctx, const SaKey& old_key, const SaKey& fresh_key, bool lost) {
  ChildSa* old = child_by_inbound(old_key);
  ChildSa* fresh = child_by_inbound(fresh_key);
  IKED_CHECK(fresh != nullptr);
  if (old == nullptr) return;  // it went meanwhile, and the new one is all there is
  if (lost) {
    // RFC7296 2.8.1: "... SHOULD be closed by the endpoint that created it"
    log::info(*this, "both sides rekeyed a child SA at once; the peer's new one stays");
    fresh->receives_only = std::exchange(fresh->outbound_later, nullptr) != nullptr;
    fresh->stage = ChildStage::redundant;
    fresh->work_at = ctx.now;
    rekey_failed(ctx, old_key);
    return;
  }
  if (old->peer_rekey) {
    log::info(*this, "both sides rekeyed a child SA at once; our new one stays");
    if (ChildSa* loser = child_by_inbound(old->peer_rekey->inbound)) {
      if (std::exchange(loser->outbound_later, nullptr)) loser->receives_only = true;
      loser->look_at.reset();
      loser->stage = ChildStage::redundant;
      loser->work_at = ctx.now + peer_delete_time;
    }
    old->peer_rekey.reset();
  }
  old->stage = ChildStage::replaced;
  old->successor = fresh_key;
  old->work_at = ctx.now + look_pause;
  old->delete_by = ctx.now + longest_overlap;
}

void IkeSa::rekeyed_by_peer(Context& ctx, const SaKey& old_key, const SaKey& fresh_key,
                            ByteView lower, bool compare) {
  ChildSa* fresh = child_by_inbound(fresh_key);
  IKED_CHECK(fresh != nullptr);
  if (fresh->outbound_later) {
    fresh->look_at = ctx.now + look_pause;
    fresh->send_by = ctx.now + send_anyway;
  }
  ChildSa* old = child_by_inbound(old_key);
  IKED_CHECK(old != nullptr);
  old->peer_rekey = std::make_unique<PeerRekey>(PeerRekey{fresh_key, to_bytes(lower)});
  if (!compare) rekey_failed(ctx, old_key);
}

bool IkeSa::rekey_failed(Context& ctx, const SaKey& old_key) {
  ChildSa* old = child_by_inbound(old_key);
  if (old == nullptr || !old->peer_rekey) return false;
  const SaKey heir = std::exchange(old->peer_rekey, nullptr)->inbound;
  if (child_by_inbound(heir) == nullptr) return false;
  old->stage = ChildStage::replaced;
  old->successor = heir;
  old->delete_by.reset();
  old->work_at = ctx.now + peer_delete_time;
  return true;
}

void IkeSa::rekey_put_off(Context& ctx, const SaKey& old_key) {
  if (rekey_failed(ctx, old_key)) return;
  ChildSa* old = child_by_inbound(old_key);
  if (old == nullptr) return;
  old->wants_rekey = true;
  if (!old->put_off_since) old->put_off_since = ctx.now;
  old->work_at = ctx.now + put_off(old->tries++, ctx.rng);
  if (out_of_step(ctx, old->put_off_since)) old->wants_rekey = false;
}

bool IkeSa::out_of_step(Context& ctx, const std::optional<Time>& since) {
  if (!since || ctx.now - *since < several_minutes) return false;
  log::warn(*this, "the peer has put rekeying off for minutes (TEMPORARY_FAILURE): beginning anew");
  wants_replacement = true;
  return true;
}

void IkeSa::ike_rekey_put_off(Context& ctx) {
  if (ike_rekey_failed(ctx)) return;
  if (!rekey_put_off_since_) rekey_put_off_since_ = ctx.now;
  rekey_at_ = ctx.now + put_off(rekey_tries_++, ctx.rng);
  if (out_of_step(ctx, rekey_put_off_since_)) rekey_at_.reset();
}

// ---- what is to be done next

OwnWork IkeSa::own_work() const {
  if (delete_queued_ || phase_ == Phase::closing) return {Doing::delete_ike, {}};
  // What was not sent yet finds out about the peer's when it is about to be.
  if (!ours_ || !ours_sent_) return {};
  return ours_->work();
}

bool IkeSa::may_work(Context& ctx) const {
  return phase_ == Phase::established && !delete_queued_ && !heir_ && !standby_ && !ctx.passive &&
         !ours_ && !theirs_ && queue_.empty() && !replacement;
}

std::optional<Time> IkeSa::next_work() const {
  std::optional<Time> next;
  const auto consider = [&](const std::optional<Time>& at) {
    if (at && (!next || *at < *next)) next = at;
  };
  // While anything is under way these wait: they would be due for ever.
  if (ours_ || theirs_ || heir_ || standby_ || delete_queued_ || replacement) return next;
  consider(address_work_at_);
  consider(rekey_at_);
  for (const ChildSa& child : state_.children) consider(child.work_at);
  for (const WantedChild& wanted : state_.wanted) consider(wanted.at);
  return next;
}

template <typename Change>
void IkeSa::change_work_times(const Change& change) {
  if (address_work_at_) change(*address_work_at_);
  if (rekey_at_) change(*rekey_at_);
  for (ChildSa& child : state_.children) {
    if (child.work_at) change(*child.work_at);
  }
  for (WantedChild& wanted : state_.wanted) change(wanted.at);
}

// What is due stays recognisable by the time that it gets.
void IkeSa::put_off_work(Time until) {
  const Time before = put_off_until_.value_or(until);
  change_work_times([&](Time& at) {
    if (at < until || at == before) at = until;
  });
  put_off_until_ = until;
}

void IkeSa::resume_work(Time now) {
  const auto held_back = std::exchange(put_off_until_, std::nullopt);
  if (!held_back) return;
  change_work_times([&](Time& at) {
    if (at == *held_back) at = now;
  });
}

void IkeSa::see_to(Context& ctx) {
  if (phase_ != Phase::established) return;
  see_to_sending(ctx);
  while (may_work(ctx)) {
    auto work = due_work(ctx);
    if (!work) break;
    start(ctx, std::move(work));
  }
  // Passive mode sends no request; what is due is looked at again later.
  const auto next = next_work();
  if (next && *next <= ctx.now) put_off_work(ctx.now + longest_pause);
}

std::unique_ptr<OwnExchange> IkeSa::due_child_work(Context& ctx, ChildSa& child) {
  if (!child.work_at || *child.work_at > ctx.now) return nullptr;
  child.work_at.reset();
  if (child.stage == ChildStage::in_use) {
    if (child.outbound_later) {
      // The peer may not have it yet, and would say that it does not know it.
      child.work_at = ctx.now + look_pause;
      return nullptr;
    }
    if (!std::exchange(child.wants_rekey, false)) return nullptr;
    return std::make_unique<CreateChild>(child);
  }
  const bool ours_to_delete = child.stage == ChildStage::replaced && child.delete_by;
  if (ours_to_delete && *child.delete_by > ctx.now) {
    // RFC7296 2.8: make before break: the old one stays until the new one is used.
    const ChildSa* fresh = child_by_inbound(child.successor);
    const bool used = fresh == nullptr || carries_traffic(ctx, fresh->inbound) ||
                      carries_traffic(ctx, fresh->outbound);
    if (!used) {
      child.work_at = ctx.now + look_pause;
      return nullptr;
    }
  }
  return std::make_unique<DeleteChild>(child.inbound);
}

std::unique_ptr<OwnExchange> IkeSa::due_work(Context& ctx) {
  if (address_work_at_ && *address_work_at_ <= ctx.now) {
    address_work_at_.reset();
    if (auto work = address_work()) return work;
  }
  for (ChildSa& child : state_.children) {
    if (child.stage == ChildStage::in_use) continue;
    if (auto work = due_child_work(ctx, child)) return work;
  }
  if (rekey_at_ && *rekey_at_ <= ctx.now) {
    rekey_at_.reset();
    return std::make_unique<RekeyIke>();
  }
  for (ChildSa& child : state_.children) {
    if (child.stage != ChildStage::in_use) continue;
    if (auto work = due_child_work(ctx, child)) return work;
  }
  for (;;) {
    const auto due = std::ranges::find_if(
        state_.wanted, [&](const WantedChild& wanted) { return wanted.at <= ctx.now; });
    if (due == state_.wanted.end()) return nullptr;
    WantedChild wanted = std::move(*due);
    state_.wanted.erase(due);
    if ((wanted.instead_of || wanted.missing) && carries(wanted)) continue;
    return std::make_unique<CreateChild>(std::move(wanted));
  }
}

}  // namespace iked::ike
