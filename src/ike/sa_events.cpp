// SPDX-License-Identifier: ISC
// IKE SAs that come up, go, and are started. Declared in ike/engine_state.h.
#include <algorithm>

#include "base/check.h"
#include "ike/engine_state.h"
#include "ike/exchange/informational.h"
#include "ike/exchange/sa_init_initiator.h"

namespace iked::ike {
namespace {

// A replacement that failed is tried again after this, while the old SA still works.
constexpr Duration replacement_pause = 30s;

}  // namespace

// After every input that an SA saw: its consequences for the rest.
void EngineState::settle(Context& ctx, SaId id) {
  IkeSa* sa = sas_.find(id);
  if (sa == nullptr) return;
  if (sa->phase() == Phase::established && !sa->announced) on_established(ctx, *sa);
  for (SaId born : sa->take_born()) settle(ctx, born);
  if (sa->heir() && !std::exchange(sa->heir_announced, true)) {
    upkeep_.moved(sa->state().policy, id, *sa->heir());
    settle(ctx, *sa->heir());
  }
  if (sa->phase() == Phase::established && sa->first_child_due) see_to_first_child(ctx, *sa);
  if (sa->phase() == Phase::established && sa->announced && sa->state().children.empty() &&
      !sa->child_failed && !sa->expects_child() && upkeep_.wants(sa->state().policy)) {
    sa->close(ctx, "no child SA is left");
  }
  sa->see_to(ctx);
  if (sa->wants_replacement && sa->phase() == Phase::established) replace(ctx, *sa);
  if (sa->phase() == Phase::dead) return on_dead(ctx, *sa);
  sas_.reschedule(*sa);
}

void EngineState::on_established(Context& ctx, IkeSa& sa) {
  sa.announced = true;
  const SaState& state = sa.state();
  if (auto entry = sas_.take_half_open(state.id)) {
    gate_.closed(entry->key.remote.address, entry->proven);
  }
  ++statistics_.ike_established;
  ctx.out.add(Publish{SaEvent::up, state.id, policies_.find(state.policy)->policy.name,
                      to_string(state.path.remote), sa.child_failed ? sa.failure() : "",
                      sa.failure_kind()});
  if (sa.child_failed) {
    note_failure(ctx, sa);
    upkeep_.failed(ctx, state.policy, SaId{}, sa.failure());
  } else if (!sa.first_child_due) {
    upkeep_.up(state.policy, state.id);
  }
  const auto replaced = std::exchange(sa.replaces, std::nullopt);
  if (replaced) {
    if (IkeSa* old = sas_.find(*replaced)) {
      old->close(ctx, "replaced by a new one");
      settle(ctx, *replaced);
    }
  }
  end_duplicates(ctx, sa, replaced);
}

// The policy is up with its first child, and has failed when all of them were refused.
void EngineState::see_to_first_child(Context& ctx, IkeSa& sa) {
  const SaState& state = sa.state();
  if (state.children.empty() && sa.expects_child()) return;
  sa.first_child_due = false;
  if (!state.children.empty()) return upkeep_.up(state.policy, state.id);
  sa.child_failed = true;
  upkeep_.failed(ctx, state.policy, SaId{}, sa.failure());
}

void EngineState::end_duplicates(Context& ctx, IkeSa& sa, std::optional<SaId> replaced) {
  const SaState& state = sa.state();
  for (SaId id : sas_.established_with(state.policy, state.peer_id, state.id)) {
    IkeSa* other = sas_.find(id);
    if (other == nullptr || other->phase() != Phase::established) continue;
    const SaState& theirs = other->state();
    // RFC7296 2.4: INITIAL_CONTACT means that the peer has lost whatever it had with us: no Delete
    // would reach anything. But not what it could not know of when it said so: an SA that came up
    // after its first message was here, because both sides called at the same time.
    if (sa.initial_contact_received && state.created_at >= theirs.established_at) {
      other->leave_children_to(ctx, sa);
      other->die(ctx, "the peer began anew (INITIAL_CONTACT)");
      settle(ctx, id);
      continue;
    }
    if (settings_.enforce_single_ike_sa && theirs.role == state.role &&
        state.role == Role::responder && id != replaced && !other->is_spare() && !sa.is_spare()) {
      other->close(ctx, "the peer has a newer IKE SA (enforcesingleikesa)");
      settle(ctx, id);
      continue;
    }
    // A call of ours that took long, while another one came through: the younger one stays.
    if (theirs.role == state.role && state.role == Role::initiator && !sa.child_failed &&
        !other->is_spare()) {
      upkeep_.up(state.policy, state.id);
      other->close(ctx, "we have called twice; the younger IKE SA stays");
      settle(ctx, id);
      continue;
    }
    if (theirs.role != state.role && id != replaced && !other->is_spare()) {
      // Both sides see the same two SAs: the one with the larger initiator SPI goes, by the hand of
      // the side that called.
      IkeSa& loser = state.spi_i > theirs.spi_i ? sa : *other;
      if (loser.state().role == Role::initiator && !sa.child_failed && !other->child_failed) {
        upkeep_.up(state.policy, &loser == &sa ? id : state.id);
        const SaId loser_id = loser.state().id;
        loser.close(ctx, "both sides called at the same time; the other IKE SA stays");
        if (loser_id != state.id) settle(ctx, loser_id);
      }
    }
  }
}

void EngineState::on_dead(Context& ctx, IkeSa& sa) {
  const SaState& state = sa.state();
  const SaId id = state.id;
  const PolicyId policy = state.policy;
  if (auto entry = sas_.take_half_open(id)) {
    gate_.closed(entry->key.remote.address, entry->proven);
  }
  for (SaId born : sa.take_born()) settle(ctx, born);
  ++statistics_.ike_removed;
  if (!sa.announced) ++statistics_.ike_failed;
  if (sa.failure_kind() == FailureKind::proposal) ++statistics_.proposals_failed;
  const bool by_hand = sa.failure_kind() == FailureKind::ended;
  if (!sa.is_spare() && !by_hand && (!sa.announced || sa.failure_kind() != FailureKind::other)) {
    note_failure(ctx, sa);
  }
  if (policy && !sa.is_spare()) {
    const PolicyEntry* entry = policies_.find(policy);
    const SaEvent event = sa.announced ? SaEvent::down : SaEvent::failed;
    ctx.out.add(Publish{event, id, entry->policy.name, to_string(state.path.remote), sa.failure(),
                        sa.failure_kind()});
    upkeep_.failed(ctx, policy, id, sa.failure());
    if (sa.replaces) {
      if (IkeSa* old = sas_.find(*sa.replaces)) {
        old->replace_again_at(ctx.now + replacement_pause);
        sas_.reschedule(*old);
      }
    }
  }
  sas_.erase(id);
  if (policy) policies_.drop_user(policy);
}

void EngineState::note_failure(Context& ctx, const IkeSa& sa) {
  const SaState& state = sa.state();
  Failure failure{sa.failure_kind(), sa.failure(), to_string(state.path.remote), ctx.now};
  if (!state.policy) return failures_.note_stranger(state.path.remote.address, std::move(failure));
  if (policies_.find(state.policy)->retired) return;
  failures_.note(state.policy, state.role, std::move(failure));
}

// ---- starting

void EngineState::try_policy(Context& ctx, PolicyId id) {
  const PolicyEntry* entry = policies_.find(id);
  IKED_CHECK(entry != nullptr);
  const Policy& policy = entry->policy;
  // The peer may have called while we paused: then there is nothing to do. One that only waits for
  // its Delete carries nothing, and nobody would notice when it goes.
  if (upkeep_.wants(id) && !childless(id)) {
    for (SaId of_policy : sas_.established_of(id)) {
      if (!sas_.find(of_policy)->is_spare()) return upkeep_.up(id, of_policy);
    }
  }
  const JobId job = sas_.new_free_job();
  upkeep_.looking_up(id, job);
  ctx.out.add(StartJob{job, ResolveJob{PolicySet::names_in(policy), policy.family, policy.peer}});
}

void EngineState::on_resolved(Context& ctx, PolicyId id, Result<ResolveResult> result) {
  PolicyEntry* entry = policies_.find(id);
  if (entry == nullptr) return;
  const auto give_up = [&](std::string why) {
    log::warn(log::About{.policy = entry->policy.name, .event = log::Event::not_callable},
              "{} ({})", why, entry->written_at);
    if (upkeep_.wants(id)) {
      failures_.note(id, Role::initiator, {FailureKind::unreachable, why, {}, ctx.now});
      ctx.out.add(Publish{SaEvent::failed, SaId{}, entry->policy.name,
                          to_string(entry->policy.peer), why, FailureKind::unreachable});
    }
    upkeep_.failed(ctx, id, SaId{}, std::move(why));
  };
  if (!result) return give_up(result.error().text);
  if (!policies_.resolve(*entry, result->addresses) && !result->addresses.empty()) {
    return give_up(
        "the addresses of its names leave no flow: peer, from and to must be of one family");
  }
  if (upkeep_.row(id)->state == Upkeep::State::up) return;
  if (!upkeep_.wants(id) || passive_ || shutting_down_) return upkeep_.looked_up(ctx, id);

  std::vector<IpPrefix> hosts = entry->peers;
  std::erase_if(hosts, [](const IpPrefix& peer) { return !peer.is_host(); });
  if (hosts.empty()) return give_up("no single address to call: write peer HOST");
  const IpAddress remote = hosts[upkeep_.attempts(id) % hosts.size()].address;
  std::optional<IpAddress> local = result->source;
  for (const IpPrefix& own : entry->locals) {
    if (own.is_host() && own.address.family() == remote.family()) local = own.address;
  }
  if (!local || local->family() != remote.family()) {
    return give_up(fmt::format("no route to {}: is the network up?", remote));
  }
  const uint32_t scope = remote.is_link_local() ? result->scope : 0;
  initiate(ctx, *entry, *local, {remote, 0, scope}, childless(id));
}

void EngineState::initiate(Context& ctx, PolicyEntry& entry, const IpAddress& local,
                           const Endpoint& remote, std::optional<SaId> replaces) {
  SaState state;
  state.id = sas_.new_id();
  state.role = Role::initiator;
  state.spi_i = sas_.unused_spi(rng_);
  const bool natt = options_.force_natt;
  state.path.local = {local, natt ? options_.natt_port : options_.ike_port};
  state.path.remote = {remote.address, natt ? uint16_t{4500} : uint16_t{500}, remote.scope};
  state.path.natt = natt;
  state.created_at = ctx.now;
  const SaId id = state.id;
  IkeSa& sa = sas_.add(std::make_unique<IkeSa>(std::move(state), entry.policy.name));
  sa.set_policy(ctx, entry);
  sa.replaces = replaces;
  if (IkeSa* old = replaces ? sas_.find(*replaces) : nullptr) old->replacement = id;
  // Who is called only has begun the IKE SA all the same when it has rekeyed it.
  const auto* row = upkeep_.row(entry.id);
  if (!replaces || (row != nullptr && row->state == Upkeep::State::idle)) {
    upkeep_.connecting(entry.id, id);
  }
  ++statistics_.ike_created;
  log::info(sa.about(log::Event::calling), "calling {} from {} ({})", remote.address, local,
            entry.written_at);
  sa.start(ctx, std::make_unique<SaInitInitiator>());
  settle(ctx, id);
}

// Make before break: a new IKE SA with a new child; the old one ends when that is up.
void EngineState::replace(Context& ctx, IkeSa& old) {
  if (passive_) return;  // later
  old.wants_replacement = false;
  PolicyEntry* entry = policies_.find(old.state().policy);
  const bool ours = old.state().role == Role::initiator || entry->policy.active;
  if (!ours || shutting_down_ || entry->retired) return;
  if (old.replacement || old.is_spare()) return;
  log::info(old, "its lifetime runs out: calling for a new one");
  initiate(ctx, *entry, old.calling_address(), old.state().path.remote, old.state().id);
}

// An established SA of the policy whose child was refused: a new try replaces it.
std::optional<SaId> EngineState::childless(PolicyId policy) const {
  for (SaId id : sas_.established_of(policy)) {
    const IkeSa* sa = sas_.find(id);
    if (sa->phase() == Phase::established && sa->child_failed) return id;
  }
  return std::nullopt;
}

// ---- the kernel

void EngineState::on_expire(Context& ctx, const ExpireEvent& event) {
  IkeSa* sa = sas_.find_by_child(event.sa);
  if (sa == nullptr || sa->phase() != Phase::established) return;
  const SaId id = sa->state().id;
  if (!event.hard) {
    const ChildSa* child = sa->child_by_inbound(event.sa);
    if (child == nullptr) child = sa->child_by_outbound(event.sa.protocol, event.sa.spi);
    if (child != nullptr) sa->want_rekey(ctx, child->inbound);
    return settle(ctx, id);
  }
  const auto& children = sa->state().children;
  const auto child = std::find_if(children.begin(), children.end(), [&](const ChildSa& c) {
    return c.inbound == event.sa || c.outbound == event.sa;
  });
  if (child == children.end()) return;
  log::notice(*sa, "the lifetime of a child SA is over");
  const SaKey inbound = child->inbound;
  const Reqid reqid = child->reqid;
  sa->remove_child(ctx, inbound);
  if (passive_ && sa->uses(reqid)) {
    // The peer has made another one in its place and is to delete this one.
  } else if (passive_) {
    // The peer must not be told, so it shall notice: it finds the IKE SA gone and begins anew.
    sa->close(ctx, "its child SA is over, and passive mode sends no Delete");
  } else {
    sa->start(ctx, std::make_unique<DeleteChild>(inbound.protocol, inbound.spi));
  }
  settle(ctx, id);
}

// Events were lost: children that the kernel does not have any more are gone. One that cannot be
// asked for is left alone: what carries traffic shall not end for trouble of ours.
void EngineState::resynchronise(Context& ctx) {
  std::vector<ExpireEvent> gone;
  for (const auto& [id, sa] : sas_.all()) {
    for (const ChildSa& child : sa->state().children) {
      const auto usage = kernel_.usage(child.inbound);
      if (!usage) {
        log::warn(*sa, "cannot ask the kernel for a child SA: {}", usage.error().text);
      } else if (!*usage) {
        gone.push_back({child.inbound, true});
      }
    }
  }
  for (const ExpireEvent& event : gone) on_expire(ctx, event);
}

void EngineState::decouple() {
  // Whoever replaced a child already sends on the newer one.
  lingering_.end_all(kernel_);
  std::vector<SaKey> keys;
  for (const auto& [id, sa] : sas_.all()) {
    for (const ChildSa& child : sa->state().children) {
      keys.push_back(child.inbound);
      if (child.has_outbound()) keys.push_back(child.outbound);
    }
    for (const SaKey& spi : sa->reserved()) {
      ChildRemoval reservation;
      reservation.inbound = spi;
      kernel_.remove(reservation);
    }
  }
  std::vector<KernelPolicy> policies;
  for (const auto& set : flows_.all()) policies.insert(policies.end(), set.begin(), set.end());
  coupling_.decouple(keys, policies);
  log::notice("decoupled: {} SAs and {} policies have left the kernel; the IKE SAs stay",
              keys.size(), policies.size());
}

void EngineState::couple(Context& ctx, Kernel& kernel) {
  std::vector<Coupling::Wanted> wanted;
  std::vector<SaKey> over;
  for (const auto& [id, sa] : sas_.all()) {
    for (const ChildSa& child : sa->state().children) {
      const auto age =
          std::chrono::duration_cast<std::chrono::seconds>(ctx.now - child.installed_at);
      // No kernel counted meanwhile.
      const auto life = sa->policy(ctx).policy.child_lifetime;
      if (life.count() > 0 && age >= life) {
        over.push_back(child.inbound);
        continue;
      }
      wanted.push_back({child.inbound, age});
      if (child.has_outbound()) wanted.push_back({child.outbound, age});
    }
  }
  flows_.reserve(kernel.left_behind());
  const std::vector<SaKey> lost = coupling_.couple(kernel, wanted, flows_.all());
  log::notice("coupled: {} SAs are back in the kernel", wanted.size() - lost.size());
  over.insert(over.end(), lost.begin(), lost.end());
  for (const SaKey& key : over) make_anew(ctx, key);
}

// The child of an SA that is not in the kernel any more. In passive mode nobody may ask for another
// one, and it goes like one whose time is over.
void EngineState::make_anew(Context& ctx, const SaKey& lost) {
  if (passive_) return on_expire(ctx, {lost, true});
  IkeSa* sa = sas_.find_by_child(lost);
  if (sa == nullptr) return;
  const ChildSa* child = sa->child_by_inbound(lost);
  if (child == nullptr) child = sa->child_by_outbound(lost.protocol, lost.spi);
  if (child != nullptr) sa->want_rekey(ctx, child->inbound);
  settle(ctx, sa->state().id);
}

}  // namespace iked::ike
