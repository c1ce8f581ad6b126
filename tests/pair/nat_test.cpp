// SPDX-License-Identifier: ISC
// A NAT between the hosts: it is noticed, everything moves to port 4500, ESP goes in UDP.
// RFC7296 2.23
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"
#include "wire/message.h"

namespace iked::test {
namespace {

class Nat : public ::testing::Test {
 protected:
  LogCapture log;

  static void use_nat(Pair& pair) {
    pair.policy_b().peer = AnyHost{};
    pair.before_start = [](Pair& p) { p.world.nat(*p.a, "198.51.100.1"); };
  }
};

// R148, R149
TEST_F(Nat, InitiatorBehindNatMovesToPort4500) {
  Pair pair;
  use_nat(pair);
  pair.connect();
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  ASSERT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(pair.world.sent[0].local.port, 500);
  EXPECT_EQ(pair.world.sent[2].local.port, 4500);
  EXPECT_EQ(pair.world.sent[2].remote.port, 4500);
  EXPECT_TRUE(pair.world.sent[2].natt);
  EXPECT_TRUE(pair.a->established()[0].natt);
  EXPECT_TRUE(pair.b->established()[0].natt);
  for (const auto& [key, sa] : pair.a->kernel.sas) {
    ASSERT_TRUE(sa.encap.has_value());
    EXPECT_EQ(sa.encap->source_port, 4500);
    EXPECT_EQ(sa.encap->destination_port, 4500);
  }
  // The responder sees the mapped address and port.
  for (const auto& [key, sa] : pair.b->kernel.sas) {
    ASSERT_TRUE(sa.encap.has_value());
    const bool out = key.source == pair.b->address;
    EXPECT_EQ(to_string(out ? key.destination : key.source), "198.51.100.1");
    EXPECT_GE(out ? sa.encap->destination_port : sa.encap->source_port, 20000);
  }
}

// RFC3948 4: from the inside only; from the outside they would open nothing.
TEST_F(Nat, KeepalivesComeFromTheHostBehindTheNat) {
  Pair pair;
  use_nat(pair);
  pair.config_a.dpd_check_interval = pair.config_b.dpd_check_interval = 0s;
  pair.connect();
  const Time up = pair.world.now;
  pair.world.advance(119s);
  ASSERT_EQ(pair.world.keepalives.size(), 5U) << log.all();
  for (size_t i = 0; i < 5; ++i) {
    const auto& [at, keepalive] = pair.world.keepalives[i];
    EXPECT_NEAR(std::chrono::duration<double>(at - up).count(), 20.0 * static_cast<double>(i + 1),
                1);
    EXPECT_EQ(keepalive.local, (Endpoint{pair.a->address, 4500}));
    EXPECT_EQ(keepalive.remote, (Endpoint{pair.b->address, 4500}));
  }
  pair.a->command(ike::ResetSas{});
  pair.world.advance(119s);
  EXPECT_LE(pair.world.keepalives.size(), 11U);
}

TEST_F(Nat, WithoutNatNobodySendsKeepalives) {
  Pair pair;
  pair.connect();
  pair.world.advance(10min);
  EXPECT_TRUE(pair.world.keepalives.empty());
}

TEST_F(Nat, WithoutNatAndMobikeNothingMoves) {
  Pair pair;
  pair.config_a.settings.mobike = false;
  pair.connect();
  EXPECT_EQ(pair.world.sent[2].local.port, 500);
  for (const auto& [key, sa] : pair.a->kernel.sas) EXPECT_FALSE(sa.encap.has_value());
}

// -T: no NAT detection is sent, none is read.
TEST_F(Nat, CanBeTurnedOff) {
  Pair pair;
  pair.options_a.no_natt = true;
  pair.connect();
  ASSERT_EQ(pair.a->established().size(), 1U);
  const auto message =
      wire::parse_message(header_of(pair.world.sent[0]), pair.world.sent[0].octets);
  EXPECT_EQ(message->find_notify(NotifyType::NAT_DETECTION_SOURCE_IP), nullptr);
  EXPECT_EQ(pair.world.sent[2].local.port, 500);
}

// -t, and `natt` in a policy: a NAT is pretended, so that the peer encapsulates, too.
TEST_F(Nat, CanBeForced) {
  for (const bool by_option : {true, false}) {
    Pair pair;
    if (by_option) {
      pair.options_a.force_natt = true;
    } else {
      pair.policy_a().force_udp_encap = true;
    }
    pair.connect();
    ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
    for (const Node* node : {pair.a, pair.b}) {
      ASSERT_EQ(node->kernel.sas.size(), 2U);
      for (const auto& [key, sa] : node->kernel.sas) EXPECT_TRUE(sa.encap.has_value());
    }
    EXPECT_TRUE(pair.world.sent[2].natt);
    EXPECT_EQ(pair.world.sent[0].natt, by_option);
  }
}

// R041, R150: the answer goes to where the request came from.
TEST_F(Nat, AnswersGoToTheSourceOfTheRequest) {
  Pair pair;
  use_nat(pair);
  pair.connect();
  EXPECT_EQ(pair.world.sent[1].remote.port, 20000);
  EXPECT_EQ(pair.world.sent[3].remote.port, 20001);
}

// R151: the NAT forgets; the next authentic request shows where the peer is now.
// RFC7296 2.23.1 lets both sides replace the selectors by what each sees; we do not, and say so.
TEST_F(Nat, TransportModeThroughANatIsRefusedAndExplained) {
  Pair pair;
  pair.policy_b().peer = AnyHost{};
  for (Policy* policy : {&pair.policy_a(), &pair.policy_b()}) {
    policy->mode = Mode::transport;
    policy->flows = {{{host("0.0.0.0/0"), 0}, {host("0.0.0.0/0"), 0}}};
  }
  pair.before_start = [](Pair& p) { p.world.nat(*p.a, "198.51.100.1"); };
  pair.connect();
  pair.world.advance(1s);
  EXPECT_TRUE(pair.a->kernel.sas.empty());
  EXPECT_TRUE(pair.b->kernel.sas.empty());
  EXPECT_GE(log.count({"TS_UNACCEPTABLE", "no common flow"}), 1U) << log.all();
}

TEST_F(Nat, RebootedNatIsFollowed) {
  Pair pair;
  use_nat(pair);
  pair.connect();
  pair.world.reboot_nat();
  pair.world.advance(3min);  // a asks whether b is there
  ASSERT_EQ(pair.b->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.b->established()[0].remote, "198.51.100.1:20002");
  for (const auto& [key, sa] : pair.b->kernel.sas) {
    if (key.source == pair.b->address) {
      EXPECT_EQ(sa.encap->destination_port, 20002);
    }
  }
}

}  // namespace
}  // namespace iked::test
