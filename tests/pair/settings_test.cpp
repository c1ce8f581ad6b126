// SPDX-License-Identifier: ISC
// What the `set` words of iked.conf change.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"
#include "wire/message.h"

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

}  // namespace
}  // namespace iked::test
