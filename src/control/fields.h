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
  archive(r.text);
}
void fields(auto& archive, Is<ChildRow> auto& r) {
  archive(r.id, r.protocol, r.spi_in, r.spi_out, r.mode, r.suite);
  archive(r.local_selectors, r.remote_selectors, r.age_seconds);
  archive(r.bytes_in, r.packets_in, r.bytes_out, r.packets_out, r.udp_encap, r.coupled);
}
void fields(auto& archive, Is<IkeSaRow> auto& r) {
  archive(r.id, r.policy, r.state, r.waiting, r.initiator, r.natt, r.spi_i, r.spi_r);
  archive(r.local, r.remote, r.local_id, r.remote_id, r.suite, r.age_seconds);
  archive(r.children, r.children_left_out);
}
void fields(auto& archive, Is<PolicyRow> auto& r) {
  archive(r.name, r.active, r.peer, r.state, r.last_error, r.retry_seconds);
}
void fields(auto& archive, Is<SaPage> auto& r) {
  archive(r.rows, r.next);
}
void fields(auto& archive, Is<PolicyPage> auto& r) {
  archive(r.rows, r.next);
}

}  // namespace iked::control
