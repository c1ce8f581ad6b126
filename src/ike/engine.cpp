// SPDX-License-Identifier: ISC
#include "ike/engine.h"

#include "base/overloaded.h"
#include "ike/engine_state.h"
#include "wire/message.h"

namespace iked::ike {
namespace {

constexpr Duration hurry_pause = 30s;

}  // namespace

// ---- Engine: the contract, without the inside

Engine::Engine(Config config, EngineOptions options, Kernel* kernel, Rng& rng)
    : state_(std::make_unique<EngineState>(std::move(config), options, kernel, rng)) {}
Engine::~Engine() = default;

void Engine::start(Time now, Effects& out) {
  state_->start(now, out);
}
void Engine::on_datagram(Datagram datagram, Time now, Effects& out) {
  state_->on_datagram(std::move(datagram), now, out);
}
void Engine::on_command(const Command& command, Time now, Effects& out) {
  state_->on_command(command, now, out);
}
void Engine::on_kernel_event(const KernelEvent& event, Time now, Effects& out) {
  state_->on_kernel_event(event, now, out);
}
void Engine::on_network_change(const std::vector<IpAddress>& own, Time now, Effects& out) {
  state_->on_network_change(own, now, out);
}
void Engine::on_job_done(FinishedJob done, Time now, Effects& out) {
  state_->on_job_done(std::move(done), now, out);
}
void Engine::on_deadline(Time now, Effects& out) {
  state_->on_deadline(now, out);
}
ReloadSummary Engine::reload(Config config, Time now, Effects& out) {
  return state_->reload(std::move(config), now, out);
}
std::optional<Time> Engine::next_deadline() const {
  return state_->next_deadline();
}
bool Engine::idle() const {
  return state_->idle();
}
size_t Engine::sa_count() const {
  return state_->sa_count();
}
SaPage Engine::list_sas(uint64_t from, size_t max, Time now) const {
  return state_->list_sas(from, max, now);
}
std::optional<IkeSaRow> Engine::find_sa(SaId id, Time now) const {
  return state_->find_sa(id, now);
}
Counters Engine::counters() const {
  return state_->counters();
}
std::vector<SaId> Engine::sas_of_peer(const std::string& identity) const {
  return state_->sas_of_peer(identity);
}
PolicyPage Engine::list_policies(uint64_t from, size_t max, Time now) const {
  return state_->list_policies(from, max, now);
}
std::optional<PolicyId> Engine::policy_named(const std::string& name) const {
  return state_->policy_named(name);
}
std::optional<PolicyRow> Engine::find_policy(PolicyId id, Time now) const {
  return state_->find_policy(id, now);
}
std::optional<std::vector<FailureRow>> Engine::failures(const std::string& name, Time now) const {
  return state_->failures(name, now);
}
const Statistics& Engine::statistics() const {
  return state_->statistics();
}
size_t Engine::established_count() const {
  return state_->established_count();
}

// ---- the inputs

EngineState::EngineState(Config config, EngineOptions options, Kernel* kernel, Rng& rng)
    : options_(options),
      coupling_(kernel, rng),
      rng_(rng),
      default_id_(config.default_id),
      credentials_(config.credentials),
      settings_(config.settings),
      dpd_interval_(config.dpd_check_interval),
      passive_(config.passive),
      gate_(Gatekeeper::Limits{.cookies_from = config.settings.cookie_threshold}, rng),
      digest_key_(size_t{32}) {
  rng_.fill(digest_key_.reveal_writable());
  policies_.replace(config);
  flows_.reserve(kernel_.left_behind());
}

Context EngineState::context(Time now, Effects& out) {
  return Context{options_,     kernel_,   rng_,          policies_, flows_,      lingering_,
                 sas_,         gate_,     tally_,        failures_, statistics_, default_id_,
                 credentials_, settings_, dpd_interval_, passive_,  now,         out};
}

void EngineState::start(Time now, Effects& out) {
  Context ctx = context(now, out);
  for (const PolicyEntry* entry : policies_.in_order()) upkeep_.add(ctx, *entry);
  on_deadline(now, out);
}

void EngineState::on_datagram(Datagram datagram, Time now, Effects& out) {
  const auto header = wire::parse_header(datagram.octets);
  ++statistics_.messages_received;
  if (!header) {
    tally_.count(Fruitless::not_ike);
    if (gate_.may_log(now)) log::debug("from {}: {}", datagram.remote, header.error().text);
    return;
  }
  Context ctx = context(now, out);
  // RFC7296 2.5: a higher major version is dropped, and its sender told ours; a lower one is
  // IKEv1's.
  if (header->major != 2) return answer_wrong_version(ctx, *header, datagram);
  const bool first = header->exchange == ExchangeType::IKE_SA_INIT && !header->response &&
                     header->from_initiator && !header->spi_r;
  if (first) return on_first_message(ctx, *header, datagram);
  // RFC7296 3.1: our SPI is the one of the side that we are.
  const IkeSpi own = header->from_initiator ? header->spi_r : header->spi_i;
  IkeSa* sa = sas_.find_by_spi(own);
  const bool theirs_is_right =
      sa != nullptr && (sa->state().role == Role::responder) == header->from_initiator;
  if (!theirs_is_right) return answer_unknown(ctx, *header, datagram);
  const SaId id = sa->state().id;
  sa->on_message(ctx, *header, std::move(datagram));
  settle(ctx, id);
}

void EngineState::on_command(const Command& command, Time now, Effects& out) {
  Context ctx = context(now, out);
  std::visit(
      overloaded{
          [&](const ResetSas&) { close_all(ctx, "reset by the administrator"); },
          [&](const CloseSas& close) { close_some(ctx, close.ids, "closed by the administrator"); },
          [&](const RekeySas&) {
            for_each_sa([&](IkeSa& sa) { sa.want_ike_rekey(ctx.now); }, ctx);
          },
          [&](const RekeySa& rekey) {
            for_each_of(
                {rekey.id}, [&](IkeSa& sa) { sa.want_ike_rekey(ctx.now); }, ctx);
          },
          [&](const ConnectPolicy& connect) {
            const PolicyEntry* entry = policies_.find(connect.id);
            if (entry == nullptr || entry->retired) return;
            upkeep_.ask(*entry, now);
            on_deadline(now, out);
          },
          [&](const DisconnectPolicy& end) { disconnect(ctx, end.id); },
          [&](const ReauthenticateSas&) {
            for_each_sa([&](IkeSa& sa) { sa.wants_replacement = !sa.is_spare(); }, ctx);
          },
          [&](const SetPassive& set) { set_passive(set.passive, now, out); },
          [&](const SetCoupled& set) {
            if ((set.kernel != nullptr) == coupling_.coupled()) return;
            set.kernel != nullptr ? couple(ctx, *set.kernel) : decouple();
          },
          [&](const ShutDown&) {
            shutting_down_ = true;
            close_all(ctx, "iked ends");
          },
      },
      command);
}

// Passive mode sends no request; afterwards everything that is due comes at once.
void EngineState::set_passive(bool passive, Time now, Effects& out) {
  const bool before = std::exchange(passive_, passive);
  Context ctx = context(now, out);
  if (passive) upkeep_.forget_asked();
  if (passive) return for_each_sa([&](IkeSa& sa) { sa.fall_silent(ctx); }, ctx);
  if (before) for_each_sa([&](IkeSa& sa) { sa.speak_again(ctx, own_addresses_); }, ctx);
  for (const PolicyEntry* entry : policies_.in_order()) {
    upkeep_.release(entry->id);
    upkeep_.hurry(entry->id, now);
  }
  on_deadline(now, out);
}

void EngineState::disconnect(Context& ctx, PolicyId id) {
  upkeep_.hold(id);
  std::vector<SaId> ids;
  for (const auto& [sa_id, sa] : sas_.all()) {
    if (sa->state().policy == id) ids.push_back(sa_id);
  }
  close_some(ctx, ids, "disconnected by the administrator");
}

// Those of these that there still are; what follows from one may make others or end some.
void EngineState::for_each_of(const std::vector<SaId>& ids, const std::function<void(IkeSa&)>& act,
                              Context& ctx) {
  for (SaId id : ids) {
    if (IkeSa* sa = sas_.find(id)) {
      act(*sa);
      settle(ctx, id);
    }
  }
}

void EngineState::for_each_sa(const std::function<void(IkeSa&)>& act, Context& ctx) {
  std::vector<SaId> ids;
  for (const auto& [id, sa] : sas_.all()) ids.push_back(id);
  for_each_of(ids, act, ctx);
}

void EngineState::close_all(Context& ctx, const std::string& why) {
  for_each_sa([&](IkeSa& sa) { sa.close(ctx, why); }, ctx);
}

void EngineState::close_some(Context& ctx, const std::vector<SaId>& ids, const std::string& why) {
  for_each_of(
      ids, [&](IkeSa& sa) { sa.close(ctx, why); }, ctx);
}

void EngineState::on_kernel_event(const KernelEvent& event, Time now, Effects& out) {
  if (!coupling_.coupled()) return;  // it comes from before
  Context ctx = context(now, out);
  std::visit(overloaded{
                 [&](const AcquireEvent& acquire) {
                   if (const FlowOwner* owner = flows_.owner(acquire.reqid)) {
                     upkeep_.hurry(owner->policy, now);
                     on_deadline(now, out);
                   }
                 },
                 [&](const ExpireEvent& expire) { on_expire(ctx, expire); },
                 [&](const MappingEvent& mapping) {
                   // Only an authentic IKE message moves a peer (RFC7296 2.23): ask for one.
                   if (IkeSa* sa = sas_.find_by_child(mapping.sa)) {
                     sa->suspect(ctx);
                     settle(ctx, sa->state().id);
                   }
                 },
                 [&](const ResyncEvent&) { resynchronise(ctx); },
             },
             event);
}

void EngineState::on_network_change(const std::vector<IpAddress>& own, Time now, Effects& out) {
  Context ctx = context(now, out);
  const bool other = std::exchange(own_addresses_, own) != own;
  for_each_sa([&](IkeSa& sa) { sa.on_network_change(ctx, own, other); }, ctx);
  // Who waits to call again may find a way now. Where routes come and go all the time, not each
  // time.
  if (passive_ || shutting_down_ || (!other && now < hurried_at_ + hurry_pause)) return;
  hurried_at_ = now;
  for (const PolicyEntry* entry : policies_.in_order()) {
    if (entry->policy.active) upkeep_.hurry(entry->id, now);
  }
  on_deadline(now, out);
}

void EngineState::on_job_done(FinishedJob done, Time now, Effects& out) {
  Context ctx = context(now, out);
  if (const auto policy = upkeep_.take_look_up(done.id)) {
    return on_resolved(ctx, *policy, std::get<Result<ResolveResult>>(std::move(done.result)));
  }
  IkeSa* sa = sas_.take_job(done.id);
  if (sa == nullptr) return;  // it is gone, and its secrets with it
  const SaId id = sa->state().id;
  sa->on_job_done(ctx, done.id, std::move(done.result));
  settle(ctx, id);
}

void EngineState::on_deadline(Time now, Effects& out) {
  Context ctx = context(now, out);
  while (IkeSa* sa = sas_.due(now)) {
    const SaId id = sa->state().id;
    sa->on_deadline(ctx);
    settle(ctx, id);
  }
  lingering_.on_deadline(kernel_, now);
  if (shutting_down_) return;
  while (const auto policy = upkeep_.due(ctx)) try_policy(ctx, *policy);
}

ReloadSummary EngineState::reload(Config config, Time now, Effects& out) {
  default_id_ = config.default_id;
  credentials_ = config.credentials;
  settings_ = config.settings;
  gate_.set_cookies_from(settings_.cookie_threshold);
  const bool other_interval =
      std::exchange(dpd_interval_, config.dpd_check_interval) != config.dpd_check_interval;
  const bool changes_mode = passive_ != config.passive;
  if (changes_mode) set_passive(config.passive, now, out);
  Context ctx = context(now, out);
  const PolicySet::Changes changes = policies_.replace(config);
  std::vector<SaId> ended;
  for (const auto& [id, sa] : sas_.all()) {
    if (other_interval) {
      sa->plan_liveness(ctx);
      sas_.reschedule(*sa);
    }
    const PolicyEntry* entry = policies_.find(sa->state().policy);
    if (entry == nullptr) continue;
    if (entry->retired) {
      ended.push_back(id);
    } else {
      sa->rename_policy(entry->policy.name);
    }
  }
  for (PolicyId id : changes.removed) {
    upkeep_.remove(id);
    failures_.forget(id);
  }
  for (SaId id : ended) {
    if (IkeSa* sa = sas_.find(id)) {
      sa->close(ctx, "its policy changed or is gone");
      settle(ctx, id);
    }
  }
  for (PolicyId id : changes.added) upkeep_.add(ctx, *policies_.find(id));
  on_deadline(now, out);
  return {changes.kept, changes.added.size(), changes.removed.size()};
}

std::optional<Time> EngineState::next_deadline() const {
  std::optional<Time> next = sas_.next_deadline();
  const auto consider = [&](const std::optional<Time>& at) {
    if (at && (!next || *at < *next)) next = at;
  };
  consider(lingering_.next_deadline());
  if (!shutting_down_) consider(upkeep_.next_deadline());
  return next;
}

}  // namespace iked::ike
