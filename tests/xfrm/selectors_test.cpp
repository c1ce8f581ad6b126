// SPDX-License-Identifier: ISC
#include "xfrm/selectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace iked::xfrm {
namespace {

using testing::HasSubstr;

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

IpAddress v4(uint32_t value) {
  return IpAddress::v4({static_cast<uint8_t>(value >> 24), static_cast<uint8_t>(value >> 16),
                        static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)});
}

uint32_t number(const IpAddress& address) {
  uint32_t value = 0;
  for (uint8_t octet : address.octets()) value = value << 8 | octet;
  return value;
}

std::string range(uint32_t first, uint32_t last) {
  return fmt::format("{}-{}", v4(first), v4(last));
}

// How many aligned blocks cover first..last when each is as large as it can be: the fewest
// possible.
unsigned fewest(uint64_t first, uint64_t last) {
  unsigned count = 0;
  while (first <= last) {
    uint64_t size = first == 0 ? uint64_t{1} << 33 : first & ~(first - 1);
    while (first + size - 1 > last) size /= 2;
    first += size;
    ++count;
  }
  return count;
}

void expect_exact(uint32_t first, uint32_t last) {
  const auto prefixes = split_addresses(v4(first), v4(last));
  uint64_t next = first;
  for (const IpPrefix& prefix : prefixes) {
    ASSERT_EQ(number(prefix.first()), next) << to_string(prefix) << " of " << range(first, last);
    ASSERT_EQ(prefix.address.with_bits_from(prefix.length, false), prefix.address);
    next = uint64_t{number(prefix.last())} + 1;
  }
  ASSERT_EQ(next, uint64_t{last} + 1) << range(first, last);
  ASSERT_EQ(prefixes.size(), fewest(first, last)) << range(first, last);
}

TrafficSelector selector(std::string_view first, std::string_view last, uint8_t protocol = 0,
                         uint16_t first_port = 0, uint16_t last_port = 65535) {
  return {protocol, ip(first), ip(last), first_port, last_port};
}

TrafficSelector host(std::string_view address, uint8_t protocol = 0, uint16_t first_port = 0,
                     uint16_t last_port = 65535) {
  return selector(address, address, protocol, first_port, last_port);
}

std::string why_not(const TrafficSelector& source, const TrafficSelector& destination) {
  const auto result = split(source, destination);
  return result ? "" : result.error().text;
}

TEST(SplitAddresses, EveryRangeOfSixtyFourAddressesIsCoveredExactlyAndWithTheFewestPrefixes) {
  const uint32_t base = 0x0a000000;
  for (uint32_t first = 0; first < 64; ++first) {
    for (uint32_t last = first; last < 64; ++last) expect_exact(base + first, base + last);
  }
}

TEST(SplitAddresses, RangesAcrossTheTopmostBitsAreExact) {
  const std::array<uint32_t, 12> ends{0,          1,          0x7ffffffe, 0x7fffffff,
                                      0x80000000, 0x80000001, 0x00ffffff, 0x01000000,
                                      0xfffffffe, 0xffffffff, 0x0a0000ff, 0x0a000100};
  for (uint32_t first : ends) {
    for (uint32_t last : ends) {
      if (first <= last) expect_exact(first, last);
    }
  }
}

