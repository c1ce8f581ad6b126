// SPDX-License-Identifier: ISC
// A peer that does not keep to the protocol, before and after it proved who it is. Nothing it sends
// may bring in a stranger, take down another's tunnel, or leave anything behind.
#include <gtest/gtest.h>

#include "ike/choose.h"
#include "support/log_capture.h"
#include "support/rogue.h"
#include "wire/notify_data.h"

namespace iked::test {
namespace {

class RoguePeer : public ::testing::Test {
 protected:
  RoguePeer() : rogue(pair) {
    pair.policy_a().active = false;
    pair.start();
    pair.b->address = *IpAddress::parse("192.0.2.2");
    // The rogue takes a's place.
    pair.a->address = *IpAddress::parse("192.0.2.250");
  }

  bool ike_sa_is_up() const { return pair.b->established().size() == 1; }
  bool child_is_up() const { return pair.b->kernel.sas.size() == 2; }
  // The IKE SA answers an empty request: it is alive.
  bool answers(uint32_t id) {
    const auto answer = rogue.request(ExchangeType::INFORMATIONAL, id, {});
    return answer && answer->payloads.empty();
  }
  static wire::NotifyPayload notify(NotifyType type, Bytes data = {}) {
    return {type, ProtocolId::NONE, {}, std::move(data)};
  }

