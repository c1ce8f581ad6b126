// SPDX-License-Identifier: ISC
// Message IDs of one IKE SA: which request may come next, what answers a repeated one, which answer
// we wait for. RFC7296 2.1 to 2.3, window size 1 on both sides. Knows no keys and sends nothing.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "model/iana.h"
#include "model/ids.h"

namespace iked::ike {

/// How long a request waits for its answer after transmission `n` (1 = the first) before it is
/// repeated; nothing when the peer counts as dead then. The pauses double from one second, or from
/// less where `total` is less than 30 seconds, up to a minute, and are `total` together.
/// RFC7296 2.4 leaves the numbers to us.
std::optional<Duration> pause_after(size_t n, Duration total);

/// How long in all, unless `set response_wait_time` says otherwise.
inline constexpr Duration usual_wait = 30s;

/// A message as it is sent: one datagram, or several if it is fragmented (RFC 7383).
using Datagrams = std::vector<Bytes>;

class Window {
 public:
  enum class Verdict {
    fresh,        // the next request: work on it
    in_progress,  // being worked on already: drop the repetition
    repeated,     // answered already: send last_response() again
    stale,        // older than what we remember: drop
    ahead,        // beyond the window: drop
  };

  Window() = default;
  /// Goes on where another process left off: the next ID of either side.
  Window(MessageId next_own, MessageId next_of_peer)
      : expected_request_(next_of_peer.value), next_own_(next_own.value) {}

  // ---- requests of the peer

  Verdict classify_request(MessageId id) const;
  /// After `fresh`: the answer is being made.
  void begin_request(MessageId id);
  /// No answer will come: as if the request never had. It may come again and is fresh then.
  void forget_request();
  /// RFC7296 2.1: the answer is kept until the next request has been answered.
  void answered(Datagrams response);
  const Datagrams& last_response() const { return last_response_; }
  /// The peer asked for it again: how often it did so by now.
  size_t response_repeated() { return ++response_repeated_; }
  /// The same answer cut into other datagrams.
  void recut_response(Datagrams response) { last_response_ = std::move(response); }
  bool answering() const { return answering_; }
  MessageId request_being_answered() const {
    return MessageId{static_cast<uint32_t>(expected_request_)};
  }

  // ---- our own requests

  /// RFC7296 2.2: counts from 0; the number of the next request. Nothing when the numbers are used
  /// up.
  std::optional<MessageId> next_own_id() const;
  /// The request is on its way; `now` starts its timer. A request with the ID of the outstanding
  /// one replaces it (IKE_SA_INIT again with a cookie or another group).
  /// `wait` is the time for the answer, all repetitions included.
  void sent(MessageId id, ExchangeType exchange, Datagrams request, Time now,
            Duration wait = usual_wait);
  bool waiting() const { return outstanding_.has_value(); }
  /// Whether this response answers our outstanding request.
  bool expects_response(MessageId id, ExchangeType exchange) const;
  /// The answer is good: the request is done.
  void response_accepted();
  /// Gives up on the outstanding request.
  void abandon() { outstanding_.reset(); }

  std::optional<Time> retransmit_at() const;
  /// The request to repeat now, or null when it was sent often enough: the peer is dead.
  const Datagrams* retransmit(Time now);
  /// The outstanding request, to be sent on another way: its repetitions begin anew. Null when
  /// there is none.
  const Datagrams* start_over(Time now);
  /// The outstanding request is not repeated before then.
  void postpone(Time until);
  /// The same request cut into other datagrams.
  void recut_request(Datagrams request);
  size_t transmissions() const { return outstanding_ ? outstanding_->transmissions : 0; }

 private:
  struct Outstanding {
    MessageId id;
    ExchangeType exchange;
    Datagrams request;
    Duration wait;
    size_t transmissions = 1;
    Time next;
  };

  uint64_t expected_request_ = 0;  // wider than the wire's number, so that it cannot wrap
  bool answering_ = false;
  Datagrams last_response_;
  size_t response_repeated_ = 0;

  uint64_t next_own_ = 0;
  std::optional<Outstanding> outstanding_;
};

}  // namespace iked::ike
