// SPDX-License-Identifier: ISC
#include <gtest/gtest.h>

#include "wire/hex.h"
#include "wire/round_trip.h"

namespace iked::wire {
namespace {

// By hand: the example of RFC 7296 3.3, "Proposal #1 (Proto ID = ESP(3), SPI size = 4, 7
// transforms, SPI = 0x052357bb)" and "Proposal #2 (..., 4 transforms, SPI = 0x35a1d6f2)".
Bytes rfc_example() {
  return hex(
      "02 00 00 50 01 03 04 07 05 23 57 bb "  // 80 octets follow: proposal 1
      "03 00 00 0c 01 00 00 0c 80 0e 00 80 "  // ENCR_AES_CBC, Key Length = 128
      "03 00 00 0c 01 00 00 0c 80 0e 00 c0 "  // 192
      "03 00 00 0c 01 00 00 0c 80 0e 01 00 "  // 256
      "03 00 00 08 03 00 00 02 "              // AUTH_HMAC_SHA1_96
      "03 00 00 08 03 00 00 05 "              // AUTH_AES_XCBC_96
      "03 00 00 08 05 00 00 01 "              // ESNs
      "00 00 00 08 05 00 00 00 "              // No ESNs
      "00 00 00 34 02 03 04 04 35 a1 d6 f2 "  // 52 octets: proposal 2
      "03 00 00 0c 01 00 00 12 80 0e 00 80 "  // AES-GCM with an 8 octet ICV, 128
      "03 00 00 0c 01 00 00 12 80 0e 01 00 "  // 256
      "03 00 00 08 05 00 00 01 "              // ESNs
      "00 00 00 08 05 00 00 00");             // No ESNs
}

// One proposal with one transform; tests change a single octet of it.
Bytes small() {
  return hex(
      "00 00 00 14 01 01 00 01 "  // last, 20 octets, number 1, IKE, no SPI, 1 transform
      "00 00 00 0c 01 00 00 0c 80 0e 01 00");  // last, 12 octets, ENCR_AES_CBC 256
}
Bytes small_with(size_t at, uint8_t octet) {
  Bytes sa = small();
  sa[at] = octet;
  return sa;
}

TEST(SaPayload, ExampleOfTheRfcParsesAndEncodes) {
  const auto sa = parse_sa(rfc_example());
  ASSERT_TRUE(sa) << sa.error().text;
  ASSERT_EQ(sa->proposals.size(), 2U);
  const ProposalPayload& first = sa->proposals[0];
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(first.protocol, ProtocolId::ESP);
  EXPECT_EQ(first.spi, hex("052357bb"));
  ASSERT_EQ(first.transforms.size(), 7U);
  EXPECT_EQ(first.transforms[1], (Transform{TransformType::ENCR, 12, 192}));
  EXPECT_EQ(first.transforms[4], (Transform{TransformType::INTEG, 5}));
  EXPECT_EQ(first.transforms[6], (Transform{TransformType::ESN, 0}));
  EXPECT_EQ(sa->proposals[1].spi, hex("35a1d6f2"));
  EXPECT_EQ(sa->proposals[1].transforms[1], (Transform{TransformType::ENCR, 18, 256}));

  Bytes encoded;
  encode_body(*sa, encoded);
  EXPECT_EQ(encoded, rfc_example());
}

TEST(SaPayload, EveryTruncationFails) {  // R165
  const Bytes whole = rfc_example();
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_sa(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size))))
        << size;
  }
}

TEST(SaPayload, OctetsBehindTheLastProposalAreRefused) {  // R165
  Bytes sa = small();
  sa.push_back(0);
  EXPECT_FALSE(parse_sa(sa));
}

TEST(SaPayload, NoProposalAndNoTransformIsRefused) {  // R165
  EXPECT_FALSE(parse_sa({}));
  EXPECT_FALSE(parse_sa(hex("00 00 00 08 01 01 00 00")));
}

