// SPDX-License-Identifier: ISC
// How many changes of SAs are told one by one: some at once, then a few each second, so that ten
// thousand SAs that come up together are no storm. The others are counted and told as a number.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/time.h"

namespace iked::dbus {

class ChangeLimit {
 public:
  static constexpr uint64_t burst = 100;
  static constexpr Duration refill = 50ms;      // for one more
  static constexpr Duration sum_interval = 1s;  // between two numbers

  /// Whether this one may be told by itself; else it is counted.
  bool admit(Time now) {
    const auto earned = static_cast<uint64_t>(std::max(now - counted_to_, Duration{}) / refill);
    tokens_ = std::min(burst, tokens_ + earned);
    counted_to_ += static_cast<int64_t>(earned) * refill;
    // What is behind a number would come in the wrong order.
    if (tokens_ == 0 || held_back_ > 0) {
      if (held_back_++ == 0) sum_at_ = now + sum_interval;
      return false;
    }
    --tokens_;
    return true;
  }

  /// When take_sum() wants to be called; nothing when none were held back.
  std::optional<Time> next_deadline() const {
    return held_back_ > 0 ? std::optional(sum_at_) : std::nullopt;
  }
  /// How many were held back, if it is time to say so.
  std::optional<uint64_t> take_sum(Time now) {
    if (held_back_ == 0 || now < sum_at_) return std::nullopt;
    return std::exchange(held_back_, 0);
  }

 private:
  uint64_t tokens_ = burst;
  Time counted_to_{};
  uint64_t held_back_ = 0;
  Time sum_at_{};
};

}  // namespace iked::dbus
