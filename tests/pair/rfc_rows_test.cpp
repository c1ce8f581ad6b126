// SPDX-License-Identifier: ISC
// Demands of RFC 7296 that the other stories do not show, one test each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/rogue.h"
#include "support/tap.h"

namespace iked::test {
namespace {

using testing::ElementsAre;

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
