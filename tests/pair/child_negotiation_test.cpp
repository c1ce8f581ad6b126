// SPDX-License-Identifier: ISC
// The first child: what is agreed, and that an IKE SA survives a child that is not.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

class ChildNegotiation : public ::testing::Test {
 protected:
  LogCapture log;

  // R004, R017: both sides have the IKE SA, nobody has a child, and the kernels are clean.
  static void expect_ike_sa_without_child(const Pair& pair) {
    ASSERT_EQ(pair.a->established().size(), 1U);
    ASSERT_EQ(pair.b->established().size(), 1U);
    EXPECT_TRUE(pair.a->established()[0].children.empty());
    EXPECT_TRUE(pair.b->established()[0].children.empty());
    EXPECT_TRUE(pair.a->kernel.clean());
    EXPECT_TRUE(pair.b->kernel.clean());
  }
};

TEST_F(ChildNegotiation, NoCommonChildsaIsExplained) {
  Pair pair;
  pair.policy_b().child_proposals[0].encr = {{EncrId::CHACHA20_POLY1305, 0}};
  pair.connect();
  expect_ike_sa_without_child(pair);
  EXPECT_EQ(log.count({"warning: policy \"to-a\" 192.0.2.1:4500", "no common childsa",
                       "peer offers [1] enc aes-256-gcm noesn",
                       "\"enc aes-256-gcm\" (peer) against \"enc chacha20-poly1305\" (ours)",
                       "write childsa enc aes-256-gcm", "iked.conf:1"}),
            1U)
      << log.all();
  EXPECT_EQ(log.count({"warning: policy \"to-b\" 192.0.2.2:4500", "NO_PROPOSAL_CHOSEN",
                       "we offer [1] enc aes-256-gcm noesn", "iked.conf:1"}),
            1U)
      << log.all();
}

// R107
TEST_F(ChildNegotiation, NoCommonFlowIsExplained) {
  Pair pair;
  pair.policy_b().flows = {{{host("10.9.0.0/24"), 0}, {host("10.1.0.0/24"), 0}}};
  pair.connect();
  expect_ike_sa_without_child(pair);
  EXPECT_EQ(log.count({"warning: policy \"to-a\"", "no common flow",
                       "the peer wants from 10.2.0.0/24 to 10.1.0.0/24",
                       "has from 10.9.0.0/24 to 10.1.0.0/24", "iked.conf:1"}),
            1U)
      << log.all();
  EXPECT_EQ(
      log.count({"warning: policy \"to-b\"", "TS_UNACCEPTABLE", "from 10.1.0.0/24 to 10.2.0.0/24"}),
      1U)
      << log.all();
}

TEST_F(ChildNegotiation, RefusedChildIsTriedAgainUntilThePeerIsMended) {
  Pair pair;
  pair.policy_b().flows = {{{host("10.9.0.0/24"), 0}, {host("10.1.0.0/24"), 0}}};
  pair.connect();
  pair.world.advance(5min);
  expect_ike_sa_without_child(pair);
  EXPECT_NE(pair.a->policy("to-b")->last_error.find("TS_UNACCEPTABLE"), std::string::npos);
  Config mended = pair.config_b;
  mended.policies[0].flows = {{{host("10.2.0.0/24"), 0}, {host("10.1.0.0/24"), 0}}};
  pair.b->reload(mended);
  pair.world.advance(3min);
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.a->established()[0].children.size(), 1U);
  EXPECT_EQ(pair.b->established().size(), 1U);
}

// R105, R199: the answer is what both have.
TEST_F(ChildNegotiation, ResponderNarrows) {
  Pair pair;
  pair.policy_a().flows = {{{host("10.1.0.0/16"), 0}, {host("10.0.0.0/8"), 0}}};
  pair.connect();
  ASSERT_EQ(pair.a->established()[0].children.size(), 1U) << log.all();
  for (Node* node : {pair.a, pair.b}) {
    const ChildRow child = node->established()[0].children[0];
    const bool is_a = node == pair.a;
    EXPECT_EQ(child.local_selectors,
              (std::vector<std::string>{is_a ? "10.1.0.0/24" : "10.2.0.0/24"}));
    EXPECT_EQ(child.remote_selectors,
              (std::vector<std::string>{is_a ? "10.2.0.0/24" : "10.1.0.0/24"}));
  }
  EXPECT_EQ(pair.a->kernel.policies.size(), 3U);
}

TEST_F(ChildNegotiation, PortsAndProtocols) {
  Pair pair;
  pair.policy_a().protocols = {6};
  pair.policy_a().flows[0].remote.port = 443;
  pair.connect();
  ASSERT_EQ(pair.b->established()[0].children.size(), 1U) << log.all();
  EXPECT_EQ(pair.b->established()[0].children[0].local_selectors,
            (std::vector<std::string>{"10.2.0.0/24[tcp/443]"}));
}

