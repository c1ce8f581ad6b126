// SPDX-License-Identifier: ISC
#include "wire/header.h"

#include <gtest/gtest.h>

#include "wire/hex.h"

namespace iked::wire {
namespace {

// By hand from the figure of RFC 7296 3.1: an empty INFORMATIONAL response of the responder.
Bytes golden() {
  return hex(
      "01 02 03 04 05 06 07 08 "  // IKE SA Initiator's SPI
      "11 12 13 14 15 16 17 18 "  // IKE SA Responder's SPI
      "2e 20 25 20 "              // Next Payload, version 2.0, Exchange Type, Flags (R)
      "00 00 00 07 "              // Message ID
      "00 00 00 1c");             // Length
}

TEST(Header, FieldsStandWhereTheFigureHasThem) {  // R160
  const auto header = parse_header(golden());
  ASSERT_TRUE(header);
  EXPECT_EQ(header->spi_i, IkeSpi{0x0102030405060708});
  EXPECT_EQ(header->spi_r, IkeSpi{0x1112131415161718});
  EXPECT_EQ(header->next_payload, PayloadType::SK);
  EXPECT_EQ(header->major, 2);
  EXPECT_EQ(header->minor, 0);
  EXPECT_EQ(header->exchange, ExchangeType::INFORMATIONAL);
  EXPECT_FALSE(header->from_initiator);
  EXPECT_TRUE(header->response);
  EXPECT_EQ(header->message_id, MessageId{7});
  EXPECT_EQ(header->length, 28U);

  Bytes encoded;
  encode_header(*header, encoded);
  EXPECT_EQ(encoded, golden());
}

TEST(Header, InitiatorAndResponseFlagsAreIndependent) {  // R160
  for (const uint8_t flags : Bytes{0x00, 0x08, 0x20, 0x28}) {
    Bytes datagram = golden();
    datagram[19] = flags;
    const auto header = parse_header(datagram);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->from_initiator, (flags & 0x08) != 0);
    EXPECT_EQ(header->response, (flags & 0x20) != 0);
    Bytes encoded;
    encode_header(*header, encoded);
    EXPECT_EQ(encoded, datagram);
  }
}

TEST(Header, OtherFlagsAreIgnoredAndSentAsZero) {  // R073
  for (const uint8_t bit : Bytes{0x01, 0x02, 0x04, 0x10, 0x40, 0x80}) {
    Bytes datagram = golden();
    datagram[19] = static_cast<uint8_t>(datagram[19] | bit);
    const auto header = parse_header(datagram);
    ASSERT_TRUE(header);
    EXPECT_EQ(*header, *parse_header(golden()));
    Bytes encoded;
    encode_header(*header, encoded);
    EXPECT_EQ(encoded, golden());
  }
}

TEST(Header, AnyMajorVersionIsReported) {  // R070
  for (unsigned major = 0; major < 16; ++major) {
    Bytes datagram = golden();
    datagram[17] = static_cast<uint8_t>(major << 4);
    const auto header = parse_header(datagram);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->major, major);
  }
}

TEST(Header, MinorVersionIsNoReasonToRefuse) {  // R072
  Bytes datagram = golden();
  datagram[17] = 0x2f;
  const auto header = parse_header(datagram);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->major, 2);
  EXPECT_EQ(header->minor, 15);
}

TEST(Header, OursIsVersionTwoZero) {  // R071
  Header header;
  header.spi_i = IkeSpi{1};
  Bytes encoded;
  encode_header(header, encoded);
  EXPECT_EQ(encoded[17], 0x20);
}

TEST(Header, EveryTruncationFails) {  // R161
  for (size_t size = 0; size < Header::size; ++size) {
    const Bytes whole = golden();
    const Bytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(parse_header(cut)) << size;
  }
}

TEST(Header, LengthMustBeThatOfTheDatagram) {  // R161
  for (const std::string_view length :
       {"00 00 00 00", "00 00 00 1b", "00 00 00 1d", "00 00 ff ff", "ff ff ff ff"}) {
    Bytes datagram = golden();
    std::ranges::copy(hex(length), datagram.begin() + 24);
    const auto header = parse_header(datagram);
    ASSERT_FALSE(header) << length;
    EXPECT_NE(header.error().text.find("announces"), std::string::npos) << header.error().text;
  }
}

TEST(Header, OctetsBehindTheMessageAreRefused) {  // R161
  Bytes datagram = golden();
  datagram.push_back(0);
  EXPECT_FALSE(parse_header(datagram));
}

TEST(Header, InitiatorSpiOfZeroIsRefused) {
  Bytes datagram = golden();
  std::fill_n(datagram.begin(), 8, uint8_t{0});
  EXPECT_FALSE(parse_header(datagram));
}

TEST(Header, ResponderSpiOfZeroIsTheFirstMessage) {  // R160
  Bytes datagram = golden();
  std::fill_n(datagram.begin() + 8, 8, uint8_t{0});
  const auto header = parse_header(datagram);
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->spi_r);
}

}  // namespace
}  // namespace iked::wire
