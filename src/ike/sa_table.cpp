// SPDX-License-Identifier: ISC
#include "ike/sa_table.h"

#include "base/check.h"

namespace iked::ike {

IkeSpi SaTable::unused_spi(Rng& rng) const {
  for (;;) {
    const IkeSpi spi{rng.u64()};
    // RFC7296 2.6: zero means "not known yet".
    if (spi && !by_spi_.contains(spi)) return spi;
  }
}

IkeSa& SaTable::add(std::unique_ptr<IkeSa> sa) {
  IkeSa& added = *sa;
  const SaId id = added.state().id;
  by_spi_[added.state().own_spi()] = id;
  sas_.emplace(id, std::move(sa));
  return added;
}

void SaTable::add_half_open(SaId id, HalfOpen entry) {
  first_messages_[entry.key] = id;
  half_open_.insert_or_assign(id, std::move(entry));
}

std::optional<HalfOpen> SaTable::take_half_open(SaId id) {
  const auto found = half_open_.find(id);
  if (found == half_open_.end()) return std::nullopt;
  HalfOpen entry = std::move(found->second);
  half_open_.erase(found);
  first_messages_.erase(entry.key);
  return entry;
}

IkeSa* SaTable::find(SaId id) {
  const auto found = sas_.find(id);
  return found == sas_.end() ? nullptr : found->second.get();
}

const IkeSa* SaTable::find(SaId id) const {
  const auto found = sas_.find(id);
  return found == sas_.end() ? nullptr : found->second.get();
}

IkeSa* SaTable::find_by_spi(IkeSpi own) {
  const auto found = by_spi_.find(own);
  return found == by_spi_.end() ? nullptr : find(found->second);
}

IkeSa* SaTable::find_first_message(const FirstMessageKey& key) {
  const auto found = first_messages_.find(key);
  return found == first_messages_.end() ? nullptr : find(found->second);
}

void SaTable::erase(SaId id) {
  IkeSa* sa = find(id);
  IKED_CHECK(sa != nullptr);
  by_spi_.erase(sa->state().own_spi());
  for (const ChildSa& child : sa->state().children) forget_child(child);
  if (const auto key = established_key_.find(id); key != established_key_.end()) {
    established_.erase(key->second);
    established_key_.erase(key);
    --established_count_;
  }
  if (const auto deadline = deadline_of_.find(id); deadline != deadline_of_.end()) {
    deadlines_.erase({deadline->second, id});
    deadline_of_.erase(deadline);
  }
  take_half_open(id);
  sas_.erase(id);
}

JobId SaTable::new_job(SaId sa) {
  const JobId id = new_free_job();
  jobs_[id] = sa;
  return id;
}

IkeSa* SaTable::take_job(JobId id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return nullptr;
  const SaId sa = found->second;
  jobs_.erase(found);
  return find(sa);
}

void SaTable::index_established(const IkeSa& sa) {
  const SaState& state = sa.state();
  EstablishedKey key{state.policy, state.peer_id, state.id};
  established_.insert(key);
  established_key_.insert_or_assign(state.id, std::move(key));
  ++established_count_;
}

std::vector<SaId> SaTable::established_with(PolicyId policy, const Identity& peer,
                                            SaId except) const {
  std::vector<SaId> found;
  for (auto at = established_.lower_bound({policy, peer, SaId{0}}); at != established_.end();
       ++at) {
    const auto& [its_policy, its_peer, id] = *at;
    if (its_policy != policy || its_peer != peer) break;
    if (id != except) found.push_back(id);
  }
  return found;
}

std::vector<SaId> SaTable::established_of(PolicyId policy) const {
  std::vector<SaId> found;
  for (auto at = established_.lower_bound({policy, Identity{IdType{0}, {}}, SaId{0}});
       at != established_.end() && std::get<PolicyId>(*at) == policy; ++at) {
    found.push_back(std::get<SaId>(*at));
  }
  return found;
}

bool SaTable::has_established(PolicyId policy) const {
  const auto at = established_.lower_bound({policy, Identity{IdType{0}, {}}, SaId{0}});
  return at != established_.end() && std::get<PolicyId>(*at) == policy;
}

void SaTable::index_child(const ChildSa& child, SaId sa) {
  children_[child.inbound] = sa;
  children_[child.outbound] = sa;
}

void SaTable::forget_child(const ChildSa& child) {
  children_.erase(child.inbound);
  children_.erase(child.outbound);
}

IkeSa* SaTable::find_by_child(const SaKey& half) {
  const auto found = children_.find(half);
  return found == children_.end() ? nullptr : find(found->second);
}

void SaTable::reschedule(const IkeSa& sa) {
  const SaId id = sa.state().id;
  const std::optional<Time> wanted = sa.next_deadline();
  const auto had = deadline_of_.find(id);
  if (had != deadline_of_.end()) {
    if (wanted == had->second) return;
    deadlines_.erase({had->second, id});
    deadline_of_.erase(had);
  }
  if (wanted) {
    deadlines_.insert({*wanted, id});
    deadline_of_.emplace(id, *wanted);
  }
}

std::optional<Time> SaTable::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

IkeSa* SaTable::due(Time now) {
  if (deadlines_.empty() || deadlines_.begin()->first > now) return nullptr;
  return find(deadlines_.begin()->second);
}

}  // namespace iked::ike
