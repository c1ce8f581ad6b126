// SPDX-License-Identifier: ISC
// A whole configuration: immutable, without secrets, the same for every part of the program.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "model/policy.h"

namespace iked {

struct Config {
  std::vector<std::string> files;               // those read, for Location
  bool passive = false;                         // `set passive`: answer, never ask first
  bool decouple = false;                        // `set decouple`: leave the kernel alone
  std::chrono::seconds dpd_check_interval{60};  // 0 = never
  Identity default_id;           // the host's name: who we are where a policy has no srcid
  std::vector<Policy> policies;  // in file order
};

/// "FILE:LINE", for messages that send a person to the place.
std::string to_string(const Config& config, const Location& where);

}  // namespace iked
