// SPDX-License-Identifier: ISC
#include "wire/notify_data.h"

#include <gtest/gtest.h>

#include "wire/hex.h"
#include "wire/samples.h"

namespace iked::wire {
namespace {

using enum NotifyType;

NotifyPayload with_data(NotifyType type, Bytes data) {
  return {type, ProtocolId::NONE, {}, std::move(data)};
}

TEST(NotifyData, StandsWhereTheRfcsHaveIt) {
  const IpAddress four = *IpAddress::parse("192.0.2.1");
  const IpAddress six = *IpAddress::parse("2001:db8::1");
  const NamedChild child{ProtocolId::ESP, ChildSpi{0xc0000001}};
  struct Golden {
    NotifyPayload notify;
    NotifyData data;
  };
  const std::vector<Golden> goldens = {
      {with_data(UNSUPPORTED_CRITICAL_PAYLOAD, hex("c8")), PayloadType{200}},
      {with_data(INVALID_MESSAGE_ID, hex("01 02 03 04")), MessageId{0x01020304}},
      {with_data(INVALID_SPI, hex("c0 00 00 01")), ChildSpi{0xc0000001}},
      {with_data(INVALID_KE_PAYLOAD, hex("00 1f")), KeId::CURVE25519},
      {{INVALID_SELECTORS, ProtocolId::ESP, hex("c0000001"), hex("45 00")},
       WrongPacket{child, hex("4500")}},
      {{CHILD_SA_NOT_FOUND, ProtocolId::ESP, hex("c0000001"), {}}, child},
      {{REKEY_SA, ProtocolId::AH, hex("c0000001"), {}},
       NamedChild{ProtocolId::AH, ChildSpi{0xc0000001}}},
      {with_data(SET_WINDOW_SIZE, hex("00 00 01 00")), WindowSize{256}},
      {with_data(IPCOMP_SUPPORTED, hex("12 34 02")), Compression{0x1234, IpcompId::DEFLATE, {}}},
      {with_data(IPCOMP_SUPPORTED, hex("12 34 03 aa")),
       Compression{0x1234, IpcompId::LZS, hex("aa")}},
      {with_data(NAT_DETECTION_SOURCE_IP, counting(20)), counting(20)},
      {with_data(COOKIE, hex("aa")), hex("aa")},
      {with_data(COOKIE2, counting(8)), counting(8)},
      {with_data(ADDITIONAL_IP4_ADDRESS, hex("c0000201")), four},
      {with_data(ADDITIONAL_IP6_ADDRESS, hex("20010db8 00000000 00000000 00000001")), six},
      {with_data(NO_NATS_ALLOWED, hex("c0000201 c0000202 01f4 1194")),
       SeenPath{{four, 500}, {*IpAddress::parse("192.0.2.2"), 4500}}},
      {with_data(NO_NATS_ALLOWED, hex("20010db8 00000000 00000000 00000001 "
                                      "20010db8 00000000 00000000 00000001 01f4 1194")),
       SeenPath{{six, 500}, {six, 4500}}},
      {with_data(AUTH_LIFETIME, hex("00 00 0e 10")), std::chrono::seconds(3600)},
      {with_data(REDIRECT, hex("01 04 c0000201")), Gateway{four, {}}},
      {with_data(REDIRECT, hex("03 03 612e62 000102030405060708090a0b0c0d0e0f")),
       Gateway{std::string("a.b"), counting(16)}},
      {with_data(REDIRECTED_FROM, hex("02 10 20010db8 00000000 00000000 00000001")),
       Gateway{six, {}}},
      {with_data(SIGNATURE_HASH_ALGORITHMS, hex("00 02 00 05")),
       std::vector{HashId::SHA2_256, HashId::IDENTITY}},
      {with_data(SIGNATURE_HASH_ALGORITHMS, {}), std::vector<HashId>{}},
      {with_data(USE_TRANSPORT_MODE, {}), NoData{}},
  };
  for (const Golden& golden : goldens) {
    const auto data = parse_notify_data(golden.notify);
    ASSERT_TRUE(data) << data.error().text;
    EXPECT_EQ(*data, golden.data) << to_string(golden.notify.notify);
    EXPECT_EQ(make_notify(golden.notify.notify, golden.data), golden.notify)
        << to_string(golden.notify.notify);
  }
}

TEST(NotifyData, HasTheLengthsOfTheRfcs) {
  struct Lengths {
    NotifyType type;
    size_t least, most, step;
  };
  const Lengths table[] = {
      {UNSUPPORTED_CRITICAL_PAYLOAD, 1, 1, 1},
      {INVALID_MESSAGE_ID, 4, 4, 1},
      {INVALID_SPI, 4, 4, 1},
      {INVALID_KE_PAYLOAD, 2, 2, 1},
      {SET_WINDOW_SIZE, 4, 4, 1},
      {IPCOMP_SUPPORTED, 3, 300, 1},
      {NAT_DETECTION_SOURCE_IP, 20, 20, 1},
      {NAT_DETECTION_DESTINATION_IP, 20, 20, 1},
      {COOKIE, 1, 64, 1},
      {ADDITIONAL_IP4_ADDRESS, 4, 4, 1},
      {ADDITIONAL_IP6_ADDRESS, 16, 16, 1},
      {COOKIE2, 8, 64, 1},
      {NO_NATS_ALLOWED, 12, 36, 24},
      {AUTH_LIFETIME, 4, 4, 1},
      {SIGNATURE_HASH_ALGORITHMS, 0, 300, 2},
  };
  for (const Lengths& row : table) {
    for (size_t size = 0; size <= 300; ++size) {
      const bool fits = size >= row.least && size <= row.most && (size - row.least) % row.step == 0;
      const auto data = parse_notify_data(with_data(row.type, counting(size, 1)));
      EXPECT_EQ(data.has_value(), fits) << to_string(row.type) << " " << size;
      if (!data) {
        EXPECT_FALSE(data.error().text.empty());
      }
    }
  }
}

TEST(NotifyData, WrongLengthsAreToldWithTheRightOnes) {
  EXPECT_EQ(parse_notify_data(with_data(INVALID_KE_PAYLOAD, hex("aa"))).error().text,
            "INVALID_KE_PAYLOAD with 1 octets of data instead of 2");
  EXPECT_EQ(parse_notify_data(with_data(COOKIE, {})).error().text,
            "COOKIE with 0 octets of data, where 1 to 64 are allowed");
}

TEST(NotifyData, ChildSasAreNamedByProtocolAndSpi) {  // R192
  for (const NotifyType type : {REKEY_SA, CHILD_SA_NOT_FOUND, INVALID_SELECTORS}) {
    for (unsigned protocol = 0; protocol < 256; ++protocol) {
      const ProtocolId id{static_cast<uint8_t>(protocol)};
      const NotifyPayload notify{type, id, hex("c0000001"), {}};
      EXPECT_EQ(parse_notify_data(notify).has_value(), protocol == 2 || protocol == 3);
    }
    for (size_t size = 0; size < 10; ++size) {
      const NotifyPayload notify{type, ProtocolId::ESP, counting(size), {}};
      EXPECT_EQ(parse_notify_data(notify).has_value(), size == 4) << size;
    }
  }
  EXPECT_FALSE(parse_notify_data({REKEY_SA, ProtocolId::ESP, hex("c0000001"), hex("00")}));
}

TEST(NotifyData, SpiWhereNoneBelongsIsIgnored) {  // R192
  NotifyPayload notify = with_data(INVALID_KE_PAYLOAD, hex("00 13"));
  notify.protocol = ProtocolId::IKE;
  notify.spi = counting(8);
  const auto group = read_notify<KeId>(notify);
  ASSERT_TRUE(group) << group.error().text;
  EXPECT_EQ(*group, KeId::ECP_256);
}

TEST(NotifyData, WhatNothingIsKnownOfIsNotLookedAt) {
  for (const NotifyType type : {USE_TRANSPORT_MODE, MOBIKE_SUPPORTED, NO_PROPOSAL_CHOSEN,
                                FRAGMENTATION_SUPPORTED, NotifyType{8000}, NotifyType{50000}}) {
    const auto data = parse_notify_data({type, ProtocolId::ESP, counting(3), counting(5)});
    ASSERT_TRUE(data);
    EXPECT_EQ(*data, NotifyData{NoData{}});
    EXPECT_EQ(make_notify(type), (NotifyPayload{type, ProtocolId::NONE, {}, {}}));
  }
}

TEST(NotifyData, WindowIsNotEmpty) {
  EXPECT_FALSE(parse_notify_data(with_data(SET_WINDOW_SIZE, hex("00 00 00 00"))));
}

TEST(NotifyData, GatewaysTellTheTruthAboutTheirLength) {
  for (const NotifyType type : {REDIRECT, REDIRECTED_FROM}) {
    for (const std::string_view data : {
             "", "01",
             "01 04 c0 00 02",     // cut short
             "01 05 c0 00 02 01",  // by its length
             "01 03 c0 00 02",     // no address of IPv4
             "01 10 20010db8 00000000 00000000 00000001",
             "02 04 c0 00 02 01",  // nor of IPv6
             "03 00",              // no name at all
             "00 04 c0 00 02 01",  // of no known type
             "04 04 c0 00 02 01",
             "01 04 c0 00 02 01 aa",  // no nonce is that short
         }) {
      EXPECT_FALSE(parse_notify_data(with_data(type, hex(data)))) << data;
    }
  }
  EXPECT_FALSE(parse_notify_data(with_data(REDIRECTED_FROM, hex("03 03 612e62"))));
  for (size_t size = 0; size < 300; ++size) {
    Bytes data = hex("01 04 c0 00 02 01");
    append(data, counting(size));
    const bool fits = size == 0 || (size >= 16 && size <= 256);
    EXPECT_EQ(parse_notify_data(with_data(REDIRECT, data)).has_value(), fits) << size;
    EXPECT_EQ(parse_notify_data(with_data(REDIRECTED_FROM, data)).has_value(), size == 0) << size;
  }
}

TEST(NotifyData, ReadingItAsSomethingElseFails) {
  EXPECT_FALSE(read_notify<KeId>(with_data(COOKIE, hex("00 13"))));
  EXPECT_FALSE(read_notify<Bytes>(with_data(COOKIE, {})));
  EXPECT_FALSE(read_notify<Bytes>(with_data(NotifyType{50000}, hex("00"))));
  const auto cookie = read_notify<Bytes>(with_data(COOKIE, hex("00 13")));
  ASSERT_TRUE(cookie);
  EXPECT_EQ(*cookie, hex("0013"));
}

TEST(NotifyDataDeathTest, WhatCannotBeReadIsNotMade) {
  EXPECT_DEATH(make_notify(COOKIE, Bytes{}), "");
  EXPECT_DEATH(make_notify(INVALID_KE_PAYLOAD, MessageId{1}), "");
  EXPECT_DEATH(make_notify(ADDITIONAL_IP4_ADDRESS, *IpAddress::parse("::1")), "");
  EXPECT_DEATH(make_notify(AUTH_LIFETIME, std::chrono::seconds(1LL << 40)), "");
}

}  // namespace
}  // namespace iked::wire
