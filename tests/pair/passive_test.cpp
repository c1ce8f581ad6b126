// SPDX-License-Identifier: ISC
// Passive mode: no request is ever sent, whatever happens; requests are answered; and with `active`
// everything that was held back comes at once.
#include <gtest/gtest.h>

#include "support/agreement.h"
#include "support/log_capture.h"
#include "support/traffic.h"

namespace iked::test {
namespace {

class Passive : public ::testing::Test {
 protected:
  LogCapture log;
  Pair pair;

  void connect() {
    pair.policy_b().local = AnyHost{};
    pair.policy_a().peer = host("192.0.2.2");
    pair.connect();
    ASSERT_EQ(pair.b->established().size(), 1U);
    pair.world.sent.clear();
  }
  void silence(Node& node) {
    node.command(ike::SetPassive{true});
    pair.world.sent.clear();
  }
  /// Requests that this host has sent since.
  size_t requests_of(const Node& node) const {
    return static_cast<size_t>(std::ranges::count_if(pair.world.sent, [&](const Datagram& one) {
      return one.local.address == node.address && !header_of(one).response;
    }));
  }
};

// Initiation, rekey of child and IKE SA, liveness, ACQUIRE, Delete, address change, replacement.
TEST_F(Passive, NothingOfAllThatCanHappenMakesItAsk) {
  for (const bool caller : {true, false}) {
    pair = Pair();
    pair.policy_a().ike_lifetime = pair.policy_b().ike_lifetime = 3h;
    connect();
    Node& quiet = caller ? *pair.a : *pair.b;
    silence(quiet);
    const auto during = [&](const char* what, const std::function<void()>& happens) {
      happens();
      pair.world.advance(2s);
      EXPECT_EQ(requests_of(quiet), 0U) << what << " of " << quiet.name;
    };
    during("soft expiry", [&] { quiet.kernel_event(ExpireEvent{inbound_of(quiet), false}); });
    during("acquire", [&] {
      const Reqid reqid = quiet.kernel.policies.at(0).reqid;
      quiet.kernel_event(AcquireEvent{reqid, {}, {}});
    });
    during("mapping", [&] { quiet.kernel_event(MappingEvent{inbound_of(quiet), {}}); });
    during("resync", [&] { quiet.kernel_event(ResyncEvent{}); });
    during("rekey by command", [&] { quiet.command(ike::RekeySas{}); });
    during("reauthentication", [&] { quiet.command(ike::ReauthenticateSas{}); });
    during("change of network", [&] { quiet.network_change(); });
    during("the other side's silence", [&] {
      pair.world.link.loss = 1;
      pair.world.advance(10min);
      pair.world.link.loss = 0;
    });
    during("couple", [&] {
      quiet.kernel.late_spis = true;
      quiet.command(ike::SetCoupled{nullptr});
      quiet.command(ike::SetCoupled{&quiet.kernel});
    });
    during("the end of its lifetime", [&] { pair.world.advance(4h); });
    during("reset", [&] { quiet.command(ike::ResetSas{}); });
    during("a policy that goes", [&] {
      Config none = config_of({});
      none.passive = true;
      quiet.reload(none);
    });
    during("the end", [&] { quiet.command(ike::ShutDown{}); });
    EXPECT_TRUE(quiet.engine->idle());
  }
}

TEST_F(Passive, RequestsAreAnswered) {
  for (const bool caller : {true, false}) {
    pair = Pair();
    connect();
    Node& quiet = caller ? *pair.a : *pair.b;
    Node& other = caller ? *pair.b : *pair.a;
    silence(quiet);
    // HDR, SK {N(REKEY_SA), SA, Ni, TSi, TSr} -->
    other.kernel_event(ExpireEvent{inbound_of(other), false});
    pair.world.advance(10s);
    EXPECT_TRUE(agree(pair)) << log.all();
    // HDR, SK {SA, Ni, KEi} -->
    const uint64_t before = quiet.established().at(0).spi_i;
    other.command(ike::RekeySas{});
    pair.world.advance(10s);
    ASSERT_TRUE(agree(pair)) << log.all();
    EXPECT_NE(quiet.established().at(0).spi_i, before);
    // HDR, SK {} -->
    pair.world.advance(10min);
    EXPECT_TRUE(agree(pair));
    // HDR, SK {D} -->
    other.command(ike::ResetSas{});
    pair.world.settle();
    EXPECT_EQ(requests_of(quiet), 0U) << quiet.name;
    EXPECT_TRUE(quiet.sas().empty() || !caller);  // who is called again is up again
  }
}

// RFC4555 3.5: the caller moves; the called one follows, and checks nothing.
TEST_F(Passive, AddressUpdateIsFollowed) {
  pair.policy_a().local = AnyHost{};
  pair.policy_b().peer = AnyHost{};
  connect();
  silence(*pair.b);
  pair.a->move_to("192.0.2.77");
  pair.world.advance(5s);
  EXPECT_EQ(requests_of(*pair.b), 0U);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_NE(pair.b->established().at(0).remote.find("192.0.2.77"), std::string::npos);
  for (const auto& [key, sa] : pair.b->kernel.sas) {
    EXPECT_TRUE(key.source == pair.a->address || key.destination == pair.a->address);
  }
}

TEST_F(Passive, CallsAreAnsweredAndNotMade) {
  pair.policy_b().active = true;
  pair.config_b.passive = true;
  pair.policy_a().active = false;
  pair.start();
  pair.world.advance(1h);
  EXPECT_TRUE(pair.world.sent.empty());
  pair.policy_a().active = true;
  pair.a->reload(pair.config_a);
  pair.world.advance(5s);
  EXPECT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(requests_of(*pair.b), 0U);
}

// ---- active again

TEST_F(Passive, WhatWasHeldBackComesAtOnceWithActive) {
  for (const bool caller : {true, false}) {
    pair = Pair();
    connect();
    Node& quiet = caller ? *pair.a : *pair.b;
    silence(quiet);
    const SaKey old = inbound_of(quiet);
    quiet.kernel_event(ExpireEvent{old, false});
    quiet.command(ike::RekeySas{});
    pair.world.advance(90s);
    const uint64_t before = quiet.established().at(0).spi_i;
    EXPECT_TRUE(quiet.kernel.sas.contains(old));
    quiet.command(ike::SetPassive{false});
    pair.world.settle();  // no timer is needed for it
    EXPECT_NE(quiet.established().at(0).spi_i, before);
    EXPECT_EQ(quiet.kernel.sas.size(), 4U);  // the new child is there
    pair.world.advance(10s);
    EXPECT_FALSE(quiet.kernel.sas.contains(old));
    EXPECT_TRUE(agree(pair)) << log.all();
  }
}

TEST_F(Passive, PeerThatDiedMeanwhileIsNoticedAtOnceWithActive) {
  connect();
  silence(*pair.b);
  pair.world.link.loss = 1;
  pair.world.advance(10min);
  EXPECT_EQ(pair.b->established().size(), 1U);
  pair.b->command(ike::SetPassive{false});
  pair.world.advance(1s);
  EXPECT_GE(requests_of(*pair.b), 1U);
  pair.world.advance(30s);
  EXPECT_TRUE(pair.b->sas().empty());
  EXPECT_TRUE(pair.b->kernel.clean());
}

TEST_F(Passive, MoveThatWasHeldBackIsToldAtOnceWithActive) {
  pair.policy_a().local = AnyHost{};
  pair.policy_b().peer = AnyHost{};
  connect();
  silence(*pair.a);
  pair.a->move_to("192.0.2.77");
  pair.world.advance(30s);
  EXPECT_EQ(requests_of(*pair.a), 0U);
  pair.a->command(ike::SetPassive{false});
  pair.world.settle();
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_NE(pair.b->established().at(0).remote.find("192.0.2.77"), std::string::npos);
}

TEST_F(Passive, ReplacementThatWasHeldBackComesWithActive) {
  connect();
  silence(*pair.a);
  pair.a->command(ike::ReauthenticateSas{});
  pair.world.advance(1min);
  const uint64_t before = pair.a->established().at(0).spi_i;
  pair.a->command(ike::SetPassive{false});
  pair.world.advance(5s);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_NE(pair.a->established().at(0).spi_i, before);
}

// A request that waits for its answer may not be forgotten: the numbers would be out of step. It is
// not repeated either, until `active`.
TEST_F(Passive, RequestUnderWayIsNotRepeatedAndEndsLater) {
  connect();
  pair.world.link.loss = 1;
  pair.a->kernel_event(ExpireEvent{inbound_of(*pair.a), false});
  pair.world.advance(100ms);
  EXPECT_EQ(requests_of(*pair.a), 1U);
  silence(*pair.a);
  pair.world.advance(5min);
  EXPECT_EQ(requests_of(*pair.a), 0U);
  EXPECT_EQ(pair.a->established().size(), 1U);
  pair.world.link.loss = 0;
  // And requests of the peer are answered meanwhile.
  pair.b->command(ike::RekeySas{});
  pair.world.advance(1s);
  pair.a->command(ike::SetPassive{false});
  pair.world.advance(2min);
  EXPECT_TRUE(agree(pair)) << log.all();
}

TEST_F(Passive, DeleteUnderWayIsNotRepeated) {
  connect();
  pair.world.link.loss = 1;
  pair.a->command(ike::ResetSas{});
  pair.world.advance(100ms);
  ASSERT_EQ(requests_of(*pair.a), 1U);
  silence(*pair.a);
  pair.world.advance(1min);
  EXPECT_EQ(requests_of(*pair.a), 0U);
  EXPECT_TRUE(pair.a->sas().empty());
  EXPECT_TRUE(pair.a->kernel.clean());
}

TEST_F(Passive, ReloadChangesTheModeAsTheCommandDoes) {
  pair.world.link.loss = 1;
  pair.start();
  pair.world.advance(1s);
  pair.world.sent.clear();
  pair.config_a.passive = true;
  pair.a->reload(pair.config_a);
  pair.world.advance(10min);
  EXPECT_EQ(requests_of(*pair.a), 0U);
  EXPECT_TRUE(pair.a->sas().empty());
  pair.world.link.loss = 0;
  pair.config_a.passive = false;
  pair.a->reload(pair.config_a);
  pair.world.settle();
  EXPECT_TRUE(agree(pair)) << log.all();
}

}  // namespace
}  // namespace iked::test
