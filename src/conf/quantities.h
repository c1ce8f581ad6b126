// SPDX-License-Identifier: ISC
// Times and volumes as they are written: a number, or a number with its unit behind it.
#pragma once

#include <optional>

#include "conf/tokens.h"

namespace iked::conf {

/// Seconds, up to ten years: "600", "10m", "3h".
std::optional<uint64_t> parse_time(Tokens& tokens);

/// Bytes: "5000", "10K", "10M", "4G".
std::optional<uint64_t> parse_volume(Tokens& tokens);

}  // namespace iked::conf
