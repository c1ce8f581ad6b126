// SPDX-License-Identifier: ISC
// Hosts that change their addresses, and tunnels that follow them. RFC 4555
#include <gtest/gtest.h>

#include "support/agreement.h"
#include "support/log_capture.h"
#include "support/rogue.h"
#include "support/traffic.h"
#include "wire/notify_data.h"

namespace iked::test {
namespace {

class Mobike : public ::testing::Test {
 protected:
  LogCapture log;

  static IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }

  // a may call from any address of its own, b is called at its only one.
  static void roam(Pair& pair) {
    pair.policy_a().local = AnyHost{};
    pair.config_a.dpd_check_interval = pair.config_b.dpd_check_interval = 30s;
  }

  // Both kernels have their SAs and policies between these addresses and no others.
  static ::testing::AssertionResult between(const Pair& pair, const IpAddress& a,
                                            const IpAddress& b, bool in_udp = false) {
    for (const Node* node : {pair.a, pair.b}) {
      for (const auto& [key, sa] : node->kernel.sas) {
        const bool fits =
            (key.source == a && key.destination == b) || (key.source == b && key.destination == a);
        if (!fits || sa.encap.has_value() != in_udp) {
          return ::testing::AssertionFailure()
                 << node->name << " has an SA " << to_string(key.source) << " -> "
                 << to_string(key.destination) << (sa.encap ? " in UDP" : "");
        }
      }
      for (const KernelPolicy& policy : node->kernel.policies) {
        const bool out = policy.direction == PolicyDirection::out;
        const IpAddress& own = out ? policy.tunnel_source : policy.tunnel_destination;
        const IpAddress& other = out ? policy.tunnel_destination : policy.tunnel_source;
        const bool is_a = node == pair.a;
        if (own != (is_a ? a : b) || other != (is_a ? b : a)) {
          return ::testing::AssertionFailure()
                 << node->name << " has a policy " << to_string(own) << " - " << to_string(other);
        }
      }
    }
    return ::testing::AssertionSuccess();
  }
};

// --> HDR, SK {IDi, ..., N(MOBIKE_SUPPORTED)}   <-- HDR, SK {IDr, ..., N(MOBIKE_SUPPORTED)}
// MO01, and RFC4555 3.3: port 4500 from IKE_AUTH on, without UDP around ESP.
TEST_F(Mobike, IsAgreedOnAndUsesPort4500) {
  Pair pair;
  pair.connect();
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(pair.world.sent[0].local.port, 500);
  EXPECT_EQ(pair.world.sent[2].local.port, 4500);
  EXPECT_TRUE(between(pair, pair.a->address, pair.b->address));
}

// --> (new address) HDR, SK {N(UPDATE_SA_ADDRESSES), N(NAT_DETECTION_*)}   <-- N(NAT_DETECTION_*)
// <-- HDR, SK {N(COOKIE2)}   --> HDR, SK {N(COOKIE2)}
// MO03, MO05
TEST_F(Mobike, CallerMovesAndTheTunnelFollows) {
  Pair pair;
  roam(pair);
  pair.connect();
  const auto before = pair.b->established().at(0);
  pair.world.sent.clear();
  pair.a->move_to("198.51.100.7");
  pair.world.settle();
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(pair.world.sent.size(), 4U);
  EXPECT_EQ(pair.b->established()[0].spi_i, before.spi_i);
  EXPECT_EQ(pair.b->established()[0].remote, "198.51.100.7:4500");
  EXPECT_EQ(pair.b->established()[0].children[0].spi_in, before.children[0].spi_in);
  EXPECT_TRUE(between(pair, ip("198.51.100.7"), pair.b->address)) << log.all();
  EXPECT_EQ(log.count({"notice", "the peer moves to 198.51.100.7:4500"}), 1U);
  // It goes on living there.
  pair.world.advance(10min);
  EXPECT_TRUE(agree(pair)) << log.all();
}

TEST_F(Mobike, NoPacketIsSentOnAnAddressBeforeItHasAnswered) {
  Pair pair;
  roam(pair);
  pair.connect();
  size_t checks = 0;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    const auto header = header_of(datagram);
    if (datagram.local.address == pair.b->address && !header.response) {
      ++checks;
      EXPECT_TRUE(pair.b->kernel.sas.begin()->first.source == ip("192.0.2.1") ||
                  pair.b->kernel.sas.begin()->first.destination == ip("192.0.2.1"));
    }
    return datagram;
  };
  pair.a->move_to("198.51.100.7");
  pair.world.settle();
  EXPECT_EQ(checks, 1U);
  EXPECT_TRUE(between(pair, ip("198.51.100.7"), pair.b->address)) << log.all();
}

