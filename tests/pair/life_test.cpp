// SPDX-License-Identifier: ISC
// What happens to a tunnel after it came up: deletes, dead peers, restarts, crossing calls,
// lifetimes, reloads.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"
#include "wire/message.h"

namespace iked::test {
namespace {

class Life : public ::testing::Test {
 protected:
  LogCapture log;

  static SaKey inbound_of(const Node& node) {
    for (const auto& [key, sa] : node.kernel.sas) {
      if (key.destination == node.address) return key;
    }
    return {};
  }
};

// R024, R029: a Delete of the IKE SA takes the children along, on both sides.
TEST_F(Life, ResetDeletesOnBothSidesAndComesBack) {
  Pair pair;
  pair.connect();
  const uint64_t before = pair.a->established()[0].spi_i;
  pair.world.sent.clear();
  pair.a->command(ike::ResetSas{});
  pair.world.settle();
  // HDR(A,B), SK {D} -->
  // <-- HDR(A,B), SK {}
  EXPECT_EQ(pair.world.sent.size(), 2U);
  EXPECT_EQ(pair.a->engine->sa_count(), 0U);
  EXPECT_EQ(pair.b->engine->sa_count(), 0U);
  EXPECT_TRUE(pair.a->kernel.clean());
  EXPECT_TRUE(pair.b->kernel.clean());
  pair.world.advance(5s);
  ASSERT_EQ(pair.a->established().size(), 1U);
  EXPECT_NE(pair.a->established()[0].spi_i, before);
}

TEST_F(Life, OneSaCanBeFoundByItsPeerAndClosed) {
  Pair pair;
  pair.connect();
  const SaId id{pair.a->established()[0].id};
  ike::Engine& engine = *pair.a->engine;
  EXPECT_EQ(engine.sas_of_peer("FQDN/b.example.com"), std::vector<SaId>{id});
  EXPECT_TRUE(engine.sas_of_peer("FQDN/a.example.com").empty());
  EXPECT_TRUE(engine.sas_of_peer("b.example.com").empty());
  ASSERT_TRUE(engine.find_sa(id, pair.world.now));
  EXPECT_EQ(engine.find_sa(id, pair.world.now)->children.size(), 1U);
  EXPECT_FALSE(engine.find_sa(SaId{id.value + 100}, pair.world.now));

  pair.world.sent.clear();
  pair.a->command(ike::CloseSas{{SaId{id.value + 100}, id}});
  pair.world.settle();
  // HDR(A,B), SK {D} -->
  // <-- HDR(A,B), SK {}
  EXPECT_EQ(pair.world.sent.size(), 2U);
  EXPECT_FALSE(engine.find_sa(id, pair.world.now));
  EXPECT_TRUE(engine.sas_of_peer("FQDN/b.example.com").empty());
  EXPECT_TRUE(pair.b->kernel.clean());
  pair.world.advance(5s);
  EXPECT_EQ(pair.a->established().size(), 1U);  // its policy is active
}

// Who somebody says to be does not count before the AUTH payload has proven it.
TEST_F(Life, UnprovenPeerIsNotFoundByItsIdentity) {
  Pair pair;
  pair.world.link.loss = 1;
  pair.connect();
  EXPECT_EQ(pair.a->engine->sa_count(), 1U);
  EXPECT_TRUE(pair.a->engine->sas_of_peer("FQDN/b.example.com").empty());
}

TEST_F(Life, ShutDownSendsDeletesAndEndsIdle) {
  Pair pair;
  pair.connect();
  pair.a->command(ike::ShutDown{});
  pair.world.settle();
  EXPECT_TRUE(pair.a->engine->idle());
  EXPECT_TRUE(pair.a->kernel.clean());
  EXPECT_TRUE(pair.b->kernel.clean());
  pair.world.advance(10min);
  EXPECT_TRUE(pair.a->engine->idle());
}

TEST_F(Life, DeletesThatCrossAreNoTrouble) {
  Pair pair;
  pair.connect();
  pair.a->command(ike::ShutDown{});
  pair.b->command(ike::ShutDown{});
  pair.world.settle();
  EXPECT_TRUE(pair.a->engine->idle());
  EXPECT_TRUE(pair.b->engine->idle());
}

TEST_F(Life, DeleteIsRepeatedUntilAnswered) {
  Pair pair;
  pair.connect();
  pair.a->command(ike::ShutDown{});
  pair.world.link.drop_next = 1;
  pair.world.sent.clear();
  pair.a->command(ike::ShutDown{});
  pair.world.settle();
  pair.world.advance(5s);
  EXPECT_TRUE(pair.a->engine->idle());
  EXPECT_TRUE(pair.b->engine->idle());
}

// R064, R068: nobody answers any more: the IKE SA and its children go, and the policy calls again.
TEST_F(Life, DeadPeerIsNoticed) {
  Pair pair;
  pair.connect();
  pair.world.link.loss = 1.0;
  pair.world.advance(2min);
  EXPECT_TRUE(pair.a->established().empty());
  EXPECT_TRUE(pair.a->kernel.clean());
  EXPECT_TRUE(pair.b->kernel.clean());
  EXPECT_EQ(
      log.count({"policy \"to-b\" 192.0.2.2:4500", "IKE SA down", "does not answer any more"}), 1U)
      << log.all();
  pair.world.link.loss = 0;
  pair.world.advance(2min);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

// R067: as long as its packets arrive, nobody asks.
TEST_F(Life, TrafficIsASignOfLife) {
  Pair pair;
  pair.connect();
  for (Node* node : {pair.a, pair.b}) {
    for (auto& [key, sa] : node->kernel.sas) sa.usage.idle = std::chrono::seconds(1);
  }
  pair.world.sent.clear();
  pair.world.advance(30min);
  EXPECT_TRUE(pair.world.sent.empty());
  for (Node* node : {pair.a, pair.b}) {
    for (auto& [key, sa] : node->kernel.sas) sa.usage.idle = std::chrono::seconds(100);
  }
  pair.world.advance(2min);
  EXPECT_FALSE(pair.world.sent.empty());
}

TEST_F(Life, NoLivenessChecksWhereTheyAreTurnedOff) {
  Pair pair;
  pair.config_a.dpd_check_interval = pair.config_b.dpd_check_interval = std::chrono::seconds(0);
  pair.connect();
  pair.world.sent.clear();
  pair.world.advance(2h);
  EXPECT_TRUE(pair.world.sent.empty());
}

// R065: the peer lost everything and says so.
TEST_F(Life, RestartedPeerBeginsAnew) {
  Pair pair;
  pair.connect();
  const uint64_t old = pair.b->established()[0].spi_r;
  pair.world.advance(10min);
  pair.a->restart(pair.config_a);
  pair.world.settle();
  ASSERT_EQ(pair.b->established().size(), 1U) << log.all();
  EXPECT_NE(pair.b->established()[0].spi_r, old);
  EXPECT_EQ(pair.b->engine->sa_count(), 1U);
  // Those of the old child receive a moment longer.
  pair.world.advance(10s);
  EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
  EXPECT_EQ(pair.b->kernel.policies.size(), 3U);
  EXPECT_EQ(log.count({"INITIAL_CONTACT"}), 1U);
}

TEST_F(Life, RestartedResponderIsFoundAgain) {
  Pair pair;
  pair.connect();
  pair.b->restart(pair.config_b);
  pair.world.advance(4min);
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  ASSERT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(pair.a->established()[0].spi_r, pair.b->established()[0].spi_r);
}

// R032, R036, R062, R063: a request of an SA that is gone gets INVALID_IKE_SPI, which is only a
// hint.
TEST_F(Life, InvalidIkeSpiOnlyMakesUsLook) {
  Pair pair;
  pair.connect();
  const auto sa = pair.a->established()[0];
  wire::Header header;
  header.spi_i = IkeSpi{sa.spi_i};
  header.spi_r = IkeSpi{sa.spi_r};
  header.exchange = ExchangeType::INFORMATIONAL;
  header.response = true;
  header.message_id = MessageId{2};
  const Bytes forged = wire::encode_message(
      header, {wire::NotifyPayload{NotifyType::INVALID_IKE_SPI, ProtocolId::NONE, {}, {}}});
  pair.world.sent.clear();
  for (int i = 0; i < 1000; ++i) {
    pair.world.inject({{pair.a->address, 500}, {pair.b->address, 500}, false, forged});
    pair.world.advance(10ms);
  }
  EXPECT_EQ(pair.a->established().size(), 1U);
  EXPECT_LE(pair.world.sent.size(), 4U);
}

TEST_F(Life, BothSidesCallAtOnceAndOneSaStays) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Pair pair(seed);
    pair.policy_b().active = true;
    pair.world.link.jitter = 20ms;
    pair.connect();
    pair.world.advance(30s);
    ASSERT_EQ(pair.a->established().size(), 1U) << "seed " << seed;
    ASSERT_EQ(pair.b->established().size(), 1U) << "seed " << seed;
    EXPECT_EQ(pair.a->established()[0].spi_i, pair.b->established()[0].spi_i) << "seed " << seed;
    EXPECT_EQ(pair.a->kernel.sas.size(), 2U) << "seed " << seed;
    EXPECT_EQ(pair.b->kernel.sas.size(), 2U) << "seed " << seed;
    // And it stays like that.
    const uint64_t spi = pair.a->established()[0].spi_i;
    pair.world.sent.clear();
    pair.world.advance(50s);
    ASSERT_EQ(pair.a->established().size(), 1U) << "seed " << seed;
    EXPECT_EQ(pair.a->established()[0].spi_i, spi) << "seed " << seed;
  }
}

TEST_F(Life, PolicyThatWasCalledDoesNotCall) {
  Pair pair;
  pair.policy_b().active = true;
  pair.policy_a().active = false;
  pair.connect();
  Config both = pair.config_a;
  both.policies[0].active = true;
  pair.world.sent.clear();
  pair.world.advance(30s);
  EXPECT_TRUE(pair.world.sent.empty());
}

// R104: proving both sides again takes a whole new IKE SA; make before break.
TEST_F(Life, ReauthenticationBringsANewTunnelBeforeTheOldGoes) {
  Pair pair;
  pair.connect();
  const uint64_t old = pair.a->established()[0].spi_i;
  size_t fewest = 100;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    fewest = std::min({fewest, pair.a->kernel.sas.size(), pair.b->kernel.sas.size()});
    return datagram;
  };
  pair.a->command(ike::ReauthenticateSas{});
  pair.world.settle();
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  ASSERT_EQ(pair.b->established().size(), 1U);
  EXPECT_NE(pair.a->established()[0].spi_i, old);
  EXPECT_GE(fewest, 2U);
  EXPECT_EQ(pair.a->kernel.sas.size(), 2U);
  EXPECT_EQ(pair.a->kernel.policies.size(), 3U);
  EXPECT_EQ(pair.b->kernel.policies.size(), 3U);
}

