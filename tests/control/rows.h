// SPDX-License-Identifier: ISC
// Rows in which every field has a value of its own.
#pragma once

#include "model/control.h"

namespace iked::control {

inline ChildRow child_row() {
  return {.id = 0xc821c2ed,
          .protocol = "ESP",
          .spi_in = 0xc821c2ed,
          .spi_out = 0xc0a01732,
          .mode = "tunnel",
          .suite = "aes-128-gcm",
          .local_selectors = {"10.1.0.0/24"},
          .remote_selectors = {"10.2.0.0/24", "10.3.0.0/24[tcp/80]"},
          .age_seconds = 75,
          .bytes_in = 840,
          .packets_in = 10,
          .bytes_out = 1680,
          .packets_out = 20,
          .udp_encap = true,
          .coupled = true,
          .rekey_seconds = 9000};
}

inline IkeSaRow sa_row() {
  return {.id = 7,
          .policy = "office",
          .state = "ESTABLISHED",
          .waiting = "",
          .initiator = true,
          .natt = true,
          .spi_i = 0xae359801eca3edf8,
          .spi_r = 0x09f428ae3c2477ce,
          .local = "192.0.2.1:4500",
          .remote = "192.0.2.2:4500",
          .local_id = "FQDN/a.example.com",
          .remote_id = "FQDN/b.example.com",
          .suite = "aes-256-gcm prf hmac-sha2-256 group curve25519",
          .age_seconds = 3675,
          .children = {child_row()},
          .children_left_out = 0,
          .nat = "both",
          .rekey_seconds = 1800,
          .heard_seconds = 4};
}

inline PolicyRow policy_row() {
  return {.name = "branch",
          .active = true,
          .peer = "gw.example.com",
          .state = "down",
          .last_error = "no answer from 198.51.100.7:500",
          .retry_seconds = 42,
          .written_at = "/etc/iked.conf:3",
          .local_id = "FQDN/a.example.com",
          .peer_id = "FQDN/c.example.com",
          .flows = {"10.1.0.0/24 - 10.3.0.0/24"},
          .flows_left_out = 2,
          .sas = 0,
          .held = false,
          .transient = true};
}

inline FailureRow failure_row() {
  return {.policy = "branch",
          .peer = "198.51.100.7:500",
          .initiator = true,
          .kind = FailureKind::timeout,
          .text = "no answer from 198.51.100.7:500 to IKE_SA_INIT: is the peer up?",
          .age_seconds = 75};
}

inline EventRow event_row() {
  return {.time = 1795358887000001,
          .level = "notice",
          .event = "child-sa-up",
          .policy = "branch",
          .peer = "198.51.100.7:500",
          .spi_i = 0xae359801eca3edf8,
          .spi_r = 0x09f428ae3c2477ce,
          .child_spi = 0xc821c2ed,
          .local_id = "FQDN/a.example.com",
          .remote_id = "FQDN/c.example.com",
          .exchange = "IKE_AUTH",
          .notify = "INITIAL_CONTACT",
          .text = "child SA up"};
}

}  // namespace iked::control