  LogCapture log;
  Pair pair;
  Rogue rogue;
};

// The rogue can be honest: what follows differs from this in one thing each. R024, R026
TEST_F(RoguePeer, HonestOneIsServed) {
  ASSERT_TRUE(rogue.connect()) << log.all();
  EXPECT_TRUE(ike_sa_is_up());
  EXPECT_TRUE(child_is_up());
  EXPECT_TRUE(answers(2));
  const auto answer = rogue.request(ExchangeType::INFORMATIONAL, 3,
                                    {notify(NotifyType{40000}), notify(NotifyType{8000})});
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->payloads.empty());
}

// ---- before IKE_AUTH

// R009, R025: nothing but IKE_AUTH is heard before it is through.
TEST_F(RoguePeer, NothingIsServedBeforeAuthentication) {
  for (ExchangeType exchange : {ExchangeType::CREATE_CHILD_SA, ExchangeType::INFORMATIONAL,
                                ExchangeType::IKE_SA_INIT, ExchangeType{38}, ExchangeType{0}}) {
    Pair fresh;
    fresh.policy_a().active = false;
    fresh.start();
    fresh.a->address = *IpAddress::parse("192.0.2.250");
    Rogue early(fresh);
    ASSERT_TRUE(early.init());
    early.request(exchange, 1, early.auth_payloads());
    EXPECT_TRUE(fresh.b->established().empty());
    EXPECT_TRUE(fresh.b->kernel.clean());
  }
}

// R001, R010: what stands in clear is not believed.
TEST_F(RoguePeer, IkeAuthInClearIsDropped) {
  ASSERT_TRUE(rogue.init());
  const Bytes clear =
      wire::encode_message(rogue.header(ExchangeType::IKE_AUTH, 1), rogue.auth_payloads());
  EXPECT_TRUE(rogue.send(clear).empty());
  EXPECT_TRUE(pair.b->established().empty());
  // And the half-open SA still takes the true one.
  EXPECT_TRUE(rogue.request(ExchangeType::IKE_AUTH, 1, rogue.auth_payloads()).has_value());
  EXPECT_TRUE(ike_sa_is_up());
}

TEST_F(RoguePeer, WrongKeyIsToldAuthenticationFailedAndNothingElse) {
  ASSERT_TRUE(rogue.init());
  const auto answer = rogue.request(ExchangeType::IKE_AUTH, 1, rogue.auth_payloads("guess"));
  ASSERT_TRUE(answer.has_value());
  ASSERT_EQ(answer->payloads.size(), 1U);
  EXPECT_NE(answer->find_notify(NotifyType::AUTHENTICATION_FAILED), nullptr);
  EXPECT_EQ(pair.b->engine->sa_count(), 0U);
  EXPECT_TRUE(pair.b->kernel.clean());
}

// R123, R187: another method, no proof, an empty proof, the wrong length.
TEST_F(RoguePeer, NoOtherProofIsTaken) {
  for (int kind = 0; kind < 6; ++kind) {
    Pair fresh;
    fresh.policy_a().active = false;
    fresh.start();
    fresh.a->address = *IpAddress::parse("192.0.2.250");
    Rogue liar(fresh);
    ASSERT_TRUE(liar.init());
    wire::Payloads payloads = liar.auth_payloads();
    auto& auth = std::get<wire::AuthPayload>(payloads[1]);
    switch (kind) {
      case 0:
        auth.method = AuthMethod::NULL_AUTH;
        break;
      case 1:
        auth.method = AuthMethod::RSA_SIGNATURE;
        break;
      case 2:
        auth.method = AuthMethod{0};
        break;
      case 3:
        auth.data.clear();
        break;
      case 4:
        auth.data.pop_back();
        break;
      default:
        payloads.erase(payloads.begin() + 1);
    }
    const auto answer = liar.request(ExchangeType::IKE_AUTH, 1, payloads);
    ASSERT_TRUE(answer.has_value()) << kind;
    EXPECT_NE(answer->find_error(), nullptr) << kind;
    EXPECT_EQ(answer->find<wire::AuthPayload>(), nullptr) << kind;
    EXPECT_TRUE(fresh.b->established().empty()) << kind;
    EXPECT_TRUE(fresh.b->kernel.clean()) << kind;
  }
}

// R163: payloads that are missing or there twice.
TEST_F(RoguePeer, MissingOrDoubledPayloadsOfIkeAuthEndTheAttempt) {
  for (size_t i = 0; i < 5; ++i) {
    for (const bool twice : {false, true}) {
      Pair fresh;
      fresh.policy_a().active = false;
      fresh.start();
      fresh.a->address = *IpAddress::parse("192.0.2.250");
      Rogue sloppy(fresh);
      ASSERT_TRUE(sloppy.init());
      wire::Payloads payloads = sloppy.auth_payloads();
      if (twice) {
        payloads.push_back(payloads[i]);
      } else {
        payloads.erase(payloads.begin() + static_cast<ptrdiff_t>(i));
      }
      const auto answer = sloppy.request(ExchangeType::IKE_AUTH, 1, payloads);
      ASSERT_TRUE(answer.has_value());
      EXPECT_NE(answer->find_error(), nullptr);
      EXPECT_TRUE(fresh.b->established().empty());
      EXPECT_TRUE(fresh.b->kernel.clean());
    }
  }
}

// R078: the order of payloads is no reason to refuse.
TEST_F(RoguePeer, PayloadsMayComeInAnyOrder) {
  ASSERT_TRUE(rogue.init());
  wire::Payloads payloads = rogue.auth_payloads();
  std::reverse(payloads.begin(), payloads.end());
  EXPECT_TRUE(rogue.request(ExchangeType::IKE_AUTH, 1, payloads).has_value());
  EXPECT_TRUE(ike_sa_is_up());
  EXPECT_TRUE(child_is_up());
}

TEST_F(RoguePeer, HalfOpenSaIsForgotten) {
  ASSERT_TRUE(rogue.init());
  EXPECT_EQ(pair.b->engine->sa_count(), 1U);
  pair.world.advance(31s);
  EXPECT_EQ(pair.b->engine->sa_count(), 0U);
}

// ---- first messages

TEST_F(RoguePeer, UselessFirstMessagesLeaveNothing) {
  const Bytes good = rogue.first_message();
  for (size_t length = 0; length < good.size(); ++length) {
    Bytes cut(good.begin(), good.begin() + static_cast<ptrdiff_t>(length));
    if (length >= wire::Header::size) {
      cut[26] = static_cast<uint8_t>(length >> 8);
      cut[27] = static_cast<uint8_t>(length);
    }
    rogue.send(cut);
  }
  EXPECT_EQ(pair.b->engine->sa_count(), 0U);
}

// R070, R072
TEST_F(RoguePeer, HigherMajorVersionIsToldOurs) {
  Bytes message = rogue.first_message();
  message[17] = 0x30;
  const auto answers = rogue.send(message);
  ASSERT_EQ(answers.size(), 1U);
  const auto answer = wire::parse_message(*wire::parse_header(answers[0]), answers[0]);
  EXPECT_NE(answer->find_notify(NotifyType::INVALID_MAJOR_VERSION), nullptr);
  EXPECT_EQ(answer->header.major, 2);
  EXPECT_EQ(pair.b->engine->sa_count(), 0U);
  // A higher minor version is nothing special.
  Bytes minor = rogue.first_message();
  minor[17] = 0x2f;
  EXPECT_EQ(rogue.send(minor).size(), 1U);
  EXPECT_EQ(pair.b->engine->sa_count(), 1U);
}

// D-003: IKEv1 gets no answer.
TEST_F(RoguePeer, OldVersionIsNotAnswered) {
  Bytes message = rogue.first_message();
  message[17] = 0x10;
  EXPECT_TRUE(rogue.send(message).empty());
}

// R033, R162: a response is never answered.
TEST_F(RoguePeer, ResponsesAreNeverAnswered) {
  Bytes message = rogue.first_message();
  message[19] |= 0x20;
  EXPECT_TRUE(rogue.send(message).empty());
  ASSERT_TRUE(rogue.connect());
  wire::Header header = rogue.header(ExchangeType::INFORMATIONAL, 2);
  header.response = true;
  EXPECT_TRUE(rogue.send(rogue.seal(header, {})).empty());
  EXPECT_TRUE(answers(2));
}

// R032, R036, R145: unknown SPIs get INVALID_IKE_SPI, with the SPIs copied, and not too often.
TEST_F(RoguePeer, UnknownSpisAreAnsweredRarely) {
  ASSERT_TRUE(rogue.connect());
  size_t count = 0;
  wire::Header header = rogue.header(ExchangeType::INFORMATIONAL, 9);
  for (uint64_t i = 0; i < 1000; ++i) {
    header.spi_r = IkeSpi{0xdead0000 + i};
    const auto answers = rogue.send(rogue.seal(header, {}));
    count += answers.size();
    if (i == 0) {
      ASSERT_EQ(answers.size(), 1U);
      const auto answer = wire::parse_message(*wire::parse_header(answers[0]), answers[0]);
      ASSERT_TRUE(answer.has_value());
      EXPECT_NE(answer->find_notify(NotifyType::INVALID_IKE_SPI), nullptr);
      EXPECT_EQ(answer->header.spi_r, header.spi_r);
      EXPECT_EQ(answer->header.spi_i, header.spi_i);
      EXPECT_EQ(answer->header.message_id.value, 9U);
      EXPECT_TRUE(answer->header.response);
    }
  }
  EXPECT_LE(count, 200U);  // 1000 messages in 10 simulated seconds
  EXPECT_TRUE(answers(2));
}

// ---- after IKE_AUTH

// R054, R057, R058: the window.
TEST_F(RoguePeer, OnlyTheNextMessageIdIsServed) {
  ASSERT_TRUE(rogue.connect());
  for (uint32_t id : {0U, 3U, 4U, 1000U, 0xffffffffU}) {
    EXPECT_FALSE(
        rogue.request(ExchangeType::INFORMATIONAL, id, {wire::DeletePayload{ProtocolId::IKE, {}}}))
        << id;
  }
  EXPECT_TRUE(ike_sa_is_up());
  EXPECT_TRUE(answers(2));
  EXPECT_TRUE(answers(2)) << "the same answer again";
  EXPECT_TRUE(answers(3));
  EXPECT_FALSE(answers(2)) << "too old";
}

// R027, R195
TEST_F(RoguePeer, DeleteOfTheChildNamesTheOtherHalf) {
  ASSERT_TRUE(rogue.connect());
  auto answer = rogue.request(ExchangeType::INFORMATIONAL, 2,
                              {wire::DeletePayload{ProtocolId::ESP, {ChildSpi{0x99999999}}}});
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->payloads.empty());
  EXPECT_TRUE(child_is_up());
  answer =
      rogue.request(ExchangeType::INFORMATIONAL, 3,
                    {wire::DeletePayload{ProtocolId::ESP, {rogue.child_spi, rogue.child_spi}}});
  ASSERT_TRUE(answer.has_value());
  ASSERT_NE(answer->find<wire::DeletePayload>(), nullptr);
  EXPECT_EQ(answer->find<wire::DeletePayload>()->spis,
            (std::vector<ChildSpi>{rogue.peer_child_spi}));
  EXPECT_TRUE(pair.b->kernel.clean());
  EXPECT_TRUE(answers(4));  // R017: the IKE SA lives on
}

