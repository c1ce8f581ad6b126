// SPDX-License-Identifier: ISC
// An IKE SA in the place of another: CREATE_CHILD_SA without selectors, the children move.
#include <gtest/gtest.h>

#include "support/agreement.h"
#include "support/log_capture.h"
#include "support/traffic.h"

namespace iked::test {
namespace {

class IkeRekey : public ::testing::Test {
 protected:
  LogCapture log;
};

// R018, R019, R020: three round trips less than a new call, and the child is not touched.
TEST_F(IkeRekey, LifetimeBringsANewIkeSaWithTheSameChildren) {
  Pair pair;
  pair.policy_a().ike_lifetime = 1h;
  pair.connect();
  const auto before = pair.a->established()[0];
  pair.config_a.dpd_check_interval = pair.config_b.dpd_check_interval = 0s;
  pair.world.advance(47min);
  pair.world.sent.clear();
  pair.world.advance(8min);
  ASSERT_TRUE(agree(pair)) << log.all();
  const auto after = pair.a->established()[0];
  EXPECT_NE(after.spi_i, before.spi_i);
  EXPECT_NE(after.spi_r, before.spi_r);
  EXPECT_NE(after.spi_i, 0U);
  EXPECT_NE(after.spi_r, 0U);
  EXPECT_EQ(after.children[0].id, before.children[0].id);
  EXPECT_EQ(after.remote_id, before.remote_id);
  EXPECT_EQ(log.count({"child SA down"}), 0U);
  EXPECT_EQ(log.count({"child SA up"}), 2U);
  EXPECT_EQ(pair.a->policy("to-b")->state, "up");
  // It is for this tunnel what the old one was: its end brings a new call.
  pair.a->command(ike::ResetSas{});
  pair.world.advance(5s);
  EXPECT_TRUE(agree(pair)) << log.all();
}

// R020: on the new IKE SA both count from 0.
TEST_F(IkeRekey, MessageIdsBeginAnew) {
  Pair pair;
  pair.policy_b().ike_lifetime = 1h;
  pair.connect();
  pair.world.advance(30min);
  const uint64_t old = pair.a->established()[0].spi_i;
  pair.world.sent.clear();
  pair.world.advance(30min);
  ASSERT_TRUE(agree(pair)) << log.all();
  std::map<std::pair<uint64_t, bool>, uint32_t> next;
  for (const Datagram& datagram : pair.world.sent) {
    const auto header = header_of(datagram);
    if (header.response || header.spi_i.value == old) continue;
    EXPECT_EQ(header.message_id.value, (next[{header.spi_i.value, header.from_initiator}]++));
  }
  EXPECT_FALSE(next.empty());
}

// The side that was called rekeys, and is the initiator of what follows.
TEST_F(IkeRekey, WhoWasCalledMayRekey) {
  Pair pair;
  pair.policy_b().ike_lifetime = 1h;
  pair.connect();
  EXPECT_TRUE(pair.a->established()[0].initiator);
  pair.world.advance(58min);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_TRUE(pair.b->established()[0].initiator);
  // And the child can be rekeyed on it, either way.
  for (Node* node : {pair.a, pair.b}) {
    node->kernel_event(ExpireEvent{inbound_of(*node), false});
    pair.world.advance(10s);
    EXPECT_TRUE(agree(pair)) << log.all();
  }
  EXPECT_EQ(log.count({"child SA up"}), 6U);
}

TEST_F(IkeRekey, NoPacketIsLost) {
  Pair pair;
  pair.policy_a().ike_lifetime = 10s;
  pair.policy_b().ike_lifetime = 17s;
  pair.connect();
  Traffic traffic(pair.world, *pair.a, *pair.b);
  for (int round = 0; round < 20; ++round) {
    if (round % 4 == 0) pair.a->kernel_event(ExpireEvent{inbound_of(*pair.a), false});
    traffic.run(20s);
  }
  EXPECT_EQ(traffic.lost(), 0U);
  EXPECT_EQ(traffic.repeated_sequences, 0U);
  EXPECT_GE(log.count({"IKE SA rekeyed"}), 80U);
  EXPECT_GE(log.count({"child SA up"}), 12U);
  pair.world.settle();
  EXPECT_EQ(pair.a->established().size(), 1U);
}

// R132: the old PRF cuts the keys of the new IKE SA, which has another one.
TEST_F(IkeRekey, SuiteMayChange) {
  Pair pair;
  pair.policy_a().ike_lifetime = 1h;
  pair.policy_a().ike_proposals[0].prf = {PrfId::HMAC_SHA2_256, PrfId::HMAC_SHA2_512};
  pair.policy_b().ike_proposals[0].prf = {PrfId::HMAC_SHA2_256, PrfId::HMAC_SHA2_512};
  pair.connect();
  for (int hour = 0; hour < 3; ++hour) pair.world.advance(58min);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_GE(log.count({"IKE SA rekeyed"}), 6U);
}

// R103: while the IKE SA is rekeyed nothing else is begun on it.
TEST_F(IkeRekey, ChildRequestsArePutOffMeanwhile) {
  Pair pair;
  pair.policy_a().ike_lifetime = 1h;
  pair.connect();
  // a's request takes long; b wants to rekey the child meanwhile.
  bool held = false;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    const auto header = header_of(datagram);
    if (header.exchange != ExchangeType::CREATE_CHILD_SA || header.response || held)
      return datagram;
    held = true;
    pair.world.later(1ms, [&] { pair.b->kernel_event(ExpireEvent{inbound_of(*pair.b), false}); });
    return std::nullopt;
  };
  pair.world.advance(55min);
  EXPECT_TRUE(held);
  EXPECT_GE(log.count({"policy \"to-a\"", "busy with something that would collide"}), 1U)
      << log.all();
  pair.world.advance(1min);
  EXPECT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(log.count({"IKE SA rekeyed"}), 2U);
  EXPECT_EQ(log.count({"child SA up"}), 4U);
}

// Closing wins over rekeying.
TEST_F(IkeRekey, ShutDownMeanwhileLeavesNothing) {
  for (int when = 0; when < 40; when += 2) {
    Pair pair;
    pair.policy_a().ike_lifetime = 1h;
    pair.connect();
    bool began = false;
    pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
      if (header_of(datagram).exchange == ExchangeType::CREATE_CHILD_SA && !began) {
        began = true;
        pair.world.later(std::chrono::milliseconds(when),
                         [&] { (when % 4 == 0 ? pair.a : pair.b)->command(ike::ShutDown{}); });
      }
      return datagram;
    };
    pair.world.advance(55min);
    ASSERT_TRUE(began);
    Node& ended = when % 4 == 0 ? *pair.a : *pair.b;
    EXPECT_TRUE(ended.engine->idle()) << when << "\n" << log.all();
    EXPECT_TRUE(ended.kernel.clean()) << when;
    if (when % 4 == 0) EXPECT_TRUE(pair.b->kernel.clean()) << when << "\n" << log.all();
    log.lines.clear();
  }
}

