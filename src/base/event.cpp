// SPDX-License-Identifier: ISC
#include "base/event.h"

namespace iked::log {
namespace {

constexpr std::array rows = {
    EventRow{Event::started, "started", "9f9a59d5553c4a92bd93fddf0789264a"},
    EventRow{Event::start_failed, "start-failed", "5a84e4dd4241477ea487f6c0ed37f483"},
    EventRow{Event::stopping, "stopping", "f508b6916ec94689a5c0cd1f3e703bcf"},
    EventRow{Event::ended, "ended", "2c2efe1b3c65478b89a526185c43f5c8"},
    EventRow{Event::reloaded, "reloaded", "48f61e5d3f9244998e5da8653bca6fba"},
    EventRow{Event::reload_refused, "reload-refused", "ce8656a5853f499792c727964b77c368"},
    EventRow{Event::config_problem, "config-problem", "7041669e046d4c33a372dfb0c9eaff36"},
    EventRow{Event::policy_unusable, "policy-unusable", "b856558974dc493dae1f9e591b95e002"},
    EventRow{Event::calling, "calling", "de286268d17e49b5a7573c5596dcbf9b"},
    EventRow{Event::not_callable, "not-callable", "3efaf9ca06024ce4a5e01db92d45de42"},
    EventRow{Event::ike_sa_up, "ike-sa-up", "5d04c4aff430432ab93ff2adf6da8cf1"},
    EventRow{Event::ike_sa_down, "ike-sa-down", "a06bcb1b8a974061be15abe458cae111"},
    EventRow{Event::ike_sa_failed, "ike-sa-failed", "1f1a4848d04d477f9ecd71ca02bbd132"},
    EventRow{Event::ike_sa_rekeyed, "ike-sa-rekeyed", "b6ea337c7e7a4db7b6abf5459d395336"},
    EventRow{Event::ike_sa_moved, "ike-sa-moved", "0434786d8ec04936ace7add261970591"},
    EventRow{Event::child_sa_up, "child-sa-up", "af83c4113a704e89979112ecaa4e979d"},
    EventRow{Event::child_sa_down, "child-sa-down", "00e70b8eb2284476a072bbb1f481ea65"},
    EventRow{Event::child_sa_refused, "child-sa-refused", "65955951494744d79fa4f7a0a126c988"},
    EventRow{Event::rekey_failed, "rekey-failed", "f4371d4c6a214647a61890e51286ff1e"},
    EventRow{Event::broken_message, "broken-message", "3f17ff9a8bc6450f8f51ed9382335667"},
    EventRow{Event::keeper_lost, "keeper-lost", "08694ad9a92c4b268f5c8a3396d6fd3c"},
    EventRow{Event::keeper_back, "keeper-back", "fe7017db93bf4c40955132f60c9657d0"},
    EventRow{Event::control_command, "control-command", "bc965f3602394cf1b74380958162d777"},
    EventRow{Event::send_failed, "send-failed", "6659952f39e04b8687ac7b13346f972a"},
};

const EventRow* row_of(Event event) {
  if (event == Event::none) return nullptr;
  return &rows.at(static_cast<size_t>(event) - 1);
}

}  // namespace

const std::array<EventRow, 24>& all_events() {
  return rows;
}

std::string_view word_of(Event event) {
  const EventRow* const row = row_of(event);
  return row == nullptr ? std::string_view{} : row->word;
}

std::string_view message_id_of(Event event) {
  const EventRow* const row = row_of(event);
  return row == nullptr ? std::string_view{} : row->message_id;
}

}  // namespace iked::log
