// SPDX-License-Identifier: ISC
#include <gtest/gtest.h>

#include "wire/hex.h"
#include "wire/message.h"

namespace iked::wire {
namespace {

Bytes encoded(const NotifyPayload& n) {
  Bytes body;
  encode_body(n, body);
  return body;
}

TEST(NotifyPayload, FieldsStandWhereTheFigureHasThem) {  // R192
  // By hand from the figure of RFC 7296 3.10: REKEY_SA (16393) of an ESP SA, with data.
  const Bytes golden = hex("03 04 40 09 c0 00 00 01 aa bb cc");
  const auto n = parse_notify(golden);
  ASSERT_TRUE(n) << n.error().text;
  EXPECT_EQ(n->protocol, ProtocolId::ESP);
  EXPECT_EQ(n->notify, NotifyType::REKEY_SA);
  EXPECT_EQ(n->spi, hex("c0000001"));
  EXPECT_EQ(n->data, hex("aabbcc"));
  EXPECT_EQ(encoded(*n), golden);
}

TEST(NotifyPayload, WithoutSpiTheProtocolIsIgnored) {  // R192
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    const auto n = parse_notify(Bytes{static_cast<uint8_t>(protocol), 0, 0, 14});
    ASSERT_TRUE(n);
    EXPECT_EQ(n->notify, NotifyType::NO_PROPOSAL_CHOSEN);
    EXPECT_EQ(n->protocol, ProtocolId::NONE);
  }
}

TEST(NotifyPayload, WithoutSpiTheProtocolIsSentAsZero) {  // R192
  EXPECT_EQ(encoded({NotifyType::NO_PROPOSAL_CHOSEN, ProtocolId::ESP, {}, {}}), hex("00 00 00 0e"));
}

TEST(NotifyPayload, SpiWhereNoneBelongsIsTolerated) {  // R192
  for (size_t size = 1; size < 256; ++size) {
    Bytes body = {1, static_cast<uint8_t>(size), 0, 7};
    body.resize(body.size() + size, 0xee);
    body.push_back(0x42);
    const auto n = parse_notify(body);
    ASSERT_TRUE(n) << size;
    EXPECT_EQ(n->spi.size(), size);
    EXPECT_EQ(n->data, hex("42"));
  }
}

TEST(NotifyPayload, SpiMustBeInside) {  // R192
  for (const std::string_view body :
       {"", "00", "00 00 40", "03 04 40 09", "03 04 40 09 c0 00 00", "03 ff 40 09 c0 00 00 01"}) {
    EXPECT_FALSE(parse_notify(hex(body))) << body;
  }
}

TEST(NotifyPayload, UnknownTypesParse) {  // R190
  EXPECT_EQ(parse_notify(hex("00 00 1f 40"))->notify, NotifyType{8000});
  EXPECT_EQ(parse_notify(hex("00 00 c3 50 01 02"))->notify, NotifyType{50000});
}

TEST(Message, FindsNotifiesAndErrors) {  // R190
  Message message;
  message.payloads = {NotifyPayload{NotifyType{50000}, {}, {}, {}}, VendorPayload{},
                      NotifyPayload{NotifyType{8000}, {}, {}, {1}},
                      NotifyPayload{NotifyType::NO_PROPOSAL_CHOSEN, {}, {}, {}}};
  ASSERT_NE(message.find_error(), nullptr);
  EXPECT_EQ(message.find_error()->notify, NotifyType{8000});
  ASSERT_NE(message.find_notify(NotifyType::NO_PROPOSAL_CHOSEN), nullptr);
  EXPECT_EQ(message.find_notify(NotifyType::COOKIE), nullptr);
  ASSERT_NE(message.find<VendorPayload>(), nullptr);
  EXPECT_EQ(message.find<SaPayload>(), nullptr);
  EXPECT_EQ(message.count(PayloadType::NOTIFY), 3U);
  EXPECT_EQ(message.count(PayloadType::SA), 0U);
  message.payloads.resize(2);
  EXPECT_EQ(message.find_error(), nullptr);
}

}  // namespace
}  // namespace iked::wire
