// SPDX-License-Identifier: ISC
#include <gtest/gtest.h>

#include "wire/hex.h"
#include "wire/samples.h"
#include "wire/test_keys.h"

namespace iked::wire {
namespace {

class Sealed : public testing::TestWithParam<TestSuite> {
 protected:
  crypto::MessageKeys keys() const { return test_keys(GetParam()); }
  crypto::SealLayout layout() const { return test_layout(GetParam()); }
  Bytes seal(const Sample& sample) const {
    return seal_message(sample.header, sample.payloads, keys(), test_iv(GetParam()));
  }

  std::expected<Message, OpenFailure> open(Bytes datagram) const {
    const auto header = parse_header(datagram);
    EXPECT_TRUE(header);
    return open_message(*header, datagram, keys());
  }

  // Seals octets that no encoder of ours makes: `text` is everything between IV and ICV, `before`
  // a chain of clear payloads whose last one names SK.
  Bytes seal_raw(uint8_t first, ByteView text, uint8_t outer = 46, ByteView before = {}) const {
    const size_t sk = 4 + layout().iv + text.size() + layout().icv;
    Header header = empty_request().header;
    header.next_payload = PayloadType{outer};
    header.length = static_cast<uint32_t>(Header::size + before.size() + sk);
    Bytes datagram;
    encode_header(header, datagram);
    append(datagram, before);
    append(datagram, Bytes{first, 0, static_cast<uint8_t>(sk >> 8), static_cast<uint8_t>(sk)});
    const size_t iv = datagram.size();
    append(datagram, test_iv(GetParam()));
    append(datagram, text);
    datagram.resize(datagram.size() + layout().icv);
    crypto::seal_in_place(keys(), datagram, iv);
    return datagram;
  }
  // `text` with padding to the next block boundary plus `more` blocks, filled with `fill`.
  Bytes padded(Bytes text, size_t more = 0, uint8_t fill = 0) const {
    const size_t block = layout().block;
    size_t padding = (block - (text.size() + 1) % block) % block + more * block;
    text.resize(text.size() + padding, fill);
    text.push_back(static_cast<uint8_t>(padding));
    return text;
  }
};

INSTANTIATE_TEST_SUITE_P(EachSuite, Sealed, testing::ValuesIn(test_suites),
                         [](const auto& suite) { return "Suite" + std::to_string(suite.index); });

void fix_length(Bytes& datagram) {
  datagram[26] = static_cast<uint8_t>(datagram.size() >> 8);
  datagram[27] = static_cast<uint8_t>(datagram.size());
}

TEST_P(Sealed, WhatIsSealedOpens) {
  for (const Sample& sample : all_samples()) {
    const Bytes datagram = seal(sample);
    const auto message = open(datagram);
    ASSERT_TRUE(message) << sample.name << ": " << message.error().failure.why;
    EXPECT_EQ(message->payloads, sample.payloads) << sample.name;
    EXPECT_EQ(message->header.exchange, sample.header.exchange);
    EXPECT_EQ(message->header.message_id, sample.header.message_id);
  }
}

TEST_P(Sealed, LayoutIsThatOfTheFigure) {  // R200, R077
  const Bytes datagram = seal(delete_request());
  const crypto::SealLayout at = layout();
  EXPECT_EQ(datagram[16], 46);               // SK is the only payload
  EXPECT_EQ(datagram[Header::size], 42);     // its Next Payload: the first inside
  EXPECT_EQ(datagram[Header::size + 1], 0);  // not critical
  const size_t sk = size_t{datagram[Header::size + 2]} << 8 | datagram[Header::size + 3];
  EXPECT_EQ(Header::size + sk, datagram.size());  // and the last
  const Bytes iv = test_iv(GetParam());
  EXPECT_TRUE(std::ranges::equal(iv, ByteView(datagram).subspan(Header::size + 4, iv.size())));
  const size_t text = sk - 4 - at.iv - at.icv;
  // 16 and 8 octets of Delete payloads and a Pad Length, up to the next boundary.
  EXPECT_EQ(text, (25 + at.block - 1) / at.block * at.block);
}

TEST_P(Sealed, PaddingIsTheLeastThatAligns) {  // R202
  for (size_t size = 0; size < 40; ++size) {
    Sample sample = empty_request();
    sample.payloads = {VendorPayload{counting(size)}};
    const size_t text = seal(sample).size() - Header::size - 4 - layout().iv - layout().icv;
    EXPECT_EQ(text % layout().block, 0U);
    EXPECT_LT(text, 4 + size + 1 + layout().block);
  }
}

TEST_P(Sealed, EveryTruncationFailsUnauthentic) {  // R161, R201
  const Bytes datagram = seal(auth_request());
  for (size_t size = Header::size; size < datagram.size(); ++size) {
    Bytes cut(datagram.begin(), datagram.begin() + static_cast<ptrdiff_t>(size));
    fix_length(cut);
    const auto as_is = open(cut);
    ASSERT_FALSE(as_is) << size;
    EXPECT_FALSE(as_is.error().authentic) << size;
    if (size < Header::size + 4) continue;
    const size_t sk = size - Header::size;  // the payload's own length is made to fit too
    cut[Header::size + 2] = static_cast<uint8_t>(sk >> 8);
    cut[Header::size + 3] = static_cast<uint8_t>(sk);
    const auto fitted = open(cut);
    ASSERT_FALSE(fitted) << size;
    EXPECT_FALSE(fitted.error().authentic) << size;
  }
}

TEST_P(Sealed, EveryChangedBitIsDetected) {  // R201
  const Bytes datagram = seal(delete_request());
  for (size_t at = 0; at < datagram.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes damaged = datagram;
      damaged[at] = static_cast<uint8_t>(damaged[at] ^ 1U << bit);
      const auto header = parse_header(damaged);
      if (!header) continue;
      const auto message = open_message(*header, damaged, keys());
      ASSERT_FALSE(message) << at << " " << bit;
      EXPECT_FALSE(message.error().authentic) << at << " " << bit;
    }
  }
}

TEST_P(Sealed, KeysOfTheOtherDirectionDoNotOpen) {  // R201
  Bytes datagram = seal(auth_request());
  const auto header = parse_header(datagram);
  const auto message = open_message(*header, datagram, test_keys(GetParam(), 1));
  ASSERT_FALSE(message);
  EXPECT_FALSE(message.error().authentic);
}

TEST_P(Sealed, NothingIsParsedBeforeTheIcvIsRight) {         // R201
  Bytes good = seal_raw(40, padded(hex("00 00 00 05 aa")));  // a bad nonce inside
  const auto authentic = open(good);
  ASSERT_FALSE(authentic);
  EXPECT_TRUE(authentic.error().authentic);
  EXPECT_EQ(authentic.error().failure.notify, NotifyType::INVALID_SYNTAX);
  good.back() ^= 1;
  const auto forged = open(good);
  ASSERT_FALSE(forged);
  EXPECT_FALSE(forged.error().authentic);
}

TEST_P(Sealed, CriticalPayloadInsideIsToldToThePeer) {  // R074
  const auto message = open(seal_raw(200, padded(hex("00 80 00 05 aa"))));
  ASSERT_FALSE(message);
  EXPECT_TRUE(message.error().authentic);
  EXPECT_EQ(message.error().failure.notify, NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD);
  EXPECT_EQ(message.error().failure.data, hex("c8"));
}

TEST_P(Sealed, PayloadsInClearAreNotBelieved) {  // R200
  // N(INITIAL_CONTACT), a nonce that does not parse, an unknown critical payload; then SK.
  const Bytes before = hex("28 00 00 08 00 00 40 00 c8 00 00 05 aa 2e 80 00 04");
  const auto message = open(seal_raw(43, padded(hex("00 00 00 05 aa")), 41, before));
  ASSERT_TRUE(message) << message.error().failure.why;
  EXPECT_EQ(message->payloads, (Payloads{VendorPayload{{0xaa}}}));
}

TEST_P(Sealed, PayloadsInClearAreBounded) {
  for (const size_t count : {max_payloads - 1, max_payloads}) {
    Bytes before;
    for (size_t i = 1; i < count; ++i) append(before, hex("2b 00 00 04"));
    append(before, hex("2e 00 00 04"));
    const auto message = open(seal_raw(0, padded({}), 43, before));
    EXPECT_EQ(message.has_value(), count < max_payloads);
  }
}

TEST_P(Sealed, SkMustBeTheLastPayload) {  // R200
  Bytes datagram = seal_raw(43, padded(hex("00 00 00 05 aa")));
  append(datagram, hex("00 00 00 05 aa"));
  fix_length(datagram);
  const auto message = open(datagram);
  ASSERT_FALSE(message);
  EXPECT_FALSE(message.error().authentic);
  EXPECT_EQ(message.error().failure.why, "5 octets follow the SK payload");
}

TEST_P(Sealed, SkInsideSkIsRefused) {  // R200
  const auto message = open(seal_raw(46, padded(hex("00 00 00 05 aa"))));
  ASSERT_FALSE(message);
  EXPECT_TRUE(message.error().authentic);
  EXPECT_EQ(message.error().failure.notify, NotifyType::INVALID_SYNTAX);
}

TEST_P(Sealed, MessageWithoutSkIsNotOpened) {  // R200
  for (const Sample& sample : {sa_init_request(), empty_request()}) {
    const auto message = open(encode_message(sample.header, sample.payloads));
    ASSERT_FALSE(message);
    EXPECT_FALSE(message.error().authentic);
  }
}

TEST_P(Sealed, ShortSkPayloadsAreRefused) {  // R202
  for (size_t size = 0; size < layout().iv + layout().icv + layout().block; ++size) {
    Header header = empty_request().header;
    header.next_payload = PayloadType::SK;
    header.length = static_cast<uint32_t>(Header::size + 4 + size);
    Bytes datagram;
    encode_header(header, datagram);
    append(datagram, Bytes{0, 0, 0, static_cast<uint8_t>(4 + size)});
    append(datagram, Bytes(size, 0x55));
    const auto message = open_message(header, datagram, keys());
    ASSERT_FALSE(message) << size;
    EXPECT_FALSE(message.error().authentic) << size;
  }
}

TEST_P(Sealed, AnyAlignedPaddingOfAnyContentIsAccepted) {  // R202
  const size_t most = (255 / layout().block) - 1;
  for (size_t more = 0; more <= most; more += more < 3 ? 1 : 4) {
    for (const uint8_t fill : Bytes{0x00, 0x01, 0xff}) {
      const auto message = open(seal_raw(43, padded(hex("00 00 00 05 aa"), more, fill)));
      ASSERT_TRUE(message) << more << ": " << message.error().failure.why;
      EXPECT_EQ(message->payloads, (Payloads{VendorPayload{{0xaa}}}));
    }
  }
}

TEST_P(Sealed, PadLengthMustBeInside) {  // R202
  const size_t size = 16;
  for (unsigned padding = 0; padding < 256; ++padding) {
    Bytes text(size, 0);
    text.back() = static_cast<uint8_t>(padding);
    const auto message = open(seal_raw(0, text));
    // An empty chain: all the rest must be padding.
    EXPECT_EQ(message.has_value(), padding == size - 1) << padding;
    if (!message) {
      EXPECT_TRUE(message.error().authentic);
    }
  }
}

TEST_P(Sealed, InnerChainMustEndAtThePadding) {  // R163
  EXPECT_FALSE(open(seal_raw(43, padded(hex("00 00 00 06 aa")))));
  EXPECT_FALSE(open(seal_raw(43, padded(hex("00 00 00 05 aa bb")))));
  EXPECT_FALSE(open(seal_raw(43, padded(hex("00 00 00 03 aa")))));
}

}  // namespace
}  // namespace iked::wire
