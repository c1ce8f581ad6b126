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

// With these gateways no tunnel may come back.
Fate close(const LeftoverPolicy&) {
  return Fate::closed;
}

Fate carry_on(const LeftoverPolicy&) {
  return Fate::carries_on;
}

TEST_F(XfrmKernelEsp, ClosedPoliciesHoldTrafficBackUntilATunnelTakesTheirPlace) {
  connect(Family::v4);
  install({});
  ASSERT_TRUE(left_->kernel->take_stock(close));
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
  ASSERT_TRUE(left_->kernel->take_stock(close));
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
  ASSERT_TRUE(left_->kernel->take_stock(close));
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

// The whole life of what a killed process left: it carries packets, the next child takes it over
// under the same reqid, and the old SAs receive until they are taken out.
TEST_F(XfrmKernelEsp, WhatWasLeftBehindCarriesPacketsUntilItIsTakenOver) {
  connect(Family::v4);
  install({});
  open_sockets(Mode::tunnel);
  const ChildInstall old_left = std::move(at_left_);
  const ChildInstall old_right = std::move(at_right_);
  left_->open_kernel();  // the next process
  const auto counts = left_->kernel->take_stock(carry_on);
  ASSERT_TRUE(counts) << counts.error().text;
  EXPECT_EQ(counts->carrying, 3U);
  EXPECT_EQ(counts->closed + counts->policies + counts->sas, 0U);
  EXPECT_EQ(left_->kernel->left_behind(), std::vector{kReqid});
  expect_packets_pass();

  ASSERT_EQ(left_->kernel->find_left_behind(old_left.policies), kReqid);
  const ChildSpi to_left = allocate(*left_, *right_);
  const ChildSpi to_right = allocate(*right_, *left_);
  ChildInstall next = child(*left_, *right_, to_left, to_right, {});
  next.policies.clear();
  ASSERT_TRUE(left_->kernel->install(next));
  const std::vector<SaKey> sas = left_->kernel->take_over(kReqid);
  EXPECT_THAT(sas, testing::UnorderedElementsAre(old_left.inbound.key, old_left.outbound.key));
  EXPECT_TRUE(left_->kernel->left_behind().empty());
  EXPECT_FALSE(left_->kernel->find_left_behind(old_left.policies));
  // The peer sends on the old one still, and we on the new one.
  ChildInstall at_right = child(*right_, *left_, to_right, to_left, {});
  at_right.policies.clear();
  ASSERT_TRUE(right_->kernel->install(at_right));
  ASSERT_TRUE(right_->kernel->usage(at_right.outbound.key));
  right_->kernel->remove({.inbound = {}, .outbound = at_right.outbound.key, .policies = {}});
  expect_packets_pass();
  EXPECT_EQ(usage(*left_, old_left.inbound.key).packets, 2U);
  EXPECT_EQ(usage(*left_, next.outbound.key).packets, 1U);

  for (const SaKey& key : sas)
    left_->kernel->remove({.inbound = key, .outbound = {}, .policies = {}});
  EXPECT_EQ(count(states_at(*left_), "proto esp"), 2U);
  EXPECT_EQ(count(policies_at(*left_), "dir "), 3U);
}

// Other flows, other gateways: policies that would not be the same ones are not taken over.
TEST_F(XfrmKernelEsp, WhatWasLeftBehindIsFoundByExactlyItsPolicies) {
  connect(Family::v4);
  install({});
  left_->open_kernel();
  ASSERT_TRUE(left_->kernel->take_stock(carry_on));
  const std::vector<KernelPolicy> same = at_left_.policies;
  auto other = same;
  EXPECT_EQ(left_->kernel->find_left_behind(other), kReqid);
  other.pop_back();
  EXPECT_FALSE(left_->kernel->find_left_behind(other));
  other = same;
  other.push_back(other.front());
  EXPECT_EQ(left_->kernel->find_left_behind(other), kReqid);  // a repetition is no other policy
  other.back().source.first_port = 1;
  EXPECT_FALSE(left_->kernel->find_left_behind(other));
  other = same;
  for (KernelPolicy& policy : other) policy.tunnel_source = ip("192.0.2.77");
  EXPECT_FALSE(left_->kernel->find_left_behind(other));
  other = same;
  for (KernelPolicy& policy : other) policy.protocol = ProtocolId::AH;
  EXPECT_FALSE(left_->kernel->find_left_behind(other));
  // The kernel's word counts: one that is gone there cannot be taken over.
  left_->space.enter();
  run("ip xfrm policy deleteall dir fwd");
  EXPECT_FALSE(left_->kernel->find_left_behind(same));
}

// The tunnel comes back with other flows or under another reqid.
TEST_F(XfrmKernelEsp, ATunnelTakesThePlaceOfWhatWasLeftBehind) {
  connect(Family::v4);
  install({});
  left_->open_kernel();
  ASSERT_TRUE(left_->kernel->take_stock(carry_on));
  const ChildSpi to_left = allocate(*left_, *right_);
  ChildInstall next = child(*left_, *right_, to_left, ChildSpi{0x1234}, {});
  const Reqid reqid{kReqid.value + 1};
  next.inbound.reqid = next.outbound.reqid = reqid;
  for (KernelPolicy& policy : next.policies) policy.reqid = reqid;
  ASSERT_TRUE(left_->kernel->install(next));
  EXPECT_TRUE(left_->kernel->left_behind().empty());
  EXPECT_EQ(count(policies_at(*left_), fmt::format("reqid {}", reqid.value)), 3U);
  EXPECT_EQ(count(policies_at(*left_), "dir "), 3U);
  EXPECT_EQ(count(states_at(*left_), "proto esp"), 2U);  // the old ones went
}

TEST_F(XfrmKernelEsp, AFailedTunnelLeavesWhatWasLeftBehindAsItWas) {
  connect(Family::v4);
  install({});
  open_sockets(Mode::tunnel);
  left_->open_kernel();
  ASSERT_TRUE(left_->kernel->take_stock(carry_on));
  run("ip xfrm policy add src 10.8.0.0/24 dst 10.9.0.0/24 dir out priority 5 "
      "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel");
  const std::string before = policies_at(*left_);
  const ChildSpi to_left = allocate(*left_, *right_);
  ChildInstall next = child(*left_, *right_, to_left, ChildSpi{0x1234}, {});
  KernelPolicy taken = next.policies[1];
  taken.source = TrafficSelector::of(IpPrefix::parse("10.8.0.0/24").value());
  taken.destination = TrafficSelector::of(IpPrefix::parse("10.9.0.0/24").value());
  next.policies.push_back(taken);
  for (KernelPolicy& policy : next.policies) policy.reqid = Reqid{kReqid.value + 1};
  EXPECT_FALSE(left_->kernel->install(next));
  EXPECT_EQ(count(policies_at(*left_), fmt::format("reqid {}", kReqid.value)), 3U);
  EXPECT_EQ(policies_at(*left_).size(), before.size());
  expect_packets_pass();
}

// A reload: the flow is still there, but with another gateway; then it is gone.
TEST_F(XfrmKernelEsp, WhatWasLeftBehindIsClosedWhenItsPeerGoesAndRemovedWhenItsFlowGoes) {
  connect(Family::v4);
  install({});
  open_sockets(Mode::tunnel);
  left_->open_kernel();
  std::optional<LeftoverPolicy> asked;
  ASSERT_TRUE(left_->kernel->take_stock([&](const LeftoverPolicy& left) {
    asked = left;
    return Fate::carries_on;
  }));
  EXPECT_EQ(asked->local, IpPrefix::host(left_->inner));
  EXPECT_EQ(asked->remote, IpPrefix::host(right_->inner));
  EXPECT_EQ(asked->outer_local, left_->outer);
  EXPECT_EQ(asked->outer_remote, right_->outer);
  EXPECT_EQ(left_->kernel->judge_leftovers(carry_on), 0U);
  EXPECT_TRUE(may_send(*at_left_socket_, right_end_));
  EXPECT_EQ(left_->kernel->judge_leftovers(close), 3U);
  EXPECT_EQ(states_at(*left_), "");
  EXPECT_EQ(count(policies_at(*left_), "action block"), 3U);
  EXPECT_FALSE(may_send(*at_left_socket_, right_end_));
  EXPECT_TRUE(left_->kernel->left_behind().empty());
  EXPECT_EQ(left_->kernel->judge_leftovers([](const LeftoverPolicy&) { return Fate::gone; }), 3U);
  EXPECT_EQ(policies_at(*left_), "");
}

// SAs without a policy are of no use, and neither are reserved SPIs.
TEST_F(XfrmKernelEsp, SasThatCarryNothingGo) {
  connect(Family::v4);
  install({});
  allocate(*left_, *right_);
  left_->open_kernel();
  left_->space.enter();
  run("ip xfrm policy deleteall");
  const auto counts = left_->kernel->take_stock(carry_on);
  ASSERT_TRUE(counts) << counts.error().text;
  EXPECT_EQ(counts->sas, 3U);
  EXPECT_EQ(states_at(*left_), "");
}

}  // namespace
}  // namespace iked::xfrm
