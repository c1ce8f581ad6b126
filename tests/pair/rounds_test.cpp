// SPDX-License-Identifier: ISC
// IKE_SA_INIT that takes more than one round: cookies, another group, errors that anybody could
// have sent.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"
#include "wire/message.h"

namespace iked::test {
namespace {

class Rounds : public ::testing::Test {
 protected:
  LogCapture log;

  static wire::Message parsed(const Datagram& datagram) {
    return *wire::parse_message(header_of(datagram), datagram.octets);
  }
  // An unprotected answer to a request, as anyone on the path could make it; as its sender will see
  // it.
  static Datagram answer(const Datagram& request, NotifyType notify, Bytes data) {
    wire::Header header = header_of(request);
    header.response = true;
    header.from_initiator = false;
    return {
        request.local, request.remote, false,
        wire::encode_message(header, {wire::NotifyPayload{notify, ProtocolId::NONE, {}, data}})};
  }
};

// R008, R011, R049, R177: b has no curve25519.
TEST_F(Rounds, OtherGroupCostsOneRound) {
  Pair pair;
  pair.policy_b().ike_proposals[0].ke = {KeId::ECP_256};
  pair.connect();
  // HDR(A,0), SAi1, KEi(31), Ni -->
  // <-- HDR(A,0), N(INVALID_KE_PAYLOAD, 19)
  // HDR(A,0), SAi1, KEi(19), Ni -->
  ASSERT_EQ(pair.world.sent.size(), 6U);
  const wire::Message first = parsed(pair.world.sent[0]);
  const wire::Message refusal = parsed(pair.world.sent[1]);
  const wire::Message second = parsed(pair.world.sent[2]);
  ASSERT_NE(refusal.find_notify(NotifyType::INVALID_KE_PAYLOAD), nullptr);
  EXPECT_EQ(refusal.find_notify(NotifyType::INVALID_KE_PAYLOAD)->data, (Bytes{0, 19}));
  EXPECT_FALSE(bool(refusal.header.spi_r));
  EXPECT_EQ(second.header.message_id.value, 0U);
  EXPECT_EQ(second.find<wire::KePayload>()->group, KeId::ECP_256);
  EXPECT_EQ(second.find<wire::SaPayload>()->proposals, first.find<wire::SaPayload>()->proposals);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

// R007: a group that we do not offer is not taken, whoever asks.
TEST_F(Rounds, WeakerGroupIsNotTaken) {
  Pair pair;
  pair.start();
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    if (header_of(datagram).response) return datagram;
    pair.world.inject(answer(datagram, NotifyType::INVALID_KE_PAYLOAD, {0, 1}));
    return datagram;
  };
  pair.world.settle();
  // The true answer came, too, and counts.
  EXPECT_EQ(pair.a->established().size(), 1U);
  EXPECT_GE(log.count({"warning", "wants group modp768", "iked.conf:1"}), 1U) << log.all();
}

// R086: no end of cookies.
TEST_F(Rounds, CookiesWithoutEndAreGivenUp) {
  Pair pair;
  pair.start();
  uint8_t n = 0;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    if (header_of(datagram).exchange == ExchangeType::IKE_SA_INIT &&
        !header_of(datagram).response) {
      pair.world.inject(answer(datagram, NotifyType::COOKIE, Bytes(20, ++n)));
    }
    return std::nullopt;
  };
  pair.world.settle();
  EXPECT_LT(pair.world.sent.size(), 10U);
  EXPECT_TRUE(pair.a->established().empty());
}

// R083: the cookie comes back unchanged, first, with everything else as it was.
TEST_F(Rounds, CookieIsReturnedAsFirstPayload) {
  for (size_t length : {size_t{1}, size_t{64}}) {
    Pair pair;
    pair.start();
    bool asked = false;
    pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
      if (std::exchange(asked, true)) return datagram;
      pair.world.inject(answer(datagram, NotifyType::COOKIE, Bytes(length, 7)));
      return std::nullopt;
    };
    pair.world.settle();
    const wire::Message first = parsed(pair.world.sent.at(0));
    const wire::Message second = parsed(pair.world.sent.at(1));
    ASSERT_TRUE(std::holds_alternative<wire::NotifyPayload>(second.payloads[0]));
    const auto& cookie = std::get<wire::NotifyPayload>(second.payloads[0]);
    EXPECT_EQ(cookie.notify, NotifyType::COOKIE);
    EXPECT_EQ(cookie.data, Bytes(length, 7));
    EXPECT_EQ(second.find<wire::NoncePayload>()->nonce, first.find<wire::NoncePayload>()->nonce);
    EXPECT_EQ(second.find<wire::KePayload>()->data, first.find<wire::KePayload>()->data);
    EXPECT_EQ(second.payloads.size(), first.payloads.size() + 1);
    // R119: AUTH covers the second one.
    EXPECT_EQ(pair.a->established().size(), 1U);
  }
}

