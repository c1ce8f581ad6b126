// SPDX-License-Identifier: ISC
// Messages in clear: how payloads follow each other, and which of them are believed.
#include <gtest/gtest.h>

#include "wire/hex.h"
#include "wire/samples.h"

namespace iked::wire {
namespace {

// A message whose header is right for `chain`, whatever that is.
Bytes datagram_of(uint8_t first, ByteView chain) {
  Header header;
  header.spi_i = IkeSpi{1};
  header.next_payload = PayloadType{first};
  header.length = static_cast<uint32_t>(Header::size + chain.size());
  Bytes datagram;
  encode_header(header, datagram);
  append(datagram, chain);
  return datagram;
}
Parsed<Message> parse(uint8_t first, ByteView chain) {
  const Bytes datagram = datagram_of(first, chain);
  const auto header = parse_header(datagram);
  EXPECT_TRUE(header);
  return parse_message(*header, datagram);
}
Parsed<Message> parse(uint8_t first, std::string_view chain) {
  return parse(first, hex(chain));
}

constexpr uint8_t vendor = 43;
constexpr uint8_t unknown = 200;

TEST(Chain, GoldenIkeSaInit) {
  // By hand from the figures of RFC 7296 3.1 to 3.4 and 3.9.
  const Bytes golden =
      hex("01 02 03 04 05 06 07 08 00 00 00 00 00 00 00 00 "  // SPIs
          "21 20 22 08 00 00 00 00 00 00 00 60 "              // SA, 2.0, IKE_SA_INIT, I, 0, 96
          "22 00 00 18 00 00 00 14 01 01 00 01 "              // KE follows; one proposal of IKE
          "00 00 00 0c 01 00 00 14 80 0e 01 00 "              // ENCR_AES_GCM_16, 256 bits
          "28 00 00 0c 00 1f 00 00 d1 d2 d3 d4 "              // Nonce follows; group 31
          "00 00 00 20 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f "
          "10 11 12 13 14 15 16 17 18 19 1a 1b");  // the last payload
  Header header;
  header.spi_i = IkeSpi{0x0102030405060708};
  header.from_initiator = true;
  const Payloads payloads = {
      SaPayload{{{1, ProtocolId::IKE, {}, {{TransformType::ENCR, 20, 256}}}}},
      KePayload{KeId::CURVE25519, hex("d1d2d3d4")},
      NoncePayload{counting(28)},
  };
  EXPECT_EQ(to_hex(encode_message(header, payloads)), to_hex(golden));
  const auto parsed_header = parse_header(golden);
  ASSERT_TRUE(parsed_header) << parsed_header.error().text;
  const auto message = parse_message(*parsed_header, golden);
  ASSERT_TRUE(message) << message.error().why;
  EXPECT_EQ(message->payloads, payloads);
}

TEST(Chain, MessageWithoutPayloads) {
  const auto message = parse(0, "");
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->payloads.empty());
}

TEST(Chain, PayloadLengthUnderFourIsRefused) {  // R163
  for (const std::string_view chain :
       {"00 00 00 00", "00 00 00 01", "00 00 00 02", "00 00 00 03"}) {
    for (const uint8_t type : Bytes{vendor, unknown}) {
      const auto message = parse(type, chain);
      ASSERT_FALSE(message) << chain;
      EXPECT_EQ(message.error().notify, NotifyType::INVALID_SYNTAX);
      EXPECT_TRUE(message.error().data.empty());
    }
  }
}

TEST(Chain, LengthOfZeroDoesNotLoop) {  // R163
  Bytes chain;
  for (int i = 0; i < 30; ++i) append(chain, hex("c8 00 00 00"));
  EXPECT_FALSE(parse(unknown, chain));
}

TEST(Chain, PayloadMustBeInsideTheMessage) {  // R163
  for (const std::string_view chain :
       {"", "00", "00 00", "00 00 00", "00 00 00 05", "00 00 00 06 aa", "00 00 ff ff aa",
        "2b 00 00 04", "2b 00 00 05 aa 00 00"}) {
    for (const uint8_t type : Bytes{vendor, unknown}) EXPECT_FALSE(parse(type, chain)) << chain;
  }
}

TEST(Chain, OctetsBehindTheLastPayloadAreRefused) {  // R163
  ASSERT_TRUE(parse(vendor, "00 00 00 05 aa"));
  EXPECT_FALSE(parse(vendor, "00 00 00 05 aa 00"));
  EXPECT_FALSE(parse(0, "00"));
}

TEST(Chain, UnknownPayloadWithCriticalBitRejectsTheMessage) {  // R074
  const auto message = parse(vendor, "c8 00 00 05 aa 2b 80 00 06 01 02 00 00 00 04");
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().notify, NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD);
  EXPECT_EQ(message.error().data, hex("c8"));
}

