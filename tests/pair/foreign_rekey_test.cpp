// SPDX-License-Identifier: ISC
// What Windows, macOS, iOS and routers are reported to do when new keys are due, and how tunnels
// ended by it elsewhere. Here they go on. The reports are public ones of strongSwan's, libreswan's
// and VPN scripts' users; the messages are made after them.
#include <gtest/gtest.h>

#include "crypto/algorithms.h"
#include "ike/choose.h"
#include "support/log_capture.h"
#include "support/rogue.h"
#include "support/scripted_responder.h"
#include "wire/notify_data.h"

namespace iked::test {
namespace {

Bytes spi_octets(uint32_t spi) {
  Bytes octets;
  put_u32(octets, spi);
  return octets;
}

/// A key exchange of the caller's.
struct Exchange {
  explicit Exchange(KeId g) : group(g), secret(Bytes(crypto::ike_ke(g)->random, 0x17)) {
    payload = {
        group,
        ike::run(ike::KeyExchangeJob{group, secret.duplicate(), std::nullopt})->public_value};
  }
  KeId group;
  SecretBytes secret;
  wire::KePayload payload;
};

class ForeignRekey : public ::testing::Test {
 protected:
  ForeignRekey() : client(pair) { pair.policy_a().active = false; }

  // The client calls and has its tunnel.
  void connect() {
    pair.start();
    pair.a->address = *IpAddress::parse("192.0.2.250");
    ASSERT_TRUE(client.connect()) << log.all();
  }
  /// [N(REKEY_SA)], SA, Ni, ..., TSi, TSr
  wire::Payloads child_request(const std::vector<Proposal>& offer, uint32_t spi) {
    return {wire::make_notify(NotifyType::REKEY_SA,
                              wire::NamedChild{ProtocolId::ESP, client.child_spi}),
            ike::build_offer(offer, spi_octets(spi)), wire::NoncePayload{Bytes(32, 7)},
            wire::TsiPayload{{TrafficSelector::of(*IpPrefix::parse("10.1.0.0/24"))}, 0},
            wire::TsrPayload{{TrafficSelector::of(*IpPrefix::parse("10.2.0.0/24"))}, 0}};
  }
  /// The client deletes the old child; the new one is all there is, in both directions.
  void expect_new_child(uint32_t spi, uint32_t next_id) {
    client.request(ExchangeType::INFORMATIONAL, next_id,
                   {wire::DeletePayload{ProtocolId::ESP, {client.child_spi}}});
    ASSERT_EQ(pair.b->established().size(), 1U) << log.all();
    const auto children = pair.b->established()[0].children;
    ASSERT_EQ(children.size(), 1U) << log.all();
    EXPECT_EQ(children[0].spi_out, spi);
    EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
    EXPECT_EQ(pair.b->kernel.policies.size(), 3U);
  }

