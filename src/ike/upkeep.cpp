// SPDX-License-Identifier: ISC
#include "ike/upkeep.h"

#include <algorithm>
#include <utility>

#include "ike/sa_table.h"

namespace iked::ike {
namespace {

constexpr Duration names_again = 300s;  // addresses behind the names of passive policies may change
// Not more handshakes of our own than this at a time: the others wait a moment.
constexpr size_t most_calling = 128;

// 2, 4, 8 ... 60 seconds or as `set retry` says, each minus up to a quarter.
Duration pause(const Context& ctx, unsigned attempts) {
  Duration full = ctx.settings.retry_first;
  const Duration longest = ctx.settings.retry_longest;
  for (unsigned i = 0; i < attempts && full < longest; ++i) full *= 2;
  full = std::min(full, longest);
  return full - full * static_cast<int64_t>(ctx.rng.u64() % 256) / 1024;
}

}  // namespace

void Upkeep::schedule(Wish& wish, PolicyId id, std::optional<Time> at) {
  if (wish.next) times_.erase({*wish.next, id});
  wish.next = at;
  if (at) times_.insert({*at, id});
}

void Upkeep::add(Context& ctx, const PolicyEntry& entry) {
  const bool has_names = !PolicySet::names_in(entry.policy).empty();
  if ((!entry.policy.active && !has_names) || !can_authenticate(entry.policy)) return;
  Wish& wish = wishes_[entry.id];
  wish.active = entry.policy.active;
  wish.has_names = has_names;
  schedule(wish, entry.id, ctx.now);
}

void Upkeep::remove(PolicyId id) {
  const auto found = wishes_.find(id);
  if (found == wishes_.end()) return;
  schedule(found->second, id, std::nullopt);
  if (found->second.look_up) look_ups_.erase(found->second.look_up);
  wishes_.erase(found);
}

std::optional<PolicyId> Upkeep::due(Context& ctx) {
  while (!times_.empty() && times_.begin()->first <= ctx.now) {
    const PolicyId id = times_.begin()->second;
    Wish& wish = wishes_.at(id);
    if (!wish.has_names && (ctx.passive || !wish.wanted())) {
      schedule(wish, id, std::nullopt);  // add() or hurry() wakes it again
      continue;
    }
    if (wish.wanted() && ctx.sas.calling() >= most_calling) {
      schedule(wish, id, ctx.now + pause(ctx, 0));
      continue;
    }
    schedule(wish, id, std::nullopt);
    return id;
  }
  return std::nullopt;
}

std::optional<Time> Upkeep::next_deadline() const {
  if (times_.empty()) return std::nullopt;
  return times_.begin()->first;
}

void Upkeep::hurry(PolicyId id, Time now) {
  const auto found = wishes_.find(id);
  if (found == wishes_.end() || found->second.state != State::idle) return;
  schedule(found->second, id, now);
}

void Upkeep::looking_up(PolicyId id, JobId job) {
  Wish& wish = wishes_.at(id);
  wish.state = State::looking_up;
  wish.look_up = job;
  look_ups_[job] = id;
}

std::optional<PolicyId> Upkeep::take_look_up(JobId job) {
  const auto found = look_ups_.find(job);
  if (found == look_ups_.end()) return std::nullopt;
  const PolicyId id = found->second;
  look_ups_.erase(found);
  Wish& wish = wishes_.at(id);
  wish.look_up = JobId{};
  // The peer may have called meanwhile.
  if (wish.state == State::looking_up) wish.state = State::idle;
  return id;
}

void Upkeep::looked_up(Context& ctx, PolicyId id) {
  Wish& wish = wishes_.at(id);
  wish.last_error.clear();
  wish.attempts = 0;
  schedule(wish, id, ctx.now + names_again);
}

void Upkeep::connecting(PolicyId id, SaId sa) {
  Wish& wish = wishes_.at(id);
  wish.state = State::connecting;
  wish.sa = sa;
}

void Upkeep::up(PolicyId id, SaId sa) {
  const auto found = wishes_.find(id);
  if (found == wishes_.end() || !found->second.wanted()) return;
  Wish& wish = found->second;
  wish.state = State::up;
  wish.sa = sa;
  wish.attempts = 0;
  wish.last_error.clear();
  schedule(wish, id, std::nullopt);
}

void Upkeep::moved(PolicyId id, SaId from, SaId to) {
  const auto found = wishes_.find(id);
  if (found != wishes_.end() && found->second.sa == from) found->second.sa = to;
}

void Upkeep::failed(Context& ctx, PolicyId id, SaId sa, std::string why) {
  const auto found = wishes_.find(id);
  if (found == wishes_.end()) return;
  Wish& wish = found->second;
  // Another SA may be doing its work by now, or this one was given up already.
  if (sa && wish.sa != sa) return;
  // A look-up that is under way comes too late; the next try makes its own.
  if (wish.look_up) look_ups_.erase(std::exchange(wish.look_up, JobId{}));
  wish.state = State::idle;
  wish.sa = SaId{};
  wish.last_error = std::move(why);
  wish.asked = false;
  if (!wish.wanted() && !wish.has_names) return schedule(wish, id, std::nullopt);
  const Duration wait = pause(ctx, wish.attempts++);
  schedule(wish, id, ctx.now + wait);
}

void Upkeep::ask(const PolicyEntry& entry, Time now) {
  Wish& wish = wishes_[entry.id];
  wish.active = entry.policy.active;
  wish.has_names = !PolicySet::names_in(entry.policy).empty();
  wish.held = false;
  wish.asked = true;
  if (wish.state == State::idle) schedule(wish, entry.id, now);
}

void Upkeep::hold(PolicyId id) {
  const auto found = wishes_.find(id);
  if (found == wishes_.end()) return;
  Wish& wish = found->second;
  wish.held = wish.active;
  wish.asked = false;
  wish.attempts = 0;
  wish.sa = SaId{};  // whatever becomes of it now is no failure
  if (wish.state != State::looking_up) wish.state = State::idle;
  if (!wish.has_names) schedule(wish, id, std::nullopt);
}

void Upkeep::release(PolicyId id) {
  const auto found = wishes_.find(id);
  if (found != wishes_.end()) found->second.held = false;
}

void Upkeep::forget_asked() {
  for (auto& [id, wish] : wishes_) {
    if (wish.state != State::up) wish.asked = false;
  }
}

bool Upkeep::wants(PolicyId id) const {
  const auto found = wishes_.find(id);
  return found != wishes_.end() && found->second.wanted();
}

bool Upkeep::is_held(PolicyId id) const {
  const auto found = wishes_.find(id);
  return found != wishes_.end() && found->second.held;
}

const Upkeep::Row* Upkeep::row(PolicyId id) const {
  const auto found = wishes_.find(id);
  return found == wishes_.end() ? nullptr : &found->second;
}

unsigned Upkeep::attempts(PolicyId id) const {
  const auto found = wishes_.find(id);
  return found == wishes_.end() ? 0 : found->second.attempts;
}

}  // namespace iked::ike
