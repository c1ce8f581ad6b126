// SPDX-License-Identifier: ISC
// What the protocol counts from the start of the daemon. How each counter is called where it is
// shown is in the table, once for all who show them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace iked {

struct Statistics {
  uint64_t ike_created = 0;
  uint64_t ike_established = 0;
  uint64_t ike_failed = 0;
  uint64_t proposals_failed = 0;
  uint64_t ike_rekeyed = 0;
  uint64_t ike_removed = 0;
  uint64_t children_created = 0;
  uint64_t children_removed = 0;
  uint64_t messages_sent = 0;
  uint64_t messages_received = 0;
  uint64_t requests_retransmitted = 0;
  uint64_t requests_timed_out = 0;
  uint64_t fragments_sent = 0;
  uint64_t fragments_received = 0;
  uint64_t fragments_reassembled = 0;
  uint64_t fragments_not_reassembled = 0;
  uint64_t address_updates_sent = 0;
  uint64_t liveness_checks_sent = 0;
  uint64_t keepalives_sent = 0;
};

struct StatisticName {
  uint64_t Statistics::*counter;
  std::string_view name;  // on D-Bus and in JSON
};

inline constexpr std::array statistic_names = {
    StatisticName{&Statistics::ike_created, "IkeSasCreated"},
    StatisticName{&Statistics::ike_established, "IkeSasEstablished"},
    StatisticName{&Statistics::ike_failed, "IkeSasFailed"},
    StatisticName{&Statistics::proposals_failed, "ProposalsFailed"},
    StatisticName{&Statistics::ike_rekeyed, "IkeSasRekeyed"},
    StatisticName{&Statistics::ike_removed, "IkeSasRemoved"},
    StatisticName{&Statistics::children_created, "ChildSasCreated"},
    StatisticName{&Statistics::children_removed, "ChildSasRemoved"},
    StatisticName{&Statistics::messages_sent, "MessagesSent"},
    StatisticName{&Statistics::messages_received, "MessagesReceived"},
    StatisticName{&Statistics::requests_retransmitted, "RequestsRetransmitted"},
    StatisticName{&Statistics::requests_timed_out, "RequestsTimedOut"},
    StatisticName{&Statistics::fragments_sent, "FragmentsSent"},
    StatisticName{&Statistics::fragments_received, "FragmentsReceived"},
    StatisticName{&Statistics::fragments_reassembled, "FragmentsReassembled"},
    StatisticName{&Statistics::fragments_not_reassembled, "FragmentsNotReassembled"},
    StatisticName{&Statistics::address_updates_sent, "AddressUpdatesSent"},
    StatisticName{&Statistics::liveness_checks_sent, "LivenessChecksSent"},
    StatisticName{&Statistics::keepalives_sent, "KeepalivesSent"},
};

}  // namespace iked
