// SPDX-License-Identifier: ISC
// The life of an IKE SA: timers, phases, children. Its messages are in ike_sa_messages.cpp.
#include "ike/ike_sa.h"

#include <algorithm>

#include "base/check.h"
#include "ike/exchange/informational.h"
#include "ike/sa_table.h"

namespace iked::ike {
namespace {

// RFC7296 2.21: how long a responder waits for a peer that does not finish what it began.
constexpr Duration half_open_life = 30s;

// RFC7296 2.4: unauthenticated hints make us look once in a while, no more.
constexpr Duration suspicion_pause = 10s;

// The notify that stands for such an end on the wire.
std::string notify_word(FailureKind kind) {
  switch (kind) {
    case FailureKind::authentication:
      return to_string(NotifyType::AUTHENTICATION_FAILED);
    case FailureKind::proposal:
      return to_string(NotifyType::NO_PROPOSAL_CHOSEN);
    case FailureKind::selectors:
      return to_string(NotifyType::TS_UNACCEPTABLE);
    default:
      return {};
  }
}

}  // namespace

IkeSa::IkeSa(SaState state, std::string policy_name)
    : state_(std::move(state)),
      policy_name_(std::move(policy_name)),
      peer_text_(to_string(state_.path.remote)),
      transcript_(std::make_unique<Transcript>()),
      reply_path_(state_.path) {
  if (state_.role == Role::responder) give_up_at_ = state_.created_at + half_open_life;
}

Transcript& IkeSa::transcript() {
  IKED_CHECK(transcript_ != nullptr);
  return *transcript_;
}

void IkeSa::set_policy(Context& ctx, PolicyEntry& entry) {
  if (state_.policy == entry.id) return;
  ctx.policies.add_user(entry);
  if (state_.policy) ctx.policies.drop_user(state_.policy);
  state_.policy = entry.id;
  policy_name_ = entry.policy.name;
}

const PolicyEntry& IkeSa::policy(const Context& ctx) const {
  const PolicyEntry* entry = ctx.policies.find(state_.policy);
  IKED_CHECK(entry != nullptr);
  return *entry;
}

void IkeSa::set_established(Context& ctx) {
  phase_ = Phase::established;
  failure_kind_ = FailureKind::other;
  give_up_at_.reset();
  state_.established_at = ctx.now;
  state_.last_heard = ctx.now;
  peer_text_ = to_string(state_.path.remote);
  plan_timers(ctx);
  ctx.sas.index_established(*this);
  log::notice(about(log::Event::ike_sa_up), "IKE SA up: {} {} at {} with {} at {}, {}",
              state_.role == Role::initiator ? "we called," : "we were called,",
              to_string(state_.local_id), state_.path.local, to_string(state_.peer_id),
              state_.path.remote, to_string(state_.suite));
}

void IkeSa::plan_timers(Context& ctx) {
  plan_liveness(ctx);
  plan_keepalives(ctx);
  const auto life = policy(ctx).policy.ike_lifetime;
  if (life.count() == 0) return;
  // RFC7296 2.8: jitter, so that both ends do not act at once.
  const int64_t permille = 800 + static_cast<int64_t>(ctx.rng.u64() % 101);
  rekey_at_ = ctx.now + Duration(life) * permille / 1000;
  lifetime_at_ = ctx.now + life;
}

void IkeSa::close(Context& ctx, std::string why) {
  if (phase_ == Phase::closing || phase_ == Phase::dead) return;
  failure_kind_ = FailureKind::ended;
  // A peer that has not proven itself yet is owed no farewell, and passive mode sends no request.
  if (phase_ == Phase::connecting || ctx.passive) return die(ctx, std::move(why));
  if (std::exchange(delete_queued_, true)) return;
  log::notice(*this, "closing: {}", why);
  for (auto& waiting : queue_) waiting->abandon(ctx, *this);
  queue_.clear();
  state_.wanted.clear();
  start(ctx, std::make_unique<DeleteIkeSa>(std::move(why)));
}

void IkeSa::die(Context& ctx, std::string why) {
  if (phase_ == Phase::dead) return;
  // RFC7296 2.8.2: a peer that did not notice that both rekeyed deletes the old IKE SA: its new one
  // has the children.
  if (!heir_ && phase_ == Phase::established) ike_rekey_failed(ctx);
  if (is_spare()) {
    log::info(*this, "rekeyed IKE SA gone: {}", why);
  } else if (phase_ == Phase::established) {
    log::notice(about_end(), "IKE SA down: {}", why);
  } else if (phase_ == Phase::closing) {
    log::info(*this, "IKE SA gone");
  } else if (state_.role == Role::initiator) {
    log::warn(about_end(), "no IKE SA: {}", why);
  } else if (ctx.gate.may_log(ctx.now)) {
    log::info(about_end(), "no IKE SA: {}", why);
  }
  phase_ = Phase::dead;
  failure_ = std::move(why);
  while (!state_.children.empty()) remove_child_at(ctx, state_.children.size() - 1);
  if (ours_) ours_->abandon(ctx, *this);
  if (theirs_pending_) theirs_->abandon(ctx, *this);
  for (auto& waiting : queue_) waiting->abandon(ctx, *this);
  // ours_ and theirs_ may be what called us: they go with this object.
}

void IkeSa::fall_silent(Context& ctx) {
  const bool calling = phase_ == Phase::connecting && state_.role == Role::initiator;
  if (calling || phase_ == Phase::closing || delete_queued_) die(ctx, "passive mode");
}

void IkeSa::speak_again(Context& ctx, const std::vector<IpAddress>& own) {
  if (phase_ != Phase::established) return;
  if (const Datagrams* request = state_.window.start_over(ctx.now)) send(ctx, *request);
  resume_work(ctx.now);
  if (liveness_at_) liveness_at_ = std::max(ctx.now, state_.last_heard + ctx.dpd_interval);
  start_next(ctx);
  if (!own.empty()) on_network_change(ctx, own, true);
}

void IkeSa::suspect(Context& ctx) {
  // RFC7296 2.4: never a reason to give the SA up, only to ask.
  if (phase_ != Phase::established || ours_ || ctx.passive || heir_) return;
  if (suspected_at_ != Time{} && ctx.now - suspected_at_ < suspicion_pause) return;
  suspected_at_ = ctx.now;
  start(ctx, std::make_unique<Liveness>());
}

// ---- timers

std::optional<Time> IkeSa::next_deadline() const {
  std::optional<Time> next = state_.window.retransmit_at();
  const auto consider = [&](const std::optional<Time>& at) {
    if (at && (!next || *at < *next)) next = at;
  };
  consider(give_up_at_);
  consider(request_parts_.give_up_at());
  consider(response_parts_.give_up_at());
  // on_deadline looks at these in no other phase: they would be due for ever.
  if (phase_ == Phase::established) {
    for (const auto& at :
         {liveness_at_, keepalive_at_, lifetime_at_, call_again_at_, spare_until_}) {
      consider(at);
    }
    for (const ChildSa& child : state_.children) consider(child.look_at);
    consider(next_work());
  }
  return next;
}

void IkeSa::on_deadline(Context& ctx) {
  if (give_up_at_ && *give_up_at_ <= ctx.now) {
    give_up_at_.reset();
    return die(ctx, "the peer began an IKE SA and did not go on");
  }
  for (FragmentQueue* parts : {&request_parts_, &response_parts_}) {
    if (const auto at = parts->give_up_at(); at && *at <= ctx.now) {
      ++ctx.statistics.fragments_not_reassembled;
      parts->clear();
    }
  }
  if (const auto at = state_.window.retransmit_at(); at && *at <= ctx.now) retransmit(ctx);
  if (phase_ != Phase::established) return;
  check_lifetime(ctx);
  if (phase_ == Phase::established && liveness_at_ && *liveness_at_ <= ctx.now) check_liveness(ctx);
  if (phase_ == Phase::established && keepalive_at_ && *keepalive_at_ <= ctx.now) {
    keep_nat_open(ctx);
  }
}

void IkeSa::check_lifetime(Context& ctx) {
  if (call_again_at_ && *call_again_at_ <= ctx.now) {
    call_again_at_.reset();
    wants_replacement = true;
  }
  if (lifetime_at_ && *lifetime_at_ <= ctx.now) {
    lifetime_at_.reset();
    close(ctx, "ikelifetime is over");
  }
  if (spare_until_ && *spare_until_ <= ctx.now) {
    spare_until_.reset();
    close(ctx, "the peer does not delete it");
  }
}

void IkeSa::plan_liveness(Context& ctx) {
  liveness_at_.reset();
  if (phase_ == Phase::established && ctx.dpd_interval.count() > 0) {
    liveness_at_ = ctx.now + ctx.dpd_interval;
  }
}

void IkeSa::check_liveness(Context& ctx) {
  liveness_at_ = ctx.now + ctx.dpd_interval;
  if (ours_ || ctx.passive) return;
  const Duration quiet = ctx.now - state_.last_heard;
  if (quiet < ctx.dpd_interval) {
    liveness_at_ = state_.last_heard + ctx.dpd_interval;
    return;
  }
  // RFC7296 2.4: "no need for a liveness check" while packets of the peer arrive.
  if (traffic_seen(ctx)) return;
  start(ctx, std::make_unique<Liveness>());
}

bool IkeSa::traffic_seen(Context& ctx) const {
  return std::any_of(state_.children.begin(), state_.children.end(), [&](const ChildSa& child) {
    const auto usage = ctx.kernel.usage(child.inbound).value_or(std::nullopt);
    return usage && usage->idle && *usage->idle < ctx.dpd_interval;
  });
}

// ---- for people

log::About IkeSa::about(log::Event event) const {
  log::About about;
  about.event = event;
  if (event != log::Event::none) {
    if (!state_.local_id.octets.empty()) about.local_id = to_string(state_.local_id);
    if (!state_.peer_id.octets.empty()) about.remote_id = to_string(state_.peer_id);
  }
  about.policy = policy_name_;
  about.peer = peer_text_;
  about.spi_i = state_.spi_i.value;
  about.spi_r = state_.spi_r.value;
  return about;
}

log::About IkeSa::about_end() const {
  const bool was_up = phase_ == Phase::established || phase_ == Phase::closing;
  log::About about = this->about(was_up ? log::Event::ike_sa_down : log::Event::ike_sa_failed);
  if (was_up) return about;
  about.exchange =
      to_string(state_.keys.empty() ? ExchangeType::IKE_SA_INIT : ExchangeType::IKE_AUTH);
  about.notify = notify_word(failure_kind_);
  return about;
}

std::string_view IkeSa::waiting_at() const {
  if (ours_pending_) return ours_pending_->at;
  if (theirs_pending_) return theirs_pending_->at;
  if (ours_) return ours_->name();
  return {};
}

std::string IkeSa::state_word() const {
  switch (phase_) {
    case Phase::connecting:
      return state_.keys.empty() ? "SA_INIT" : "AUTH";
    case Phase::established:
      return heir_ ? "REKEYED" : "ESTABLISHED";
    case Phase::closing:
      return "CLOSING";
    case Phase::dead:
      break;
  }
  return "CLOSED";
}

}  // namespace iked::ike
