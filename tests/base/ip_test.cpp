// SPDX-License-Identifier: ISC
#include "base/ip.h"

#include <gtest/gtest.h>

#include <set>

namespace iked {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

TEST(IpAddress, ParsesAndPrintsBothFamilies) {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1",
                           "fe80::1", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8"}) {
    EXPECT_EQ(to_string(ip(text)), text);
    EXPECT_EQ(fmt::format("{}", ip(text)), text);
  }
  EXPECT_EQ(to_string(ip("2001:DB8:0:0::0001")), "2001:db8::1");
}

TEST(IpAddress, WhatIsNoNumericAddressIsRefused) {
  for (std::string_view text :
       {"", " ", "192.0.2", "192.0.2.1 ", " 192.0.2.1", "192.0.2.256", "192.0.2.1.1", "192.0.2.01x",
        "a.example.com", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "fe80::1%eth0",
        "2001:db8::/32", "[::1]", "10.1"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_EQ(IpAddress::parse("a.b").error().text, "'a.b' is not an IP address");
  // The C library would not look behind the NUL.
  EXPECT_EQ(IpAddress::parse(std::string_view("192.0.2.1\0x", 11)).error().text,
            "'192.0.2.1\\x00x' is not an IP address");
  EXPECT_FALSE(IpAddress::parse(std::string_view("::1\0", 4)));
}

TEST(IpAddress, OctetsGoThereAndBack) {
  const Bytes v4 = {192, 0, 2, 1};
  EXPECT_EQ(IpAddress::from_octets(v4).value(), ip("192.0.2.1"));
  EXPECT_EQ(to_bytes(ip("192.0.2.1").octets()), v4);
  EXPECT_EQ(IpAddress::v4({192, 0, 2, 1}), ip("192.0.2.1"));
  Bytes v6(16);
  v6[0] = 0x20;
  v6[15] = 1;
  EXPECT_EQ(to_string(IpAddress::from_octets(v6).value()), "2000::1");
  EXPECT_EQ(to_bytes(ip("2000::1").octets()), v6);
  for (size_t size = 0; size < 20; ++size) {
    EXPECT_EQ(IpAddress::from_octets(Bytes(size)).has_value(), size == 4 || size == 16) << size;
  }
  EXPECT_EQ(IpAddress::from_octets(Bytes(5)).error().text,
            "an IP address has 4 or 16 octets, not 5");
}

TEST(IpAddress, FamiliesAreNeverEqual) {
  EXPECT_NE(IpAddress::any(Family::v4), IpAddress::any(Family::v6));
  EXPECT_LT(ip("255.255.255.255"), ip("::"));
  EXPECT_EQ(IpAddress(), ip("0.0.0.0"));
}

TEST(IpAddress, OrderIsThatOfTheNumbers) {
  EXPECT_LT(ip("9.255.255.255"), ip("10.0.0.0"));
  EXPECT_LT(ip("127.255.255.255"), ip("128.0.0.0"));
  EXPECT_LT(ip("7fff::"), ip("8000::"));
}

TEST(IpAddress, SpecialOnesAreRecognised) {
  EXPECT_TRUE(ip("0.0.0.0").is_any());
  EXPECT_TRUE(ip("::").is_any());
  EXPECT_FALSE(ip("::1").is_any());
  EXPECT_TRUE(ip("169.254.0.1").is_link_local());
  EXPECT_FALSE(ip("169.253.0.1").is_link_local());
  EXPECT_TRUE(ip("fe80::1").is_link_local());
  EXPECT_TRUE(ip("febf::1").is_link_local());
  EXPECT_FALSE(ip("fec0::1").is_link_local());
}

TEST(IpAddress, BitsCountFromTheMostSignificant) {
  const IpAddress address = ip("128.0.0.1");
  EXPECT_TRUE(address.bit(0));
  EXPECT_FALSE(address.bit(1));
  EXPECT_TRUE(address.bit(31));
  EXPECT_TRUE(ip("::1").bit(127));
}

TEST(IpAddress, BitsAreSetFromAnyPlace) {
  for (unsigned first = 0; first <= 32; ++first) {
    const IpAddress ones = ip("0.0.0.0").with_bits_from(first, true);
    const IpAddress zeros = ip("255.255.255.255").with_bits_from(first, false);
    for (unsigned i = 0; i < 32; ++i) {
      EXPECT_EQ(ones.bit(i), i >= first) << first;
      EXPECT_EQ(zeros.bit(i), i < first) << first;
    }
    // What lies behind an IPv4 address stays zero, or == would not work.
    EXPECT_EQ(ones, IpAddress::from_octets(ones.octets()).value());
  }
  EXPECT_EQ(ip("2001:db8::").with_bits_from(127, true), ip("2001:db8::1"));
}

TEST(Endpoint, PrintsWithPortAndScope) {
  EXPECT_EQ(to_string(Endpoint{ip("192.0.2.1"), 500}), "192.0.2.1:500");
  EXPECT_EQ(to_string(Endpoint{ip("2001:db8::1"), 4500}), "[2001:db8::1]:4500");
  EXPECT_EQ(fmt::format("{}", Endpoint{ip("fe80::1"), 500, 2}), "[fe80::1%2]:500");
}

TEST(HashOf, DependsOnAddressFamilyAndSeed) {
  std::set<size_t> seen;
  for (unsigned i = 0; i < 4096; ++i) {
    seen.insert(
        hash_of(IpAddress::v4({10, 0, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)}), 1));
  }
  EXPECT_EQ(seen.size(), 4096U);
  EXPECT_NE(hash_of(ip("0.0.0.0"), 1), hash_of(ip("::"), 1));
  EXPECT_NE(hash_of(ip("192.0.2.1"), 1), hash_of(ip("192.0.2.1"), 2));
  EXPECT_EQ(hash_of(ip("192.0.2.1"), 1), hash_of(ip("192.0.2.1"), 1));
}

}  // namespace
}  // namespace iked
