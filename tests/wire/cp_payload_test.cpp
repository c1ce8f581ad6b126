// SPDX-License-Identifier: ISC
#include <gtest/gtest.h>

#include <set>

#include "wire/hex.h"
#include "wire/payloads.h"
#include "wire/samples.h"

namespace iked::wire {
namespace {

using enum CfgAttributeType;

Bytes encoded(const Payload& payload) {
  Bytes body;
  encode_body(payload, body);
  return body;
}

// The body of a CP payload with one attribute that tells the truth about its length.
Bytes one(CfgType cfg, unsigned type, size_t size) {
  Bytes body = {static_cast<uint8_t>(cfg), 0, 0, 0};
  put_u16(body, static_cast<uint16_t>(type));
  put_u16(body, static_cast<uint16_t>(size));
  append(body, counting(size));
  return body;
}

TEST(CpPayload, FieldsStandWhereTheFigureHasThem) {
  // By hand from RFC 7296 3.15 and 3.15.1.
  const Bytes golden =
      hex("02 00 00 00 "
          "00 01 00 04 0a 09 00 02 "
          "00 0d 00 08 0a 00 00 00 ff 00 00 00 "
          "00 08 00 11 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 40 "
          "00 0e 00 04 00 01 00 03 "
          "00 07 00 02 76 31 "
          "00 03 00 00");
  const CpPayload expected = {
      CfgType::CFG_REPLY,
      {{INTERNAL_IP4_ADDRESS, *IpAddress::parse("10.9.0.2")},
       {INTERNAL_IP4_SUBNET,
        CfgSubnet4{*IpAddress::parse("10.0.0.0"), *IpAddress::parse("255.0.0.0")}},
       {INTERNAL_IP6_ADDRESS, CfgPrefix6{*IpAddress::parse("2001:db8::2"), 64}},
       {SUPPORTED_ATTRIBUTES, std::vector{INTERNAL_IP4_ADDRESS, INTERNAL_IP4_DNS}},
       {APPLICATION_VERSION, hex("7631")},
       {INTERNAL_IP4_DNS, {}}}};
  const auto cp = parse_cp(golden);
  ASSERT_TRUE(cp) << cp.error().text;
  EXPECT_EQ(*cp, expected);
  EXPECT_EQ(encoded(*cp), golden);
}

TEST(CpPayload, ValuesHaveTheLengthsOfTheTable) {  // R203, R204
  // A second time from RFC 7296 3.15.1.
  const std::vector<std::pair<unsigned, std::set<size_t>>> table = {
      {1, {0, 4}},  {2, {0, 4}},   {3, {0, 4}},   {4, {0, 4}},  {6, {0, 4}},
      {8, {0, 17}}, {10, {0, 16}}, {12, {0, 16}}, {13, {0, 8}}, {15, {17}},
  };
  for (const auto& [type, lengths] : table) {
    for (size_t size = 0; size <= 40; ++size) {
      const Bytes body = one(CfgType::CFG_REPLY, type, size);
      const auto cp = parse_cp(body);
      ASSERT_EQ(cp.has_value(), lengths.contains(size)) << type << " " << size;
      if (cp) {
        EXPECT_EQ(encoded(*cp), body) << type;
      } else {
        EXPECT_FALSE(cp.error().text.empty());
      }
    }
  }
  for (size_t size = 0; size <= 40; ++size) {
    EXPECT_EQ(parse_cp(one(CfgType::CFG_REPLY, 14, size)).has_value(), size % 2 == 0) << size;
    EXPECT_TRUE(parse_cp(one(CfgType::CFG_REPLY, 7, size))) << size;
    EXPECT_TRUE(parse_cp(one(CfgType::CFG_REPLY, 25, size))) << size;
  }
}

TEST(CpPayload, AnyAttributeMayBeEmptyInARequest) {  // R203
  for (unsigned type = 0; type < 0x8000; type = type < 40 ? type + 1 : 2 * type) {
    for (const CfgType cfg : {CfgType::CFG_REQUEST, CfgType::CFG_ACK}) {
      const auto cp = parse_cp(one(cfg, type, 0));
      ASSERT_TRUE(cp) << type;
      EXPECT_EQ(cp->attributes,
                (std::vector{CfgAttribute{CfgAttributeType{static_cast<uint16_t>(type)}, {}}}));
      EXPECT_EQ(encoded(*cp), one(cfg, type, 0));
    }
  }
  EXPECT_FALSE(parse_cp(one(CfgType::CFG_SET, 15, 0)));
}

TEST(CpPayload, UnknownAttributesAreKept) {  // R203
  for (const unsigned type : {0U, 5U, 9U, 11U, 16U, 26U, 27U, 16384U, 32767U}) {
    const auto cp = parse_cp(one(CfgType::CFG_REPLY, type, 5));
    ASSERT_TRUE(cp) << type;
    EXPECT_EQ(std::get<Bytes>(cp->attributes.at(0).value), counting(5));
    EXPECT_EQ(encoded(*cp), one(CfgType::CFG_REPLY, type, 5));
  }
}

TEST(CpPayload, ReservedBitsAreIgnoredAndSentAsZero) {  // R073
  const auto cp = parse_cp(hex("01 ff ff ff 80 01 00 00 80 0e 00 02 80 03"));
  ASSERT_TRUE(cp) << cp.error().text;
  EXPECT_EQ(encoded(*cp), hex("01 00 00 00 00 01 00 00 00 0e 00 02 00 03"));
}

TEST(CpPayload, PrefixHasAtMost128Bits) {  // R204
  for (const unsigned type : {8U, 15U}) {
    Bytes body = one(CfgType::CFG_REPLY, type, 17);
    for (unsigned length = 0; length < 256; ++length) {
      body.back() = static_cast<uint8_t>(length);
      EXPECT_EQ(parse_cp(body).has_value(), length <= 128) << length;
    }
  }
}

TEST(CpPayload, AttributesMustBeInside) {
  for (const std::string_view body :
       {"", "01", "01 00 00", "01 00 00 00 00", "01 00 00 00 00 07", "01 00 00 00 00 07 00",
        "01 00 00 00 00 07 00 01", "01 00 00 00 00 07 ff ff aa", "01 00 00 00 00 01 00 04 0a 00 00",
        "01 00 00 00 00 01 00 00 00"}) {
    EXPECT_FALSE(parse_cp(hex(body))) << body;
  }
}

TEST(CpPayload, EmptyOnesAndUnknownCfgTypesParse) {
  for (unsigned cfg = 0; cfg < 256; ++cfg) {
    const Bytes body = {static_cast<uint8_t>(cfg), 0, 0, 0};
    const auto cp = parse_cp(body);
    ASSERT_TRUE(cp);
    EXPECT_EQ(cp->cfg, CfgType{static_cast<uint8_t>(cfg)});
    EXPECT_EQ(encoded(*cp), body);
  }
}

TEST(CpPayload, AttributesAreCountedAndBounded) {
  Bytes body = {1, 0, 0, 0};
  for (size_t i = 0; i < max_cfg_attributes; ++i) append(body, hex("00 03 00 00"));
  const auto most = parse_cp(body);
  ASSERT_TRUE(most);
  EXPECT_EQ(most->attributes.size(), max_cfg_attributes);
  append(body, hex("00 03 00 00"));
  EXPECT_FALSE(parse_cp(body));
}

}  // namespace
}  // namespace iked::wire