// R012, R209: further children as many as there is room for; then NO_ADDITIONAL_SAS, and the IKE
// SA lives on.
TEST_F(RoguePeer, FurtherChildrenAreTakenUntilThereAreTooMany) {
  ASSERT_TRUE(rogue.connect());
  uint32_t id = 2;
  bool refused = false;
  for (; id < 400 && !refused; ++id) {
    const auto answer = rogue.request(
        ExchangeType::CREATE_CHILD_SA, id,
        {ike::build_first_child_offer(default_child(), ChildSpi{0xc2000000 + id}),
         wire::NoncePayload{Bytes(32, static_cast<uint8_t>(id))},
         wire::TsiPayload{{TrafficSelector::of(*IpPrefix::parse("10.1.0.0/24"))}, 0},
         wire::TsrPayload{{TrafficSelector::of(*IpPrefix::parse("10.2.0.0/24"))}, 0}});
    ASSERT_TRUE(answer.has_value());
    refused = answer->find_notify(NotifyType::NO_ADDITIONAL_SAS) != nullptr;
    if (!refused) ASSERT_NE(answer->find<wire::SaPayload>(), nullptr);
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(pair.b->kernel.sas.size(), 512U);
  EXPECT_EQ(pair.b->kernel.policies.size(), 3U);
  EXPECT_TRUE(pair.b->kernel.larval.empty());
  EXPECT_TRUE(answers(id));
}

// R021, R023: REKEY_SA names the child as the sender receives it; what is not there is said by
// name.
TEST_F(RoguePeer, RekeyNamesTheSendersInboundSpi) {
  ASSERT_TRUE(rogue.connect());
  const auto rekey = [&](uint32_t id, ChildSpi named) {
    return rogue.request(
        ExchangeType::CREATE_CHILD_SA, id,
        {wire::make_notify(NotifyType::REKEY_SA, wire::NamedChild{ProtocolId::ESP, named}),
         ike::build_first_child_offer(default_child(), ChildSpi{0xc2000000 + id}),
         wire::NoncePayload{Bytes(32, static_cast<uint8_t>(id))},
         wire::TsiPayload{{TrafficSelector::of(*IpPrefix::parse("10.1.0.0/24"))}, 0},
         wire::TsrPayload{{TrafficSelector::of(*IpPrefix::parse("10.2.0.0/24"))}, 0}});
  };
  auto answer = rekey(2, ChildSpi{0xdeadbeef});
  ASSERT_TRUE(answer.has_value());
  const auto* missing = answer->find_notify(NotifyType::CHILD_SA_NOT_FOUND);
  ASSERT_NE(missing, nullptr);
  EXPECT_EQ(wire::read_notify<wire::NamedChild>(*missing)->spi, ChildSpi{0xdeadbeef});
  EXPECT_TRUE(child_is_up());
  answer = rekey(3, rogue.child_spi);
  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->find<wire::SaPayload>(), nullptr);
  // The old pair, and the inbound half of the new one: b sends on it when we have shown that we
  // have it.
  EXPECT_EQ(pair.b->kernel.sas.size(), 3U);
  answer = rekey(4, rogue.child_spi);
  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->find_notify(NotifyType::TEMPORARY_FAILURE), nullptr);
  answer = rogue.request(ExchangeType::INFORMATIONAL, 5,
                         {wire::DeletePayload{ProtocolId::ESP, {rogue.child_spi}}});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
  EXPECT_TRUE(pair.b->kernel.larval.empty());
  EXPECT_TRUE(answers(6));
}

