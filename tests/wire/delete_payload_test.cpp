// SPDX-License-Identifier: ISC
#include <gtest/gtest.h>

#include "wire/hex.h"
#include "wire/payloads.h"

namespace iked::wire {
namespace {

TEST(DeletePayload, ChildSasAreNamedByTheirSpis) {  // R194
  // By hand from the figure of RFC 7296 3.11: ESP, SPI Size 4, two SPIs.
  const Bytes golden = hex("03 04 00 02 c0 00 00 01 c0 00 00 02");
  const auto d = parse_delete(golden);
  ASSERT_TRUE(d) << d.error().text;
  EXPECT_EQ(d->protocol, ProtocolId::ESP);
  EXPECT_EQ(d->spis, (std::vector{ChildSpi{0xc0000001}, ChildSpi{0xc0000002}}));
  Bytes encoded;
  encode_body(*d, encoded);
  EXPECT_EQ(encoded, golden);
}

TEST(DeletePayload, IkeSaHasNoSpi) {  // R194
  const Bytes golden = hex("01 00 00 00");
  const auto d = parse_delete(golden);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->protocol, ProtocolId::IKE);
  EXPECT_TRUE(d->spis.empty());
  Bytes encoded;
  encode_body(*d, encoded);
  EXPECT_EQ(encoded, golden);
}

TEST(DeletePayload, CountAndSizeMustAgreeWithTheLength) {  // R194
  for (const std::string_view body : {
           "",
           "03",
           "03 04 00",                             // cut short
           "03 04 00 01",                          // an SPI is missing
           "03 04 00 02 c0 00 00 01",              // one of two
           "03 04 00 01 c0 00 00 01 c0 00 00 02",  // one too many
           "03 04 00 01 c0 00 00 01 00",           // left over
           "03 04 ff ff c0 00 00 01",              // far too many
           "03 08 00 01 c0 00 00 01 c0 00 00 02",  // of another size
           "03 00 00 01",                          // of no size
           "02 02 00 01 c0 00",
           "01 00 00 01",  // a count of nothing
           "01 04 00 01 c0 00 00 01",
           "01 08 00 01 01 02 03 04 05 06 07 08",
           "01 00 00 00 00",
       }) {
    EXPECT_FALSE(parse_delete(hex(body))) << body;
  }
}

TEST(DeletePayload, OnlyIkeAhAndEspCanBeDeleted) {  // R194
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    const Bytes none = {static_cast<uint8_t>(protocol), 4, 0, 0};
    EXPECT_EQ(parse_delete(none).has_value(), protocol == 2 || protocol == 3) << protocol;
  }
}

TEST(DeletePayload, HoldsAsManySpisAsFit) {  // R194
  DeletePayload many{ProtocolId::AH, {}};
  for (uint32_t i = 0; i < 16000; ++i) many.spis.push_back(ChildSpi{i + 1});
  Bytes encoded;
  encode_body(many, encoded);
  const auto parsed = parse_delete(encoded);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, many);
}

}  // namespace
}  // namespace iked::wire