// A packet every 10 ms: only what was on the way to the old address is lost.
TEST_F(Mobike, TrafficGoesOn) {
  Pair pair;
  roam(pair);
  pair.connect();
  Traffic traffic(pair.world, *pair.a, *pair.b);
  traffic.run(1s);
  EXPECT_EQ(traffic.lost(), 0U);
  pair.a->move_to("198.51.100.7");
  traffic.run(5s);
  EXPECT_LE(traffic.lost(), 10U);
  EXPECT_EQ(traffic.repeated_sequences, 0U);
}

// MO03: NAT detection is done anew on the new way, in both directions.
TEST_F(Mobike, MovesBehindANatAndOutAgain) {
  Pair pair;
  roam(pair);
  pair.policy_b().peer = AnyHost{};
  pair.connect();
  pair.a->address = ip("10.0.0.5");
  pair.world.nat(*pair.a, "198.51.100.1");
  pair.a->network_change();
  pair.world.settle();
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_TRUE(pair.a->established()[0].natt);
  for (const Node* node : {pair.a, pair.b}) {
    for (const auto& [key, sa] : node->kernel.sas) EXPECT_TRUE(sa.encap.has_value()) << node->name;
  }
  EXPECT_EQ(pair.b->established()[0].remote, "198.51.100.1:20000");
  pair.world.advance(65s);
  EXPECT_GE(pair.world.keepalives.size(), 3U);

  pair.world.keepalives.clear();
  pair.a->move_to("192.0.2.99");
  pair.world.settle();
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_TRUE(between(pair, ip("192.0.2.99"), pair.b->address)) << log.all();
  pair.world.advance(2min);
  EXPECT_TRUE(pair.world.keepalives.empty());
}

// MO08: the NAT forgets its mappings. Only an update moves anything; a liveness check finds out
// that one is needed.
TEST_F(Mobike, RebootedNatIsFoundByTheLivenessCheck) {
  Pair pair;
  roam(pair);
  pair.policy_b().peer = AnyHost{};
  pair.config_b.dpd_check_interval = 0s;
  pair.before_start = [](Pair& p) { p.world.nat(*p.a, "198.51.100.1"); };
  pair.connect();
  pair.world.advance(2min);
  pair.world.reboot_nat();
  std::string at_the_check;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    if (datagram.local.address == pair.b->address && at_the_check.empty()) {
      at_the_check = pair.b->established().at(0).remote;
    }
    return datagram;
  };
  pair.world.advance(1min);
  EXPECT_EQ(at_the_check, "198.51.100.1:20001");
  EXPECT_EQ(pair.b->established().at(0).remote, "198.51.100.1:20002") << log.all();
  ASSERT_TRUE(agree(pair)) << log.all();
}

// MO04: the answer to the first update does not count any more when the second change came.
TEST_F(Mobike, TheLastOfSeveralMovesCounts) {
  Pair pair;
  roam(pair);
  pair.connect();
  for (const char* address : {"198.51.100.7", "198.51.100.8", "203.0.113.5", "198.51.100.9"}) {
    pair.a->move_to(address);
    pair.world.advance(7ms);
  }
  pair.world.advance(1min);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_TRUE(between(pair, ip("198.51.100.9"), pair.b->address)) << log.all();
}

TEST_F(Mobike, MovesThroughAnUnreliableNetwork) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Pair pair(seed);
    roam(pair);
    pair.connect();
    ASSERT_TRUE(agree(pair));
    pair.world.link = {.latency = 20ms, .jitter = 30ms, .loss = 0.1, .duplication = 0.05};
    for (int i = 0; i < 10; ++i) {
      pair.a->move_to(fmt::format("198.51.100.{}", 10 + i));
      pair.world.advance(std::chrono::milliseconds(50 + 400 * i));
      if (i == 5) pair.a->command(ike::RekeySas{});
      if (i == 7) pair.b->command(ike::RekeySas{});
    }
    pair.world.link = {};
    pair.world.advance(5min);
    ASSERT_TRUE(agree(pair)) << "seed " << seed << "\n" << log.all();
    ASSERT_TRUE(between(pair, ip("198.51.100.19"), pair.b->address)) << "seed " << seed;
  }
}

// The same address on another network: nothing is moved, but the peer is asked.
TEST_F(Mobike, ANetworkChangeWithoutANewAddressIsLookedInto) {
  Pair pair;
  roam(pair);
  pair.connect();
  pair.world.sent.clear();
  pair.a->network_change();
  pair.world.settle();
  EXPECT_EQ(pair.world.sent.size(), 2U);
  EXPECT_TRUE(agree(pair));
  // Routes alone are no reason to ask.
  pair.world.advance(20s);
  pair.world.sent.clear();
  pair.a->network_change();
  pair.world.settle();
  EXPECT_TRUE(pair.world.sent.empty());
}

