// SPDX-License-Identifier: ISC
// The counters as OpenBSD's `show stats` prints them, and as OpenMetrics.
#pragma once

#include <string>

#include "control/protocol.h"

namespace iked::ikectl {

/// "ike:", then one indented line for each. `without_zeros`: only those that counted something.
std::string to_lines(const control::StatisticRows& all, bool without_zeros);

/// The counters; policies come behind them, then openmetrics_end.
std::string openmetrics(const control::StatisticRows& all);
std::string openmetrics_of_policies();
std::string openmetrics(const PolicyRow& policy);
inline constexpr const char* openmetrics_end = "# EOF\n";

}  // namespace iked::ikectl
