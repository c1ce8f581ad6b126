// SPDX-License-Identifier: ISC
// What no policy can tell alone: names that occur twice, policies that others keep from ever being
// chosen, traffic that two peers claim. Warnings only.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "conf/policy_parser.h"

namespace iked::conf {

class PolicyRelations {
 public:
  explicit PolicyRelations(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  /// The next policy of the configuration, before it is moved into `policies`.
  void add(const Draft& draft, const std::vector<Policy>& policies);

  /// All of them are there: `policies` are those of add(), in this order.
  void finish(const std::vector<Policy>& policies);

 private:
  void check_name(const Draft& draft);
  void check_traffic(const Draft& draft, const std::vector<Policy>& policies);

  Diagnostics& diagnostics_;
  std::vector<Spot> heads_;
  std::unordered_map<std::string, Place> names_;
  std::unordered_map<size_t, size_t> traffic_;  // hash of a flow: the first policy that has it
  size_t fallbacks_ = 0;
};

}  // namespace iked::conf