// R074, R075, R143: unknown payloads, with and without the critical bit.
TEST_F(RoguePeer, UnknownCriticalPayloadRejectsOnlyThatRequest) {
  ASSERT_TRUE(rogue.connect());
  const Bytes harmless = {0, 0, 0, 8, 1, 2, 3, 4};
  auto answers_to = rogue.send(
      rogue.seal_octets(rogue.header(ExchangeType::INFORMATIONAL, 2), PayloadType{200}, harmless));
  ASSERT_EQ(answers_to.size(), 1U);
  EXPECT_TRUE(rogue.open(answers_to[0])->payloads.empty());
  const Bytes critical = {0, 0x80, 0, 8, 1, 2, 3, 4};
  answers_to = rogue.send(
      rogue.seal_octets(rogue.header(ExchangeType::INFORMATIONAL, 3), PayloadType{200}, critical));
  ASSERT_EQ(answers_to.size(), 1U);
  const auto refusal = rogue.open(answers_to[0]);
  ASSERT_NE(refusal->find_notify(NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD), nullptr);
  EXPECT_EQ(refusal->find_notify(NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD)->data, (Bytes{200}));
  EXPECT_TRUE(answers(4));
}

// R142, R193: nonsense under a good ICV ends the SA, told by INVALID_SYNTAX.
TEST_F(RoguePeer, BrokenPayloadsEndTheSa) {
  ASSERT_TRUE(rogue.connect());
  const Bytes broken = {0, 0, 0, 200, 1, 2, 3, 4};
  const auto got = rogue.send(
      rogue.seal_octets(rogue.header(ExchangeType::INFORMATIONAL, 2), PayloadType::NOTIFY, broken));
  ASSERT_EQ(got.size(), 1U);
  EXPECT_NE(rogue.open(got[0])->find_notify(NotifyType::INVALID_SYNTAX), nullptr);
  EXPECT_TRUE(pair.b->established().empty());
  EXPECT_TRUE(pair.b->kernel.clean());
}