TEST(SplitAddresses, TheWholeFamilyIsOnePrefix) {
  EXPECT_EQ(split_addresses(ip("0.0.0.0"), ip("255.255.255.255")),
            std::vector{IpPrefix::any(Family::v4)});
  EXPECT_EQ(split_addresses(ip("::"), ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")),
            std::vector{IpPrefix::any(Family::v6)});
}

TEST(SplitAddresses, TheWorstIpv6RangeTakes254PrefixesThatJoinUp) {
  const auto prefixes = split_addresses(ip("::1"), ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"));
  ASSERT_EQ(prefixes.size(), 254U);
  for (size_t i = 1; i < prefixes.size(); ++i) {
    EXPECT_GT(prefixes[i].first(), prefixes[i - 1].last());
  }
  EXPECT_EQ(prefixes.front(), IpPrefix::host(ip("::1")));
  EXPECT_EQ(prefixes.back(), IpPrefix::host(ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")));
}

void expect_exact_ports(uint16_t first, uint16_t last) {
  const auto blocks = split_ports(first, last);
  ASSERT_EQ(blocks.size(), fewest(first, last)) << first << "-" << last;
  uint32_t next = first;
  for (const PortBlock& block : blocks) {
    const uint32_t size = uint32_t{static_cast<uint16_t>(~block.mask)} + 1;
    ASSERT_EQ(block.value, next);
    ASSERT_EQ(block.value % size, 0U);
    next += size;
  }
  ASSERT_EQ(next, uint32_t{last} + 1) << first << "-" << last;
}

TEST(SplitPorts, EveryRangeNearTheEndsAndEverySingleStartIsCoveredExactly) {
  for (uint32_t first = 0; first < 128; ++first) {
    for (uint32_t last = first; last < 128; ++last) {
      expect_exact_ports(static_cast<uint16_t>(first), static_cast<uint16_t>(last));
      expect_exact_ports(static_cast<uint16_t>(65535 - last), static_cast<uint16_t>(65535 - first));
    }
  }
  for (uint32_t port = 0; port < 65536; ++port) {
    expect_exact_ports(static_cast<uint16_t>(port), 65535);
    expect_exact_ports(0, static_cast<uint16_t>(port));
  }
}

TEST(SplitPorts, AllPortsAreOneBlockThatMatchesAnything) {
  EXPECT_EQ(split_ports(0, 65535), (std::vector<PortBlock>{{0, 0}}));
  EXPECT_EQ(split_ports(80, 80), (std::vector<PortBlock>{{80, 0xffff}}));
}

// C-013: whatever host bits somebody wrote, what reaches the kernel has none.
TEST(Split, KernelSelectorsHaveNoHostBits) {
  const auto pieces = split(selector("10.1.0.3", "10.1.0.9"), host("10.2.0.77"));
  ASSERT_TRUE(pieces);
  for (const KernelSelector& piece : *pieces) {
    EXPECT_EQ(piece.source.address.with_bits_from(piece.source.length, false),
              piece.source.address);
  }
  EXPECT_EQ(pieces->size(), 3U);  // .3, .4/30, .8/31
}

TEST(Split, PiecesAreTheCrossProductAndNoneIsTwice) {
  const auto pieces = split(selector("10.0.0.1", "10.0.0.2", kUdp, 1000, 1001),
                            selector("10.9.0.0", "10.9.0.255", kUdp, 53, 54));
  ASSERT_TRUE(pieces);
  EXPECT_EQ(pieces->size(), 2U * 1 * 1 * 2);
  EXPECT_EQ(std::set<KernelSelector>(pieces->begin(), pieces->end()).size(), pieces->size());
  EXPECT_EQ(to_string(pieces->front()), "10.0.0.1[udp/1000-1001] -> 10.9.0.0/24[udp/53]");
}

TEST(Split, OverSixtyFourKernelSelectorsAreRefusedWithTheCure) {
  EXPECT_TRUE(split(selector("0.0.0.1", "255.255.255.254"), host("10.0.0.1")));  // 62
  const std::string why =
      why_not(selector("0.0.0.1", "255.255.255.254"), selector("10.0.0.1", "10.0.0.2"));
  EXPECT_THAT(why, HasSubstr("0.0.0.1-255.255.255.254 -> 10.0.0.1-10.0.0.2 need 124 kernel"));
  EXPECT_THAT(why, HasSubstr("more than 64: use ranges that fall on prefixes"));
}

TEST(Split, RangesThatEndBeforeTheyBeginAreRefused) {
  EXPECT_THAT(why_not(selector("10.0.0.2", "10.0.0.1"), host("10.0.0.9")),
              HasSubstr("ends before"));
  EXPECT_THAT(why_not(host("10.0.0.2", kTcp, 10, 9), host("10.0.0.9", kTcp)),
              HasSubstr("ends before"));
  EXPECT_THAT(why_not(selector("10.0.0.2", "::5"), host("10.0.0.9")), HasSubstr("ends before"));
}

TEST(Split, TheTwoSidesMustAgreeOnFamilyAndProtocol) {
  EXPECT_THAT(why_not(host("10.0.0.2"), host("::1")), HasSubstr("IPv4 and IPv6"));
  EXPECT_THAT(why_not(host("10.0.0.2", kTcp), host("10.0.0.3", kUdp)),
              HasSubstr("protocols of the two sides differ"));
}

TEST(Split, PortsNeedAProtocolThatHasThem) {
  EXPECT_THAT(why_not(host("10.0.0.2", 0, 80, 80), host("10.0.0.3")),
              HasSubstr("only tcp, udp, sctp, dccp and udplite have ports"));
  EXPECT_THAT(why_not(host("10.0.0.2", 47), host("10.0.0.3", 47, 1, 1)), HasSubstr("have ports"));
  for (uint8_t protocol : std::array<uint8_t, 5>{6, 17, 33, 132, 136}) {
    EXPECT_TRUE(split(host("10.0.0.2", protocol, 80, 80), host("10.0.0.3", protocol)));
  }
}

// R198, RFC 7296 3.13.1 and RFC 4301 4.4.1.3.
TEST(Split, OpaquePortsMatchFragmentsWhichTheKernelSeesAsPortZero) {
  const auto pieces = split(host("10.0.0.1", kUdp, 65535, 0), host("10.0.0.2", kUdp, 65535, 0));
  ASSERT_TRUE(pieces);
  ASSERT_EQ(pieces->size(), 1U);
  EXPECT_EQ(pieces->front().source_port, (PortBlock{0, 0xffff}));
  EXPECT_EQ(pieces->front().destination_port, (PortBlock{0, 0xffff}));
}

TEST(Split, OpaquePortsOfAProtocolWithoutPortsAreAnyPort) {
  const auto pieces = split(host("10.0.0.1", 51, 65535, 0), host("10.0.0.2", 51, 65535, 0));
  ASSERT_TRUE(pieces);
  ASSERT_EQ(pieces->size(), 1U);
  EXPECT_EQ(pieces->front().source_port, PortBlock{});
  EXPECT_EQ(pieces->front().protocol, 51);
}

TEST(Split, OpaquePortsWithoutAProtocolWouldWidenAndAreRefused) {
  EXPECT_THAT(why_not(host("10.0.0.1", 0, 65535, 0), host("10.0.0.2")), HasSubstr("have ports"));
}

TEST(Split, AnIcmpTypeAndCodeGoIntoTheKernelsTwoPortFields) {
  const uint16_t echo = 8 << 8;
  for (uint8_t icmp : {uint8_t{1}, uint8_t{58}}) {
    const auto pieces = split(host("10.0.0.1", icmp, echo, echo), host("10.0.0.2", icmp));
    ASSERT_TRUE(pieces);
    ASSERT_EQ(pieces->size(), 1U);
    EXPECT_EQ(pieces->front().source_port, (PortBlock{8, 0xffff}));
    EXPECT_EQ(pieces->front().destination_port, (PortBlock{0, 0xffff}));
  }
}

TEST(Split, AnIcmpTypeWithAllItsCodesLeavesTheCodeOpen) {
  const auto pieces = split(host("10.0.0.1", 1, 3 << 8, (3 << 8) + 255), host("10.0.0.2", 1));
  ASSERT_TRUE(pieces);
  ASSERT_EQ(pieces->size(), 1U);
  EXPECT_EQ(pieces->front().source_port, (PortBlock{3, 0xffff}));
  EXPECT_EQ(pieces->front().destination_port, PortBlock{});
}

TEST(Split, ARangeOfIcmpTypesBecomesBlocksOfTypes) {
  const auto pieces = split(host("10.0.0.1", 1, 8 << 8, (11 << 8) + 255), host("10.0.0.2", 1));
  ASSERT_TRUE(pieces);
  ASSERT_EQ(pieces->size(), 1U);
  EXPECT_EQ(pieces->front().source_port, (PortBlock{8, 0xfffc}));
}

TEST(Split, IcmpThatTheSourceOnlyReceivesHasNoSelectorInItsDirection) {
  const auto sends = host("10.0.0.1", 1, 8 << 8, 8 << 8);
  const auto receives_only = host("10.0.0.2", 1, 65535, 0);
  EXPECT_EQ(split(sends, receives_only)->size(), 1U);
  EXPECT_EQ(split(receives_only, sends)->size(), 0U);
}

TEST(Split, AMobilityHeaderTypeIsTheUpperOctetOfThePort) {
  const auto pieces = split(host("::1", 135, 5 << 8, 5 << 8), host("::2", 135, 65535, 0));
  ASSERT_TRUE(pieces);
  ASSERT_EQ(pieces->size(), 1U);
  EXPECT_EQ(pieces->front().source_port, (PortBlock{5, 0xffff}));
  EXPECT_EQ(pieces->front().destination_port, PortBlock{});
}

KernelSelector kernel_selector(std::string_view source, std::string_view destination,
                               uint8_t protocol = 0, PortBlock port = {}) {
  return {
      IpPrefix::parse(source).value(), IpPrefix::parse(destination).value(), protocol, port, {}};
}

TEST(Priority, TheFormulaIsAsDocumented) {
  EXPECT_EQ(priority_of(kernel_selector("10.0.0.1", "10.0.0.2", kTcp, {80, 0xffff})),
            0x10000U + 4 * 16);
  EXPECT_EQ(priority_of(kernel_selector("10.0.0.0/8", "0.0.0.0/0")),
            0x10000U + 4 * (56 * 128 + 64 + 32));
  EXPECT_EQ(priority_of(kernel_selector("::/0", "::/0")), 0x10000U + 4 * (256 * 128 + 64 + 32));
}

TEST(Priority, TheNarrowerSelectorWins) {
  const std::vector<KernelSelector> from_narrow{
      kernel_selector("10.0.0.1", "10.0.0.2", kTcp, {80, 0xffff}),
      kernel_selector("10.0.0.1", "10.0.0.2", kTcp, {80, 0xfff0}),
      kernel_selector("10.0.0.1", "10.0.0.2", kTcp),
      kernel_selector("10.0.0.1", "10.0.0.2"),
      kernel_selector("10.0.0.0/31", "10.0.0.2", kTcp, {80, 0xffff}),
      kernel_selector("10.0.0.0/24", "10.0.0.2"),
      kernel_selector("10.0.0.0/24", "10.0.0.0/24"),
      kernel_selector("0.0.0.0/0", "10.0.0.0/24", kTcp),
      kernel_selector("0.0.0.0/0", "0.0.0.0/0")};
  for (size_t i = 1; i < from_narrow.size(); ++i) {
    EXPECT_LT(priority_of(from_narrow[i - 1]), priority_of(from_narrow[i])) << i;
  }
}

TEST(Priority, NumbersStayBetweenTheRoomKeptFreeAndLeaveStepsOfFour) {
  const uint32_t least = priority_of(
      {IpPrefix::host(ip("::1")), IpPrefix::host(ip("::2")), kTcp, {1, 0xffff}, {2, 0xffff}});
  const uint32_t most = priority_of(kernel_selector("::/0", "::/0"));
  EXPECT_EQ(least, 0x10000U);
  EXPECT_LT(most + 3, 0x40000U);
  EXPECT_EQ(most % 4, 0U);
}

TEST(SelectorOf, IsTheInverseOfSplitForAPacket) {
  const TrafficSelector packet = selector_of(IpPrefix::host(ip("10.0.0.1")), kUdp, {53, 0xffff});
  EXPECT_EQ(to_string(packet), "10.0.0.1[udp/53]");
  EXPECT_EQ(to_string(selector_of(IpPrefix::any(Family::v4), 0, {})), "0.0.0.0/0");
  EXPECT_EQ(selector_of(IpPrefix::any(Family::v6), kTcp, {0x0450, 0xfff0}).last_port, 0x045f);
}

}  // namespace
}  // namespace iked::xfrm