TEST(Chain, UnknownPayloadWithoutCriticalBitIsSkipped) {  // R075
  const auto message = parse(vendor, "c8 00 00 05 aa 2b 00 00 06 01 02 00 00 00 05 bb");
  ASSERT_TRUE(message) << message.error().why;
  EXPECT_EQ(message->payloads, (Payloads{VendorPayload{{0xaa}}, VendorPayload{{0xbb}}}));
}

TEST(Chain, CriticalBitOnKnownPayloadIsIgnored) {  // R076
  for (const Sample& sample : {sa_init_request(), auth_request(), delete_request()}) {
    Bytes datagram = encode_message(sample.header, sample.payloads);
    for (size_t at = Header::size; at < datagram.size();) {
      datagram[at + 1] = 0x80;
      at += size_t{datagram[at + 2]} << 8 | datagram[at + 3];
    }
    const auto message = parse_message(*parse_header(datagram), datagram);
    ASSERT_TRUE(message) << message.error().why;
    EXPECT_EQ(message->payloads, sample.payloads);
  }
}

TEST(Chain, ReservedBitsOfTheGenericHeaderAreIgnored) {  // R073
  EXPECT_TRUE(parse(vendor, "00 7f 00 05 aa"));
  EXPECT_TRUE(parse(unknown, "00 7f 00 05 aa"));
}

TEST(Chain, CriticalBitIsNeverSent) {  // R077
  for (const Sample& sample : all_samples()) {
    const Bytes datagram = encode_message(sample.header, sample.payloads);
    size_t payloads = 0;
    for (size_t at = Header::size; at < datagram.size(); ++payloads) {
      EXPECT_EQ(datagram[at + 1], 0) << sample.name;
      at += size_t{datagram[at + 2]} << 8 | datagram[at + 3];
    }
    EXPECT_EQ(payloads, sample.payloads.size());
  }
}

TEST(Chain, AnyOrderIsAccepted) {  // R078
  Sample sample = sa_init_request();
  for (size_t i = 0; i < sample.payloads.size(); ++i) {
    std::ranges::rotate(sample.payloads, sample.payloads.begin() + 1);
    for (const bool reversed : {false, true}) {
      Payloads payloads = sample.payloads;
      if (reversed) std::ranges::reverse(payloads);
      const Bytes datagram = encode_message(sample.header, payloads);
      const auto message = parse_message(*parse_header(datagram), datagram);
      ASSERT_TRUE(message);
      EXPECT_EQ(message->payloads, payloads);
    }
  }
}

TEST(Chain, PayloadsOfIkev1AreUnknown) {  // R164
  for (unsigned type = 1; type <= 32; ++type) {
    const auto skipped = parse(static_cast<uint8_t>(type), "00 00 00 06 ff ff");
    ASSERT_TRUE(skipped) << type;
    EXPECT_TRUE(skipped->payloads.empty());
    const auto refused = parse(static_cast<uint8_t>(type), "00 80 00 06 ff ff");
    ASSERT_FALSE(refused) << type;
    EXPECT_EQ(refused.error().notify, NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD);
    EXPECT_EQ(refused.error().data, Bytes{static_cast<uint8_t>(type)});
  }
}

