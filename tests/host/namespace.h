// SPDX-License-Identifier: ISC
// A host with two interfaces of known addresses, and no network.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "support/netns.h"

namespace iked::host {

class HostTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static const std::string error = prepare();
    namespace_error = error;
  }
  void SetUp() override {
    if (!namespace_error.empty()) GTEST_SKIP() << namespace_error;
  }

  static std::string prepare() {
    if (auto error = test::enter_network_namespace(); !error.empty()) return error;
    const char* commands =
        "ip link add name inside type veth peer name outside && "
        "ip link set inside up && ip link set outside up && "
        "ip addr add 192.0.2.1/24 dev inside && ip addr add 192.0.2.2/24 dev inside && "
        "ip -6 addr add 2001:db8::1/64 dev inside nodad && "
        "ip -6 addr add fe80::5/64 dev inside nodad";
    return std::system(commands) == 0 ? "" : "the addresses of the test cannot be set";
  }

  static inline std::string namespace_error;
};

}  // namespace iked::host
