// SPDX-License-Identifier: ISC
#include "model/policy.h"

#include <gtest/gtest.h>

#include "model/config.h"

namespace iked {
namespace {

TEST(HostSpec, PrintsAsItIsWritten) {
  EXPECT_EQ(to_string(HostSpec{}), "any");
  EXPECT_EQ(to_string(HostSpec{*IpPrefix::parse("10.0.0.0/8")}), "10.0.0.0/8");
  EXPECT_EQ(to_string(HostSpec{*IpPrefix::parse("192.0.2.1")}), "192.0.2.1");
  EXPECT_EQ(to_string(HostSpec{HostName{"gw.example.com", std::nullopt}}), "gw.example.com");
  EXPECT_EQ(to_string(HostSpec{HostName{"eth0", uint8_t{24}}}), "eth0/24");
}

TEST(Policy, PlaceInTheFileIsNoDifference) {
  Policy a;
  a.name = "a";
  Policy b = a;
  b.where = {1, 42, 7};
  EXPECT_EQ(a, b);
  b.child_lifetime = std::chrono::seconds{1};
  EXPECT_NE(a, b);
}

TEST(Policy, EveryOtherFieldIsADifference) {
  const Policy plain;
  const std::vector<void (*)(Policy&)> changes = {
      [](Policy& p) { p.name = "x"; },
      [](Policy& p) { p.precedence = Precedence::quick_one; },
      [](Policy& p) { p.active = true; },
      [](Policy& p) { p.mode = Mode::transport; },
      [](Policy& p) { p.child_protocol = ProtocolId::AH; },
      [](Policy& p) { p.force_udp_encap = true; },
      [](Policy& p) { p.family = Family::v6; },
      [](Policy& p) { p.protocols = {6}; },
      [](Policy& p) { p.flows.push_back({}); },
      [](Policy& p) {
        p.local = HostName{"eth0", std::nullopt};
      },
      [](Policy& p) { p.peer = IpPrefix::any(Family::v4); },
      [](Policy& p) { p.ike_proposals.push_back({}); },
      [](Policy& p) { p.child_proposals.push_back({}); },
      [](Policy& p) { p.local_id = *Identity::parse("a"); },
      [](Policy& p) { p.peer_id = *Identity::parse("a"); },
      [](Policy& p) { p.ike_lifetime = std::chrono::seconds{1}; },
      [](Policy& p) { p.child_lifetime = std::chrono::seconds{1}; },
      [](Policy& p) { p.child_bytes = 1; },
      [](Policy& p) { p.auth = PskAuth{SecretId{9}}; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    Policy changed = plain;
    changes[i](changed);
    EXPECT_NE(changed, plain) << i;
  }
}

TEST(Location, NamesFileAndLine) {
  Config config;
  config.files = {"/etc/iked.conf", "/etc/more.conf"};
  EXPECT_EQ(to_string(config, {0, 3, 1}), "/etc/iked.conf:3");
  EXPECT_EQ(to_string(config, {1, 12, 5}), "/etc/more.conf:12");
  EXPECT_EQ(to_string(config, {0, 0, 0}), "the configuration");
  EXPECT_EQ(to_string(config, {2, 1, 1}), "the configuration");
}

}  // namespace
}  // namespace iked
