// SPDX-License-Identifier: ISC
// couple and decouple: tunnels leave the kernel while their IKE SAs live on, and come back.
#include <gtest/gtest.h>

#include "support/agreement.h"
#include "support/log_capture.h"
#include "support/traffic.h"

namespace iked::test {
namespace {

class Couple : public ::testing::Test {
 protected:
  LogCapture log;

  static void decouple(Node& node) { node.command(ike::SetCoupled{nullptr}); }
  static void couple(Node& node) {
    node.kernel.late_spis = true;
    node.command(ike::SetCoupled{&node.kernel});
  }
  static std::map<SaKey, Bytes> keys_of(const Node& node) {
    std::map<SaKey, Bytes> keys;
    for (const auto& [key, sa] : node.kernel.sas) keys[key] = sa.encr_key;
    return keys;
  }
};

TEST_F(Couple, TheSameSasAndPoliciesComeBackAndNoSequenceNumberTwice) {
  Pair pair;
  pair.connect();
  Traffic traffic(pair.world, *pair.a, *pair.b);
  traffic.run(1s);
  const auto keys = keys_of(*pair.a);
  const auto policies = pair.a->kernel.policies.size();
  const uint64_t counted = pair.a->sas()[0].children[0].packets_out;
  ASSERT_EQ(policies, 3U);

  decouple(*pair.a);
  EXPECT_TRUE(pair.a->kernel.clean());
  ASSERT_EQ(pair.a->established().size(), 1U);
  EXPECT_FALSE(pair.a->sas()[0].children[0].coupled);
  EXPECT_EQ(pair.a->sas()[0].children[0].packets_out, counted);
  EXPECT_TRUE(pair.b->sas()[0].children[0].coupled);
  decouple(*pair.a);  // it is that already
  pair.world.advance(5min);
  ASSERT_EQ(pair.a->established().size(), 1U);

  couple(*pair.a);
  EXPECT_EQ(keys_of(*pair.a), keys);
  EXPECT_EQ(pair.a->kernel.policies.size(), policies);
  EXPECT_TRUE(pair.a->sas()[0].children[0].coupled);
  const size_t lost = traffic.lost();
  traffic.run(1s);
  EXPECT_EQ(traffic.lost(), lost);
  EXPECT_EQ(traffic.repeated_sequences, 0U);
  EXPECT_EQ(traffic.without_sa, 0U);
  EXPECT_TRUE(agree(pair)) << log.all();
}

TEST_F(Couple, BothSidesMayDoItAgainAndAgain) {
  Pair pair;
  pair.connect();
  Traffic traffic(pair.world, *pair.a, *pair.b);
  for (int i = 0; i < 3; ++i) {
    decouple(*pair.a);
    decouple(*pair.b);
    pair.world.advance(1min);
    couple(*pair.b);
    couple(*pair.a);
    traffic.run(1s);
  }
  EXPECT_EQ(traffic.lost(), 0U);
  EXPECT_EQ(traffic.repeated_sequences, 0U);
  EXPECT_TRUE(agree(pair));
}

// CREATE_CHILD_SA of the peer and its Delete, both without a kernel here.
TEST_F(Couple, WhatThePeerRekeysMeanwhileComesInItsNewForm) {
  Pair pair;
  pair.connect();
  decouple(*pair.a);
  pair.b->kernel_event(ExpireEvent{inbound_of(*pair.b), false});
  pair.world.advance(30s);
  pair.b->command(ike::RekeySas{});
  pair.world.advance(30s);
  EXPECT_TRUE(pair.a->kernel.clean());
  couple(*pair.a);
  ASSERT_TRUE(agree(pair)) << log.all();
  Traffic traffic(pair.world, *pair.a, *pair.b);
  traffic.run(1s);
  EXPECT_EQ(traffic.lost(), 0U);
}

TEST_F(Couple, EngineThatBeginsWithoutAKernelIsCoupledLater) {
  Pair pair;
  pair.config_a.decouple = true;
  pair.connect();
  ASSERT_EQ(pair.a->established().size(), 1U);
  ASSERT_EQ(pair.a->sas()[0].children.size(), 1U);
  EXPECT_TRUE(pair.a->kernel.clean());
  couple(*pair.a);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(pair.a->kernel.policies.size(), 3U);
  Traffic traffic(pair.world, *pair.a, *pair.b);
  traffic.run(1s);
  EXPECT_EQ(traffic.lost(), 0U);
}

// Too few sequence numbers are left, or the kernel does not show keys.
TEST_F(Couple, SaThatCannotComeBackIsRekeyed) {
  Pair pair;
  pair.connect();
  const auto keys = keys_of(*pair.a);
  decouple(*pair.a);
  pair.a->kernel.fail_put_back = "only 12 sequence numbers are left";
  couple(*pair.a);
  pair.world.advance(10s);
  EXPECT_EQ(log.count({"does not come back into the kernel", "only 12 sequence numbers"}), 1U);
  ASSERT_TRUE(agree(pair)) << log.all();
  for (const auto& [key, octets] : keys_of(*pair.a)) EXPECT_FALSE(keys.contains(key));
  Traffic traffic(pair.world, *pair.a, *pair.b);
  traffic.run(1s);
  EXPECT_EQ(traffic.lost(), 0U);
}

TEST_F(Couple, SaThatWasGoneBeforeIsRekeyed) {
  Pair pair;
  pair.connect();
  pair.a->kernel.sas.erase(inbound_of(*pair.a));
  decouple(*pair.a);
  couple(*pair.a);
  pair.world.advance(10s);
  EXPECT_TRUE(agree(pair)) << log.all();
}

// No kernel says when a lifetime is over.
TEST_F(Couple, ChildWhoseTimeIsOverMeanwhileIsRekeyedAtOnce) {
  Pair pair;
  pair.policy_a().child_lifetime = 1h;
  pair.connect();
  const auto keys = keys_of(*pair.a);
  decouple(*pair.a);
  pair.world.advance(2h);
  couple(*pair.a);
  for (const auto& [key, octets] : keys) EXPECT_FALSE(pair.a->kernel.sas.contains(key));
  pair.world.advance(10s);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(pair.a->established().size(), 1U);
}

// In passive mode nothing may be asked: the peer finds the IKE SA gone and begins anew.
TEST_F(Couple, InPassiveModeWhatCannotComeBackEndsInSilence) {
  Pair pair;
  pair.policy_a().active = false;
  pair.policy_b().active = true;
  pair.config_a.passive = true;
  pair.connect();
  decouple(*pair.a);
  pair.a->kernel.fail_put_back = "only 12 sequence numbers are left";
  pair.world.sent.clear();
  couple(*pair.a);
  pair.world.settle();
  EXPECT_TRUE(pair.world.sent.empty());
  EXPECT_TRUE(pair.a->sas().empty());
  EXPECT_TRUE(pair.a->kernel.clean());
  pair.world.advance(10min);
  EXPECT_TRUE(agree(pair)) << log.all();
}

// RFC4555 3.5
TEST_F(Couple, AddressesMayChangeMeanwhile) {
  Pair pair;
  pair.policy_a().local = AnyHost{};
  pair.policy_b().peer = AnyHost{};
  pair.policy_b().active = false;
  pair.connect();
  const auto keys = keys_of(*pair.a);
  decouple(*pair.a);
  pair.a->move_to("192.0.2.77");
  pair.world.advance(5s);
  couple(*pair.a);
  ASSERT_TRUE(agree(pair)) << log.all();
  for (const auto& [key, sa] : pair.a->kernel.sas) {
    EXPECT_TRUE(key.source == pair.a->address || key.destination == pair.a->address);
  }
  Traffic traffic(pair.world, *pair.a, *pair.b);
  traffic.run(1s);
  EXPECT_EQ(traffic.lost(), 0U);
}

TEST_F(Couple, WhatIsUnderWayWhenTheKernelGoesOrComesIsFinished) {
  for (const bool first_coupled : {true, false}) {
    Pair pair;
    pair.config_a.decouple = !first_coupled;
    pair.start();
    pair.world.advance(20ms);  // IKE_AUTH is on its way, and an SPI reserved
    ASSERT_TRUE(pair.a->established().empty());
    first_coupled ? decouple(*pair.a) : couple(*pair.a);
    pair.world.advance(5s);
    if (first_coupled) {
      EXPECT_TRUE(pair.a->kernel.clean());
      couple(*pair.a);
    }
    EXPECT_TRUE(agree(pair)) << log.all();
  }
}

TEST_F(Couple, EndOfATunnelMeanwhileIsForGood) {
  Pair pair;
  pair.policy_a().active = false;
  pair.policy_b().active = true;
  pair.connect();
  decouple(*pair.a);
  pair.b->command(ike::ShutDown{});
  pair.world.advance(5s);
  EXPECT_TRUE(pair.a->sas().empty());
  couple(*pair.a);
  EXPECT_TRUE(pair.a->kernel.clean());
}

// Both sides rekey at once, and a moves at any moment of it, or is decoupled for a moment: the
// redundant child, of which only one half is in the kernel, is no trouble.
TEST_F(Couple, RedundantChildrenMoveComeAndGo) {
  for (const bool moves : {true, false}) {
    for (int step = 0; step < 30; ++step) {
      Pair pair(static_cast<uint64_t>(step + 1));
      pair.policy_a().local = AnyHost{};
      pair.policy_b().peer = AnyHost{};
      pair.connect();
      for (Node* node : {pair.a, pair.b}) {
        node->kernel_event(ExpireEvent{inbound_of(*node), false});
      }
      pair.world.advance(std::chrono::milliseconds(step));
      if (moves) {
        pair.a->move_to("192.0.2.77");
      } else {
        decouple(*pair.a);
        couple(*pair.a);
      }
      pair.world.advance(20s);
      EXPECT_TRUE(agree(pair)) << step;
    }
  }
  EXPECT_EQ(log.count({"cannot move the child SA"}), 0U) << log.all();
  EXPECT_EQ(log.count({"does not come back into the kernel"}), 0U) << log.all();
}

TEST_F(Couple, EventsOfBeforeAreNotListenedTo) {
  Pair pair;
  pair.connect();
  const SaKey inbound = inbound_of(*pair.a);
  decouple(*pair.a);
  pair.world.sent.clear();
  pair.a->kernel_event(ExpireEvent{inbound, true});
  pair.a->kernel_event(ResyncEvent{});
  pair.world.settle();
  EXPECT_TRUE(pair.world.sent.empty());
  couple(*pair.a);
  EXPECT_TRUE(agree(pair));
}

}  // namespace
}  // namespace iked::test