// R104: also where the IKE SA was rekeyed, by either side, since the last time.
TEST_F(Life, ReauthenticationAfterARekeyLeavesOneTunnel) {
  for (const bool by_a : {true, false}) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      Pair pair(seed);
      pair.connect();
      (by_a ? pair.a : pair.b)->command(ike::RekeySas{});
      pair.world.advance(5s);
      pair.a->command(ike::ReauthenticateSas{});
      pair.world.advance(1min);
      ASSERT_EQ(pair.a->sas().size(), 1U) << log.all();
      ASSERT_EQ(pair.b->sas().size(), 1U) << log.all();
      EXPECT_EQ(pair.a->kernel.sas.size(), 2U);
      EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
    }
  }
}

TEST_F(Life, ReplacementThatFailsIsTriedAgainAndTheOldOneWorksOn) {
  Pair pair;
  pair.connect();
  pair.b->psks[common_secret] = "changed";
  pair.a->command(ike::ReauthenticateSas{});
  pair.world.settle();
  ASSERT_EQ(pair.a->established().size(), 1U);
  EXPECT_EQ(pair.a->kernel.sas.size(), 2U);
  pair.b->psks[common_secret] = "a very common secret";
  const uint64_t old = pair.a->established()[0].spi_i;
  pair.world.advance(40s);
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_NE(pair.a->established()[0].spi_i, old);
}

