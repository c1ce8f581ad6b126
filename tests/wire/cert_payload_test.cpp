// SPDX-License-Identifier: ISC
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

TEST(CertPayload, FieldsStandWhereTheFigureHasThem) {
  const Bytes golden = hex("04 30 82 01 02");  // by hand from RFC 7296 3.6
  const auto cert = parse_cert(golden);
  ASSERT_TRUE(cert) << cert.error().text;
  EXPECT_EQ(cert->encoding, CertEncoding::X509_SIGNATURE);
  EXPECT_EQ(cert->data, hex("30820102"));
  EXPECT_EQ(encoded(*cert), golden);
}

TEST(CertPayload, WithoutEncodingFails) {
  EXPECT_FALSE(parse_cert({}));
}

TEST(CertPayload, EveryEncodingIsKept) {  // R184
  for (unsigned encoding = 0; encoding < 256; ++encoding) {
    Bytes body = {static_cast<uint8_t>(encoding)};
    append(body, counting(21));
    const auto cert = parse_cert(body);
    ASSERT_TRUE(cert) << encoding;
    EXPECT_EQ(cert->encoding, CertEncoding{static_cast<uint8_t>(encoding)});
    EXPECT_EQ(encoded(*cert), body);
  }
}

TEST(CertPayload, HashAndUrlHasBoth) {
  for (const uint8_t encoding : Bytes{12, 13}) {
    for (size_t size = 0; size < 30; ++size) {
      Bytes body = {encoding};
      append(body, counting(size));
      EXPECT_EQ(parse_cert(body).has_value(), size > 20) << size;
    }
  }
  EXPECT_EQ(parse_cert(hex("0c aa")).error().text, "a HASH_AND_URL_X509 of 1 octets has no URL");
}

TEST(CertPayload, LongOnesParse) {
  Bytes body = counting(60000, 4);
  const auto cert = parse_cert(body);
  ASSERT_TRUE(cert);
  EXPECT_EQ(encoded(*cert), body);
}

}  // namespace
}  // namespace iked::wire