// R160: the flags must be the sender's.
TEST_F(RoguePeer, WrongFlagsAreDropped) {
  ASSERT_TRUE(rogue.connect());
  wire::Header header = rogue.header(ExchangeType::INFORMATIONAL, 2);
  header.from_initiator = false;
  rogue.send(rogue.seal(header, {wire::DeletePayload{ProtocolId::IKE, {}}}));
  EXPECT_TRUE(ike_sa_is_up());
  header = rogue.header(ExchangeType::INFORMATIONAL, 2);
  header.spi_i = IkeSpi{42};
  rogue.send(rogue.seal(header, {wire::DeletePayload{ProtocolId::IKE, {}}}));
  EXPECT_TRUE(ike_sa_is_up());
  EXPECT_TRUE(answers(2));
}

// R034: an unprotected message changes nothing.
TEST_F(RoguePeer, UnprotectedDeleteIsNothing) {
  ASSERT_TRUE(rogue.connect());
  rogue.send(wire::encode_message(rogue.header(ExchangeType::INFORMATIONAL, 2),
                                  {wire::DeletePayload{ProtocolId::IKE, {}}}));
  rogue.send(wire::encode_message(rogue.header(ExchangeType::INFORMATIONAL, 2),
                                  {notify(NotifyType::AUTHENTICATION_FAILED)}));
  EXPECT_TRUE(ike_sa_is_up());
  EXPECT_TRUE(answers(2));
}