// R082: a cookie has 1 to 64 octets.
TEST_F(Rounds, CookieOfWrongLengthIsIgnored) {
  for (size_t length : {size_t{0}, size_t{65}}) {
    Pair pair;
    pair.start();
    bool asked = false;
    pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
      if (!std::exchange(asked, true)) {
        pair.world.inject(answer(datagram, NotifyType::COOKIE, Bytes(length, 7)));
      }
      return datagram;
    };
    pair.world.settle();
    EXPECT_EQ(pair.world.sent.size(), 4U);
    EXPECT_EQ(pair.a->established().size(), 1U);
  }
}

// R085, R088: under a flood b wants cookies, then its group, and keeps nothing until both are
// right.
TEST_F(Rounds, FloodedResponderWantsCookieAndGroup) {
  Pair pair;
  pair.policy_b().peer = AnyHost{};
  pair.policy_b().ike_proposals[0].ke = {KeId::ECP_256};
  pair.start();
  pair.world.settle();
  const size_t before = pair.b->engine->sa_count();
  // First messages of strangers with the right group: half-open SAs up to the threshold.
  for (uint8_t i = 1; i < 250; ++i) {
    Datagram stray = pair.world.sent[2];
    stray.octets[7] = i;
    stray.remote = {*IpAddress::parse("198.51.100." + std::to_string(i)), 500};
    stray.local = {pair.b->address, 500};
    pair.world.inject(stray);
  }
  pair.world.settle();
  EXPECT_EQ(pair.b->engine->sa_count(), before + 64);

  pair.a->command(ike::ResetSas{});
  pair.world.sent.clear();
  pair.world.advance(5s);
  // HDR(A,0), SAi1, KEi(31), Ni -->
  // <-- HDR(A,0), N(COOKIE)
  // HDR(A,0), N(COOKIE), SAi1, KEi(31), Ni -->
  // <-- HDR(A,0), N(INVALID_KE_PAYLOAD)
  // HDR(A,0), N(COOKIE), SAi1, KEi(19), Ni -->
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  size_t cookies = 0;
  for (const Datagram& datagram : pair.world.sent) {
    const wire::Header header = header_of(datagram);
    if (header.exchange != ExchangeType::IKE_SA_INIT || !header.response) continue;
    cookies += parsed(datagram).find_notify(NotifyType::COOKIE) != nullptr ? 1 : 0;
  }
  EXPECT_EQ(cookies, 1U);
  // The strangers never came back: they are forgotten.
  pair.world.advance(40s);
  EXPECT_EQ(pair.b->engine->sa_count(), 1U);
}

// R138, R139: an unprotected error may be a lie.
TEST_F(Rounds, UnprotectedErrorDoesNotStopTheTrueAnswer) {
  Pair pair;
  pair.start();
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    if (header_of(datagram).message_id.value == 0 && !header_of(datagram).response) {
      pair.world.inject(answer(datagram, NotifyType::NO_PROPOSAL_CHOSEN, {}));
      pair.world.inject(answer(datagram, NotifyType::AUTHENTICATION_FAILED, {}));
      pair.world.inject(answer(datagram, NotifyType::INVALID_SYNTAX, {}));
    }
    return datagram;
  };
  pair.world.settle();
  EXPECT_EQ(pair.a->established().size(), 1U);
}

TEST_F(Rounds, NoCommonIkesaIsExplainedOnBothSides) {
  Pair pair;
  pair.policy_b().ike_proposals[0].ke = {KeId::MODP_4096};
  pair.policy_b().ike_proposals[0].prf = {PrfId::HMAC_SHA2_256};
  pair.start();
  pair.world.settle();
  EXPECT_EQ(pair.b->engine->sa_count(), 0U);
  EXPECT_EQ(
      log.count({"info", "policy \"to-a\": no common ikesa",
                 "they differ in \"group curve25519 group ecp256 group modp2048\" (peer) against "
                 "\"group modp4096\" (ours)",
                 "write ikesa enc aes-256-gcm enc aes-128-gcm prf hmac-sha2-256 group curve25519",
                 "iked.conf:1"}),
      1U)
      << log.all();
  EXPECT_EQ(log.count({"warning: policy \"to-b\"", "NO_PROPOSAL_CHOSEN",
                       "we offer [1] enc aes-256-gcm", "iked.conf:1"}),
            1U)
      << log.all();
  // It goes on trying, and comes up when the peer is mended.
  const auto row = pair.a->policy("to-b");
  ASSERT_TRUE(row.has_value());
  pair.world.advance(40s);
  EXPECT_NE(pair.a->policy("to-b")->last_error.find("NO_PROPOSAL_CHOSEN"), std::string::npos);
  Config mended = pair.config_b;
  mended.policies[0].ike_proposals = default_ike();
  pair.b->reload(mended);
  pair.world.advance(2min);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

}  // namespace
}  // namespace iked::test
