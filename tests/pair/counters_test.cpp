// SPDX-License-Identifier: ISC
// What came to nothing is counted by its cause, once each, and nothing else is.
#include <gtest/gtest.h>

#include "ike/tally.h"
#include "support/log_capture.h"
#include "support/rogue.h"
#include "wire/notify_data.h"

namespace iked::test {
namespace {

class CountersTest : public ::testing::Test {
 protected:
  CountersTest() : rogue(pair) {}

  void start() {
    pair.policy_a().active = false;
    pair.start();
    pair.a->address = *IpAddress::parse("192.0.2.250");  // the rogue takes a's place
  }

  /// Those that are not 0.
  static Counters counted(const Node& node) {
    Counters all = node.engine->counters();
    std::erase_if(all, [](const auto& counter) { return counter.second == 0; });
    return all;
  }
  /// What has been counted on b since the last call.
  Counters news() {
    Counters now = counted(*pair.b);
    const Counters all = now;
    for (auto& [name, count] : now) count -= before_[name];
    std::erase_if(now, [](const auto& counter) { return counter.second == 0; });
    before_ = all;
    return now;
  }
  static Counters only(const std::string& name, uint64_t count = 1) { return {{name, count}}; }

  LogCapture log;
  Pair pair;
  Rogue rogue;
  Counters before_;
};

TEST_F(CountersTest, EachHasANameOfItsOwn) {
  start();
  EXPECT_EQ(pair.b->engine->counters().size(), ike::fruitless_kinds);
  EXPECT_FALSE(pair.b->engine->counters().contains("?"));
}

TEST_F(CountersTest, AnHonestTunnelCountsNothing) {
  pair.connect();
  pair.b->command(ike::RekeySas{});
  pair.world.advance(1h);
  ASSERT_EQ(pair.a->established().size(), 1U);
  EXPECT_EQ(counted(*pair.a), Counters{});
  EXPECT_EQ(counted(*pair.b), Counters{});
}

TEST_F(CountersTest, MessagesOfStrangers) {
  start();
  rogue.send({1, 2, 3});
  EXPECT_EQ(news(), only("MessagesNotIke"));
  Bytes version = rogue.first_message();
  version[17] = 0x10;
  rogue.send(version);
  EXPECT_EQ(news(), only("MessagesOfOtherVersion"));
  Bytes late = rogue.first_message();
  late[23] = 1;
  rogue.send(late);
  EXPECT_EQ(news(), only("MessagesMalformed"));
  Bytes lacking = wire::encode_message(wire::parse_header(rogue.first_message()).value(), {});
  rogue.send(lacking);
  EXPECT_EQ(news(), only("MessagesMalformed"));
  wire::Header unknown = rogue.header(ExchangeType::INFORMATIONAL, 0);
  unknown.spi_r = IkeSpi{77};
  for (int i = 0; i < 20; ++i) rogue.send(wire::encode_message(unknown, {}));
  const Counters flood = news();
  EXPECT_EQ(flood.at("MessagesWithUnknownSpi"), 20U);
  EXPECT_GT(flood.at("AnswersHeldBack"), 5U);
}

TEST_F(CountersTest, FirstMessagesUnderLoad) {
  pair.config_b.settings.cookie_threshold = 0;
  start();
  const Bytes first = rogue.first_message();
  const auto answers = rogue.send(first);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(news(), only("CookiesDemanded"));
}

// RFC7296 2.1, 2.2, 2.3
TEST_F(CountersTest, RequestsOutsideOfTheWindow) {
  start();
  ASSERT_TRUE(rogue.connect());
  EXPECT_EQ(news(), Counters{});
  const auto request = [&](uint32_t id) {
    return rogue.seal(rogue.header(ExchangeType::INFORMATIONAL, id), {});
  };
  const Bytes second = request(2);
  EXPECT_EQ(rogue.send(second).size(), 1U);
  EXPECT_EQ(news(), Counters{});
  EXPECT_EQ(rogue.send(second).size(), 1U);
  EXPECT_EQ(news(), only("RequestsAnsweredAgain"));
  rogue.send(request(0));
  EXPECT_EQ(news(), only("RequestsStale"));
  rogue.send(request(4));
  EXPECT_EQ(news(), only("RequestsBeyondWindow"));
}

TEST_F(CountersTest, ForgeriesAndMisdirectedMessages) {
  start();
  ASSERT_TRUE(rogue.connect());
  Bytes forged = rogue.seal(rogue.header(ExchangeType::INFORMATIONAL, 2), {});
  forged.back() ^= 1;
  rogue.send(forged);
  EXPECT_EQ(news(), only("MessagesWithBadIcv"));
  wire::Header answer = rogue.header(ExchangeType::INFORMATIONAL, 2);
  answer.response = true;
  rogue.send(rogue.seal(answer, {}));
  EXPECT_EQ(news(), only("ResponsesUnexpected"));
  wire::Header other = rogue.header(ExchangeType::INFORMATIONAL, 2);
  other.spi_i = IkeSpi{5};
  rogue.send(rogue.seal(other, {}));
  EXPECT_EQ(news(), only("MessagesOutOfPlace"));
}

// RFC7296 2.21.1: the true answer may still come.
TEST_F(CountersTest, UnprotectedBadNewsIsCountedAndDoesNotEndTheAttempt) {
  pair.start();
  bool first = true;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    const wire::Header header = header_of(datagram);
    if (header.exchange == ExchangeType::IKE_SA_INIT && header.response && first) {
      first = false;
      wire::Header lie = header;
      lie.spi_r = IkeSpi{};
      Datagram forged = datagram;
      std::swap(forged.local, forged.remote);
      forged.octets =
          wire::encode_message(lie, {wire::make_notify(NotifyType::NO_PROPOSAL_CHOSEN)});
      pair.world.inject(forged);
    }
    return datagram;
  };
  pair.world.settle();
  EXPECT_EQ(pair.a->established().size(), 1U);
  EXPECT_EQ(counted(*pair.a), only("ResponsesIgnored"));
}

TEST_F(CountersTest, DoubledMessagesAreCountedByWhatTheyMet) {
  pair.world.link.duplication = 1.0;
  pair.connect();
  const Counters on_a = counted(*pair.a);
  const Counters on_b = counted(*pair.b);
  EXPECT_GE(on_a.at("ResponsesUnexpected"), 1U);
  uint64_t again = 0;
  for (const char* name : {"RequestsRepeatedTooSoon", "RequestsAnsweredAgain"}) {
    if (on_b.contains(name)) again += on_b.at(name);
  }
  EXPECT_EQ(again, 2U);
}

}  // namespace
}  // namespace iked::test
