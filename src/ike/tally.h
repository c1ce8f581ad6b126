// SPDX-License-Identifier: ISC
// How many messages came to nothing, and why: what an administrator sees of a bad network, a
// confused peer or an attacker. Counts, and remembers nothing else of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace iked::ike {

enum class Fruitless : uint8_t {
  not_ike,              // no IKE header, or one that lies about the length
  other_version,        // major version 1 or above 2
  unknown_spi,          // of an IKE SA that we do not have
  malformed,            // without protection, and not to be read or with payloads missing
  bad_icv,              // the integrity check failed, or it cannot be opened
  bad_fragment,         // a fragment that belongs to no message that we wait for, or came already
  stale_request,        // a message ID from before the last one: a replay, or very late
  early_request,        // a message ID beyond our window of 1
  busy_request,         // once more while its answer is being made
  answered_again,       // once more, and answered from memory
  unexpected_response,  // to no request of ours
  out_of_place,         // wrong role, SPI, or exchange for the state of its IKE SA
  ignored,              // unprotected bad news, which may be forged; the true answer may still come
  cookie_demanded,      // a first message that has to come again with a cookie
  too_many_half_open,   // a first message that brought its cookie, and still one too many
  answer_held_back,     // an unprotected answer beyond the limit for these
};
inline constexpr size_t fruitless_kinds = 16;

/// As in the statistics: "MessagesNotIke".
std::string_view counter_name(Fruitless kind);

class Tally {
 public:
  void count(Fruitless kind) { ++counts_[static_cast<size_t>(kind)]; }
  uint64_t of(Fruitless kind) const { return counts_[static_cast<size_t>(kind)]; }

 private:
  std::array<uint64_t, fruitless_kinds> counts_{};
};

}  // namespace iked::ike
