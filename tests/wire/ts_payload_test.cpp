// SPDX-License-Identifier: ISC
#include <gtest/gtest.h>

#include "wire/hex.h"
#include "wire/round_trip.h"

namespace iked::wire {
namespace {

// By hand from the figures of RFC 7296 3.13 and 3.13.1, with the first selector of its example:
// (17, 100, 198.51.100.66-198.51.100.66).
const std::string_view v4_selector =
    "07 11 00 10 "  // TS_IPV4_ADDR_RANGE, UDP, 16 octets
    "00 64 00 64 "  // ports 100 to 100
    "c6 33 64 42 c6 33 64 42 ";
const std::string_view v6_selector =
    "08 00 00 28 "  // TS_IPV6_ADDR_RANGE, any protocol, 40 octets
    "00 00 ff ff "  // ANY ports
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00 "
    "20 01 0d b8 00 00 00 00 ff ff ff ff ff ff ff ff ";

Bytes body(uint8_t count, std::string_view selectors) {
  Bytes ts = {count, 0, 0, 0};
  append(ts, hex(selectors));
  return ts;
}
Bytes golden() {
  return body(2, std::string(v4_selector) + std::string(v6_selector));
}

TEST(TsPayload, FieldsStandWhereTheFiguresHaveThem) {  // R197
  const auto ts = parse_tsi(golden());
  ASSERT_TRUE(ts) << ts.error().text;
  ASSERT_EQ(ts->selectors.size(), 2U);
  const TrafficSelector& v4 = ts->selectors[0];
  EXPECT_EQ(v4.protocol, 17);
  EXPECT_EQ(v4.first_port, 100);
  EXPECT_EQ(v4.last_port, 100);
  EXPECT_EQ(to_string(v4.first), "198.51.100.66");
  EXPECT_TRUE(v4.is_host());
  EXPECT_EQ(to_string(ts->selectors[1]), "2001:db8::/64");
  EXPECT_TRUE(ts->selectors[1].any_port());
  EXPECT_EQ(ts->skipped, 0U);

  Bytes encoded;
  encode_body(*ts, encoded);
  EXPECT_EQ(encoded, golden());
  Bytes encoded_tsr;
  encode_body(*parse_tsr(golden()), encoded_tsr);
  EXPECT_EQ(encoded_tsr, golden());
}

TEST(TsPayload, EveryTruncationFails) {  // R197
  const Bytes whole = golden();
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(parse_tsi(cut)) << size;
    EXPECT_FALSE(parse_tsr(cut)) << size;
  }
}

TEST(TsPayload, CountMustBeTrue) {  // R197
  for (const uint8_t count : Bytes{0, 1, 3, 255}) {
    Bytes ts = golden();
    ts[0] = count;
    EXPECT_FALSE(parse_tsi(ts)) << unsigned{count};
  }
  EXPECT_FALSE(parse_tsi(body(0, "")));
}

TEST(TsPayload, SelectorLengthMustFitItsType) {  // R197
  for (unsigned length = 0; length < 256; ++length) {
    Bytes ts = body(1, v4_selector);
    ts[7] = static_cast<uint8_t>(length);
    EXPECT_EQ(parse_tsi(ts).has_value(), length == 16) << length;
  }
  // The addresses of the other family, under a length that is right for the octets there.
  Bytes short_v6 = body(1, v4_selector);
  short_v6[4] = 8;
  EXPECT_FALSE(parse_tsi(short_v6));
  Bytes long_v4 = body(1, v6_selector);
  long_v4[4] = 7;
  EXPECT_FALSE(parse_tsi(long_v4));
}

TEST(TsPayload, UnknownTypesAreSkippedAndCounted) {  // R197
  const auto ts = parse_tsi(body(4, "09 00 00 04 " + std::string(v4_selector) +
                                        "f1 00 00 09 01 02 03 04 05 " + std::string(v6_selector)));
  ASSERT_TRUE(ts) << ts.error().text;
  EXPECT_EQ(ts->selectors.size(), 2U);
  EXPECT_EQ(ts->skipped, 2U);

  const auto none_known = parse_tsr(body(1, "09 00 00 04"));
  ASSERT_TRUE(none_known);
  EXPECT_TRUE(none_known->selectors.empty());
  EXPECT_EQ(none_known->skipped, 1U);
}

TEST(TsPayload, LengthsOfUnknownTypesAreCheckedToo) {  // R197
  for (const std::string_view selector :
       {"09 00 00 00", "09 00 00 03", "09 00 00 05", "09 00 ff ff"}) {
    EXPECT_FALSE(parse_tsi(body(1, selector))) << selector;
  }
}

TEST(TsPayload, RangesDoNotRunBackwards) {  // R197
  Bytes addresses = body(1, v4_selector);
  addresses[15] = 0x43;  // from .67 down to .66
  EXPECT_FALSE(parse_tsi(addresses));
  Bytes ports = body(1, v4_selector);
  ports[9] = 0x65;  // from 101 down to 100
  EXPECT_FALSE(parse_tsi(ports));
  Bytes upwards = body(1, v4_selector);
  upwards[19] = 0x43;
  upwards[11] = 0x65;
  EXPECT_TRUE(parse_tsi(upwards));
}

TEST(TsPayload, OpaqueAndAnyPortsAsTheRfcHasThem) {  // R198
  Bytes ts = body(1, v4_selector);
  std::ranges::copy(hex("ff ff 00 00"), ts.begin() + 8);
  const auto opaque = parse_tsi(ts);
  ASSERT_TRUE(opaque);
  EXPECT_TRUE(opaque->selectors[0].opaque());
  Bytes encoded;
  encode_body(*opaque, encoded);
  EXPECT_EQ(encoded, ts);

  std::ranges::copy(hex("00 00 ff ff"), ts.begin() + 8);
  const auto any = parse_tsi(ts);
  ASSERT_TRUE(any);
  EXPECT_TRUE(any->selectors[0].any_port());
}

TEST(TsPayload, IcmpTypeAndCodeStandInThePorts) {  // R198
  // Echo request (type 8, code 0) to type 8, code 255.
  const auto ts = parse_tsi(body(1, "07 01 00 10 08 00 08 ff 0a 00 00 00 0a 00 00 ff"));
  ASSERT_TRUE(ts);
  EXPECT_EQ(ts->selectors[0].first_port, 0x0800);
  EXPECT_EQ(ts->selectors[0].last_port, 0x08ff);
}

TEST(TsPayload, ReservedOctetsAreIgnoredAndSentAsZero) {  // R073
  Bytes ts = golden();
  ts[1] = ts[2] = ts[3] = 0xff;
  const auto parsed = parse_tsi(ts);
  ASSERT_TRUE(parsed);
  Bytes encoded;
  encode_body(*parsed, encoded);
  EXPECT_EQ(encoded, golden());
}

TEST(TsPayload, AsManyAsTheCountCanSay) {  // R197
  TsiPayload many;
  many.selectors.assign(255, parse_tsi(body(1, v6_selector))->selectors[0]);
  Bytes encoded;
  encode_body(many, encoded);
  const auto parsed = parse_tsi(encoded);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, many);
}

}  // namespace
}  // namespace iked::wire
