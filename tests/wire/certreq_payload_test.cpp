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

TEST(CertreqPayload, HashesStandOneAfterTheOther) {  // R186
  Bytes golden = {4};                                // by hand from RFC 7296 3.7
  append(golden, counting(40));
  const auto certreq = parse_certreq(golden);
  ASSERT_TRUE(certreq) << certreq.error().text;
  EXPECT_EQ(certreq->encoding, CertEncoding::X509_SIGNATURE);
  ASSERT_EQ(certreq->authorities.size(), 2U);
  EXPECT_TRUE(std::ranges::equal(certreq->authorities[0], counting(20)));
  EXPECT_TRUE(std::ranges::equal(certreq->authorities[1], counting(20, 20)));
  EXPECT_TRUE(certreq->opaque.empty());
  EXPECT_EQ(encoded(*certreq), golden);
}

TEST(CertreqPayload, HashesHaveTwentyOctetsEach) {  // R186
  for (const uint8_t encoding : Bytes{4, 12, 13, 14}) {
    for (size_t size = 0; size <= 100; ++size) {
      Bytes body = {encoding};
      append(body, counting(size));
      const auto certreq = parse_certreq(body);
      ASSERT_EQ(certreq.has_value(), size % 20 == 0) << size;
      if (certreq) {
        EXPECT_EQ(certreq->authorities.size(), size / 20);
        EXPECT_EQ(encoded(*certreq), body);
      }
    }
  }
  EXPECT_EQ(parse_certreq(hex("04 aa")).error().text,
            "a CERTREQ with 1 octets of hashes, which is not a multiple of 20");
}

TEST(CertreqPayload, OtherEncodingsHaveAnyOctets) {
  for (const uint8_t encoding : Bytes{0, 1, 2, 7, 11, 15, 200, 255}) {
    for (const size_t size : std::vector<size_t>{0, 1, 20, 21}) {
      Bytes body = {encoding};
      append(body, counting(size));
      const auto certreq = parse_certreq(body);
      ASSERT_TRUE(certreq) << size;
      EXPECT_TRUE(certreq->authorities.empty());
      EXPECT_EQ(certreq->opaque, counting(size));
      EXPECT_EQ(encoded(*certreq), body);
    }
  }
}

TEST(CertreqPayload, WithoutEncodingFails) {
  EXPECT_FALSE(parse_certreq({}));
}

}  // namespace
}  // namespace iked::wire
