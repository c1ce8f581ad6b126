// SPDX-License-Identifier: ISC
// Demands of RFC 7296 that the other stories do not show, one test each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/algorithms.h"
#include "crypto/prf.h"
#include "support/log_capture.h"
#include "support/rogue.h"

namespace iked::test {
namespace {

using testing::ElementsAre;

/// Sits on the wire between a and b and has the keys, so that it can read what is sealed, and
/// seal something else in its place.
class Tap {
 public:
  explicit Tap(Pair& pair) {
    pair.world.on_the_way = [this](Datagram datagram) { return pass(std::move(datagram)); };
  }

  /// Called with each sealed message; true: it was changed.
  std::function<bool(wire::Message&)> change;
  std::vector<wire::Message> seen;

 private:
  std::optional<Datagram> pass(Datagram datagram) {
    const wire::Header header = header_of(datagram);
    if (header.exchange == ExchangeType::IKE_SA_INIT) {
      auto message = wire::parse_message(header, datagram.octets);
      EXPECT_TRUE(message.has_value());
      learn(*message);
      seen.push_back(std::move(*message));
      return datagram;
    }
    Bytes copy = datagram.octets;
    const crypto::MessageKeys keys = keys_of(header.from_initiator);
    auto message = wire::open_message(header, copy, keys);
    EXPECT_TRUE(message.has_value()) << "the tap has other keys than the hosts";
    if (!message) return datagram;
    if (change && change(*message)) {
      Bytes iv;
      put_u64(iv, 0xfedc000000000000U + seen.size());
      datagram.octets = wire::seal_message(message->header, message->payloads, keys, iv);
    }
    seen.push_back(std::move(*message));
    return datagram;
  }

  /// The cheap key exchange of World: the secret is a hash of both public values.
  void learn(const wire::Message& message) {
    const bool response = message.header.response;
    (response ? public_r_ : public_i_) = message.find<wire::KePayload>()->data;
    (response ? nonce_r_ : nonce_i_) = message.find<wire::NoncePayload>()->nonce;
    if (!response) return;
    const auto& [low, high] = std::minmax(public_i_, public_r_);
    Bytes shared = crypto::keyed_digest(as_bytes("shared"), {ByteView(low), ByteView(high)});
    shared.resize(crypto::ike_ke(suite_.ke)->shared, 0xa5);
    keys_ = crypto::derive_ike_keys(suite_, SecretBytes(ByteView(shared)), nonce_i_, nonce_r_,
                                    message.header.spi_i, message.header.spi_r);
  }

  crypto::MessageKeys keys_of(bool initiator) const {
    return {suite_.encr, suite_.integ, initiator ? keys_.sk_ei() : keys_.sk_er(),
            initiator ? keys_.sk_ai() : keys_.sk_ar()};
  }

