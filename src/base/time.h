// SPDX-License-Identifier: ISC
// Time as the protocol sees it: a value handed in, never read. The daemon fills it from
// CLOCK_BOOTTIME, tests from a simulated clock.
#pragma once

#include <chrono>

namespace iked {

/// A clock that cannot be asked: it only gives Time its own type.
struct MonotonicClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

using Duration = MonotonicClock::duration;
using Time = MonotonicClock::time_point;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

/// Whole seconds, rounded down, for people.
inline long long in_seconds(Duration d) {
  return std::chrono::floor<std::chrono::seconds>(d).count();
}

}  // namespace iked
