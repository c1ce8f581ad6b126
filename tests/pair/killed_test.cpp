// SPDX-License-Identifier: ISC
// A process is killed and started again, and what it had in the kernel carries on: no packet is
// lost, on whichever side it happens and however often.
#include <gtest/gtest.h>

#include "support/agreement.h"
#include "support/log_capture.h"
#include "support/traffic.h"

namespace iked::test {
namespace {

constexpr bool keep_kernel = false;  // not wiped

class Killed : public ::testing::Test {
 protected:
  LogCapture log;

  static void kill(Node& node, const Config& config) { node.restart(config, keep_kernel); }
};

TEST_F(Killed, TheNewProcessTakesTheTunnelOver) {
  Pair pair;
  pair.connect();
  const Reqid reqid_a = pair.a->kernel.policies.at(0).reqid;
  const auto old_inbound = inbound_of(*pair.a);
  Traffic traffic(pair.world, *pair.a, *pair.b);
  traffic.run(1s);
  kill(*pair.a, pair.config_a);
  pair.world.advance(100ms);
  // IKE_SA_INIT, then HDR, SK {IDi, N(INITIAL_CONTACT), ...} --> as after any start.
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  ASSERT_EQ(pair.b->established().size(), 1U);
  // The flows keep their reqid, and with it their policies; the old SAs receive a while.
  EXPECT_EQ(pair.a->kernel.policies.size(), 3U);
  EXPECT_EQ(pair.a->kernel.policies.at(0).reqid, reqid_a);
  EXPECT_TRUE(pair.a->kernel.sas.contains(old_inbound));
  EXPECT_EQ(pair.a->kernel.sas.size(), 4U);
  EXPECT_GE(pair.b->kernel.sas.size(), 3U);
  traffic.run(10s);
  EXPECT_FALSE(pair.a->kernel.sas.contains(old_inbound));
  EXPECT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(traffic.lost(), 0U);
  EXPECT_GE(traffic.sent, 2000U);
}

TEST_F(Killed, NoPacketIsLostHoweverOftenEitherSideIsKilled) {
  Pair pair;
  pair.policy_b().active = true;
  pair.connect();
  pair.world.advance(5s);
  Traffic traffic(pair.world, *pair.a, *pair.b);
  for (int round = 0; round < 200; ++round) {
    const bool first = pair.world.rng.chance(0.5);
    kill(first ? *pair.a : *pair.b, first ? pair.config_a : pair.config_b);
    traffic.run(Duration(std::chrono::milliseconds(100 + pair.world.rng.below(3000))));
    ASSERT_EQ(traffic.lost(), 0U) << "round " << round << "\n" << log.all();
    ASSERT_EQ(pair.a->kernel.policies.size(), 3U);
    ASSERT_EQ(pair.b->kernel.policies.size(), 3U);
  }
  traffic.run(10s);
  EXPECT_EQ(traffic.lost(), 0U);
  EXPECT_EQ(traffic.repeated_sequences, 0U);
  EXPECT_TRUE(agree(pair)) << log.all();
}

// Killed in the middle of the handshake that takes the tunnel over: at every message of it.
TEST_F(Killed, NoPacketIsLostWhenItIsKilledAgainBeforeTheTunnelIsBack) {
  for (size_t messages = 0; messages < 5; ++messages) {
    Pair pair;
    pair.connect();
    Traffic traffic(pair.world, *pair.a, *pair.b);
    traffic.run(1s);
    for (int round = 0; round < 20; ++round) {
      kill(*pair.a, pair.config_a);
      const size_t before = pair.world.sent.size();
      while (pair.world.sent.size() < before + messages) pair.world.advance(1ms);
    }
    kill(*pair.a, pair.config_a);
    traffic.run(40s);  // half-open SAs go as well
    EXPECT_EQ(traffic.lost(), 0U) << messages;
    EXPECT_TRUE(agree(pair)) << log.all();
  }
}

// One that lost its SAs as well: its peer does not send on them for long.
TEST_F(Killed, APeerThatLostItsKernelIsSentToOnTheNewChildAfterASecond) {
  Pair pair;
  pair.connect();
  Traffic before(pair.world, *pair.a, *pair.b);
  before.run(1s);
  pair.a->restart(pair.config_a);
  pair.world.advance(1500ms);
  Traffic after(pair.world, *pair.a, *pair.b);
  after.run(2s);
  EXPECT_EQ(after.lost(), 0U) << log.all();
}

// Other flows after the start: what was left makes way, and its reqid is not given to others.
TEST_F(Killed, AnotherConfigurationTakesThePlaceOfWhatWasLeft) {
  Pair pair;
  pair.connect();
  const Reqid reqid = pair.a->kernel.policies.at(0).reqid;
  pair.policy_a().flows.push_back({{host("10.3.0.0/24"), 0}, {host("10.2.0.0/24"), 0}});
  pair.policy_b().flows.push_back({{host("10.2.0.0/24"), 0}, {host("10.3.0.0/24"), 0}});
  pair.b->restart(pair.config_b);
  kill(*pair.a, pair.config_a);
  pair.world.advance(20s);
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.a->kernel.policies.size(), 6U);
  for (const KernelPolicy& policy : pair.a->kernel.policies) EXPECT_NE(policy.reqid, reqid);
}

// The kernel does not take the child: what was left goes on, and the next try takes it over.
TEST_F(Killed, AFailedTakeOverIsTriedAgain) {
  Pair pair;
  pair.connect();
  Traffic traffic(pair.world, *pair.a, *pair.b);
  pair.a->kernel.fail_install = "no memory";
  kill(*pair.a, pair.config_a);
  pair.world.settle();
  EXPECT_EQ(pair.a->kernel.policies.size(), 3U);
  traffic.run(1min);
  EXPECT_TRUE(agree(pair)) << log.all();
}

}  // namespace
}  // namespace iked::test
