// SPDX-License-Identifier: ISC
// What the `set` words of iked.conf change.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/rogue.h"
#include "wire/message.h"
#include "wire/notify_data.h"

namespace iked::test {
namespace {

class SettingsOf : public ::testing::Test {
 protected:
  LogCapture log;
  Pair pair;

  size_t first_messages_with(PayloadType type) const {
    size_t n = 0;
    for (const Datagram& datagram : pair.world.sent) {
      const auto header = wire::parse_header(datagram.octets);
      if (header->exchange != ExchangeType::IKE_SA_INIT) continue;
      n += wire::parse_message(*header, datagram.octets)->count(type);
    }
    return n;
  }
};

TEST_F(SettingsOf, VendorIdIsSentByBoth) {
  pair.connect();
  EXPECT_EQ(first_messages_with(PayloadType::VENDOR), 2U);
}

TEST_F(SettingsOf, VendorIdIsKeptBack) {
  pair.config_a.settings.vendor_id = false;
  pair.connect();
  EXPECT_EQ(first_messages_with(PayloadType::VENDOR), 1U);
}

// 0: everybody shows first that his address is true (RFC7296 2.6).
TEST_F(SettingsOf, CookieThresholdOfZeroAsksEverybody) {
  pair.config_b.settings.cookie_threshold = 0;
  pair.connect();
  EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.world.sent.size(), 6U);
}

TEST_F(SettingsOf, CookieThresholdChangesWithAReload) {
  pair.policy_a().active = false;
  pair.start();
  Config changed = pair.config_b;
  changed.settings.cookie_threshold = 0;
  pair.b->reload(changed);
  pair.config_a.policies[0].active = true;
  pair.a->reload(pair.config_a);
  pair.world.settle();
  EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.world.sent.size(), 6U);
}

// The pauses between calls to a peer that refuses: each up to a quarter shorter.
TEST_F(SettingsOf, RetryPausesGrowAsWritten) {
  pair.config_a.settings.retry_first = 10s;
  pair.config_a.settings.retry_longest = 40s;
  pair.policy_b().child_proposals[0].encr = {{EncrId::AES_GCM_16, 128}};
  pair.policy_b().ike_proposals[0].encr = {{EncrId::AES_CBC, 128}};
  pair.config_a.dpd_check_interval = 0s;
  std::vector<Time> calls;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    const auto header = wire::parse_header(datagram.octets);
    if (header->exchange == ExchangeType::IKE_SA_INIT && !header->response &&
        (calls.empty() || pair.world.now - calls.back() > 31s)) {
      calls.push_back(pair.world.now);
    }
    return datagram;
  };
  pair.start();
  pair.world.advance(10min);
  ASSERT_GE(calls.size(), 6U);
  const Duration lasts = 30s;  // until a call without an answer is given up
  const Duration pauses[] = {10s, 20s, 40s, 40s, 40s};
  for (size_t i = 0; i < std::size(pauses); ++i) {
    const Duration pause = calls[i + 1] - calls[i] - lasts;
    EXPECT_GE(pause, pauses[i] * 3 / 4) << i;
    EXPECT_LE(pause, pauses[i] + 1s) << i;
  }
}

// response_wait_time: all repetitions and the last pause together.
TEST_F(SettingsOf, ResponseWaitTimeIsKept) {
  for (const int seconds : {5, 30, 200}) {
    Pair slow;
    slow.config_a.settings.response_wait_time = std::chrono::seconds(seconds);
    slow.world.link.loss = 1.0;
    slow.start();
    slow.world.advance(std::chrono::seconds(seconds) - 1s);
    EXPECT_EQ(log.count({"no IKE SA", "no answer"}), 0U) << seconds;
    slow.world.advance(2s);
    EXPECT_EQ(log.count({"no IKE SA", "no answer"}), 1U) << seconds << log.all();
    log.lines.clear();
  }
}

// A peer whose process died calls again and does not say INITIAL_CONTACT.
TEST_F(SettingsOf, EnforceSingleIkeSaEndsTheOlderOnes) {
  for (const bool enforce : {false, true}) {
    Pair twice;
    twice.config_b.settings.enforce_single_ike_sa = enforce;
    twice.policy_a().active = false;
    twice.start();
    twice.a->address = *IpAddress::parse("192.0.2.250");
    Rogue first(twice);
    ASSERT_TRUE(first.connect()) << log.all();
    twice.world.advance(10s);
    Rogue second(twice);
    second.spi_i = IkeSpi{0x99};
    second.child_spi = ChildSpi{0xc1000002};
    (void)second.connect();  // its answer comes with the Delete of the other one
    const auto left = twice.b->established();
    ASSERT_EQ(left.size(), enforce ? 1U : 2U) << log.all();
    EXPECT_EQ(left.back().spi_i, 0x99U);
    EXPECT_EQ(log.count({"enforcesingleikesa"}), enforce ? 1U : 0U);
  }
}

// RFC7296 2.3: a peer may announce a larger window; ours stays 1, and so do our requests.
TEST_F(SettingsOf, PeersWindowSizeDoesNoHarm) {
  pair.policy_a().active = false;
  pair.start();
  pair.a->address = *IpAddress::parse("192.0.2.250");
  Rogue rogue(pair);
  ASSERT_TRUE(rogue.init());
  auto payloads = rogue.auth_payloads();
  payloads.push_back(wire::make_notify(NotifyType::SET_WINDOW_SIZE, wire::WindowSize{32}));
  ASSERT_TRUE(rogue.request(ExchangeType::IKE_AUTH, 1, payloads).has_value());
  EXPECT_EQ(pair.b->established().size(), 1U);
  EXPECT_FALSE(rogue.request(ExchangeType::INFORMATIONAL, 3, {}).has_value());
  EXPECT_TRUE(rogue.request(ExchangeType::INFORMATIONAL, 2, {}).has_value());
  EXPECT_TRUE(rogue.request(ExchangeType::INFORMATIONAL, 3, {}).has_value());
}

}  // namespace
}  // namespace iked::test