  IkeSuite suite_{{EncrId::AES_GCM_16, 256}, PrfId::HMAC_SHA2_256, IntegId::NONE, KeId::CURVE25519};
  Bytes public_i_, public_r_, nonce_i_, nonce_r_;
  crypto::IkeKeys keys_;
};

/// The types of its payloads, without notifies: the figures leave their place open.
std::vector<PayloadType> order_of(const wire::Message& message) {
  std::vector<PayloadType> types;
  for (const wire::Payload& payload : message.payloads) {
    const PayloadType type = std::visit([](const auto& p) { return PayloadType{p.type}; }, payload);
    if (type != PayloadType::NOTIFY) types.push_back(type);
  }
  return types;
}

bool is_auth_answer(const wire::Message& message) {
  return message.header.exchange == ExchangeType::IKE_AUTH && message.header.response;
}

wire::NotifyPayload notify(uint16_t type, Bytes data = {}) {
  return {NotifyType{type}, ProtocolId::NONE, {}, std::move(data)};
}

class RfcRows : public ::testing::Test {
 protected:
  LogCapture log;
  Pair pair;
};

// R079
TEST_F(RfcRows, PayloadsStandInTheOrderOfTheFigures) {
  Tap tap(pair);
  pair.connect();
  ASSERT_EQ(tap.seen.size(), 4U) << log.all();
  using enum PayloadType;
  EXPECT_THAT(order_of(tap.seen[0]), ElementsAre(SA, KE, NONCE, VENDOR));
  EXPECT_THAT(order_of(tap.seen[1]), ElementsAre(SA, KE, NONCE, VENDOR));
  EXPECT_THAT(order_of(tap.seen[2]), ElementsAre(IDi, IDr, AUTH, SA, TSi, TSr));
  EXPECT_THAT(order_of(tap.seen[3]), ElementsAre(IDr, AUTH, SA, TSi, TSr));
}

// R190: HDR, SK {IDr, AUTH, SAr2, TSi, TSr, N(50000)}, a status that nobody knows.
TEST_F(RfcRows, UnknownStatusInTheAnswerIsIgnored) {
  Tap tap(pair);
  tap.change = [](wire::Message& message) {
    if (!is_auth_answer(message)) return false;
    message.payloads.push_back(notify(50000));
    return true;
  };
  pair.connect();
  EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.a->kernel.sas.size(), 2U);
}

// R190: HDR, SK {N(8000)}, an error that nobody knows.
TEST_F(RfcRows, UnknownErrorAloneRefusesTheRequest) {
  Tap tap(pair);
  tap.change = [](wire::Message& message) {
    if (!is_auth_answer(message)) return false;
    message.payloads = {notify(8000)};
    return true;
  };
  pair.connect();
  EXPECT_TRUE(pair.a->established().empty());
  EXPECT_TRUE(pair.a->kernel.clean());
  EXPECT_THAT(pair.a->policy("to-b")->last_error, testing::HasSubstr("8000"));
}

// R141: HDR, SK {IDr, AUTH, N(8000)}: the peer proved itself, so only the child is refused.
TEST_F(RfcRows, UnknownErrorBesideTheProofRefusesTheChildOnly) {
  Tap tap(pair);
  tap.change = [](wire::Message& message) {
    if (!is_auth_answer(message)) return false;
    std::erase_if(message.payloads, [](const wire::Payload& payload) {
      return std::holds_alternative<wire::SaPayload>(payload) ||
             std::holds_alternative<wire::TsiPayload>(payload) ||
             std::holds_alternative<wire::TsrPayload>(payload);
    });
    message.payloads.push_back(notify(8000));
    return true;
  };
  pair.connect();
  EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_TRUE(pair.a->kernel.clean()) << "no child, and no SPI kept for one";
}

// R152: only b asks whether a is there, and somebody makes its messages come from elsewhere. Behind
// a NAT, a answers there and goes on to send its own to where b was.
TEST_F(RfcRows, BehindANatThePeersAddressIsNotFollowed) {
  pair.policy_b().peer = AnyHost{};
  pair.config_a.dpd_check_interval = 0s;
  pair.before_start = [](Pair& p) { p.world.nat(*p.a, "198.51.100.1"); };
  pair.connect();
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  const Endpoint elsewhere{*IpAddress::parse("203.0.113.9"), 4500};
  size_t requests = 0, answers = 0;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    if (datagram.local.address == pair.b->address) {
      requests += header_of(datagram).response ? 0 : 1;
      datagram.local = elsewhere;
    } else if (datagram.remote == elsewhere) {
      ++answers;
      datagram.remote.address = pair.b->address;
    }
    return datagram;
  };
  pair.world.advance(3min);
  EXPECT_GE(requests, 1U);
  EXPECT_GE(answers, 1U);
  ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.a->established()[0].remote, "192.0.2.2:4500");
  for (const auto& [key, sa] : pair.a->kernel.sas) {
    EXPECT_TRUE(key.source == pair.b->address || key.destination == pair.b->address);
  }
}

class RfcRowsRogue : public RfcRows {
 protected:
  RfcRowsRogue() : rogue(pair) {
    pair.policy_a().active = false;
    pair.start();
    pair.a->address = *IpAddress::parse("192.0.2.250");  // the rogue takes a's place
  }
  Rogue rogue;
};

// R031: HDR, SK {D(ESP, SPI)} -->, and when <-- HDR, SK {D(ESP, SPI)} leaves, nothing can come in.
TEST_F(RfcRowsRogue, InboundSaIsGoneBeforeTheAnswerToItsDelete) {
  ASSERT_TRUE(rogue.connect()) << log.all();
  ASSERT_EQ(pair.b->kernel.sas.size(), 2U);
  size_t answers = 0;
  pair.world.on_the_way = [&](Datagram datagram) {
    ++answers;
    EXPECT_TRUE(pair.b->kernel.sas.empty());
    return std::optional(std::move(datagram));
  };
  rogue.request(ExchangeType::INFORMATIONAL, 2,
                {wire::DeletePayload{ProtocolId::ESP, {rogue.child_spi}}});
  EXPECT_EQ(answers, 1U);
}

// R059: HDR, SK {N(SET_WINDOW_SIZE)} with 4, then less. The window of one request stays as it is.
TEST_F(RfcRowsRogue, WindowNeverShrinks) {
  ASSERT_TRUE(rogue.connect()) << log.all();
  uint32_t id = 2;
  for (const uint8_t size : Bytes{4, 1, 0}) {
    const auto set = notify(static_cast<uint16_t>(NotifyType::SET_WINDOW_SIZE), {0, 0, 0, size});
    EXPECT_TRUE(rogue.request(ExchangeType::INFORMATIONAL, id++, {set}).has_value());
  }
  EXPECT_TRUE(rogue.request(ExchangeType::INFORMATIONAL, id, {}).has_value());
  EXPECT_EQ(pair.b->established().size(), 1U);
  const size_t before = pair.world.sent.size();
  pair.b->command(ike::ResetSas{});
  pair.world.settle();
  ASSERT_EQ(pair.world.sent.size(), before + 1);
  const auto request = rogue.open(pair.world.sent[before].octets);
  ASSERT_TRUE(request.has_value());
  EXPECT_FALSE(request->header.response);
  EXPECT_NE(request->find<wire::DeletePayload>(), nullptr);
}

}  // namespace
}  // namespace iked::test