TEST_F(Mobike, WithoutAWayItWaitsForOne) {
  Pair pair;
  roam(pair);
  pair.connect();
  pair.a->reachable_network = false;
  pair.a->move_to("198.51.100.7");
  pair.world.advance(5s);
  EXPECT_TRUE(between(pair, ip("192.0.2.1"), pair.b->address));
  pair.a->reachable_network = true;
  pair.a->network_change();
  pair.world.advance(5s);
  EXPECT_TRUE(between(pair, ip("198.51.100.7"), pair.b->address)) << log.all();
}

// `local` says from which addresses a policy calls.
TEST_F(Mobike, StaysWhereLocalSays) {
  Pair pair;
  pair.connect();
  pair.a->more_addresses = {ip("198.51.100.7")};
  std::swap(pair.a->address, pair.a->more_addresses[0]);
  pair.a->network_change();
  pair.world.settle();
  EXPECT_TRUE(between(pair, ip("192.0.2.1"), pair.b->address)) << log.all();
  EXPECT_EQ(log.count({"stays at 192.0.2.1", "'local'"}), 1U) << log.all();
}

// --> (from a new address of the called host) HDR, SK {N(NO_ADDITIONAL_ADDRESSES)}
// The caller decides: --> HDR, SK {N(UPDATE_SA_ADDRESSES), ..., N(COOKIE2)}. RFC4555 3.6, MO09
TEST_F(Mobike, CalledHostMoves) {
  Pair pair;
  roam(pair);
  pair.policy_b().local = AnyHost{};
  pair.connect();
  pair.b->move_to("203.0.113.20");
  pair.world.settle();
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_TRUE(between(pair, pair.a->address, ip("203.0.113.20"))) << log.all();
  EXPECT_EQ(pair.a->established()[0].remote, "203.0.113.20:4500");
}

// MO02: after a rekey by the called host it is still the first caller who decides.
TEST_F(Mobike, WhoDecidesIsInheritedByRekeys) {
  Pair pair;
  roam(pair);
  pair.connect();
  pair.b->command(ike::RekeySas{});
  pair.world.settle();
  ASSERT_TRUE(agree(pair)) << log.all();
  ASSERT_FALSE(pair.a->established()[0].initiator);
  pair.a->move_to("198.51.100.7");
  pair.world.settle();
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_TRUE(between(pair, ip("198.51.100.7"), pair.b->address)) << log.all();
}

// The called host names its second address in IKE_AUTH; when the first falls silent, it is tried.
TEST_F(Mobike, ASilentAddressIsLeftForAnotherOne) {
  Pair pair;
  roam(pair);
  pair.policy_b().local = HostName{"both"};
  pair.before_start = [this](Pair& p) {
    p.b->names["both"] = {IpPrefix::host(ip("192.0.2.2")), IpPrefix::host(ip("203.0.113.2"))};
    p.b->more_addresses = {ip("203.0.113.2")};
  };
  pair.start();
  pair.world.advance(2min);
  ASSERT_TRUE(agree(pair)) << log.all();
  pair.world.on_the_way = [this](Datagram datagram) -> std::optional<Datagram> {
    const bool dead =
        datagram.remote.address == ip("192.0.2.2") || datagram.local.address == ip("192.0.2.2");
    return dead ? std::nullopt : std::optional(datagram);
  };
  pair.world.advance(90s);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_TRUE(between(pair, pair.a->address, ip("203.0.113.2"))) << log.all();
}

// A peer without MOBIKE: a new call from the new address, and the old tunnel goes.
TEST_F(Mobike, AnotherCallWhereThePeerDoesNotFollow) {
  Pair pair;
  roam(pair);
  pair.policy_b().peer = AnyHost{};
  pair.config_b.settings.mobike = false;
  pair.connect();
  const uint64_t before = pair.a->established().at(0).spi_i;
  pair.a->move_to("198.51.100.7");
  pair.world.advance(1min);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_NE(pair.a->established()[0].spi_i, before);
  EXPECT_TRUE(between(pair, ip("198.51.100.7"), pair.b->address)) << log.all();
}

// In transport mode the addresses are what the selectors are about.
TEST_F(Mobike, TransportModeDoesNotOfferIt) {
  Pair pair;
  for (Policy* policy : {&pair.policy_a(), &pair.policy_b()}) {
    policy->mode = Mode::transport;
    policy->flows = {{{AnyHost{}, 0}, {AnyHost{}, 0}}};
  }
  pair.connect();
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.world.sent[2].local.port, 500);
}