TEST_F(Life, HardExpiryAtTheResponderIsTold) {
  Pair pair;
  pair.connect();
  const SaKey key = inbound_of(*pair.b);
  pair.b->kernel_event(ExpireEvent{key, true});
  pair.world.advance(10s);
  // The child is gone on both sides, and the active side has called for a new tunnel.
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.a->established()[0].children.size(), 1U);
  EXPECT_FALSE(pair.b->kernel.sas.contains(key));
}

// A passive responder may not say that the child is over. The caller must not be left with half a
// tunnel.
TEST_F(Life, HardExpiryAtAPassiveHostIsNoticed) {
  Pair pair;
  pair.connect();
  pair.b->command(ike::SetPassive{true});
  pair.b->kernel_event(ExpireEvent{inbound_of(*pair.b), true});
  pair.world.advance(5min);
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  ASSERT_EQ(pair.b->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.a->established()[0].spi_i, pair.b->established()[0].spi_i);
  EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
}

// R096, R097: each side keeps its own, and no two SAs the same.
TEST_F(Life, LifetimesAreJitteredAndNotNegotiated) {
  std::set<std::chrono::seconds> soft;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    Pair pair(seed);
    pair.policy_a().child_lifetime = 2h;
    pair.policy_b().child_lifetime = 1h;
    pair.connect();
    ASSERT_EQ(pair.a->kernel.sas.size(), 2U);
    for (const auto& [key, sa] : pair.a->kernel.sas) {
      EXPECT_EQ(sa.lifetime.hard, 2h);
      EXPECT_LT(sa.lifetime.soft, 2h);
      EXPECT_GE(sa.lifetime.soft, 1h);
      soft.insert(sa.lifetime.soft);
    }
    for (const auto& [key, sa] : pair.b->kernel.sas) EXPECT_EQ(sa.lifetime.hard, 1h);
  }
  EXPECT_GE(soft.size(), 4U);
}