  LogCapture log;
  Pair pair;
  Rogue client;
};

// Windows 10 after 57 minutes: N(REKEY_SA), SA, Ni, TSi, TSr with the one suite in use and no
// group, where the gateway's proposals begin with groups.
TEST_F(ForeignRekey, WindowsWithoutPfsIsServedByAPolicyThatHasGroupNone) {
  pair.policy_b().child_proposals[0].ke = {KeId::ECP_384, KeId::NONE};
  connect();
  const auto answer =
      client.request(ExchangeType::CREATE_CHILD_SA, 2, child_request(default_child(), 0xc2000001));
  ASSERT_TRUE(answer && answer->find<wire::SaPayload>()) << log.all();
  EXPECT_EQ(answer->find<wire::KePayload>(), nullptr);
  expect_new_child(0xc2000001, 3);
}

// Windows told to use PFS384: a group at the rekey that the gateway's childsa does not have.
TEST_F(ForeignRekey, WindowsWithPfsIsServedByAPolicyWithoutGroups) {
  for (Policy* policy : {&pair.policy_a(), &pair.policy_b()}) {
    policy->ike_proposals[0].ke.push_back(KeId::ECP_384);
  }
  connect();
  std::vector<Proposal> offer = default_child();
  offer[0].ke = {KeId::ECP_384};
  const Exchange ke(KeId::ECP_384);
  wire::Payloads request = child_request(offer, 0xc2000002);
  request.push_back(ke.payload);
  const auto answer = client.request(ExchangeType::CREATE_CHILD_SA, 2, request);
  ASSERT_TRUE(answer && answer->find<wire::SaPayload>()) << log.all();
  ASSERT_NE(answer->find<wire::KePayload>(), nullptr);
  EXPECT_EQ(answer->find<wire::KePayload>()->group, KeId::ECP_384);
  expect_new_child(0xc2000002, 3);
}

// Routers ask for an address once more when they rekey: CP beside the rest. It is not ours to
// refuse.
TEST_F(ForeignRekey, RequestForAnAddressBesideARekeyIsPassedOver) {
  connect();
  wire::Payloads request = child_request(default_child(), 0xc2000003);
  request.push_back(wire::CpPayload{CfgType::CFG_REQUEST, {}});
  const auto answer = client.request(ExchangeType::CREATE_CHILD_SA, 2, request);
  ASSERT_TRUE(answer && answer->find<wire::SaPayload>()) << log.all();
  expect_new_child(0xc2000003, 3);
}

// macOS rekeys the IKE SA with the group of its profile alone, which is another than the first
// one's.
TEST_F(ForeignRekey, IkeSaMayBeRekeyedWithAnotherGroupAlone) {
  connect();
  std::vector<Proposal> offer = default_ike();
  offer[0].ke = {KeId::ECP_256};
  offer[0].encr = {{EncrId::AES_GCM_16, 256}};
  offer[0].prf = {PrfId::HMAC_SHA2_256};
  const Exchange ke(KeId::ECP_256);
  const IkeSpi fresh{0x7777777777777777};
  Bytes spi;
  put_u64(spi, fresh.value);
  const Bytes nonce(32, 9);
  const auto answer =
      client.request(ExchangeType::CREATE_CHILD_SA, 2,
                     {ike::build_offer(offer, spi), wire::NoncePayload{nonce}, ke.payload});
  ASSERT_TRUE(answer && answer->find<wire::KePayload>()) << log.all();
  const auto shared = ike::run(ike::KeyExchangeJob{KeId::ECP_256, ke.secret.duplicate(),
                                                   answer->find<wire::KePayload>()->data, false});
  uint64_t theirs = 0;
  for (uint8_t octet : answer->find<wire::SaPayload>()->proposals[0].spi)
    theirs = theirs << 8 | octet;
  // HDR(old), SK {D} -->
  client.request(ExchangeType::INFORMATIONAL, 3, {wire::DeletePayload{ProtocolId::IKE, {}}});
  IkeSuite suite = client.suite;
  suite.ke = KeId::ECP_256;
  client.keys = crypto::derive_rekeyed_ike_keys(
      suite, suite.prf, client.keys.sk_d(), shared->shared, nonce,
      answer->find<wire::NoncePayload>()->nonce, fresh, IkeSpi{theirs});
  client.spi_i = fresh;
  client.spi_r = IkeSpi{theirs};
  ASSERT_EQ(pair.b->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.b->established()[0].spi_i, fresh.value);
  EXPECT_EQ(pair.b->established()[0].children.size(), 1U);
  EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
  // And it is alive: HDR(new), SK {} -->
  EXPECT_TRUE(client.request(ExchangeType::INFORMATIONAL, 0, {}).has_value());
}

// iOS after 8 minutes: a whole new IKE SA with the same ID and flows, and then the Delete of the
// old one. That must not take the new tunnel's policies along.
TEST_F(ForeignRekey, NewIkeSaInThePlaceOfTheOldOneKeepsTheFlows) {
  connect();
  Rogue again(pair);
  again.spi_i = IkeSpi{0x8888888888888888};
  again.nonce_i = Bytes(32, 0x33);
  again.child_spi = ChildSpi{0xc1000002};
  ASSERT_TRUE(again.connect()) << log.all();
  EXPECT_EQ(pair.b->established().size(), 2U);
  EXPECT_EQ(pair.b->kernel.policies.size(), 3U);
  client.request(ExchangeType::INFORMATIONAL, 2, {wire::DeletePayload{ProtocolId::IKE, {}}});
  ASSERT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(pair.b->kernel.policies.size(), 3U);
  ASSERT_EQ(pair.b->kernel.sas.size(), 2U);
  for (const auto& [key, sa] : pair.b->kernel.sas) {
    if (!sa.inbound) EXPECT_EQ(key.spi, again.child_spi);
  }
  EXPECT_TRUE(again.request(ExchangeType::INFORMATIONAL, 2, {}).has_value());
}

// And with the two in the other order: the old one goes first, the new one comes a moment later.
TEST_F(ForeignRekey, ClientThatLeavesAndComesBackIsServed) {
  connect();
  client.request(ExchangeType::INFORMATIONAL, 2, {wire::DeletePayload{ProtocolId::IKE, {}}});
  EXPECT_TRUE(pair.b->kernel.clean());
  Rogue again(pair);
  again.spi_i = IkeSpi{0x8888888888888888};
  ASSERT_TRUE(again.connect()) << log.all();
  EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
}

// Sleep, another network, sleep: whoever comes back after hours without a word gets in, and what it
// left is cleared away.
TEST_F(ForeignRekey, ClientThatWokeUpElsewhereGetsInAndItsOldSaGoes) {
  connect();
  pair.world.advance(20min);  // its DPD went unanswered
  EXPECT_TRUE(pair.b->sas().empty());
  Rogue again(pair);
  again.spi_i = IkeSpi{0x9999999999999999};
  ASSERT_TRUE(again.connect()) << log.all();
  EXPECT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(pair.b->kernel.sas.size(), 2U);
}

// ---- we ask

class ForeignResponder : public ::testing::Test {
 protected:
  // The first child, and at a rekey what `at_rekey` says.
  void connect(const std::function<wire::Payloads(const wire::Message&)>& at_rekey) {
    pair.start();
    peer = std::make_unique<ScriptedResponder>(pair);
    peer->answer = [this, at_rekey](const wire::Message& request) -> std::optional<wire::Payloads> {
      if (request.header.exchange == ExchangeType::CREATE_CHILD_SA) return at_rekey(request);
      return peer->child(request);
    };
    pair.world.advance(1s);
    ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
  }
  void soft_expiry() {
    for (const auto& [key, sa] : std::map(pair.a->kernel.sas)) {
      if (sa.inbound) pair.a->kernel_event(ExpireEvent{key, false});
    }
    pair.world.advance(10s);
  }

