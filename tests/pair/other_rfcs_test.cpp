// SPDX-License-Identifier: ISC
// Extensions that iked does not have: what it does when a peer has them. RFC 5685, 6023
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/rogue.h"
#include "wire/notify_data.h"

namespace iked::test {
namespace {

constexpr NotifyType childless_ikev2_supported{16418};

class OtherRfcs : public ::testing::Test {
 protected:
  LogCapture log;
  Pair pair;
};

// To 198.51.100.7, with or without our nonce.
wire::NotifyPayload redirect(ByteView nonce) {
  Bytes data = {1, 4, 198, 51, 100, 7};
  append(data, nonce);
  return wire::NotifyPayload{NotifyType::REDIRECT, ProtocolId::NONE, {}, std::move(data)};
}

bool says(const wire::Message& message, NotifyType type) {
  return message.find_notify(type) != nullptr;
}

// RFC5685 3: REDIRECT is for initiators that announced it, and childless IKE SAs (RFC6023 3) for
// responders that did; we say neither.
TEST_F(OtherRfcs, NeitherRedirectsNorChildlessIkeSasAreAnnounced) {
  size_t seen = 0;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    const wire::Header header = header_of(datagram);
    if (header.exchange == ExchangeType::IKE_SA_INIT) {
      const auto message = wire::parse_message(header, datagram.octets);
      EXPECT_TRUE(message.has_value());
      EXPECT_FALSE(says(*message, NotifyType::REDIRECT_SUPPORTED));
      EXPECT_FALSE(says(*message, childless_ikev2_supported));
      ++seen;
    }
    return datagram;
  };
  pair.connect();
  EXPECT_EQ(seen, 2U);
}

// RFC5685 4, 10: whoever sees the first message can send this. The true answer counts.
TEST_F(OtherRfcs, RedirectInsteadOfTheFirstAnswerIsIgnored) {
  bool sent = false;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    const wire::Header header = header_of(datagram);
    if (header.exchange != ExchangeType::IKE_SA_INIT || header.response || sent) return datagram;
    const auto message = wire::parse_message(header, datagram.octets);
    const auto* nonce = message->find<wire::NoncePayload>();
    wire::Header answer = header;
    answer.response = true;
    answer.from_initiator = false;
    Datagram forged = datagram;
    std::swap(forged.local, forged.remote);
    forged.octets = wire::encode_message(answer, {redirect(nonce->nonce)});
    sent = true;
    pair.world.inject(std::move(forged));
    return datagram;
  };
  pair.connect();
  EXPECT_TRUE(sent);
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.a->established()[0].children.size(), 1U);
}

// RFC5685 6: from a peer that we never told that we could.
TEST_F(OtherRfcs, RedirectFromAProvenPeerIsIgnored) {
  pair.policy_a().active = false;
  pair.start();
  pair.a->address = *IpAddress::parse("192.0.2.250");
  Rogue rogue(pair);
  ASSERT_TRUE(rogue.connect());
  const auto answer = rogue.request(ExchangeType::INFORMATIONAL, 2, {redirect({})});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->find_error(), nullptr);
  EXPECT_EQ(pair.b->established().size(), 1U);
  EXPECT_FALSE(pair.b->kernel.sas.empty());
}

// RFC6023 3: without CHILDLESS_IKEV2_SUPPORTED an IKE_AUTH without SA and TS is an error, and
// leaves nothing.
TEST_F(OtherRfcs, ChildlessCallersAreRefused) {
  pair.policy_a().active = false;
  pair.start();
  pair.a->address = *IpAddress::parse("192.0.2.250");
  Rogue rogue(pair);
  ASSERT_TRUE(rogue.init());
  wire::Payloads payloads = rogue.auth_payloads();
  std::erase_if(payloads, [](const wire::Payload& payload) {
    return std::holds_alternative<wire::SaPayload>(payload) ||
           std::holds_alternative<wire::TsiPayload>(payload) ||
           std::holds_alternative<wire::TsrPayload>(payload);
  });
  const auto answer = rogue.request(ExchangeType::IKE_AUTH, 1, payloads);
  ASSERT_TRUE(answer.has_value());
  ASSERT_NE(answer->find_error(), nullptr);
  EXPECT_EQ(answer->find_error()->notify, NotifyType::INVALID_SYNTAX);
  EXPECT_TRUE(pair.b->established().empty());
  EXPECT_TRUE(pair.b->kernel.clean());
}

}  // namespace
}  // namespace iked::test
