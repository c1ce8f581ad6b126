// SPDX-License-Identifier: ISC
// Datagrams that get lost, doubled, late: nothing of it may show.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

class UnreliableNetwork : public ::testing::Test {
 protected:
  LogCapture log;
};

// R042, R043, R044, R047: whichever message is lost, the request is repeated, bit for bit.
TEST_F(UnreliableNetwork, AnyLostMessageIsRepeated) {
  for (size_t lost = 0; lost < 4; ++lost) {
    Pair pair;
    pair.start();
    size_t n = 0;
    pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
      if (n++ == lost) return std::nullopt;
      return datagram;
    };
    pair.world.advance(10s);
    ASSERT_EQ(pair.a->established().size(), 1U) << lost;
    ASSERT_EQ(pair.b->established().size(), 1U) << lost;
    EXPECT_EQ(pair.b->engine->sa_count(), 1U) << lost;
    // The repetition of request i/2 has the same octets, and so has a repeated response.
    std::map<std::pair<uint32_t, bool>, Bytes> seen;
    for (const Datagram& datagram : pair.world.sent) {
      const wire::Header header = header_of(datagram);
      const auto [at, fresh] =
          seen.try_emplace({header.message_id.value, header.response}, datagram.octets);
      if (!fresh) {
        EXPECT_EQ(at->second, datagram.octets);
      }
    }
    EXPECT_EQ(pair.a->kernel.sas.size(), 2U);
    EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
  }
}

// R048, R057: a doubled request is answered again and not done again.
TEST_F(UnreliableNetwork, DoubledMessagesChangeNothing) {
  Pair pair;
  pair.world.link.duplication = 1.0;
  pair.connect();
  EXPECT_EQ(pair.a->established().size(), 1U);
  EXPECT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(pair.b->engine->sa_count(), 1U);
  EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
  EXPECT_TRUE(pair.a->kernel.larval.empty());
  EXPECT_TRUE(pair.b->kernel.larval.empty());
}

TEST_F(UnreliableNetwork, EverythingComesOnceMoreAnHourLater) {
  Pair pair;
  pair.connect();
  const auto before = pair.b->established()[0];
  const std::vector<Datagram> recorded = pair.world.sent;
  pair.world.sent.clear();
  for (Datagram replay : recorded) {
    std::swap(replay.local, replay.remote);
    pair.world.inject(replay);
  }
  pair.world.settle();
  ASSERT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(pair.b->established()[0].spi_r, before.spi_r);
  EXPECT_EQ(pair.a->kernel.sas.size(), 2U);
  // The replayed first message may have made a half-open SA: it goes by itself.
  pair.world.advance(40s);
  EXPECT_EQ(pair.b->engine->sa_count(), 1U);
}

TEST_F(UnreliableNetwork, LossAndDelayOfEveryKind) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Pair pair(seed);
    pair.world.link.loss = 0.3;
    pair.world.link.duplication = 0.2;
    pair.world.link.jitter = 3s;
    pair.start();
    // A handshake may fail as a whole; the policy is kept up, so it comes up in the end.
    pair.world.advance(10min);
    pair.world.link = Link{};
    pair.world.advance(3min);
    ASSERT_GE(pair.a->established().size(), 1U) << "seed " << seed;
    ASSERT_GE(pair.b->established().size(), 1U) << "seed " << seed;
    EXPECT_EQ(pair.a->kernel.sas.size(), 2 * pair.a->established()[0].children.size())
        << "seed " << seed;
  }
}

// R045: without any answer it gives up after 30 s, and begins again for ever, with pauses that
// grow.
TEST_F(UnreliableNetwork, SilentPeerIsCalledForEver) {
  Pair pair;
  pair.world.link.loss = 1.0;
  pair.start();
  pair.world.advance(24h);
  std::set<uint64_t> tries;
  for (const Datagram& datagram : pair.world.sent) tries.insert(header_of(datagram).spi_i.value);
  EXPECT_GT(tries.size(), 800U);  // about 90 s each: 30 of waiting, up to 60 of pause
  EXPECT_LT(tries.size(), 1300U);
  EXPECT_GE(log.count({"warning: policy \"to-b\" 192.0.2.2:500", "no answer from 192.0.2.2:500",
                       "firewall"}),
            100U);
  const auto row = pair.a->policy("to-b");
  EXPECT_NE(row->last_error.find("no answer"), std::string::npos);
  pair.world.link = Link{};
  pair.world.advance(2min);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

TEST_F(UnreliableNetwork, NoRouteIsTriedAgain) {
  Pair pair;
  pair.policy_a().local = AnyHost{};
  pair.before_start = [](Pair& p) { p.a->reachable_network = false; };
  pair.connect();
  pair.world.advance(5min);
  EXPECT_TRUE(pair.world.sent.empty());
  EXPECT_GE(log.count({"no route to 192.0.2.2", "iked.conf:1"}), 3U) << log.all();
  pair.a->reachable_network = true;
  pair.world.advance(2min);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

TEST_F(UnreliableNetwork, NamesAreLookedUpAtEachTry) {
  Pair pair;
  pair.policy_a().peer = HostName{"gw.example.com", std::nullopt};
  pair.connect();
  pair.world.advance(1min);
  EXPECT_TRUE(pair.world.sent.empty());
  EXPECT_GE(log.count({"no address found for gw.example.com"}), 1U) << log.all();
  pair.a->names["gw.example.com"] = {*IpPrefix::parse("192.0.2.99")};
  pair.world.advance(2min);
  EXPECT_TRUE(pair.a->established().empty());
  pair.a->names["gw.example.com"] = {*IpPrefix::parse("192.0.2.2")};
  pair.world.advance(3min);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

}  // namespace
}  // namespace iked::test
