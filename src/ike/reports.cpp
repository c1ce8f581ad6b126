// SPDX-License-Identifier: ISC
// What an administrator gets to see. Declared in ike/engine_state.h.
#include <algorithm>

#include "ike/engine_state.h"

namespace iked::ike {
namespace {

ChildRow child_row(const ChildSa& child, Kernel& kernel, bool coupled, Time now) {
  ChildRow row;
  row.id = child.inbound.spi.value;
  row.protocol = to_string(child.suite.protocol);
  row.spi_in = child.inbound.spi.value;
  row.spi_out = child.outbound.spi.value;
  row.mode = child.mode == Mode::tunnel ? "tunnel" : "transport";
  row.suite = to_string(child.suite);
  for (const TrafficSelector& ts : child.local) row.local_selectors.push_back(to_string(ts));
  for (const TrafficSelector& ts : child.remote) row.remote_selectors.push_back(to_string(ts));
  row.age_seconds = static_cast<uint64_t>(in_seconds(now - child.installed_at));
  row.udp_encap = child.udp_encap;
  if (const auto in = kernel.usage(child.inbound).value_or(std::nullopt)) {
    row.bytes_in = in->bytes;
    row.packets_in = in->packets;
    row.coupled = coupled;
  }
  if (const auto out = kernel.usage(child.outbound).value_or(std::nullopt)) {
    row.bytes_out = out->bytes;
    row.packets_out = out->packets;
  }
  return row;
}

/// Who the peer says it is counts once it has authenticated.
bool is_proven(const IkeSa& sa) {
  return sa.phase() == Phase::established || sa.phase() == Phase::closing;
}

IkeSaRow sa_row(const IkeSa& sa, Kernel& kernel, bool coupled, Time now) {
  const SaState& state = sa.state();
  IkeSaRow row;
  row.id = state.id.value;
  row.policy = sa.about().policy;
  row.state = sa.state_word();
  row.waiting = sa.waiting_at();
  row.initiator = state.role == Role::initiator;
  // Port 4500 alone says nothing of a NAT (RFC4555 3.3).
  row.natt = state.nat.any() || std::ranges::any_of(state.children, &ChildSa::udp_encap);
  row.spi_i = state.spi_i.value;
  row.spi_r = state.spi_r.value;
  row.local = to_string(state.path.local);
  row.remote = to_string(state.path.remote);
  if (!state.local_id.octets.empty()) row.local_id = to_string(state.local_id);
  if (is_proven(sa)) row.remote_id = to_string(state.peer_id);
  if (!state.keys.empty()) row.suite = to_string(state.suite);
  row.age_seconds = static_cast<uint64_t>(in_seconds(now - state.created_at));
  for (const ChildSa& child : state.children) {
    row.children.push_back(child_row(child, kernel, coupled, now));
  }
  return row;
}

}  // namespace

SaPage EngineState::list_sas(uint64_t from, size_t max, Time now) const {
  SaPage page;
  for (auto at = sas_.all().lower_bound(SaId{from}); at != sas_.all().end(); ++at) {
    if (page.rows.size() == max) {
      page.next = at->first.value;
      break;
    }
    page.rows.push_back(sa_row(*at->second, kernel_, coupling_.coupled(), now));
  }
  return page;
}

std::optional<IkeSaRow> EngineState::find_sa(SaId id, Time now) const {
  const auto found = sas_.all().find(id);
  if (found == sas_.all().end()) return std::nullopt;
  return sa_row(*found->second, kernel_, coupling_.coupled(), now);
}

Counters EngineState::counters() const {
  Counters counters;
  for (size_t i = 0; i < fruitless_kinds; ++i) {
    const auto kind = static_cast<Fruitless>(i);
    counters[std::string(counter_name(kind))] = tally_.of(kind);
  }
  return counters;
}

std::vector<SaId> EngineState::sas_of_peer(const std::string& identity) const {
  std::vector<SaId> found;
  for (const auto& [id, sa] : sas_.all()) {
    if (is_proven(*sa) && to_string(sa->state().peer_id) == identity) found.push_back(id);
  }
  return found;
}

PolicyPage EngineState::list_policies(uint64_t from, size_t max, Time now) const {
  PolicyPage page;
  const auto& all = policies_.in_order();
  for (size_t i = from; i < all.size(); ++i) {
    if (page.rows.size() == max) {
      page.next = i;
      break;
    }
    const PolicyEntry& entry = *all[i];
    PolicyRow row;
    row.name = entry.policy.name;
    row.active = entry.policy.active;
    row.peer = to_string(entry.policy.peer);
    const Upkeep::Row* tries = upkeep_.row(entry.id);
    const bool trying = tries != nullptr && (tries->state == Upkeep::State::connecting ||
                                             tries->state == Upkeep::State::looking_up);
    row.state = sas_.has_established(entry.id) ? "up" : trying ? "connecting" : "down";
    if (tries != nullptr) {
      row.last_error = tries->last_error;
      if (tries->next && *tries->next > now) {
        row.retry_seconds = static_cast<uint64_t>(in_seconds(*tries->next - now));
      }
    }
    page.rows.push_back(std::move(row));
  }
  return page;
}

}  // namespace iked::ike
