// SPDX-License-Identifier: ISC
// The parts of one message that comes in fragments (RFC 7383), until all are there. Only parts that
// were opened come in here, so that nobody but the peer can fill it; and even the peer gets no more
// than these bounds. Whether the message is one that we wait for is the window's question.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "wire/fragment.h"

namespace iked::ike {

class FragmentQueue {
 public:
  /// Of one message.
  static constexpr size_t most_fragments = 64;
  static constexpr size_t most_octets = 65536;
  /// As long as nobody is authenticated: certificates fit.
  static constexpr size_t most_octets_of_stranger = 32768;
  /// RFC7383 2.6: "the receiver MUST discard" what is incomplete for too long.
  static constexpr Duration patience = 30s;

  /// Whether this part is needed; asked before any work is done for it, with numbers that nobody
  /// has proven yet. Changes nothing.
  bool wants(MessageId id, wire::FragmentNumber place) const;

  /// Adds an opened part that wants() said yes to. Returns the whole message, in order, with the
  /// last one. A part of another message, or of more parts than before, begins anew (RFC7383 2.6).
  /// With more than `most` octets in all everything is dropped.
  std::optional<std::vector<wire::Fragment>> add(MessageId id, wire::Fragment fragment, size_t most,
                                                 Time now);

  void clear();
  /// When to clear() it. Nothing while it is empty.
  std::optional<Time> give_up_at() const;

 private:
  MessageId id_;
  std::vector<std::optional<wire::Fragment>> parts_;  // by number - 1; empty: no message
  size_t there_ = 0;
  size_t octets_ = 0;
  Time since_{};
};

}  // namespace iked::ike
