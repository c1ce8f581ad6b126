// SPDX-License-Identifier: ISC
#include <gtest/gtest.h>

#include <random>

#include "base/ip.h"

namespace iked {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

IpPrefix prefix(std::string_view text) {
  return IpPrefix::parse(text).value();
}

TEST(IpPrefix, ParsesAndPrints) {
  for (const char* text :
       {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.1", "2001:db8::/32", "::/0", "::1", "192.0.2.0/31"}) {
    EXPECT_EQ(to_string(prefix(text)), text);
    EXPECT_EQ(fmt::format("{}", prefix(text)), text);
  }
  EXPECT_EQ(to_string(prefix("192.0.2.1/32")), "192.0.2.1");
  EXPECT_EQ(to_string(prefix("2001:db8::1/128")), "2001:db8::1");
}

TEST(IpPrefix, HostBitsAreCleared) {
  EXPECT_EQ(prefix("10.1.2.3/8"), prefix("10.0.0.0/8"));
  EXPECT_EQ(prefix("2001:db8:ffff::1/33"), prefix("2001:db8:8000::/33"));
}

TEST(IpPrefix, WhatIsNoPrefixIsRefused) {
  for (const char* text : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/a", "10.0.0.0/8a", "10.0.0.0/-1",
                           "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8/8", "10.0.0.0/4294967304"}) {
    EXPECT_FALSE(IpPrefix::parse(text)) << text;
  }
  EXPECT_EQ(IpPrefix::parse("10.0.0.0/33").error().text,
            "/33 is too long for 10.0.0.0: at most /32");
  EXPECT_EQ(IpPrefix::parse("::/129").error().text, "/129 is too long for ::: at most /128");
  EXPECT_EQ(IpPrefix::parse("10.0.0.0/x").error().text, "'x' is not a prefix length");
  EXPECT_TRUE(IpPrefix::make(ip("10.0.0.0"), 32));
  EXPECT_FALSE(IpPrefix::make(ip("10.0.0.0"), 33));
  EXPECT_FALSE(IpPrefix::make(ip("10.0.0.0"), 256));
}

TEST(IpPrefix, FirstAndLastAreItsEnds) {
  EXPECT_EQ(prefix("10.1.0.0/16").first(), ip("10.1.0.0"));
  EXPECT_EQ(prefix("10.1.0.0/16").last(), ip("10.1.255.255"));
  EXPECT_EQ(IpPrefix::host(ip("::1")).last(), ip("::1"));
  EXPECT_EQ(IpPrefix::any(Family::v4).last(), ip("255.255.255.255"));
  EXPECT_EQ(IpPrefix::any(Family::v6).last(), ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
}

TEST(IpPrefix, HostIsOnlyTheFullLength) {
  EXPECT_TRUE(prefix("192.0.2.1").is_host());
  EXPECT_FALSE(prefix("192.0.2.0/31").is_host());
  EXPECT_FALSE(prefix("2001:db8::/32").is_host());
  EXPECT_TRUE(prefix("2001:db8::1").is_host());
}

// Against the definition: an address is in it when it lies between the ends.
TEST(IpPrefix, ContainsWhatLiesBetweenItsEnds) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20000; ++round) {
    const bool v4 = random() % 2 == 0;
    Bytes octets(v4 ? 4 : 16);
    for (uint8_t& octet : octets) octet = static_cast<uint8_t>(random());
    const IpAddress base = *IpAddress::from_octets(octets);
    const auto length = static_cast<unsigned>(random() % (base.bits() + 1));
    const IpPrefix net = IpPrefix::make(base, length).value();
    EXPECT_TRUE(net.contains(base));
    // Differs from one bit on: near the edge of the prefix as often as not.
    const auto bit = static_cast<unsigned>(random() % base.bits());
    Bytes other_octets = octets;
    other_octets[bit / 8] = static_cast<uint8_t>(other_octets[bit / 8] ^ (0x80 >> (bit % 8)));
    const IpAddress other = *IpAddress::from_octets(other_octets);
    EXPECT_EQ(net.contains(other), net.first() <= other && other <= net.last())
        << to_string(net) << " " << to_string(other);
    EXPECT_EQ(net.contains(other), bit >= length);
  }
}

TEST(IpPrefix, NeverContainsTheOtherFamily) {
  EXPECT_FALSE(IpPrefix::any(Family::v4).contains(ip("::")));
  EXPECT_FALSE(IpPrefix::any(Family::v6).contains(ip("0.0.0.0")));
}

}  // namespace
}  // namespace iked
