// SPDX-License-Identifier: ISC
#include "model/traffic_selector.h"

#include <gtest/gtest.h>

namespace iked {
namespace {

TrafficSelector range(std::string_view first, std::string_view last) {
  TrafficSelector ts;
  ts.first = *IpAddress::parse(first);
  ts.last = *IpAddress::parse(last);
  return ts;
}

TEST(TrafficSelector, OfAPrefixIsItsWholeRange) {
  const auto ts = TrafficSelector::of(*IpPrefix::parse("10.1.0.0/24"), 6);
  EXPECT_EQ(ts.first, *IpAddress::parse("10.1.0.0"));
  EXPECT_EQ(ts.last, *IpAddress::parse("10.1.0.255"));
  EXPECT_EQ(ts.protocol, 6);
  EXPECT_TRUE(ts.any_port());
  EXPECT_FALSE(ts.opaque());
  EXPECT_FALSE(ts.is_host());
  EXPECT_TRUE(TrafficSelector::of(*IpPrefix::parse("::1")).is_host());
  EXPECT_EQ(TrafficSelector::of(IpPrefix::any(Family::v6)).family(), Family::v6);
}

TEST(TrafficSelector, PrintsPrefixesAndRanges) {
  EXPECT_EQ(to_string(range("10.1.0.0", "10.1.0.255")), "10.1.0.0/24");
  EXPECT_EQ(to_string(range("10.1.0.1", "10.1.0.1")), "10.1.0.1");
  EXPECT_EQ(to_string(range("0.0.0.0", "255.255.255.255")), "0.0.0.0/0");
  EXPECT_EQ(to_string(range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")), "::/0");
  EXPECT_EQ(to_string(range("2001:db8::", "2001:db8::ffff")), "2001:db8::/112");
  EXPECT_EQ(to_string(range("10.1.0.1", "10.1.0.7")), "10.1.0.1-10.1.0.7");
  EXPECT_EQ(to_string(range("10.1.0.0", "10.1.1.0")), "10.1.0.0-10.1.1.0");
  EXPECT_EQ(to_string(range("10.1.0.128", "10.1.1.127")), "10.1.0.128-10.1.1.127");
}

TEST(TrafficSelector, PrintsProtocolAndPorts) {
  struct Case {
    uint8_t protocol;
    uint16_t first, last;
    const char* text;
  };
  const Case cases[] = {
      {0, 0, 65535, "10.0.0.1"},       {6, 0, 65535, "10.0.0.1[tcp]"},
      {6, 80, 80, "10.0.0.1[tcp/80]"}, {17, 1024, 65535, "10.0.0.1[udp/1024-65535]"},
      {1, 0, 65535, "10.0.0.1[icmp]"}, {58, 0, 65535, "10.0.0.1[ipv6-icmp]"},
      {47, 0, 65535, "10.0.0.1[47]"},  {0, 53, 53, "10.0.0.1[any/53]"},
      {0, 0, 0, "10.0.0.1[any/0]"},    {6, 65535, 0, "10.0.0.1[tcp/opaque]"},
  };
  for (const Case& c : cases) {
    TrafficSelector ts = range("10.0.0.1", "10.0.0.1");
    ts.protocol = c.protocol;
    ts.first_port = c.first;
    ts.last_port = c.last;
    EXPECT_EQ(to_string(ts), c.text);
  }
}

TEST(TrafficSelectors, AreJoined) {
  EXPECT_EQ(to_string(TrafficSelectors{}), "none");
  EXPECT_EQ(to_string(TrafficSelectors{range("10.0.0.1", "10.0.0.1"), range("::1", "::1")}),
            "10.0.0.1, ::1");
}

}  // namespace
}  // namespace iked
