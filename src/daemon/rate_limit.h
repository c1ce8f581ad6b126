// SPDX-License-Identifier: ISC
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace iked::daemon {

/// Lets one thing through per interval and counts what it held back, so that a fault that repeats
/// with each packet becomes one log line now and then.
class RateLimit {
 public:
  explicit RateLimit(Duration interval) : interval_(interval) {}

  /// How many were held back since the last that passed, if this one may pass; nothing if not.
  std::optional<uint64_t> admit(Time now) {
    if (last_ && now - *last_ < interval_) {
      ++held_back_;
      return std::nullopt;
    }
    last_ = now;
    const uint64_t held_back = held_back_;
    held_back_ = 0;
    return held_back;
  }

 private:
  Duration interval_;
  std::optional<Time> last_;
  uint64_t held_back_ = 0;
};

}  // namespace iked::daemon