// R065: INITIAL_CONTACT of one peer is nothing to another's tunnel.
TEST_F(RoguePeer, InitialContactOnlySpeaksForItsOwnId) {
  pair.config_b.policies[0].peer = AnyHost{};
  Policy other = pair.policy_b();
  other.name = "for-c";
  other.peer_id = *Identity::parse("c.example.com");
  other.flows = {{{host("10.2.0.0/24"), 0}, {host("10.3.0.0/24"), 0}}};
  pair.config_b.policies.push_back(other);
  pair.b->reload(pair.config_b);
  ASSERT_TRUE(rogue.connect());
  Rogue second(pair);
  second.id = *Identity::parse("c.example.com");
  second.spi_i = IkeSpi{77};
  second.child_spi = ChildSpi{0xc1000077};
  ASSERT_TRUE(second.init());
  wire::Payloads payloads = second.auth_payloads();
  std::get<wire::TsiPayload>(payloads[3]).selectors = {
      TrafficSelector::of(*IpPrefix::parse("10.3.0.0/24"))};
  payloads.push_back(notify(NotifyType::INITIAL_CONTACT));
  ASSERT_TRUE(second.request(ExchangeType::IKE_AUTH, 1, payloads).has_value());
  EXPECT_EQ(pair.b->established().size(), 2U) << log.all();
  EXPECT_EQ(pair.b->kernel.sas.size(), 4U);
}

// R216: the flows belong to the policy of the proven ID.
TEST_F(RoguePeer, OtherNetworksAreNotGiven) {
  ASSERT_TRUE(rogue.init());
  wire::Payloads payloads = rogue.auth_payloads();
  std::get<wire::TsiPayload>(payloads[3]).selectors = {
      TrafficSelector::of(*IpPrefix::parse("10.77.0.0/24"))};
  const auto answer = rogue.request(ExchangeType::IKE_AUTH, 1, payloads);
  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->find_notify(NotifyType::TS_UNACCEPTABLE), nullptr);
  EXPECT_NE(answer->find<wire::AuthPayload>(), nullptr);  // R004: the IKE SA is up
  EXPECT_TRUE(answers(2));
  EXPECT_TRUE(pair.b->kernel.clean());
}

// R137, R196: no version is told, vendor IDs mean nothing.
TEST_F(RoguePeer, VendorIdsAreIgnored) {
  ASSERT_TRUE(rogue.init());
  wire::Payloads payloads = rogue.auth_payloads();
  for (uint8_t i = 0; i < 20; ++i) payloads.push_back(wire::VendorPayload{Bytes(i, i)});
  ASSERT_TRUE(rogue.request(ExchangeType::IKE_AUTH, 1, payloads).has_value());
  EXPECT_TRUE(child_is_up());
}

// R202: no IV comes twice under a key.
TEST_F(RoguePeer, IvsAreUnique) {
  ASSERT_TRUE(rogue.connect());
  std::set<Bytes> ivs;
  for (uint32_t id = 2; id < 2000; ++id) ASSERT_TRUE(answers(id));
  for (const Datagram& datagram : pair.world.sent) {
    if (header_of(datagram).next_payload != PayloadType::SK) continue;
    const ByteView iv = ByteView(datagram.octets).subspan(wire::Header::size + 4, 8);
    EXPECT_TRUE(ivs.insert(to_bytes(iv)).second);
  }
  EXPECT_GE(ivs.size(), 1999U);
}

}  // namespace
}  // namespace iked::test
