// SPDX-License-Identifier: ISC
// What an administrator gets to see. Declared in ike/engine_state.h.
#include <algorithm>
#include <span>

#include "ike/engine_state.h"

namespace iked::ike {
namespace {

constexpr size_t most_flows_shown = 64;

uint64_t seconds_until(Time at, Time now) {
  return at <= now ? 0 : static_cast<uint64_t>(in_seconds(at - now));
}
uint64_t seconds_since(Time at, Time now) {
  return static_cast<uint64_t>(in_seconds(now - at));
}

const char* nat_word(const NatDetection& nat) {
  if (nat.we_are_behind) return nat.peer_is_behind ? "both" : "us";
  return nat.peer_is_behind ? "peer" : "";
}

std::string words_of(const FlowEnd& end) {
  if (end.port == 0) return to_string(end.host);
  return fmt::format("{} port {}", to_string(end.host), end.port);
}

FailureRow failure_row(const Failure& failure, std::string policy, Role role, Time now) {
  return {.policy = std::move(policy),
          .peer = failure.peer,
          .initiator = role == Role::initiator,
          .kind = failure.kind,
          .text = failure.text,
          .age_seconds = seconds_since(failure.at, now)};
}

/// Whether people may mean the policy's peer by this.
bool is_peer(const PolicyEntry& entry, const std::string& name, const Result<IpAddress>& address) {
  if (to_string(entry.policy.peer) == name) return true;
  if (entry.policy.peer_id &&
      (to_string(*entry.policy.peer_id) == name || value_of(*entry.policy.peer_id) == name)) {
    return true;
  }
  return address && std::ranges::any_of(entry.peers, [&](const IpPrefix& peer) {
           return peer.is_host() && peer.address == *address;
         });
}

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
  row.rekey_seconds = seconds_until(child.rekey_at, now);
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
  row.nat = nat_word(state.nat);
  if (sa.rekey_at() && sa.phase() == Phase::established) {
    row.rekey_seconds = seconds_until(*sa.rekey_at(), now);
  }
  if (is_proven(sa)) row.heard_seconds = seconds_since(state.last_heard, now);
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
    page.rows.push_back(policy_row(*all[i], now));
  }
  return page;
}

PolicyRow EngineState::policy_row(const PolicyEntry& entry, Time now) const {
  const Policy& policy = entry.policy;
  PolicyRow row;
  row.name = policy.name;
  row.active = policy.active;
  row.peer = to_string(policy.peer);
  row.written_at = entry.written_at;
  row.local_id = to_string(policy.local_id.value_or(default_id_));
  if (policy.peer_id) row.peer_id = to_string(*policy.peer_id);
  row.held = upkeep_.is_held(entry.id);
  row.sas = static_cast<uint32_t>(sas_.established_of(entry.id).size());
  const size_t shown = std::min(policy.flows.size(), most_flows_shown);
  for (const Flow& flow : std::span(policy.flows).first(shown)) {
    row.flows.push_back(fmt::format("{} - {}", words_of(flow.local), words_of(flow.remote)));
  }
  row.flows_left_out = static_cast<uint32_t>(policy.flows.size() - shown);
  const Upkeep::Row* tries = upkeep_.row(entry.id);
  const bool trying = tries != nullptr && (tries->state == Upkeep::State::connecting ||
                                           tries->state == Upkeep::State::looking_up);
  row.state = row.sas > 0 ? "up" : trying ? "connecting" : "down";
  if (tries != nullptr) {
    row.last_error = tries->last_error;
    if (tries->next) row.retry_seconds = seconds_until(*tries->next, now);
  }
  return row;
}

std::optional<PolicyId> EngineState::policy_named(const std::string& name) const {
  const auto& all = policies_.in_order();
  const auto found = std::ranges::find_if(
      all, [&](const PolicyEntry* entry) { return entry->policy.name == name; });
  if (found == all.end()) return std::nullopt;
  return (*found)->id;
}

std::optional<PolicyRow> EngineState::find_policy(PolicyId id, Time now) const {
  const PolicyEntry* entry = policies_.find(id);
  if (entry == nullptr || entry->retired) return std::nullopt;
  return policy_row(*entry, now);
}

std::optional<std::vector<FailureRow>> EngineState::failures(const std::string& name,
                                                             Time now) const {
  bool known = false;
  std::vector<FailureRow> rows;
  const Result<IpAddress> address = IpAddress::parse(name);
  for (const PolicyEntry* entry : policies_.in_order()) {
    if (entry->policy.name != name && !is_peer(*entry, name, address)) continue;
    known = true;
    for (const Role role : {Role::initiator, Role::responder}) {
      if (const Failure* failure = failures_.of(entry->id, role)) {
        rows.push_back(failure_row(*failure, entry->policy.name, role, now));
      }
    }
  }
  if (const Failure* failure = address ? failures_.of_stranger(*address) : nullptr) {
    known = true;
    rows.push_back(failure_row(*failure, {}, Role::responder, now));
  }
  if (!known) return std::nullopt;
  std::ranges::stable_sort(rows, {}, &FailureRow::age_seconds);
  return rows;
}

}  // namespace iked::ike
