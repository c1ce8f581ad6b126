// SPDX-License-Identifier: ISC
// What a log record tells of, for machines: the journal's MESSAGE_ID=, the catalogue that explains
// it (data/journal/iked.catalog), and the word that `ikectl monitor --json` prints. A record
// without one is a detail on the way.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace iked::log {

enum class Event : uint8_t {
  none,
  started,
  start_failed,
  stopping,
  ended,
  reloaded,
  reload_refused,
  config_problem,
  policy_unusable,
  calling,
  not_callable,
  ike_sa_up,
  ike_sa_down,
  ike_sa_failed,
  ike_sa_rekeyed,
  ike_sa_moved,
  child_sa_up,
  child_sa_down,
  child_sa_refused,
  rekey_failed,
  broken_message,
  keeper_lost,
  keeper_back,
  control_command,
  send_failed,
};

struct EventRow {
  Event event;
  std::string_view word;        // "ike-sa-up"
  std::string_view message_id;  // 128 bits in hex; never to be changed
};

/// All but `none`, in the order of the enum.
const std::array<EventRow, 24>& all_events();

/// Both are empty for `none`.
std::string_view word_of(Event event);
std::string_view message_id_of(Event event);

}  // namespace iked::log