TEST_F(ChildNegotiation, Ipv6FlowInIpv4) {
  Pair pair;
  pair.policy_a().flows = {{{host("2001:db8:1::/64"), 0}, {host("2001:db8:2::/64"), 0}}};
  pair.policy_b().flows = {{{host("2001:db8:2::/64"), 0}, {host("2001:db8:1::/64"), 0}}};
  pair.connect();
  ASSERT_EQ(pair.a->kernel.policies.size(), 3U) << log.all();
  EXPECT_EQ(to_string(pair.a->kernel.policies[0].source), "2001:db8:1::/64");
}

// R014: asked for transport, got tunnel: the child goes, the IKE SA stays.
TEST_F(ChildNegotiation, DeclinedTransportModeIsNotAccepted) {
  Pair pair;
  pair.policy_a().mode = Mode::transport;
  pair.policy_a().flows = {{{AnyHost{}, 0}, {AnyHost{}, 0}}};
  pair.policy_b().flows = {{{AnyHost{}, 0}, {AnyHost{}, 0}}};
  pair.connect();
  pair.world.advance(1s);
  EXPECT_TRUE(pair.a->kernel.clean());
  EXPECT_TRUE(pair.b->kernel.clean()) << log.all();
  EXPECT_EQ(pair.a->established().size(), 1U);
  EXPECT_GE(log.count({"the peer answers with tunnel mode", "iked.conf:1 says transport"}), 1U)
      << log.all();
}

TEST_F(ChildNegotiation, TunnelModeIsNoTransportMode) {
  Pair pair;
  pair.policy_b().mode = Mode::transport;
  pair.connect();
  expect_ike_sa_without_child(pair);
  EXPECT_EQ(log.count({"the peer asks for tunnel mode", "iked.conf:1 says transport"}), 1U)
      << log.all();
}

TEST_F(ChildNegotiation, RefusingKernelIsQuotedAndNothingIsLeft) {
  for (const bool at_responder : {true, false}) {
    LogCapture lines;
    Pair pair;
    pair.before_start = [&](Pair& p) {
      (at_responder ? p.b : p.a)->kernel.fail_install = "Requested AEAD algorithm not found";
    };
    pair.connect();
    EXPECT_EQ(pair.a->established().size(), 1U);
    EXPECT_EQ(pair.b->established().size(), 1U);
    pair.world.settle();
    EXPECT_TRUE(pair.a->kernel.clean());
    EXPECT_TRUE(pair.b->kernel.clean()) << lines.all();
    EXPECT_EQ(
        lines.count({at_responder ? "policy \"to-a\"" : "policy \"to-b\"",
                     "the kernel refuses the child SA", "Requested AEAD algorithm not found"}),
        1U)
        << lines.all();
    // The next try succeeds: the kernel was told to fail once.
    pair.world.advance(2min);
    EXPECT_EQ(pair.a->kernel.sas.size(), 2U) << lines.all();
    EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
  }
}

TEST_F(ChildNegotiation, KernelWithoutSpisIsToldAtOnce) {
  Pair pair;
  pair.before_start = [](Pair& p) { p.b->kernel.fail_allocate = "no buffer space"; };
  pair.connect();
  expect_ike_sa_without_child(pair);
  EXPECT_EQ(log.count({"policy \"to-a\"", "no buffer space"}), 1U) << log.all();
}

// Two peers with the same network cannot both be reached: the second is told, the first keeps
// working.
TEST_F(ChildNegotiation, SecondPeerWithTheSameFlowIsRefused) {
  Pair pair;
  pair.policy_b().peer = AnyHost{};
  pair.policy_b().peer_id.reset();
  pair.connect();
  ASSERT_EQ(pair.b->established().size(), 1U);
  const auto first = pair.b->kernel.sas;

  Config config_c = pair.config_a;
  config_c.policies[0].local = host("192.0.2.3");
  config_c.policies[0].local_id = *Identity::parse("c.example.com");
  Node& c = pair.world.add("c", "192.0.2.3", config_c);
  c.psks = pair.a->psks;
  c.start();
  pair.world.settle();
  EXPECT_EQ(c.established().size(), 1U);
  EXPECT_TRUE(c.kernel.clean());
  EXPECT_EQ(pair.b->kernel.sas.size(), first.size());
  EXPECT_EQ(log.count({"the flow 10.2.0.0/24 - 10.1.0.0/24 belongs to policy \"to-a\", peer "
                       "FQDN/a.example.com at 192.0.2.1:4500 already"}),
            1U)
      << log.all();
}

}  // namespace
}  // namespace iked::test
