// SPDX-License-Identifier: ISC
// The payloads whose whole syntax is a fixed part and octets: KE, ID, AUTH, Nonce, Vendor ID.
#include <gtest/gtest.h>

#include "wire/hex.h"
#include "wire/payloads.h"
#include "wire/samples.h"

namespace iked::wire {
namespace {

Bytes encoded(const Payload& payload) {
  Bytes body;
  encode_body(payload, body);
  return body;
}

TEST(KePayload, FieldsStandWhereTheFigureHasThem) {     // R176, R177
  const Bytes golden = hex("00 1f 00 00 01 02 03 04");  // by hand from RFC 7296 3.4
  const auto ke = parse_ke(golden);
  ASSERT_TRUE(ke);
  EXPECT_EQ(ke->group, KeId::CURVE25519);
  EXPECT_EQ(ke->data, hex("01020304"));
  EXPECT_EQ(encoded(*ke), golden);
}

TEST(KePayload, LeadingZerosOfTheValueStay) {  // R176
  const auto ke = parse_ke(hex("00 0e 00 00 00 00 01"));
  ASSERT_TRUE(ke);
  EXPECT_EQ(ke->data, hex("000001"));
}

TEST(KePayload, ReservedOctetsAreIgnoredAndSentAsZero) {  // R073
  const auto ke = parse_ke(hex("00 1f ff ff 01"));
  ASSERT_TRUE(ke);
  EXPECT_EQ(encoded(*ke), hex("00 1f 00 00 01"));
}

TEST(KePayload, CutShortFails) {
  for (const std::string_view body : {"", "00", "00 1f", "00 1f 00"}) {
    EXPECT_FALSE(parse_ke(hex(body))) << body;
  }
}

TEST(IdPayload, FieldsStandWhereTheFigureHasThem) {  // R178
  const Bytes golden = hex("02 00 00 00 61 2e 62");  // by hand from RFC 7296 3.5: ID_FQDN "a.b"
  const auto idi = parse_idi(golden);
  ASSERT_TRUE(idi);
  EXPECT_EQ(idi->identity, (Identity{IdType::FQDN, hex("612e62")}));
  EXPECT_EQ(encoded(*idi), golden);
  const auto idr = parse_idr(golden);
  ASSERT_TRUE(idr);
  EXPECT_EQ(encoded(*idr), golden);
  EXPECT_EQ(id_body(idi->identity), golden);
}

TEST(IdPayload, BodyKeepsReservedOctetsForAuth) {  // R073
  const Bytes body = hex("02 de ad 01 61");
  const auto id = parse_idr(body);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->body, body);
  EXPECT_EQ(encoded(*id), hex("02 00 00 00 61"));
}

TEST(IdPayload, AddressesHaveTheirLength) {  // R178
  for (size_t size = 0; size <= 20; ++size) {
    Bytes body(4 + size);
    body[0] = 1;  // ID_IPV4_ADDR
    EXPECT_EQ(parse_idi(body).has_value(), size == 4) << size;
    body[0] = 5;  // ID_IPV6_ADDR
    EXPECT_EQ(parse_idi(body).has_value(), size == 16) << size;
    body[0] = 11;  // ID_KEY_ID
    EXPECT_TRUE(parse_idi(body)) << size;
  }
}

TEST(IdPayload, ZeroOctetInsideStays) {  // R179
  const auto id = parse_idi(hex("02 00 00 00 61 00 62"));
  ASSERT_TRUE(id);
  EXPECT_EQ(id->identity.octets, hex("610062"));
  EXPECT_NE(id->identity, (Identity{IdType::FQDN, hex("61")}));
}

TEST(IdPayload, TypeIsPartOfTheIdentity) {  // R178
  EXPECT_NE(parse_idi(hex("02 00 00 00 61"))->identity, parse_idi(hex("0b 00 00 00 61"))->identity);
}

TEST(IdPayload, VeryLongOnesParse) {
  Bytes body(60000, 0x61);
  body[0] = 2;
  const auto id = parse_idi(body);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->identity.octets.size(), 59996U);
}

TEST(IdPayload, CutShortFails) {
  for (const std::string_view body : {"", "02", "02 00", "02 00 00"}) {
    EXPECT_FALSE(parse_idi(hex(body))) << body;
  }
}

TEST(AuthPayload, FieldsStandWhereTheFigureHasThem) {  // R187
  const Bytes golden = hex("02 00 00 00 aa bb");       // by hand from RFC 7296 3.8
  const auto auth = parse_auth(golden);
  ASSERT_TRUE(auth);
  EXPECT_EQ(auth->method, AuthMethod::SHARED_KEY_MIC);
  EXPECT_EQ(auth->data, hex("aabb"));
  EXPECT_EQ(encoded(*auth), golden);
  EXPECT_EQ(encoded(*parse_auth(hex("02 ff ff ff aa bb"))), golden);  // R073
  EXPECT_FALSE(parse_auth(hex("02 00 00")));
}

TEST(NoncePayload, SizeIsSixteenTo256) {  // R189
  for (size_t size = 0; size <= 300; ++size) {
    const Bytes body = counting(size);
    const auto nonce = parse_nonce(body);
    ASSERT_EQ(nonce.has_value(), size >= 16 && size <= 256) << size;
    if (nonce) {
      EXPECT_EQ(encoded(*nonce), body);
    }
  }
}

TEST(VendorPayload, AnyOctetsAreAnId) {  // R196
  for (const size_t size : std::vector<size_t>{0, 1, 16, 60000}) {
    const Bytes body = counting(size);
    const auto vendor = parse_vendor(body);
    ASSERT_TRUE(vendor);
    EXPECT_EQ(encoded(*vendor), body);
  }
}

}  // namespace
}  // namespace iked::wire
