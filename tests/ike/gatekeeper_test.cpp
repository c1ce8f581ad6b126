// SPDX-License-Identifier: ISC
#include "ike/gatekeeper.h"

#include <gtest/gtest.h>

#include <set>

#include "support/world.h"

namespace iked::ike {
namespace {

using Verdict = Gatekeeper::Verdict;

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

class GatekeeperTest : public testing::Test {
 protected:
  static constexpr Gatekeeper::Limits limits{4, 8, 3};

  Verdict admit(const Bytes& cookie = {}, std::string_view source = "192.0.2.1") {
    return gate.admit(ip(source), spi, nonce, cookie, now);
  }
  Bytes cookie(std::string_view source = "192.0.2.1") {
    return gate.cookie(ip(source), spi, nonce, now);
  }
  // From addresses of their own.
  void open(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      gate.opened(IpAddress::v4({203, 0, 113, static_cast<uint8_t>(opened_++)}), true);
    }
  }

  test::SeededRng rng{1};
  Gatekeeper gate{limits, rng};
  IkeSpi spi{0x1234};
  Bytes nonce = Bytes(32, 7);
  Time now = Time{} + 1000s;

 private:
  size_t opened_ = 0;
};

TEST_F(GatekeeperTest, NobodyIsBotheredBelowTheThreshold) {
  EXPECT_EQ(admit(), Verdict::admit);
  open(3);
  EXPECT_EQ(gate.half_open(), 3U);
  EXPECT_EQ(admit(), Verdict::admit);
  open(1);
  EXPECT_EQ(admit(), Verdict::demand_cookie);
  // One is through or has given up.
  gate.closed(IpAddress::v4({203, 0, 113, 0}), true);
  EXPECT_EQ(admit(), Verdict::admit);
}

TEST_F(GatekeeperTest, OverloadWantsCookiesForAWhile) {
  gate.overloaded(now);
  EXPECT_EQ(admit(), Verdict::demand_cookie);
  EXPECT_EQ(admit(cookie()), Verdict::admit_proven);
  now += 29s;
  EXPECT_EQ(admit(), Verdict::demand_cookie);
  gate.overloaded(now);
  now += 29s;
  EXPECT_EQ(admit(), Verdict::demand_cookie);
  // It is over, but not yet the flood.
  now += 1s;
  open(4);
  EXPECT_EQ(admit(), Verdict::demand_cookie);
  gate.closed(IpAddress::v4({203, 0, 113, 0}), true);
  EXPECT_EQ(admit(), Verdict::admit);
}

TEST_F(GatekeeperTest, RightCookieIsAdmitted) {
  open(4);
  const Bytes good = cookie();
  EXPECT_EQ(good.size(), 33U);  // R082: 1 to 64
  EXPECT_EQ(admit(good), Verdict::admit_proven);
  EXPECT_EQ(admit(good), Verdict::admit_proven) << "the same message again";
}

TEST_F(GatekeeperTest, WrongCookieCountsAsNone) {  // R087
  const Bytes good = cookie();
  // Below the threshold nobody looks at it, ...
  EXPECT_EQ(admit(Bytes(33, 1)), Verdict::admit);
  open(4);
  // ... above it every octet counts.
  for (size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x10;
    EXPECT_EQ(admit(bad), Verdict::demand_cookie) << i;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(admit(Bytes(good.begin(), good.begin() + static_cast<ptrdiff_t>(size))),
              Verdict::demand_cookie);
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(admit(longer), Verdict::demand_cookie);
  EXPECT_EQ(admit(Bytes(64, 0)), Verdict::demand_cookie);
}

TEST_F(GatekeeperTest, CookieIsForOneAddressSpiAndNonce) {  // R084
  open(4);
  const Bytes good = cookie();
  EXPECT_EQ(admit(good, "192.0.2.2"), Verdict::demand_cookie);
  EXPECT_EQ(gate.admit(ip("192.0.2.1"), IkeSpi{0x1235}, nonce, good, now), Verdict::demand_cookie);
  EXPECT_EQ(gate.admit(ip("192.0.2.1"), spi, Bytes(32, 8), good, now), Verdict::demand_cookie);
  EXPECT_EQ(gate.admit(ip("192.0.2.1"), spi, Bytes(31, 7), good, now), Verdict::demand_cookie);
}

// Octets of the nonce must not pass for octets of the address: else an IPv6 host gets cookies for
// IPv4 addresses that are not its own.
TEST_F(GatekeeperTest, AddressAndNonceCannotTradeOctets) {
  open(4);
  Bytes v6 = to_bytes(ip("2001:db8::192.0.2.1").octets());
  const IpAddress liar = *IpAddress::from_octets(v6);
  const Bytes short_nonce(20, 7);
  // nonce | address, cut at another place
  Bytes long_nonce = short_nonce;
  append(long_nonce, ByteView(v6).first(12));
  const IpAddress victim = *IpAddress::from_octets(ByteView(v6).subspan(12));
  EXPECT_NE(gate.cookie(liar, spi, short_nonce, now), gate.cookie(victim, spi, long_nonce, now));
  // address | nonce
  const IpAddress front = *IpAddress::from_octets(ByteView(v6).first(4));
  Bytes rest(v6.begin() + 4, v6.end());
  append(rest, short_nonce);
  EXPECT_NE(gate.cookie(liar, spi, short_nonce, now), gate.cookie(front, spi, rest, now));
}

TEST_F(GatekeeperTest, SecretChangesAndTheOneBeforeStaysGood) {  // R084
  open(4);
  const Bytes first = cookie();
  now += 59s;
  EXPECT_EQ(cookie(), first) << "no change in between";
  now += 2s;
  const Bytes second = cookie();
  EXPECT_NE(second, first);
  EXPECT_NE(second[0], first[0]) << "the version tells which";
  EXPECT_EQ(admit(first), Verdict::admit_proven);
  EXPECT_EQ(admit(second), Verdict::admit_proven);
  now += 60s;
  EXPECT_EQ(admit(first), Verdict::demand_cookie);
  EXPECT_EQ(admit(second), Verdict::admit_proven);
}

TEST_F(GatekeeperTest, NoCookieOutlivesAQuietTime) {  // R084
  open(4);
  const Bytes old = cookie();
  now += 10h;  // nothing happened in between, so nothing was rotated
  EXPECT_EQ(admit(old), Verdict::demand_cookie);
  EXPECT_EQ(admit(cookie()), Verdict::admit_proven);
}

TEST_F(GatekeeperTest, CookiesLiveAtMostTwoMinutes) {  // R084
  open(4);
  for (Duration age = 0s; age <= 600s; age += 7s) {
    const Bytes made = cookie();
    const Time begin = now;
    now += age;
    if (age > 120s) {
      EXPECT_EQ(admit(made), Verdict::demand_cookie) << in_seconds(age);
    }
    if (age < 60s) {
      EXPECT_EQ(admit(made), Verdict::admit_proven) << in_seconds(age);
    }
    now = begin + 1000s;
  }
}

TEST_F(GatekeeperTest, VersionsWrapWithoutHarm) {
  open(4);
  std::set<Bytes> seen;
  for (int i = 0; i < 600; ++i) {
    const Bytes made = cookie();
    EXPECT_TRUE(seen.insert(made).second) << "a secret came back";
    EXPECT_EQ(admit(made), Verdict::admit_proven);
    now += 61s;
    EXPECT_EQ(admit(made), Verdict::admit_proven);
  }
}

TEST_F(GatekeeperTest, GatekeepersHaveTheirOwnSecrets) {
  Gatekeeper other(limits, rng);
  EXPECT_NE(other.cookie(ip("192.0.2.1"), spi, nonce, now), cookie());
}

TEST_F(GatekeeperTest, WhenFullEvenAGoodCookieWaits) {
  open(8);
  EXPECT_EQ(admit(), Verdict::demand_cookie);
  EXPECT_EQ(admit(cookie()), Verdict::refuse);
  gate.closed(IpAddress::v4({203, 0, 113, 0}), true);
  EXPECT_EQ(admit(cookie()), Verdict::admit_proven);
}

TEST_F(GatekeeperTest, OneAddressCannotTakeAllPlaces) {
  for (int i = 0; i < 3; ++i) gate.opened(ip("192.0.2.1"), true);
  // Below the general threshold already, and first of all a cookie: the three may have been sent in
  // its name.
  EXPECT_EQ(admit(), Verdict::demand_cookie);
  EXPECT_EQ(admit(cookie()), Verdict::refuse);
  EXPECT_EQ(admit({}, "192.0.2.2"), Verdict::admit);
  gate.closed(ip("192.0.2.1"), true);
  EXPECT_EQ(admit(), Verdict::admit);
}

// A flood in somebody's name makes him bring a cookie, and then he is let in.
TEST_F(GatekeeperTest, WhatIsSentInSomebodysNameDoesNotLockHimOut) {
  for (int i = 0; i < 4; ++i) gate.opened(ip("192.0.2.1"), false);
  EXPECT_EQ(admit(), Verdict::demand_cookie);
  EXPECT_EQ(admit(cookie()), Verdict::admit_proven);
}

TEST_F(GatekeeperTest, AnIpv6HostHasOneNetworkOf64Bits) {
  for (int i = 0; i < 3; ++i) gate.opened(ip(fmt::format("2001:db8:0:1::{}", i + 1)), true);
  EXPECT_EQ(admit(cookie("2001:db8:0:1:ffff::9"), "2001:db8:0:1:ffff::9"), Verdict::refuse);
  EXPECT_EQ(admit({}, "2001:db8:0:2::1"), Verdict::admit);
  gate.closed(ip("2001:db8:0:1::77"), true);
  EXPECT_EQ(admit({}, "2001:db8:0:1:ffff::9"), Verdict::admit);
}

TEST_F(GatekeeperTest, NothingIsKeptOfWhoIsNotAdmitted) {  // R085
  open(4);
  // Ten times the limit of one address, and of all.
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(admit(), Verdict::demand_cookie);
    EXPECT_EQ(admit(Bytes(33, 1)), Verdict::demand_cookie);
    EXPECT_EQ(admit(cookie()), Verdict::admit_proven);
  }
  EXPECT_EQ(gate.half_open(), 4U);
  open(4);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(admit(cookie()), Verdict::refuse);
  EXPECT_EQ(gate.half_open(), 8U);
  // It never opened anything, so there is nothing of it to be closed.
  EXPECT_DEATH(gate.closed(ip("192.0.2.1"), true), "internal error");
}

TEST_F(GatekeeperTest, UnprotectedAnswersAndLogLinesAreLimited) {
  int answers = 0, lines = 0;
  for (int i = 0; i < 1000; ++i) {
    answers += gate.may_answer(now) ? 1 : 0;
    lines += gate.may_log(now) ? 1 : 0;
  }
  EXPECT_EQ(answers, 10);
  EXPECT_EQ(lines, 20);
}

TEST(RateLimit, IsAnAverageWithABurst) {
  RateLimit limit(10);
  Time now = Time{} + 5s;
  const auto allowed = [&](int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += limit.allow(now) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(allowed(100), 10);
  EXPECT_EQ(allowed(100), 0);
  now += 100ms;
  EXPECT_EQ(allowed(100), 1);
  now += 550ms;
  EXPECT_EQ(allowed(100), 5);
  now += 24h;
  EXPECT_EQ(allowed(100), 10) << "what was not used does not pile up";
}

TEST(RateLimit, SteadyFloodGetsTheRateAndNoMore) {
  RateLimit limit(10);
  Time now{};
  int count = 0;
  for (int i = 0; i < 100000; ++i) {  // 1,000 per second for 100 seconds
    now += 1ms;
    count += limit.allow(now) ? 1 : 0;
  }
  EXPECT_GE(count, 1000);
  EXPECT_LE(count, 1011);
}

}  // namespace
}  // namespace iked::ike