TEST(SaPayload, CountOfTransformsMustBeTrue) {  // R165
  ASSERT_TRUE(parse_sa(small()));
  for (const uint8_t count : Bytes{0, 2, 3, 255}) {
    EXPECT_FALSE(parse_sa(small_with(7, count))) << unsigned{count};
  }
  Bytes two_as_one = rfc_example();
  two_as_one[7] = 6;
  EXPECT_FALSE(parse_sa(two_as_one));
}

TEST(SaPayload, LengthsMustAgreeWithTheContent) {  // R165
  for (const unsigned length : std::vector<unsigned>{0, 1, 4, 7, 8, 19, 21, 255}) {
    EXPECT_FALSE(parse_sa(small_with(3, static_cast<uint8_t>(length)))) << "proposal " << length;
  }
  for (const unsigned length : std::vector<unsigned>{0, 1, 3, 4, 7, 8, 10, 11, 13, 255}) {
    EXPECT_FALSE(parse_sa(small_with(11, static_cast<uint8_t>(length)))) << "transform " << length;
  }
}

TEST(SaPayload, LastMarksMustAgreeWithThePlace) {  // R165
  for (const uint8_t mark : Bytes{1, 2, 3, 4, 255}) {
    EXPECT_FALSE(parse_sa(small_with(0, mark))) << "proposal " << unsigned{mark};
    EXPECT_FALSE(parse_sa(small_with(8, mark))) << "transform " << unsigned{mark};
  }
  Bytes ends_early = rfc_example();
  ends_early[12] = 0;  // the first of seven transforms says it is the last
  EXPECT_FALSE(parse_sa(ends_early));
}

TEST(SaPayload, ReservedOctetsAreIgnoredAndSentAsZero) {  // R073
  Bytes sa = small();
  for (const size_t at : std::vector<size_t>{1U, 9U, 13U}) sa[at] = 0xff;
  const auto parsed = parse_sa(sa);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, *parse_sa(small()));
  Bytes encoded;
  encode_body(*parsed, encoded);
  EXPECT_EQ(encoded, small());
}

// A proposal of one transform with this protocol and so many octets of SPI.
Bytes with_spi(uint8_t protocol, size_t spi_size) {
  Bytes sa = {
      0, 0, 0, static_cast<uint8_t>(16 + spi_size), 1, protocol, static_cast<uint8_t>(spi_size), 1};
  sa.resize(sa.size() + spi_size, 0xaa);
  append(sa, hex("00 00 00 08 03 00 00 02"));
  return sa;
}

TEST(SaPayload, SpiSizeFitsTheProtocol) {  // R166
  for (size_t size = 0; size <= 16; ++size) {
    EXPECT_EQ(parse_sa(with_spi(1, size)).has_value(), size == 0 || size == 8) << size;
    EXPECT_EQ(parse_sa(with_spi(2, size)).has_value(), size == 4) << size;
    EXPECT_EQ(parse_sa(with_spi(3, size)).has_value(), size == 4) << size;
  }
}

TEST(SaPayload, UnknownProtocolIsKeptToBeRefusedAlone) {  // R167
  for (const uint8_t size : Bytes{0, 1, 4, 200}) {
    const auto sa = parse_sa(with_spi(77, size));
    ASSERT_TRUE(sa);
    EXPECT_EQ(sa->proposals[0].protocol, ProtocolId{77});
    EXPECT_EQ(sa->proposals[0].spi.size(), size);
  }
}

TEST(SaPayload, UnknownTransformTypeIsKeptToBeRefusedAlone) {  // R173
  const auto sa = parse_sa(small_with(12, 241));
  ASSERT_TRUE(sa);
  EXPECT_EQ(sa->proposals[0].transforms[0].type, TransformType{241});
}

TEST(SaPayload, UnknownTransformIdIsKeptToBeRefusedAlone) {  // R174
  const auto sa = parse_sa(small_with(14, 0xff));
  ASSERT_TRUE(sa);
  EXPECT_EQ(sa->proposals[0].transforms[0].id, 0xff0c);
}

