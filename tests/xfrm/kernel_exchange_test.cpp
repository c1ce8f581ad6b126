// SPDX-License-Identifier: ISC
// Policies that take the place of others: of an earlier child, of a process that was killed. Runs
// as root, as a rule in the guest of the system tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "xfrm/two_gateways.h"

namespace iked::xfrm {
namespace {

using testing::HasSubstr;
using testing::Not;

class XfrmKernelExchange : public XfrmKernelEsp {
 protected:
  // The same flow for another child, under another reqid.
  ChildInstall successor() {
    const auto to_left =
        left_->kernel->allocate_spi(right_->outer, left_->outer, ProtocolId::ESP, kNextReqid);
    EXPECT_TRUE(to_left) << to_left.error().text;
    const ChildSpi to_right{at_left_.outbound.key.spi.value + 1};
    ChildInstall next = child(*left_, *right_, to_left.value_or(ChildSpi{1}), to_right, {});
    next.inbound.reqid = next.outbound.reqid = kNextReqid;
    for (KernelPolicy& policy : next.policies) policy.reqid = kNextReqid;
    next.replaced = at_left_.policies;
    return next;
  }

  static constexpr Reqid kNextReqid{kReqid.value + 1};
};

TEST_F(XfrmKernelExchange, PoliciesOfAnEarlierChildMakeWay) {
  connect(Family::v4);
  install({});
  const ChildInstall next = successor();
  const auto done = left_->kernel->install(next);
  ASSERT_TRUE(done) << done.error().text;
  EXPECT_EQ(count(policies_at(*left_), fmt::format("reqid {}", kNextReqid.value)), 3U);
  EXPECT_EQ(count(policies_at(*left_), "dir "), 3U);
  // Its SAs live on until their own end, which leaves the new policies alone.
  EXPECT_EQ(count(states_at(*left_), "proto esp"), 4U);
  left_->kernel->remove(removal(at_left_));
  EXPECT_EQ(count(policies_at(*left_), fmt::format("reqid {}", kNextReqid.value)), 3U);
  EXPECT_EQ(count(states_at(*left_), "proto esp"), 2U);
}

// Transport mode has no policy for forwarding: the old one has no successor.
TEST_F(XfrmKernelExchange, PoliciesWithoutSuccessorGo) {
  connect(Family::v4);
  install({});
  ChildInstall next = successor();
  next.policies.pop_back();
  ASSERT_TRUE(left_->kernel->install(next));
  EXPECT_EQ(count(policies_at(*left_), "dir "), 2U);
  EXPECT_THAT(policies_at(*left_), Not(HasSubstr("dir fwd")));
}

TEST_F(XfrmKernelExchange, WhatWasReplacedIsPutBackWhenALaterPolicyFails) {
  connect(Family::v4);
  install({});
  const std::string before = policies_at(*left_);
  run("ip xfrm policy add src 10.8.0.0/24 dst 10.9.0.0/24 dir out priority 5 "
      "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel");
  const std::string with_foreign = policies();
  ChildInstall next = successor();
  KernelPolicy taken = next.policies[1];
  taken.source = TrafficSelector::of(IpPrefix::parse("10.8.0.0/24").value());
  taken.destination = TrafficSelector::of(IpPrefix::parse("10.9.0.0/24").value());
  next.policies.push_back(taken);
  const auto done = left_->kernel->install(next);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text, HasSubstr("made by another program"));
  EXPECT_EQ(count(policies_at(*left_), fmt::format("reqid {}", kReqid.value)), 3U);
  EXPECT_EQ(count(policies_at(*left_), fmt::format("reqid {}", kNextReqid.value)), 0U);
  EXPECT_EQ(count(policies_at(*left_), "dir "), 4U);
  open_sockets(Mode::tunnel);
  expect_packets_pass();
}

TEST_F(XfrmKernelExchange, AnotherTunnelsPoliciesDoNotMakeWay) {
  connect(Family::v4);
  install({});
  const std::string before = policies_at(*left_);
  ChildInstall next = successor();
  next.replaced.clear();
  const auto done = left_->kernel->install(next);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text, HasSubstr("of another tunnel of iked"));
  EXPECT_EQ(policies_at(*left_), before);
}

