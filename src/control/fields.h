// SPDX-License-Identifier: ISC
// The layout of each body on the control socket: its fields, in order. Append new fields at the end
// and raise protocol_version (frame.h).
#pragma once

#include <concepts>

#include "control/archive.h"
#include "control/protocol.h"

namespace iked::control {

/// T itself to be read into, or const T to be written.
template <typename Given, typename T>
concept Is = std::same_as<std::remove_const_t<Given>, T>;

void fields(auto& archive, Is<ShowSas> auto& r) {
  archive(r.from, r.max);
}
void fields(auto& archive, Is<ShowPolicies> auto& r) {
  archive(r.from, r.max);
}
void fields(auto&, Is<Reload> auto&) {}
void fields(auto& archive, Is<Reset> auto& r) {
  archive(r.what);
}
void fields(auto& archive, Is<SetPassive> auto& r) {
  archive(r.passive);
}
void fields(auto& archive, Is<SetVerbosity> auto& r) {
  archive(r.level);
}
void fields(auto& archive, Is<SetCoupled> auto& r) {
  archive(r.coupled);
}
void fields(auto& archive, Is<Succeeded> auto& r) {
  archive(r.text);
}
void fields(auto& archive, Is<Failed> auto& r) {
  archive(r.text, r.kind);
}
void fields(auto& archive, Is<ResetId> auto& r) {
  archive(r.identity);
}
void fields(auto&, Is<ShowStatistics> auto&) {}
void fields(auto& archive, Is<ShowFailures> auto& r) {
  archive(r.name);
}
void fields(auto& archive, Is<Load> auto& r) {
  archive(r.path);
}
void fields(auto& archive, Is<Connect> auto& r) {
  archive(r.policy);
}
void fields(auto& archive, Is<Disconnect> auto& r) {
  archive(r.policy);
}
void fields(auto&, Is<Monitor> auto&) {}
void fields(auto&, Is<ShowCertificates> auto&) {}
void fields(auto& archive, Is<StatisticRow> auto& r) {
  archive(r.name, r.value);
}
void fields(auto& archive, Is<StatisticRows> auto& r) {
  archive(r.rows);
}
void fields(auto& archive, Is<FailureRow> auto& r) {
  archive(r.policy, r.peer, r.initiator, r.kind, r.text, r.age_seconds);
}
void fields(auto& archive, Is<EventRow> auto& r) {
  archive(r.time, r.level, r.event, r.policy, r.peer, r.spi_i, r.spi_r, r.child_spi);
  archive(r.local_id, r.remote_id, r.exchange, r.notify, r.text);
}
void fields(auto& archive, Is<ChildRow> auto& r) {
  archive(r.id, r.protocol, r.spi_in, r.spi_out, r.mode, r.suite);
  archive(r.local_selectors, r.remote_selectors, r.age_seconds);
  archive(r.bytes_in, r.packets_in, r.bytes_out, r.packets_out, r.udp_encap, r.coupled);
  archive(r.rekey_seconds);
}
void fields(auto& archive, Is<IkeSaRow> auto& r) {
  archive(r.id, r.policy, r.state, r.waiting, r.initiator, r.natt, r.spi_i, r.spi_r);
  archive(r.local, r.remote, r.local_id, r.remote_id, r.suite, r.age_seconds);
  archive(r.children, r.children_left_out, r.nat, r.rekey_seconds, r.heard_seconds);
}
void fields(auto& archive, Is<PolicyRow> auto& r) {
  archive(r.name, r.active, r.peer, r.state, r.last_error, r.retry_seconds);
  archive(r.written_at, r.local_id, r.peer_id, r.flows, r.flows_left_out, r.sas, r.held);
  archive(r.transient);
}
void fields(auto& archive, Is<FailureRows> auto& r) {
  archive(r.policy, r.rows);
}
void fields(auto& archive, Is<SaPage> auto& r) {
  archive(r.rows, r.next);
}
void fields(auto& archive, Is<PolicyPage> auto& r) {
  archive(r.rows, r.next);
}

}  // namespace iked::control
