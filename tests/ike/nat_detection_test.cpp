// SPDX-License-Identifier: ISC
#include "ike/nat_detection.h"

#include <gtest/gtest.h>

#include "crypto/prf.h"

namespace iked::ike {
namespace {

constexpr IkeSpi spi_i{0x1122334455667788};
constexpr IkeSpi spi_r{0x99aabbccddeeff00};
const Bytes noise(20, 0xee);

Endpoint at(std::string_view address, uint16_t port = 500) {
  return {*IpAddress::parse(address), port};
}

const Endpoint a = at("192.0.2.1");
const Endpoint b = at("192.0.2.2");

// A message from a to b, or what somebody made of it on the way.
wire::Message message(wire::Payloads payloads) {
  wire::Message m;
  m.header.spi_i = spi_i;
  m.header.spi_r = spi_r;
  m.payloads = std::move(payloads);
  return m;
}

wire::Payload source_notify(Bytes data) {
  return wire::NotifyPayload{
      NotifyType::NAT_DETECTION_SOURCE_IP, ProtocolId::NONE, {}, std::move(data)};
}
wire::Payload destination_notify(Bytes data) {
  return wire::NotifyPayload{
      NotifyType::NAT_DETECTION_DESTINATION_IP, ProtocolId::NONE, {}, std::move(data)};
}

TEST(NatHash, IsSha1OfSpisAddressAndPort) {  // R148
  // Written out by hand: RFC7296 2.23.
  EXPECT_EQ(nat_hash(spi_i, spi_r, at("192.0.2.1", 500)),
            crypto::sha1({from_hex("1122334455667788 99aabbccddeeff00 c0000201 01f4").value()}));
  EXPECT_EQ(nat_hash(spi_i, IkeSpi{}, at("2001:db8::1", 4500)),
            crypto::sha1({from_hex("1122334455667788 0000000000000000 "
                                   "20010db8000000000000000000000001 1194")
                              .value()}));
  EXPECT_EQ(nat_hash(spi_i, spi_r, a).size(), 20U);
}

TEST(NatHash, EveryPartCounts) {
  const Bytes hash = nat_hash(spi_i, spi_r, a);
  EXPECT_NE(nat_hash(IkeSpi{1}, spi_r, a), hash);
  EXPECT_NE(nat_hash(spi_i, IkeSpi{1}, a), hash);
  EXPECT_NE(nat_hash(spi_i, spi_r, b), hash);
  EXPECT_NE(nat_hash(spi_i, spi_r, at("192.0.2.1", 501)), hash);
  // The interface is nobody's business but ours.
  Endpoint scoped = at("fe80::1");
  const Bytes plain = nat_hash(spi_i, spi_r, scoped);
  scoped.scope = 3;
  EXPECT_EQ(nat_hash(spi_i, spi_r, scoped), plain);
}

TEST(NatDetection, WithoutNatNothingIsSeen) {  // R148
  const auto payloads = nat_detection_payloads(spi_i, spi_r, a, b, false, noise);
  ASSERT_EQ(payloads.size(), 2U);
  const NatDetection seen = read_nat_detection(message(payloads), b, a);
  EXPECT_TRUE(seen.supported);
  EXPECT_FALSE(seen.any());
}

TEST(NatDetection, EachSideOfTheNatIsTold) {  // R148
  const auto payloads = nat_detection_payloads(spi_i, spi_r, a, b, false, noise);
  for (const Endpoint& translated : {at("203.0.113.9"), at("192.0.2.1", 61000)}) {
    const NatDetection seen = read_nat_detection(message(payloads), b, translated);
    EXPECT_TRUE(seen.peer_is_behind);
    EXPECT_FALSE(seen.we_are_behind);
  }
  for (const Endpoint& own : {at("10.0.0.2"), at("192.0.2.2", 4500)}) {
    const NatDetection seen = read_nat_detection(message(payloads), own, a);
    EXPECT_FALSE(seen.peer_is_behind);
    EXPECT_TRUE(seen.we_are_behind);
  }
  const NatDetection both = read_nat_detection(message(payloads), at("10.0.0.2"), at("10.0.0.1"));
  EXPECT_TRUE(both.peer_is_behind);
  EXPECT_TRUE(both.we_are_behind);
}

TEST(NatDetection, OneSourceOfSeveralIsEnough) {  // R148
  const Bytes right = nat_hash(spi_i, spi_r, a);
  const Bytes own = nat_hash(spi_i, spi_r, b);
  const Bytes other = nat_hash(spi_i, spi_r, at("198.51.100.1"));
  const auto seen = [&](wire::Payloads payloads) {
    return read_nat_detection(message(std::move(payloads)), b, a);
  };
  const auto source = source_notify(right), elsewhere = source_notify(other);
  const auto destination = destination_notify(own);
  EXPECT_FALSE(seen({source, elsewhere, destination}).any());
  EXPECT_FALSE(seen({elsewhere, source, destination}).any());
  // In any order.
  EXPECT_FALSE(seen({destination, elsewhere, source}).any());
  EXPECT_TRUE(seen({elsewhere, elsewhere, destination}).peer_is_behind);
}

TEST(NatDetection, HalfOfItIsNoSupport) {
  const auto source = source_notify(nat_hash(spi_i, spi_r, at("198.51.100.1")));
  const auto destination = destination_notify(nat_hash(spi_i, spi_r, at("198.51.100.1")));
  for (const wire::Payloads& payloads :
       {wire::Payloads{}, wire::Payloads{source}, wire::Payloads{destination}}) {
    const NatDetection seen = read_nat_detection(message(payloads), b, a);
    EXPECT_FALSE(seen.supported);
    EXPECT_FALSE(seen.any());
  }
}

TEST(NatDetection, HashesOfAWrongLengthFitNothing) {
  Bytes longer = nat_hash(spi_i, spi_r, a);
  longer.push_back(0);
  Bytes shorter = nat_hash(spi_i, spi_r, b);
  shorter.pop_back();
  const NatDetection seen =
      read_nat_detection(message({source_notify(longer), destination_notify(shorter)}), b, a);
  EXPECT_TRUE(seen.supported);
  EXPECT_TRUE(seen.peer_is_behind);
  EXPECT_TRUE(seen.we_are_behind);
  EXPECT_TRUE(read_nat_detection(message({source_notify({}), destination_notify({})}), b, a).any());
}

TEST(NatDetection, PretendedNatMakesThePeerEncapsulate) {
  const auto payloads = nat_detection_payloads(spi_i, spi_r, a, b, true, noise);
  const NatDetection seen = read_nat_detection(message(payloads), b, a);
  EXPECT_TRUE(seen.peer_is_behind);
  EXPECT_FALSE(seen.we_are_behind);
}

TEST(NatDetection, SourceComesBeforeDestination) {
  const auto payloads = nat_detection_payloads(spi_i, spi_r, a, b, false, noise);
  EXPECT_EQ(payloads[0], source_notify(nat_hash(spi_i, spi_r, a)));
  EXPECT_EQ(payloads[1], destination_notify(nat_hash(spi_i, spi_r, b)));
}

}  // namespace
}  // namespace iked::ike
