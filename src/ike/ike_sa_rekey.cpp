// SPDX-License-Identifier: ISC
// How one IKE SA takes the place of another: the new one that a rekey makes, what it inherits, and
// which one stays when both sides did it at once. Declared in ike/ike_sa.h; the messages are
// exchange/rekey_ike.h.
#include "ike/ike_sa.h"
#include "ike/sa_table.h"

namespace iked::ike {
namespace {

// A peer that does not delete the IKE SA that it should.
constexpr Duration peer_delete_time = 60s;

}  // namespace

IkeSa& IkeSa::make_heir(Context& ctx, Role role, IkeSpi spi_i, IkeSpi spi_r, const IkeSuite& suite,
                        crypto::IkeKeys keys) {
  SaState state;
  state.id = ctx.sas.new_id();
  state.role = role;
  state.spi_i = spi_i;
  state.spi_r = spi_r;
  state.path = state_.path;
  state.nat = state_.nat;
  state.mobility = state_.mobility;
  state.mobility.seen_as.clear();
  state.suite = suite;
  state.keys = std::move(keys);
  state.fragment_mtu = state_.fragment_mtu;
  state.local_id = state_.local_id;
  state.peer_id = state_.peer_id;
  state.created_at = ctx.now;
  IkeSa& heir = ctx.sas.add(std::make_unique<IkeSa>(std::move(state), policy_name_));
  heir.set_policy(ctx, *ctx.policies.find(state_.policy));
  heir.adopt(ctx);
  born_.push_back(heir.state().id);
  ++ctx.statistics.ike_rekeyed;
  log::info(heir.about(log::Event::ike_sa_rekeyed), "IKE SA rekeyed from {:016x}-{:016x}, {}",
            state_.spi_i.value, state_.spi_r.value, to_string(suite));
  return heir;
}

// RFC7296 2.18: "The new IKE SA also has its window size reset to 1, and the initiator in this
// rekey exchange is the new "original initiator" of the new IKE SA."
void IkeSa::adopt(Context& ctx) {
  phase_ = Phase::established;
  transcript_.reset();
  give_up_at_.reset();
  announced = true;
  state_.established_at = ctx.now;
  state_.last_heard = ctx.now;
  plan_timers(ctx);
  ctx.sas.index_established(*this);
}

// RFC7296 2.8: "A newly created IKE SA inherits all of the original IKE SA's Child SAs"
void IkeSa::hand_over(Context& ctx, IkeSa& heir) {
  heir_ = heir.state_.id;
  heir.standby_ = false;
  for (ChildSa& child : state_.children) {
    ctx.sas.index_child(child, heir.state_.id);
    heir.state_.children.push_back(std::move(child));
  }
  state_.children.clear();
  heir.state_.wanted = std::exchange(state_.wanted, {});
  if (state_.mobility.agreed) {
    // Where we are, and what the peer does not know of it yet.
    heir.state_.path = state_.path;
    heir.state_.nat = state_.nat;
    heir.state_.mobility = state_.mobility;
    heir.state_.mobility.seen_as.clear();
    heir.address_work_at_ = std::exchange(address_work_at_, std::nullopt);
    if (!state_.mobility.confirmed) heir.address_work_at_ = ctx.now;
    if (std::exchange(path_job_, std::nullopt)) heir.look_for_path(ctx, wanted_remote_);
  }
  heir.child_failed = child_failed;
  heir.first_child_due = std::exchange(first_child_due, false);
  heir.failure_ = failure_;
  heir.failure_kind_ = failure_kind_;
  heir.replacement = std::exchange(replacement, std::nullopt);
  if (heir.replacement) {
    if (IkeSa* calling = ctx.sas.find(*heir.replacement)) calling->replaces = heir.state_.id;
  }
  heir.call_again_at_ = std::exchange(call_again_at_, std::nullopt);
  lifetime_at_.reset();
  liveness_at_.reset();
  keepalive_at_.reset();
  // What waits for its turn is said on the new IKE SA, unless it is that this one goes.
  if (delete_queued_) {
    heir.close(ctx, "it took the place of one that was being closed");
  } else {
    for (auto& waiting : std::exchange(queue_, {})) heir.start(ctx, std::move(waiting));
  }
}

void IkeSa::ike_rekeyed_by_us(Context& ctx, IkeSa& heir, ByteView lower) {
  IkeSa* other = peer_rekey_ ? ctx.sas.find(peer_rekey_->heir) : nullptr;
  if (other != nullptr && own_rekey_loses(lower, peer_rekey_->lower_nonce)) {
    // RFC7296 2.8.2: "The new IKE SA containing the lowest nonce SHOULD be deleted by the node that
    // created it, and the other surviving new IKE SA MUST inherit all the Child SAs."
    heir.standby_ = true;
    heir.close(ctx, "both sides rekeyed the IKE SA at once; the peer's new one stays");
    ike_rekey_failed(ctx);
    return;
  }
  if (other != nullptr) {
    log::info(heir, "both sides rekeyed the IKE SA at once; our new one stays");
    other->spare_until_ = ctx.now + peer_delete_time;
    born_.push_back(other->state_.id);
  }
  peer_rekey_.reset();
  hand_over(ctx, heir);
  close(ctx, "rekeyed");
}

void IkeSa::ike_rekeyed_by_peer(Context& ctx, IkeSa& heir, ByteView lower, bool compare) {
  peer_rekey_ = PeerIkeRekey{heir.state_.id, to_bytes(lower)};
  heir.standby_ = true;
  if (!compare) ike_rekey_failed(ctx);
}

bool IkeSa::ike_rekey_failed(Context& ctx) {
  if (!peer_rekey_) return false;
  IkeSa* heir = ctx.sas.find(std::exchange(peer_rekey_, std::nullopt)->heir);
  if (heir == nullptr || heir->phase_ != Phase::established) return false;
  hand_over(ctx, *heir);
  spare_until_ = ctx.now + peer_delete_time;
  return true;
}

}  // namespace iked::ike