  LogCapture log;
  Pair pair;
  std::unique_ptr<ScriptedResponder> peer;
};

// Windows answers an offer with groups, `group none` among them, with NO_PROPOSAL_CHOSEN.
TEST_F(ForeignResponder, OfferWithGroupsThatIsRefusedIsMadeWithoutThem) {
  pair.policy_a().child_proposals[0].ke = {KeId::CURVE25519, KeId::NONE};
  connect([this](const wire::Message& request) {
    if (request.find<wire::KePayload>() != nullptr) {
      return ScriptedResponder::refusal(NotifyType::NO_PROPOSAL_CHOSEN);
    }
    return peer->child(request);
  });
  const uint32_t before = pair.a->established()[0].children[0].spi_in;
  soft_expiry();
  ASSERT_EQ(pair.a->established().size(), 1U);
  ASSERT_EQ(pair.a->established()[0].children.size(), 1U) << log.all();
  EXPECT_NE(pair.a->established()[0].children[0].spi_in, before);
  EXPECT_EQ(peer->count(ExchangeType::IKE_AUTH), 1U);
}

// Where the policy insists on PFS it is not given up: a new IKE SA has new keys, too.
TEST_F(ForeignResponder, PfsThatThePolicyInsistsOnIsNotGivenUp) {
  pair.policy_a().child_proposals[0].ke = {KeId::CURVE25519};
  size_t without = 0;
  connect([&](const wire::Message& request) {
    if (request.find<wire::KePayload>() == nullptr) ++without;
    return ScriptedResponder::refusal(NotifyType::NO_PROPOSAL_CHOSEN);
  });
  soft_expiry();
  EXPECT_EQ(without, 0U);
  EXPECT_EQ(peer->count(ExchangeType::IKE_AUTH), 2U);
  EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
}

// A peer that refuses both ways is not asked in turns for ever.
TEST_F(ForeignResponder, WhoRefusesWithAndWithoutPfsIsAskedThreeTimesAtMost) {
  for (const bool with_group : {true, false}) {
    pair = Pair();
    if (with_group) pair.policy_a().child_proposals[0].ke = {KeId::CURVE25519, KeId::NONE};
    connect([](const wire::Message&) {
      return ScriptedResponder::refusal(NotifyType::NO_PROPOSAL_CHOSEN);
    });
    soft_expiry();
    EXPECT_LE(peer->count(ExchangeType::CREATE_CHILD_SA), 3U);
    EXPECT_EQ(peer->count(ExchangeType::IKE_AUTH), 2U);
  }
}

// Who knows one group only, and says NO_PROPOSAL_CHOSEN instead of INVALID_KE_PAYLOAD to another:
// the rekey of the IKE SA begins with the group that was good the last time.
TEST_F(ForeignResponder, IkeSaIsRekeyedWithTheGroupInUse) {
  std::optional<KeId> offered;
  connect([&](const wire::Message& request) {
    offered = request.find<wire::KePayload>()->group;
    return ScriptedResponder::refusal(NotifyType::TEMPORARY_FAILURE);
  });
  pair.a->command(ike::RekeySas{});
  pair.world.advance(1s);
  EXPECT_EQ(offered, KeId::CURVE25519);
}

// A line that is down for a day: active means kept up, for ever.
TEST_F(ForeignResponder, TunnelIsBackSoonAfterALongOutage) {
  connect([this](const wire::Message& request) { return peer->child(request); });
  pair.world.link.loss = 1;
  auto listens = std::exchange(pair.world.on_the_way, nullptr);
  pair.world.advance(24h);
  EXPECT_TRUE(pair.a->established().empty());
  EXPECT_TRUE(pair.a->kernel.clean());
  pair.world.link.loss = 0;
  pair.world.on_the_way = listens;
  pair.world.advance(100s);  // a try every minute, and its first message may have gone before
  EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
}

}  // namespace
}  // namespace iked::test
