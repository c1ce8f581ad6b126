// SPDX-License-Identifier: ISC
#include "ike/exchanges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace iked::ike {
namespace {

wire::Payload some(PayloadType type) {
  switch (type) {
    case PayloadType::SA:
      return wire::SaPayload{};
    case PayloadType::KE:
      return wire::KePayload{};
    case PayloadType::IDi:
      return wire::IdiPayload{};
    case PayloadType::IDr:
      return wire::IdrPayload{};
    case PayloadType::AUTH:
      return wire::AuthPayload{};
    case PayloadType::NONCE:
      return wire::NoncePayload{};
    case PayloadType::NOTIFY:
      return wire::NotifyPayload{};
    case PayloadType::DELETE:
      return wire::DeletePayload{};
    case PayloadType::VENDOR:
      return wire::VendorPayload{};
    case PayloadType::TSi:
      return wire::TsiPayload{};
    case PayloadType::TSr:
      return wire::TsrPayload{};
    case PayloadType::CERT:
      return wire::CertPayload{};
    case PayloadType::CERTREQ:
      return wire::CertreqPayload{};
    default:
      ADD_FAILURE() << to_string(type) << " is not for a chain";
      return wire::VendorPayload{};
  }
}

wire::Message message(ExchangeType exchange, const std::vector<PayloadType>& types) {
  wire::Message m;
  m.header.exchange = exchange;
  for (PayloadType type : types) m.payloads.push_back(some(type));
  return m;
}

// The figures of RFC7296 1.2 to 1.4: what must be there.
struct Figure {
  ExchangeType exchange;
  Phase phase;
  std::vector<PayloadType> required;
};
const Figure figures[] = {
    {ExchangeType::IKE_SA_INIT,
     Phase::connecting,
     {PayloadType::SA, PayloadType::KE, PayloadType::NONCE}},
    {ExchangeType::IKE_AUTH,
     Phase::connecting,
     {PayloadType::IDi, PayloadType::SA, PayloadType::TSi, PayloadType::TSr}},
    {ExchangeType::CREATE_CHILD_SA,
     Phase::established,
     {PayloadType::SA, PayloadType::NONCE, PayloadType::TSi, PayloadType::TSr}},
    {ExchangeType::INFORMATIONAL, Phase::established, {}},
};

TEST(ResponderFor, EachExchangeHasItsPhase) {
  for (const Figure& figure : figures) {
    for (Phase phase : {Phase::connecting, Phase::established, Phase::closing, Phase::dead}) {
      const bool welcome =
          phase == figure.phase || (figure.phase == Phase::established && phase == Phase::closing);
      const ResponderRow* row =
          responder_for(message(figure.exchange, figure.required), phase, Role::initiator);
      EXPECT_EQ(row != nullptr, welcome)
          << to_string(figure.exchange) << " " << static_cast<int>(phase);
      if (row == nullptr) continue;
      EXPECT_EQ(row->make()->type(), figure.exchange);
      EXPECT_FALSE(row->make()->name().empty());
      EXPECT_TRUE(std::ranges::is_permutation(row->required, figure.required));
    }
  }
}

// RFC7296 1.2, 2.15: who was called asks for nothing before both are proven, and never proves
// itself in a request.
TEST(ResponderFor, OnlyTheInitiatorMayBeginTheFirstExchanges) {
  for (const Figure& figure : figures) {
    for (Phase phase : {Phase::connecting, Phase::established, Phase::closing, Phase::dead}) {
      const bool welcome = figure.phase == Phase::established &&
                           (phase == Phase::established || phase == Phase::closing);
      EXPECT_EQ(responder_for(message(figure.exchange, figure.required), phase, Role::responder) !=
                    nullptr,
                welcome)
          << to_string(figure.exchange) << " " << static_cast<int>(phase);
    }
  }
}

TEST(ResponderFor, UnknownExchangesHaveNoRow) {
  for (unsigned number = 0; number < 256; ++number) {
    if (number >= 34 && number <= 37) continue;
    for (Phase phase : {Phase::connecting, Phase::established, Phase::closing, Phase::dead}) {
      for (Role peer : {Role::initiator, Role::responder}) {
        EXPECT_EQ(
            responder_for(message(ExchangeType{static_cast<uint8_t>(number)}, {}), phase, peer),
            nullptr);
      }
    }
  }
}

// RFC7296 1.3.2: a request to rekey the IKE SA has a KE payload and no selectors.
TEST(ResponderFor, RekeyOfTheIkeSaHasItsOwnRow) {
  wire::Message request = message(ExchangeType::CREATE_CHILD_SA, {PayloadType::SA});
  auto& offer = std::get<wire::SaPayload>(request.payloads[0]);
  offer.proposals = {{1, ProtocolId::IKE, Bytes(8, 1), {}}};
  const ResponderRow* row = responder_for(request, Phase::established, Role::responder);
  ASSERT_NE(row, nullptr);
  EXPECT_TRUE(std::ranges::is_permutation(
      row->required, std::array{PayloadType::SA, PayloadType::NONCE, PayloadType::KE}));
  offer.proposals[0].protocol = ProtocolId::ESP;
  EXPECT_NE(responder_for(request, Phase::established, Role::responder), row);
}

TEST(CheckPayloads, WhatTheFigureHasIsEnough) {
  for (const Figure& figure : figures) {
    const ResponderRow* row =
        responder_for(message(figure.exchange, figure.required), figure.phase, Role::initiator);
    EXPECT_FALSE(check_payloads(row->required, message(figure.exchange, figure.required)));
  }
}

TEST(CheckPayloads, EachMissingOneIsNamed) {
  for (const Figure& figure : figures) {
    const ResponderRow* row =
        responder_for(message(figure.exchange, figure.required), figure.phase, Role::initiator);
    for (PayloadType missing : figure.required) {
      std::vector<PayloadType> types = figure.required;
      std::erase(types, missing);
      const auto reject = check_payloads(row->required, message(figure.exchange, types));
      ASSERT_TRUE(reject);
      EXPECT_EQ(reject->notify, NotifyType::INVALID_SYNTAX);
      EXPECT_TRUE(reject->data.empty());
      EXPECT_TRUE(reject->fatal);
      EXPECT_EQ(reject->why, to_string(figure.exchange) + " request without " + to_string(missing));
    }
  }
}

TEST(CheckPayloads, OrderIsNoReason) {  // R078
  for (const Figure& figure : figures) {
    const ResponderRow* row =
        responder_for(message(figure.exchange, figure.required), figure.phase, Role::initiator);
    std::vector<PayloadType> types = figure.required;
    types.push_back(PayloadType::NOTIFY);
    types.push_back(PayloadType::VENDOR);
    std::ranges::sort(types);
    do {
      EXPECT_FALSE(check_payloads(row->required, message(figure.exchange, types)));
    } while (std::ranges::next_permutation(types).found);
  }
}

TEST(CheckPayloads, SinglePayloadsMayNotComeTwice) {
  for (PayloadType type :
       {PayloadType::SA, PayloadType::KE, PayloadType::IDi, PayloadType::IDr, PayloadType::AUTH,
        PayloadType::NONCE, PayloadType::TSi, PayloadType::TSr}) {
    const auto twice = message(ExchangeType::INFORMATIONAL, {type, PayloadType::NOTIFY, type});
    const auto reject = check_payloads({}, twice);
    ASSERT_TRUE(reject) << to_string(type);
    EXPECT_EQ(reject->notify, NotifyType::INVALID_SYNTAX);
    EXPECT_EQ(reject->why, to_string(type) + " twice in one message");
    EXPECT_FALSE(check_payloads({}, message(ExchangeType::INFORMATIONAL, {type})));
  }
}

TEST(CheckPayloads, OthersMayComeAsOftenAsTheyLike) {
  for (PayloadType type : {PayloadType::NOTIFY, PayloadType::DELETE, PayloadType::VENDOR,
                           PayloadType::CERT, PayloadType::CERTREQ}) {
    EXPECT_FALSE(check_payloads({}, message(ExchangeType::INFORMATIONAL, {type, type, type})))
        << to_string(type);
  }
}

}  // namespace
}  // namespace iked::ike