// RFC4555 3.9, MO07: -T on both sides, and a NAT between.
TEST_F(Mobike, WhereNoNatMayBeOneIsRefused) {
  Pair pair;
  roam(pair);
  pair.policy_b().peer = AnyHost{};
  pair.options_a.no_natt = pair.options_b.no_natt = true;
  pair.before_start = [](Pair& p) { p.world.nat(*p.a, "198.51.100.1"); };
  pair.start();
  pair.world.advance(1s);
  EXPECT_TRUE(pair.b->established().empty());
  EXPECT_GE(log.count({"UNEXPECTED_NAT_DETECTED"}), 1U) << log.all();
  EXPECT_GE(log.count({"wants no NAT on the way", "without -T"}), 1U) << log.all();
}

TEST_F(Mobike, PassiveHostFollowsWithoutACheck) {
  Pair pair;
  roam(pair);
  pair.connect();
  pair.b->command(ike::SetPassive{true});
  pair.world.sent.clear();
  pair.a->move_to("198.51.100.7");
  pair.world.settle();
  EXPECT_EQ(pair.world.sent.size(), 2U);
  EXPECT_TRUE(between(pair, ip("198.51.100.7"), pair.b->address)) << log.all();
}

// ---- a peer that does as it likes

class MobikeRogue : public ::testing::Test {
 protected:
  MobikeRogue() : rogue(pair) {
    pair.policy_a().active = false;
    pair.start();
    pair.a->address = *IpAddress::parse("192.0.2.250");
  }
  // As honest as Rogue::connect, and with MOBIKE.
  bool connect() {
    if (!rogue.init()) return false;
    auto payloads = rogue.auth_payloads();
    payloads.push_back(wire::make_notify(NotifyType::MOBIKE_SUPPORTED));
    const auto answer = rogue.request(ExchangeType::IKE_AUTH, 1, payloads);
    return answer && answer->find_notify(NotifyType::MOBIKE_SUPPORTED) != nullptr;
  }

  LogCapture log;
  Pair pair;
  Rogue rogue;
};

// MO06
TEST_F(MobikeRogue, Cookie2ComesBackAsItWas) {
  ASSERT_TRUE(connect()) << log.all();
  for (uint32_t size : {8U, 33U, 64U}) {
    const Bytes cookie(size, 0xc7);
    const auto answer = rogue.request(ExchangeType::INFORMATIONAL,
                                      size == 8    ? 2
                                      : size == 33 ? 3
                                                   : 4,
                                      {wire::make_notify(NotifyType::COOKIE2, cookie)});
    ASSERT_TRUE(answer.has_value());
    ASSERT_NE(answer->find_notify(NotifyType::COOKIE2), nullptr);
    EXPECT_EQ(answer->find_notify(NotifyType::COOKIE2)->data, cookie);
  }
}

// NO_NATS_ALLOWED with other addresses than the packet has.
TEST_F(MobikeRogue, UpdateThroughAForbiddenNatIsRefused) {
  ASSERT_TRUE(connect()) << log.all();
  const Endpoint lie{*IpAddress::parse("10.9.9.9"), 500};
  const auto answer =
      rogue.request(ExchangeType::INFORMATIONAL, 2,
                    {wire::make_notify(NotifyType::UPDATE_SA_ADDRESSES),
                     wire::make_notify(NotifyType::NO_NATS_ALLOWED, wire::SeenPath{lie, lie})});
  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->find_notify(NotifyType::UNEXPECTED_NAT_DETECTED), nullptr);
  EXPECT_EQ(pair.b->established().at(0).remote, "192.0.2.1:500");
}

// Whoever did not agree on MOBIKE moves nothing.
TEST_F(MobikeRogue, UpdateWithoutAgreementMovesNothing) {
  ASSERT_TRUE(rogue.connect()) << log.all();
  const auto octets = rogue.seal(rogue.header(ExchangeType::INFORMATIONAL, 2),
                                 {wire::make_notify(NotifyType::UPDATE_SA_ADDRESSES)});
  pair.world.inject(
      {{pair.b->address, 500}, {*IpAddress::parse("198.51.100.66"), 500}, false, octets});
  pair.world.settle();
  EXPECT_EQ(pair.b->established().at(0).remote, "192.0.2.1:500");
}

// Sixty addresses in one message are not kept.
TEST_F(MobikeRogue, AddressListsAreBounded) {
  ASSERT_TRUE(connect()) << log.all();
  wire::Payloads payloads;
  for (uint32_t i = 0; i < 60; ++i) {
    Bytes octets;
    put_u32(octets, 0xcb007100U + (i & 0xff));
    payloads.push_back(
        wire::NotifyPayload{NotifyType::ADDITIONAL_IP4_ADDRESS, ProtocolId::NONE, {}, octets});
  }
  const auto answer = rogue.request(ExchangeType::INFORMATIONAL, 2, payloads);
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->payloads.empty());
  EXPECT_EQ(pair.b->established().size(), 1U);
}

}  // namespace
}  // namespace iked::test