// Found by fuzzing: the rekeyed IKE SA waits for the answer to its Delete while the new one goes,
// and was then taken for the one that works.
TEST_F(IkeRekey, AReplacedIkeSaDoesNotKeepThePolicyFromCalling) {
  Pair pair;
  pair.connect();
  const uint64_t old = pair.a->established().at(0).spi_i;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    const auto header = header_of(datagram);
    const bool farewell =
        header.spi_i.value == old && header.exchange == ExchangeType::INFORMATIONAL;
    return farewell ? std::nullopt : std::optional(datagram);
  };
  pair.a->command(ike::RekeySas{});
  pair.world.advance(1s);
  ASSERT_EQ(pair.a->sas().size(), 2U) << log.all();
  std::vector<SaId> fresh;
  for (const IkeSaRow& row : pair.b->sas()) {
    if (row.spi_i != old) fresh.push_back(SaId{row.id});
  }
  pair.b->command(ike::CloseSas{fresh});
  pair.world.advance(5min);
  EXPECT_TRUE(agree(pair)) << log.all();
}

// Who is called only, and has rekeyed, is the initiator of the IKE SA; its policy is not kept up. A
// new call in the place of that SA is made all the same.
TEST_F(IkeRekey, OfTheCalledSideCanBeReauthenticated) {
  Pair pair;
  pair.connect();
  pair.b->command(ike::RekeySas{});
  pair.world.advance(5s);
  ASSERT_EQ(pair.b->established().size(), 1U);
  ASSERT_TRUE(pair.b->established()[0].initiator);
  pair.b->command(ike::ReauthenticateSas{});
  pair.world.advance(1min);
  EXPECT_TRUE(agree(pair)) << log.all();
}

// RFC7296 2.8: an SPI that was reserved before the SA moved is used, and given back, where it was
// reserved.
TEST_F(IkeRekey, OfAChildGoesOnWhileTheCallerMoves) {
  Pair pair;
  pair.policy_a().local = AnyHost{};
  pair.connect();
  pair.a->kernel_event(ExpireEvent{inbound_of(*pair.a), false});
  pair.world.advance(7ms);  // the request is on its way
  pair.a->move_to("198.51.100.7");
  pair.world.advance(2min);
  EXPECT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(log.count({"child SA not made"}), 0U) << log.all();
}

}  // namespace
}  // namespace iked::test
