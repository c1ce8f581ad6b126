// SPDX-License-Identifier: ISC
#include "dbus/rows.h"

namespace iked::dbus {
namespace {

template <typename T>
void put(Row& row, const char* key, const T& value) {
  row.emplace(key, sdbus::Variant(value));
}

void put_known(Row& row, const char* key, const std::string& value) {
  if (!value.empty()) put(row, key, value);
}

}  // namespace

Row to_row(const IkeSaRow& sa) {
  Row row;
  put(row, "Id", sa.id);
  put_known(row, "Policy", sa.policy);
  put(row, "State", sa.state);
  put_known(row, "Waiting", sa.waiting);
  put(row, "Initiator", sa.initiator);
  put(row, "NatDetected", sa.natt);
  put(row, "SpiInitiator", sa.spi_i);
  put(row, "SpiResponder", sa.spi_r);
  put(row, "Local", sa.local);
  put(row, "Remote", sa.remote);
  put_known(row, "LocalId", sa.local_id);
  put_known(row, "RemoteId", sa.remote_id);
  put_known(row, "Suite", sa.suite);
  put(row, "AgeSeconds", sa.age_seconds);
  put_known(row, "Nat", sa.nat);
  if (sa.rekey_seconds > 0) put(row, "RekeySeconds", sa.rekey_seconds);
  put(row, "HeardSeconds", sa.heard_seconds);
  put(row, "ChildSas", uint64_t{sa.children.size()} + sa.children_left_out);
  return row;
}

Row to_row(const ChildRow& child, uint64_t ike_sa) {
  Row row;
  put(row, "IkeSa", ike_sa);
  put(row, "Protocol", child.protocol);
  put(row, "SpiIn", child.spi_in);
  put(row, "SpiOut", child.spi_out);
  put(row, "Mode", child.mode);
  put(row, "Suite", child.suite);
  put(row, "LocalSelectors", child.local_selectors);
  put(row, "RemoteSelectors", child.remote_selectors);
  put(row, "AgeSeconds", child.age_seconds);
  put(row, "BytesIn", child.bytes_in);
  put(row, "PacketsIn", child.packets_in);
  put(row, "BytesOut", child.bytes_out);
  put(row, "PacketsOut", child.packets_out);
  if (child.rekey_seconds > 0) put(row, "RekeySeconds", child.rekey_seconds);
  put(row, "UdpEncapsulation", child.udp_encap);
  put(row, "Coupled", child.coupled);
  return row;
}

Row to_row(const PolicyRow& policy) {
  Row row;
  put(row, "Name", policy.name);
  put(row, "Active", policy.active);
  put(row, "Peer", policy.peer);
  put(row, "State", policy.state);
  put_known(row, "LastError", policy.last_error);
  if (policy.retry_seconds > 0) put(row, "RetrySeconds", policy.retry_seconds);
  put_known(row, "WrittenAt", policy.written_at);
  put_known(row, "LocalId", policy.local_id);
  put_known(row, "PeerId", policy.peer_id);
  put(row, "Flows", policy.flows);
  if (policy.flows_left_out > 0) put(row, "FlowsLeftOut", policy.flows_left_out);
  put(row, "IkeSas", policy.sas);
  put(row, "Held", policy.held);
  return row;
}

Row to_row(const FailureRow& failure) {
  Row row;
  put_known(row, "Policy", failure.policy);
  put_known(row, "Peer", failure.peer);
  put(row, "Initiator", failure.initiator);
  put(row, "Kind", std::string(to_string(failure.kind)));
  put(row, "Text", failure.text);
  put(row, "AgeSeconds", failure.age_seconds);
  return row;
}

}  // namespace iked::dbus