TEST(Chain, EveryPayloadOfTheRfcIsRead) {  // R076
  const Payloads all = {CertPayload{CertEncoding::CRL, hex("aa")},
                        CertreqPayload{CertEncoding::RAW_RSA_KEY, {}, hex("bb")},
                        CpPayload{CfgType::CFG_REPLY, {}}, EapPayload{EapCode::SUCCESS, 7, {}, {}}};
  const Bytes chain =
      hex("26 80 00 06 07 aa 2f 80 00 06 0b bb 30 80 00 08 02 00 00 00 "
          "00 80 00 08 03 07 00 04");
  const auto message = parse(37, chain);
  ASSERT_TRUE(message) << message.error().why;
  EXPECT_EQ(message->payloads, all);
  for (const Payload& payload : all) EXPECT_EQ(message->count(type_of(payload)), 1U);
}

TEST(Chain, LiesInTheNewerPayloadsAreInvalidSyntax) {
  for (const auto& [type, chain] :
       std::vector<std::pair<uint8_t, std::string_view>>{{37, "00 00 00 04"},
                                                         {38, "00 00 00 06 04 aa"},
                                                         {47, "00 00 00 0a 01 00 00 00 00 01"},
                                                         {48, "00 00 00 08 03 07 00 05"}}) {
    const auto message = parse(type, chain);
    ASSERT_FALSE(message) << chain;
    EXPECT_EQ(message.error().notify, NotifyType::INVALID_SYNTAX);
    EXPECT_FALSE(message.error().why.empty());
  }
}

TEST(Chain, EveryTypeKnowsItself) {
  EXPECT_EQ(type_of(SaPayload{}), PayloadType::SA);
  EXPECT_EQ(type_of(KePayload{}), PayloadType::KE);
  EXPECT_EQ(type_of(IdiPayload{}), PayloadType::IDi);
  EXPECT_EQ(type_of(IdrPayload{}), PayloadType::IDr);
  EXPECT_EQ(type_of(AuthPayload{}), PayloadType::AUTH);
  EXPECT_EQ(type_of(NoncePayload{}), PayloadType::NONCE);
  EXPECT_EQ(type_of(NotifyPayload{}), PayloadType::NOTIFY);
  EXPECT_EQ(type_of(DeletePayload{}), PayloadType::DELETE);
  EXPECT_EQ(type_of(VendorPayload{}), PayloadType::VENDOR);
  EXPECT_EQ(type_of(TsiPayload{}), PayloadType::TSi);
  EXPECT_EQ(type_of(TsrPayload{}), PayloadType::TSr);
  EXPECT_EQ(type_of(CertPayload{}), PayloadType::CERT);
  EXPECT_EQ(type_of(CertreqPayload{}), PayloadType::CERTREQ);
  EXPECT_EQ(type_of(CpPayload{}), PayloadType::CP);
  EXPECT_EQ(type_of(EapPayload{}), PayloadType::EAP);
}

TEST(Chain, BadBodyIsInvalidSyntax) {                // R193
  const auto message = parse(40, "00 00 00 05 aa");  // a nonce of one octet
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().notify, NotifyType::INVALID_SYNTAX);
  EXPECT_EQ(message.error().why, "a nonce of 1 octets, where 16 to 256 are allowed");
}

TEST(Chain, SkAndSkfInClearAreRefused) {
  for (const std::string_view type : {"2e", "35"}) {
    EXPECT_FALSE(parse(hex(type)[0], "00 00 00 05 aa"));
    EXPECT_FALSE(parse(hex(type)[0], "00 00 00 0c 00 01 00 01 01 02 03 04"));
    const auto message = parse(vendor, std::string(type) + " 00 00 05 aa 00 00 00 05 aa");
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().notify, NotifyType::INVALID_SYNTAX);
  }
}

TEST(Chain, PayloadsAreCountedAndBounded) {
  for (const uint8_t type : Bytes{vendor, unknown}) {
    Bytes chain;
    for (size_t i = 1; i < max_payloads; ++i) append(chain, Bytes{type, 0, 0, 4});
    append(chain, Bytes{0, 0, 0, 4});
    const auto most = parse(type, chain);
    ASSERT_TRUE(most);
    EXPECT_EQ(most->payloads.size(), type == vendor ? max_payloads : 0);
    chain.insert(chain.begin(), {type, 0, 0, 4});
    const auto more = parse(type, chain);
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().notify, NotifyType::INVALID_SYNTAX);
  }
}

}  // namespace
}  // namespace iked::wire