TEST_F(Life, IkeLifetimeBringsANewIkeSa) {
  Pair pair;
  pair.policy_a().ike_lifetime = std::chrono::hours(1);
  pair.connect();
  const uint64_t old = pair.a->established()[0].spi_i;
  pair.world.advance(61min);
  ASSERT_EQ(pair.a->established().size(), 1U);
  EXPECT_NE(pair.a->established()[0].spi_i, old);
}

// R030: after lost events the engine asks the kernel what is left.
TEST_F(Life, ResyncFindsChildrenThatTheKernelDropped) {
  Pair pair;
  pair.connect();
  pair.a->kernel.sas.clear();
  pair.a->kernel_event(ResyncEvent{});
  pair.world.advance(10s);
  ASSERT_EQ(pair.a->established().size(), 1U);
  EXPECT_EQ(pair.a->kernel.sas.size(), 2U) << log.all();
}

// A kernel that cannot be asked does not say that the SA is gone.
TEST_F(Life, ResyncKeepsChildrenThatTheKernelCannotBeAskedFor) {
  Pair pair;
  pair.connect();
  const uint64_t before = pair.a->established()[0].spi_i;
  pair.world.sent.clear();
  pair.a->kernel.fail_usage = "No buffer space available";
  pair.a->kernel_event(ResyncEvent{});
  pair.world.settle();
  EXPECT_TRUE(pair.world.sent.empty()) << log.all();
  ASSERT_EQ(pair.a->established().size(), 1U);
  EXPECT_EQ(pair.a->established()[0].spi_i, before);
  EXPECT_EQ(pair.a->established()[0].children.size(), 1U);
  EXPECT_EQ(pair.a->kernel.sas.size(), 2U);
  EXPECT_EQ(log.count({"policy \"to-b\"", "cannot ask the kernel", "No buffer space"}), 1U);
}

TEST_F(Life, ReloadKeepsWhatDidNotChange) {
  Pair pair;
  Policy other = psk_policy("other", "192.0.2.1", "192.0.2.77", "10.1.0.0/24", "10.77.0.0/24",
                            "a.example.com", "x.example.com");
  pair.connect();
  const uint64_t spi = pair.a->established()[0].spi_i;
  pair.world.sent.clear();
  Config more = pair.config_a;
  more.policies.insert(more.policies.begin(), other);
  more.policies[1].where.line = 42;
  const auto summary = pair.a->reload(more);
  pair.world.settle();
  EXPECT_EQ(summary.kept, 1U);
  EXPECT_EQ(summary.added, 1U);
  EXPECT_EQ(summary.removed, 0U);
  EXPECT_TRUE(pair.world.sent.empty());
  ASSERT_EQ(pair.a->established().size(), 1U);
  EXPECT_EQ(pair.a->established()[0].spi_i, spi);
}

TEST_F(Life, ReloadRenegotiatesWhatChanged) {
  Pair pair;
  pair.connect();
  Config changed = pair.config_a;
  changed.policies[0].child_lifetime = std::chrono::seconds(600);
  const auto summary = pair.a->reload(changed);
  EXPECT_EQ(summary.added, 1U);
  EXPECT_EQ(summary.removed, 1U);
  pair.world.settle();
  pair.world.advance(5s);
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  ASSERT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(pair.a->kernel.sas.size(), 2U);
  EXPECT_EQ(pair.a->kernel.policies.size(), 3U);
}

TEST_F(Life, ReloadEndsWhatIsGone) {
  Pair pair;
  pair.connect();
  pair.a->reload(config_of({}));
  pair.world.settle();
  EXPECT_EQ(pair.a->engine->sa_count(), 0U);
  EXPECT_TRUE(pair.a->kernel.clean());
  EXPECT_TRUE(pair.b->kernel.clean());
}

}  // namespace
}  // namespace iked::test
