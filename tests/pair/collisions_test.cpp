// SPDX-License-Identifier: ISC
// Both sides do something about the same SAs at the same time: rekeys, Deletes, of children and of
// the IKE SA, in every order in which their messages can meet. Both come to have the same one
// tunnel, or none. RFC7296 2.8, 2.25
#include <gtest/gtest.h>

#include "support/agreement.h"
#include "support/log_capture.h"
#include "support/traffic.h"

namespace iked::test {
namespace {

enum class Act { rekey_child, rekey_ike, delete_child, delete_ike };

std::string name_of(Act act) {
  switch (act) {
    case Act::rekey_child:
      return "RekeyChild";
    case Act::rekey_ike:
      return "RekeyIke";
    case Act::delete_child:
      return "DeleteChild";
    case Act::delete_ike:
      return "DeleteIke";
  }
  return {};
}

class Collisions : public ::testing::TestWithParam<std::tuple<Act, Act>> {
 protected:
  static void begin(Node& node, Act act) {
    switch (act) {
      case Act::rekey_child:
        return node.kernel_event(ExpireEvent{inbound_of(node), false});
      case Act::rekey_ike:
        return node.command(ike::RekeySas{});
      case Act::delete_child:
        return node.kernel_event(ExpireEvent{inbound_of(node), true});
      case Act::delete_ike:
        return node.command(ike::ResetSas{});
    }
  }
  LogCapture log;
};

// R098 to R103, R157 to R159. The seed decides the nonces and how the messages overtake each other,
// `gap` how much later b begins, and what is lost makes one side finish before it hears of the
// other's.
TEST_P(Collisions, BothSidesComeToTheSame) {
  const auto [of_a, of_b] = GetParam();
  const bool deletes = of_a == Act::delete_child || of_a == Act::delete_ike ||
                       of_b == Act::delete_child || of_b == Act::delete_ike;
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    for (const Duration gap : {0ms, 2ms, 5ms, 7ms, 12ms}) {
      Pair pair(seed);
      pair.connect();
      pair.world.advance(1s);
      Traffic traffic(pair.world, *pair.a, *pair.b);
      traffic.run(200ms);
      pair.world.link.jitter = seed % 3 == 0 ? 20ms : 0ms;
      if (seed % 4 == 1) pair.world.link.drop_next = 1;
      if (seed % 4 == 2) {
        pair.world.later(gap + 4ms, [&] { pair.world.link.drop_next = 1; });
      }
      begin(*pair.a, of_a);
      pair.world.later(gap, [&, act = of_b] {
        if (!pair.b->established().empty()) begin(*pair.b, act);
      });
      traffic.run(5s);
      pair.world.link.jitter = 0ms;
      traffic.run(40s, 100ms);
      pair.world.advance(3min);
      ASSERT_TRUE(agree(pair)) << "seed " << seed << " gap " << gap.count() << "\n" << log.all();
      EXPECT_EQ(traffic.repeated_sequences, 0U);
      if (!deletes) {
        EXPECT_EQ(traffic.lost(), 0U) << "seed " << seed << " gap " << gap.count() << "\n"
                                      << log.all();
      }
      log.lines.clear();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Matrix, Collisions,
                         ::testing::Combine(::testing::Values(Act::rekey_child, Act::rekey_ike,
                                                              Act::delete_child, Act::delete_ike),
                                            ::testing::Values(Act::rekey_child, Act::rekey_ike,
                                                              Act::delete_child, Act::delete_ike)),
                         [](const auto& test) {
                           return name_of(std::get<0>(test.param)) + "With" +
                                  name_of(std::get<1>(test.param));
                         });

class BothOrders : public ::testing::Test {
 protected:
  LogCapture log;
};

// R098, R099: whichever side has the lowest nonce, it deletes its own, and the other the old one.
TEST_F(BothOrders, EitherChildRekeyMayLose) {
  size_t ours = 0;
  size_t theirs = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Pair pair(seed);
    pair.connect();
    const size_t before = log.count({"child SA up"});
    Traffic traffic(pair.world, *pair.a, *pair.b);
    pair.a->kernel_event(ExpireEvent{inbound_of(*pair.a), false});
    pair.b->kernel_event(ExpireEvent{inbound_of(*pair.b), false});
    traffic.run(10s);
    ASSERT_TRUE(agree(pair)) << "seed " << seed << "\n" << log.all();
    EXPECT_EQ(log.count({"child SA up"}) - before, 4U);
    EXPECT_EQ(traffic.lost(), 0U);
    ours += log.count({"policy \"to-b\"", "child SA at once; our new one stays"});
    theirs += log.count({"policy \"to-b\"", "child SA at once; the peer's new one stays"});
    EXPECT_EQ(log.count({"policy \"to-a\"", "at once; our new one stays"}),
              log.count({"policy \"to-b\"", "at once; the peer's new one stays"}));
    log.lines.clear();
  }
  EXPECT_EQ(ours + theirs, 60U);
  EXPECT_GE(ours, 10U);
  EXPECT_GE(theirs, 10U);
}

// R102
TEST_F(BothOrders, EitherIkeRekeyMayLose) {
  size_t ours = 0;
  size_t theirs = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Pair pair(seed);
    pair.connect();
    Traffic traffic(pair.world, *pair.a, *pair.b);
    pair.a->command(ike::RekeySas{});
    pair.b->command(ike::RekeySas{});
    traffic.run(10s);
    ASSERT_TRUE(agree(pair)) << "seed " << seed << "\n" << log.all();
    EXPECT_EQ(traffic.lost(), 0U);
    EXPECT_EQ(log.count({"child SA down"}), 0U);
    ours += log.count({"policy \"to-b\"", "IKE SA at once; our new one stays"});
    theirs += log.count({"policy \"to-a\"", "IKE SA at once; our new one stays"});
    log.lines.clear();
  }
  EXPECT_EQ(ours + theirs, 60U);
  EXPECT_GE(ours, 10U);
  EXPECT_GE(theirs, 10U);
}

}  // namespace
}  // namespace iked::test