TEST_F(XfrmKernelExchange, MoreRangesThanTheKernelShouldCarryAreRefused) {
  connect(Family::v4);
  install({});
  const std::string before = policies_at(*left_);
  ChildInstall next = successor();
  for (unsigned i = 0; i < 250; ++i) {
    KernelPolicy wide = next.policies[1];
    wide.source.first = IpAddress::parse(fmt::format("10.7.{}.1", i)).value();
    wide.source.last = IpAddress::parse(fmt::format("10.7.{}.254", i)).value();
    wide.destination.first = wide.source.first;
    wide.destination.last = IpAddress::parse(fmt::format("10.7.{}.7", i)).value();
    wide.source.protocol = wide.destination.protocol = 0;
    wide.source.first_port = wide.destination.first_port = 0;
    wide.source.last_port = wide.destination.last_port = 65535;
    next.policies.push_back(wide);
  }
  const auto done = left_->kernel->install(next);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text, HasSubstr("policies in the kernel, more than 4096"));
  EXPECT_EQ(policies_at(*left_), before);
}

// ---- leftovers

TEST_F(XfrmKernelEsp, ClosedPoliciesHoldTrafficBackUntilATunnelTakesTheirPlace) {
  connect(Family::v4);
  install({});
  const auto everything = [](const IpPrefix&, const IpPrefix&) { return true; };
  ASSERT_TRUE(left_->kernel->close_own_leftovers(everything));
  EXPECT_EQ(count(policies_at(*left_), "action block"), 3U);
  open_sockets(Mode::tunnel);
  EXPECT_FALSE(may_send(*at_left_socket_, right_end_));
  right_->kernel->remove(removal(at_right_));
  install({});
  EXPECT_EQ(count(policies_at(*left_), "action block"), 0U);
  EXPECT_EQ(count(policies_at(*left_), "dir "), 3U);
  expect_packets_pass();
}

// The peer agreed to more this time: what was closed would win over the tunnel.
TEST_F(XfrmKernelEsp, ClosedPoliciesInTheWayOfATunnelGo) {
  connect(Family::v4);
  install({});
  ASSERT_TRUE(
      left_->kernel->close_own_leftovers([](const IpPrefix&, const IpPrefix&) { return true; }));
  right_->kernel->remove(removal(at_right_));
  const ChildSpi to_left = allocate(*left_, *right_);
  ChildInstall wide = child(*left_, *right_, to_left, ChildSpi{0x1234}, {});
  for (KernelPolicy& policy : wide.policies) {
    policy.source.protocol = policy.destination.protocol = 0;
  }
  ASSERT_TRUE(left_->kernel->install(wide));
  EXPECT_EQ(count(policies_at(*left_), "action block"), 0U);
  EXPECT_EQ(count(policies_at(*left_), "dir "), 3U);
}

TEST_F(XfrmKernelEsp, AFailedTunnelLeavesClosedPoliciesClosed) {
  connect(Family::v4);
  install({});
  ASSERT_TRUE(
      left_->kernel->close_own_leftovers([](const IpPrefix&, const IpPrefix&) { return true; }));
  const std::string before = policies_at(*left_);
  run("ip xfrm policy add src 10.8.0.0/24 dst 10.9.0.0/24 dir out priority 5 "
      "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel");
  const ChildSpi to_left = allocate(*left_, *right_);
  ChildInstall next = child(*left_, *right_, to_left, ChildSpi{0x1234}, {});
  KernelPolicy taken = next.policies[1];
  taken.source = TrafficSelector::of(IpPrefix::parse("10.8.0.0/24").value());
  taken.destination = TrafficSelector::of(IpPrefix::parse("10.9.0.0/24").value());
  next.policies.push_back(taken);
  EXPECT_FALSE(left_->kernel->install(next));
  EXPECT_EQ(count(policies_at(*left_), "action block"), 3U);
  EXPECT_EQ(count(policies_at(*left_), fmt::format("reqid {}", kReqid.value)), 0U);
}

}  // namespace
}  // namespace iked::xfrm