// The one transform of `small` with other attributes.
Result<SaPayload> with_attributes(std::string_view digits) {
  const Bytes attributes = hex(digits);
  Bytes sa = small();
  sa.resize(16);
  append(sa, attributes);
  sa[3] = static_cast<uint8_t>(16 + attributes.size());
  sa[11] = static_cast<uint8_t>(8 + attributes.size());
  return parse_sa(sa);
}

TEST(SaPayload, KeyLengthIsReported) {  // R171
  const auto with = with_attributes("80 0e 00 c0");
  ASSERT_TRUE(with);
  EXPECT_EQ(with->proposals[0].transforms[0], (Transform{TransformType::ENCR, 12, 192}));
  const auto without = with_attributes("");
  ASSERT_TRUE(without);
  EXPECT_EQ(without->proposals[0].transforms[0], (Transform{TransformType::ENCR, 12}));
}

TEST(SaPayload, UnknownAttributeIsRemembered) {                         // R174
  for (const std::string_view attributes : {"80 0f 00 01",              // type/value
                                            "00 0f 00 00",              // type/length/value, empty
                                            "00 0f 00 03 01 02 03",     // with value
                                            "80 0e 01 00 80 0f 00 01",  // behind a Key Length
                                            "00 0f 00 01 aa 80 0e 01 00"}) {  // in front of it
    const auto sa = with_attributes(attributes);
    ASSERT_TRUE(sa) << attributes;
    EXPECT_TRUE(sa->proposals[0].transforms[0].unknown_attribute) << attributes;
  }
}

TEST(SaPayload, KeyLengthThatMeansNothingIsNotAccepted) {                  // R171
  for (const std::string_view attributes : {"80 0e 00 00",                 // 0 bits
                                            "00 0e 00 02 01 00",           // variable-length format
                                            "80 0e 01 00 80 0e 00 80"}) {  // twice
    const auto sa = with_attributes(attributes);
    ASSERT_TRUE(sa) << attributes;
    EXPECT_TRUE(sa->proposals[0].transforms[0].unknown_attribute) << attributes;
  }
}

TEST(SaPayload, AttributesThatEndOutsideTheirTransformAreRefused) {  // R165
  for (const std::string_view attributes :
       {"80", "80 0e", "80 0e 01", "00 0f 00 01", "00 0f ff ff", "80 0e 01 00 80"}) {
    EXPECT_FALSE(with_attributes(attributes)) << attributes;
  }
}

SaPayload numbered(const std::vector<uint8_t>& numbers) {
  SaPayload sa;
  for (const uint8_t number : numbers) {
    sa.proposals.push_back({number, ProtocolId::IKE, {}, {{TransformType::PRF, 5}}});
  }
  return sa;
}
Result<SaPayload> reparse(const SaPayload& sa) {
  Bytes body;
  encode_body(sa, body);
  return parse_sa(body);
}

TEST(SaPayload, ProposalNumbersCountUp) {  // R165
  EXPECT_TRUE(reparse(numbered({1, 2, 3})));
  EXPECT_TRUE(reparse(numbered({3})));  // the answer names the chosen one
  EXPECT_FALSE(reparse(numbered({1, 1})));
  EXPECT_FALSE(reparse(numbered({1, 3})));
  EXPECT_FALSE(reparse(numbered({2, 1})));
  EXPECT_FALSE(reparse(numbered({255, 0})));
}

TEST(SaPayload, ProposalsAndTransformsAreBounded) {
  std::vector<uint8_t> numbers;
  for (size_t i = 1; i <= max_proposals; ++i) numbers.push_back(static_cast<uint8_t>(i));
  EXPECT_TRUE(reparse(numbered(numbers)));
  numbers.push_back(max_proposals + 1);
  EXPECT_FALSE(reparse(numbered(numbers)));

  SaPayload many = numbered({1});
  many.proposals[0].transforms.assign(255, {TransformType::ENCR, 12, 128});
  const auto parsed = reparse(many);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, many);
}

}  // namespace
}  // namespace iked::wire
