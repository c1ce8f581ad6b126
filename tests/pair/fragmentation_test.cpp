// SPDX-License-Identifier: ISC
// Large messages go in fragments where both sides know them. RFC 7383
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"
#include "wire/fragment.h"

namespace iked::test {
namespace {

class Fragmentation : public ::testing::Test {
 protected:
  LogCapture log;

  // IKE_AUTH has some 800 octets in either direction.
  static void make_large(Pair& pair, bool a_knows = true, bool b_knows = true) {
    pair.policy_a().local_id = Identity::parse(std::string(240, 'a') + ".example.com").value();
    pair.policy_b().peer_id = pair.policy_a().local_id;
    pair.policy_b().local_id = Identity::parse(std::string(240, 'b') + ".example.com").value();
    pair.policy_a().peer_id = pair.policy_b().local_id;
    for (int i = 0; i < 10; ++i) {
      const std::string left = fmt::format("10.3.{}.0/24", i);
      const std::string right = fmt::format("10.4.{}.0/24", i);
      pair.policy_a().flows.push_back({{host(left), 0}, {host(right), 0}});
      pair.policy_b().flows.push_back({{host(right), 0}, {host(left), 0}});
    }
    pair.config_a.settings.fragmentation = a_knows;
    pair.config_b.settings.fragmentation = b_knows;
    pair.config_a.settings.fragmentation_mtu = 576;
    pair.config_b.settings.fragmentation_mtu = 576;
  }

  static bool is_fragment(const Datagram& datagram) {
    const auto header = wire::parse_header(datagram.octets);
    return header && wire::is_fragment(*header, datagram.octets);
  }

  // As its receiver sees it.
  static Datagram arriving(Datagram datagram) {
    std::swap(datagram.local, datagram.remote);
    return datagram;
  }

  static size_t fragments_of(const Pair& pair, const Node& sender) {
    size_t n = 0;
    for (const Datagram& datagram : pair.world.sent) {
      n += datagram.local.address == sender.address && is_fragment(datagram);
    }
    return n;
  }

  static bool up(const Pair& pair) {
    return pair.a->established().size() == 1 && pair.b->established().size() == 1;
  }
};

TEST_F(Fragmentation, LargeMessagesAreCutInBothDirections) {
  Pair pair;
  make_large(pair);
  pair.connect();
  ASSERT_TRUE(up(pair)) << log.all();
  EXPECT_EQ(fragments_of(pair, *pair.a), 3U);
  EXPECT_EQ(fragments_of(pair, *pair.b), 2U);
  for (const Datagram& datagram : pair.world.sent) {
    EXPECT_LE(datagram.octets.size() + 28, 576U);
  }
  EXPECT_EQ(pair.a->kernel.sas.size(), 2U);
}

// RFC7383 2.3: "... if both peers"
TEST_F(Fragmentation, NobodyCutsUnlessBothHaveSaidThatTheyCan) {
  for (const auto& [a_knows, b_knows] : {std::pair{true, false}, {false, true}, {false, false}}) {
    Pair pair;
    make_large(pair, a_knows, b_knows);
    pair.connect();
    ASSERT_TRUE(up(pair)) << log.all();
    EXPECT_EQ(fragments_of(pair, *pair.a) + fragments_of(pair, *pair.b), 0U);
  }
}

TEST_F(Fragmentation, WhatFitsIsNotCut) {
  Pair pair;
  pair.config_a.settings.fragmentation = pair.config_b.settings.fragmentation = true;
  pair.connect();
  ASSERT_TRUE(up(pair)) << log.all();
  EXPECT_EQ(fragments_of(pair, *pair.a) + fragments_of(pair, *pair.b), 0U);
}

TEST_F(Fragmentation, AnyFragmentMayBeLostLateOrDoubled) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Pair pair(seed);
    make_large(pair);
    pair.world.link.loss = 0.2;
    pair.world.link.duplication = 0.3;
    pair.world.link.jitter = 200ms;
    pair.start();
    pair.world.advance(10min);
    EXPECT_TRUE(up(pair)) << "seed " << seed << '\n' << log.all();
  }
}

// A way that carries small packets only and drops fragments of IP.
TEST_F(Fragmentation, LargeMessagesWithoutAnswerAreCutSmaller) {
  for (const size_t fits : {1280, 576}) {
    Pair pair;
    make_large(pair);
    const auto long_id = Identity::parse(std::string(900, 'a') + ".example.com");
    pair.policy_a().local_id = pair.policy_b().peer_id = long_id.value();
    pair.config_a.settings.fragmentation_mtu = 1500;
    pair.config_b.settings.fragmentation_mtu = 1500;
    pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
      if (datagram.octets.size() + 28 > fits) return std::nullopt;
      return datagram;
    };
    pair.start();
    pair.world.advance(20s);
    EXPECT_TRUE(up(pair)) << fits << '\n' << log.all();
    EXPECT_GT(fragments_of(pair, *pair.a), 1U);
  }
}

// RFC7383 2.5.2 the other way: the responder's large answer does not arrive.
TEST_F(Fragmentation, ALargeAnswerIsCutSmallerWhenItIsAskedForAgain) {
  Pair pair;
  make_large(pair);
  pair.config_b.settings.fragmentation_mtu = 1500;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    if (datagram.octets.size() + 28 > 576) return std::nullopt;
    return datagram;
  };
  pair.start();
  pair.world.advance(30s);
  EXPECT_TRUE(up(pair)) << log.all();
}

// RFC7383 2.6.1: one answer for one repetition, whatever the number of its fragments.
TEST_F(Fragmentation, ARepeatedRequestIsAnsweredOnce) {
  Pair pair;
  make_large(pair);
  std::vector<Datagram> request;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    if (is_fragment(datagram) && datagram.local.address == pair.a->address) {
      request.push_back(datagram);
    }
    return datagram;
  };
  pair.connect();
  ASSERT_TRUE(up(pair)) << log.all();
  ASSERT_EQ(request.size(), 3U);
  const size_t before = fragments_of(pair, *pair.b);
  for (const Datagram& datagram : request) pair.world.inject(arriving(datagram));
  pair.world.settle();
  EXPECT_EQ(fragments_of(pair, *pair.b) - before, 2U);
}

// Somebody on the way spoils fragments or makes up others: the true ones still make the message.
TEST_F(Fragmentation, ForgedFragmentsDoNotDisturbTheTrueOnes) {
  Pair pair;
  make_large(pair);
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    if (!is_fragment(datagram)) return datagram;
    for (const size_t at : {size_t{33}, size_t{35}, datagram.octets.size() - 1}) {
      Datagram forged = datagram;
      forged.octets[at] ^= 1;
      pair.world.inject(arriving(forged));
    }
    return datagram;
  };
  pair.connect();
  EXPECT_TRUE(up(pair)) << log.all();
}

// It must not be kept for ever, and what comes afterwards works.
TEST_F(Fragmentation, AnIncompleteMessageIsForgotten) {
  Pair pair;
  make_large(pair);
  size_t seen = 0;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    // the first fragment only, of everything that a sends in its first 30 seconds
    if (!is_fragment(datagram) || datagram.local.address != pair.a->address) return datagram;
    if (++seen % 2 == 0 && seen <= 20) return std::nullopt;
    return datagram;
  };
  pair.start();
  pair.world.advance(5min);
  EXPECT_TRUE(up(pair)) << log.all();
}

}  // namespace
}  // namespace iked::test
