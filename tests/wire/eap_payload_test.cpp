// SPDX-License-Identifier: ISC
#include <gtest/gtest.h>

#include "wire/hex.h"
#include "wire/payloads.h"

namespace iked::wire {
namespace {

Bytes encoded(const Payload& payload) {
  Bytes body;
  encode_body(payload, body);
  return body;
}

TEST(EapPayload, FieldsStandWhereTheFigureHasThem) {
  const Bytes golden = hex("02 07 00 08 01 61 62 63");  // by hand from RFC 7296 3.16
  const auto eap = parse_eap(golden);
  ASSERT_TRUE(eap) << eap.error().text;
  EXPECT_EQ(eap->code, EapCode::RESPONSE);
  EXPECT_EQ(eap->identifier, 7);
  EXPECT_EQ(eap->method, EapType::IDENTITY);
  EXPECT_EQ(eap->data, hex("616263"));
  EXPECT_EQ(encoded(*eap), golden);
}

TEST(EapPayload, LengthIsThatOfThePayload) {  // R207
  for (const uint8_t code : Bytes{1, 2, 3, 4}) {
    for (unsigned length = 0; length < 20; ++length) {
      const Bytes request = {code, 1, 0, static_cast<uint8_t>(length), 4, 5, 6};
      EXPECT_EQ(parse_eap(request).has_value(), length == 7 && code <= 2) << length;
    }
    EXPECT_FALSE(parse_eap(Bytes{code, 1, 0xff, 0xff, 4, 5, 6}));
    EXPECT_FALSE(parse_eap(Bytes{code, 1, 1, 7, 4, 5, 6}));
  }
}

TEST(EapPayload, RequestAndResponseHaveAType) {  // R207
  for (const std::string_view code : {"01", "02"}) {
    EXPECT_FALSE(parse_eap(hex(std::string(code) + " 01 00 04")));
    const Bytes shortest = hex(std::string(code) + " 01 00 05 03");
    const auto eap = parse_eap(shortest);
    ASSERT_TRUE(eap);
    EXPECT_EQ(eap->method, EapType::NAK);
    EXPECT_TRUE(eap->data.empty());
    EXPECT_EQ(encoded(*eap), shortest);
  }
}

TEST(EapPayload, SuccessAndFailureHaveFourOctets) {  // R208
  for (const std::string_view code : {"03", "04"}) {
    const Bytes end = hex(std::string(code) + " 01 00 04");
    const auto eap = parse_eap(end);
    ASSERT_TRUE(eap) << eap.error().text;
    EXPECT_EQ(encoded(*eap), end);
    EXPECT_FALSE(parse_eap(hex(std::string(code) + " 01 00 05 01")));
    EXPECT_FALSE(parse_eap(hex(std::string(code) + " 01 00 04 01")));
    EXPECT_FALSE(parse_eap(hex(std::string(code) + " 01 00 06 01 02")));
  }
}

TEST(EapPayload, ThereAreFourCodes) {  // R208
  for (unsigned code = 0; code < 256; ++code) {
    const auto c = static_cast<uint8_t>(code);
    EXPECT_EQ(parse_eap(Bytes{c, 1, 0, 5, 1}).has_value(), code == 1 || code == 2) << code;
    EXPECT_EQ(parse_eap(Bytes{c, 1, 0, 4}).has_value(), code == 3 || code == 4) << code;
  }
}

TEST(EapPayload, CutShortFails) {
  for (const std::string_view body : {"", "01", "03 01", "03 01 00"}) {
    EXPECT_FALSE(parse_eap(hex(body))) << body;
  }
}

}  // namespace
}  // namespace iked::wire
