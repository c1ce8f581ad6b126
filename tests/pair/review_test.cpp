// SPDX-License-Identifier: ISC
// What a reader with bad intentions tried: proofs handed back, answers that never end, floods that
// keep us from calling, and moments at which two things happen at once.
#include <gtest/gtest.h>

#include "crypto/algorithms.h"
#include "crypto/keys.h"
#include "ike/choose.h"
#include "support/log_capture.h"
#include "support/rogue.h"

namespace iked::test {
namespace {

// Answers a's call in b's place, without the pre-shared key.
class Impostor {
 public:
  explicit Impostor(Pair& pair) : pair_(pair) {
    pair_.world.real_key_exchange = true;
    pair_.b->address = *IpAddress::parse("192.0.2.250");
  }

  // <-- HDR(A,B), SAr1, KEr, Nr: an impostor can do that much with anybody.
  void answer_init(const Bytes& request) {
    const auto header = *wire::parse_header(request);
    const auto message = *wire::parse_message(header, request);
    SecretBytes random(crypto::ike_ke(suite_.ke)->random);
    SeededRng(7).fill(random.reveal_writable());
    auto ke = ike::run(
        ike::KeyExchangeJob{suite_.ke, std::move(random), message.find<wire::KePayload>()->data});
    const Bytes nonce(32, 0x22);
    spi_i_ = header.spi_i;
    keys_ = crypto::derive_ike_keys(suite_, ke->shared, message.find<wire::NoncePayload>()->nonce,
                                    nonce, spi_i_, spi_r_);
    wire::ProposalPayload chosen = message.find<wire::SaPayload>()->proposals.at(0);
    chosen.transforms = {{TransformType::ENCR, static_cast<uint16_t>(suite_.encr.id), 256, false},
                         {TransformType::PRF, static_cast<uint16_t>(suite_.prf), {}, false},
                         {TransformType::KE, static_cast<uint16_t>(suite_.ke), {}, false}};
    wire::Header answer = header;
    answer.spi_r = spi_r_;
    answer.response = true;
    answer.from_initiator = false;
    deliver(wire::encode_message(
        answer, {wire::SaPayload{{chosen}}, wire::KePayload{suite_.ke, std::move(ke->public_value)},
                 wire::NoncePayload{nonce}}));
  }

  // What a sealed for us.
  wire::Message open(Bytes octets) {
    const auto header = *wire::parse_header(octets);
    return *wire::open_message(header, octets,
                               {suite_.encr, suite_.integ, keys_.sk_ei(), keys_.sk_ai()});
  }

  void request(ExchangeType exchange, uint32_t id, const wire::Payloads& payloads) {
    wire::Header header;
    header.spi_i = spi_i_;
    header.spi_r = spi_r_;
    header.exchange = exchange;
    header.message_id = MessageId{id};
    Bytes iv;
    put_u64(iv, iv_++);
    deliver(wire::seal_message(header, payloads,
                               {suite_.encr, suite_.integ, keys_.sk_er(), keys_.sk_ar()}, iv));
  }

 private:
  void deliver(Bytes octets) {
    pair_.world.inject(
        {{pair_.a->address, 500}, {*IpAddress::parse("192.0.2.2"), 500}, false, std::move(octets)});
    pair_.world.settle();
  }

  Pair& pair_;
  IkeSuite suite_{{EncrId::AES_GCM_16, 256}, PrfId::HMAC_SHA2_256, IntegId::NONE, KeId::CURVE25519};
  crypto::IkeKeys keys_;
  IkeSpi spi_i_;
  IkeSpi spi_r_{0x99};
  uint64_t iv_ = 0;
};

// RFC7296 2.15: a's proof, sent back to it in an IKE_AUTH request of the responder, covers exactly
// what a would check there.
TEST(Review, OurOwnProofHandedBackIsNoProof) {
  LogCapture log;
  Pair pair;
  pair.policy_a().peer_id.reset();  // the usual case: the psk says who it is
  pair.start();
  Impostor impostor(pair);
  pair.world.settle();
  ASSERT_EQ(pair.world.sent.size(), 1U);
  impostor.answer_init(pair.world.sent[0].octets);
  ASSERT_EQ(pair.world.sent.size(), 2U) << log.all();
  const wire::Message auth = impostor.open(pair.world.sent[1].octets);
  ASSERT_NE(auth.find<wire::AuthPayload>(), nullptr);

  impostor.request(ExchangeType::IKE_AUTH, 0,
                   {wire::IdiPayload{auth.find<wire::IdiPayload>()->identity, {}},
                    *auth.find<wire::AuthPayload>(),
                    ike::build_first_child_offer(default_child(), ChildSpi{0xc1000001}),
                    wire::TsiPayload{{TrafficSelector::of(*IpPrefix::parse("10.2.0.0/24"))}, 0},
                    wire::TsrPayload{{TrafficSelector::of(*IpPrefix::parse("10.1.0.0/24"))}, 0}});
  EXPECT_TRUE(pair.a->established().empty()) << log.all();
  EXPECT_TRUE(pair.a->kernel.sas.empty());
  EXPECT_TRUE(pair.a->kernel.policies.empty());
}

// A responder's first request may overtake its IKE_AUTH response, or come while that is being
// checked: no reason to give up, it comes again.
TEST(Review, RequestBeforeTheProofIsLeftForLater) {
  Pair pair;
  pair.start();
  Impostor impostor(pair);
  pair.world.settle();
  impostor.answer_init(pair.world.sent[0].octets);
  ASSERT_EQ(pair.world.sent.size(), 2U);
  impostor.request(ExchangeType::INFORMATIONAL, 0, {});
  impostor.request(ExchangeType::INFORMATIONAL, 0, {wire::DeletePayload{ProtocolId::IKE, {}}});
  EXPECT_EQ(pair.world.sent.size(), 2U);
  ASSERT_EQ(pair.a->sas().size(), 1U);
  EXPECT_EQ(pair.a->sas()[0].state, "AUTH");
}

// Refusals of our call in clear, which anybody can send: the administrator hears of one at once,
// and of one more when the try is over.
TEST(Review, ForgedRefusalsAreOneWarningForEachTry) {
  LogCapture log;
  Pair pair;
  pair.start();
  pair.b->address = *IpAddress::parse("192.0.2.250");
  pair.world.settle();
  ASSERT_EQ(pair.world.sent.size(), 1U);
  wire::Header header = header_of(pair.world.sent[0]);
  header.response = true;
  header.from_initiator = false;
  for (int i = 0; i < 300; ++i) {
    const auto notify = i % 2 == 0 ? NotifyType::NO_PROPOSAL_CHOSEN : NotifyType::INVALID_SYNTAX;
    pair.world.inject(
        {{pair.a->address, 500},
         {*IpAddress::parse("192.0.2.2"), 500},
         false,
         wire::encode_message(header, {wire::NotifyPayload{notify, ProtocolId::NONE, {}, {}}})});
    pair.world.advance(50ms);
  }
  EXPECT_EQ(log.count({"warning: "}), 1U) << log.all();
  EXPECT_EQ(log.count({"warning: ", "policy \"to-b\"", "NO_PROPOSAL_CHOSEN", "iked.conf:1"}), 1U);
  pair.world.advance(16s);
  EXPECT_EQ(log.count({"warning: ", "no IKE SA"}), 1U) << log.all();
  EXPECT_EQ(log.count({"warning: "}), 2U) << log.all();
}

// The time of a liveness check comes while a Delete waits for an answer.
TEST(Review, LivenessIsNoMatterWhileClosing) {
  Pair pair;
  pair.connect();
  pair.world.advance(45s);
  pair.world.link.loss = 1;
  pair.a->command(ike::ResetSas{});
  pair.world.advance(29s);
  ASSERT_FALSE(pair.a->sas().empty());
  EXPECT_EQ(pair.a->sas()[0].state, "CLOSING");
  pair.world.advance(10s);
  EXPECT_TRUE(pair.a->kernel.clean());
}

// The checks are turned off while one is planned.
TEST(Review, ReloadMayEndLivenessChecks) {
  Pair pair;
  pair.connect();
  pair.config_a.dpd_check_interval = 0s;
  pair.a->reload(pair.config_a);
  pair.world.link.loss = 1;
  pair.world.advance(300s);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

// And they are turned on for the SAs that are there, or come more often.
TEST(Review, ReloadMayBeginLivenessChecks) {
  for (const auto before : {0s, 3600s}) {
    Pair pair;
    pair.config_a.dpd_check_interval = pair.config_b.dpd_check_interval = before;
    pair.connect();
    pair.config_a.dpd_check_interval = 30s;
    pair.a->reload(pair.config_a);
    pair.world.advance(20s);
    // A reload that does not change it puts nothing off.
    pair.a->reload(pair.config_a);
    pair.world.sent.clear();
    pair.world.advance(11s);
    EXPECT_EQ(pair.world.sent.size(), 2U) << before.count();
    pair.world.link.loss = 1;
    pair.world.advance(120s);
    EXPECT_TRUE(pair.a->established().empty()) << before.count();
  }
}

// A peer that answers each Delete with nonsense is not told again and again.
TEST(Review, BrokenAnswerToOurDeleteEndsTheSa) {
  Pair pair;
  pair.policy_a().active = false;
  pair.start();
  pair.b->address = *IpAddress::parse("192.0.2.2");
  pair.a->address = *IpAddress::parse("192.0.2.250");
  Rogue rogue(pair);
  ASSERT_TRUE(rogue.connect());
  // An exchange of b's that goes well, so that the Delete is not its first request.
  pair.b->kernel_event(MappingEvent{pair.b->kernel.sas.begin()->first, {}});
  pair.world.settle();
  wire::Header header = rogue.header(ExchangeType::INFORMATIONAL, 0);
  header.response = true;
  rogue.send(rogue.seal(header, {}));
  pair.b->command(ike::ResetSas{});
  pair.world.settle();
  header.message_id = MessageId{1};
  const Bytes broken = {0, 0, 0, 200, 1, 2, 3, 4};
  EXPECT_TRUE(rogue.send(rogue.seal_octets(header, PayloadType::NOTIFY, broken)).empty());
  EXPECT_EQ(pair.b->engine->sa_count(), 0U);
  EXPECT_TRUE(pair.b->kernel.clean());
}

// A look-up that another one has overtaken finds its policy gone.
TEST(Review, OvertakenLookUpOfARemovedPolicyIsForgotten) {
  Pair pair;
  pair.policy_a().active = false;
  pair.policy_b().active = true;
  pair.policy_b().flows = {{{host("10.9.0.0/24"), 0}, {host("10.8.0.0/24"), 0}}};
  pair.start();
  pair.world.look_up_takes = 20s;
  pair.policy_a().active = true;
  pair.a->reload(pair.config_a);
  pair.world.advance(5s);  // b has called, its child was refused, and a looks up once more
  ASSERT_EQ(pair.a->established().size(), 1U);
  pair.a->reload(config_of({}));
  pair.world.advance(60s);
  EXPECT_EQ(pair.a->engine->sa_count(), 0U);
}

// The peer calls while we look up its address: one tunnel is enough.
TEST(Review, LookUpThatThePeersCallHasOvertakenCallsNobody) {
  Pair pair;
  pair.policy_a().active = false;
  pair.policy_b().active = true;
  pair.start();
  pair.world.look_up_takes = 20s;
  pair.policy_a().active = true;
  pair.a->reload(pair.config_a);
  pair.world.advance(5s);
  ASSERT_EQ(pair.a->established().size(), 1U);
  const size_t before = pair.world.sent.size();
  pair.world.advance(20s);
  EXPECT_EQ(pair.world.sent.size(), before);
  EXPECT_EQ(pair.a->policy("to-b")->state, "up");
}

// Many policies for whoever comes, and flows that tell them apart. That is looked at before the
// peer has proven anything, so there is an end to it when it names very many selectors.
TEST(Review, SelectorsOfAStrangerAreLookedAtWithinLimits) {
  for (const size_t selectors : {1U, 3U, 255U}) {
    Pair pair;
    pair.policy_a().active = false;
    pair.policy_b().peer = AnyHost{};
    pair.policy_b().peer_id.reset();
    // The last one in the file is asked first.
    for (int i = 0; i < 1000; ++i) {
      Policy other = pair.policy_b();
      other.name = fmt::format("other-{}", i);
      other.flows[0].remote.host = host(fmt::format("172.{}.{}.0/24", 16 + i / 256, i % 256));
      pair.config_b.policies.push_back(std::move(other));
    }
    pair.start();
    pair.b->address = *IpAddress::parse("192.0.2.2");
    pair.a->address = *IpAddress::parse("192.0.2.250");
    Rogue rogue(pair);
    ASSERT_TRUE(rogue.init());
    wire::Payloads payloads = rogue.auth_payloads();
    for (wire::Payload& payload : payloads) {
      if (auto* tsi = std::get_if<wire::TsiPayload>(&payload)) {
        tsi->selectors.resize(selectors, tsi->selectors[0]);
      } else if (auto* tsr = std::get_if<wire::TsrPayload>(&payload)) {
        tsr->selectors.resize(selectors, tsr->selectors[0]);
      }
    }
    rogue.request(ExchangeType::IKE_AUTH, 1, payloads);
    ASSERT_EQ(pair.b->established().size(), 1U) << selectors;
    const bool found = pair.b->established()[0].policy == "to-a";
    EXPECT_EQ(found, selectors < 255) << pair.b->established()[0].policy;
    EXPECT_EQ(pair.b->established()[0].children.size(), found ? 1U : 0U);
  }
}

// b has no time for a key exchange: it says nothing, keeps nothing, and wants a cookie from then
// on.
TEST(Review, BusyResponderIsSilentAndAskedAgain) {
  LogCapture log;
  Pair pair;
  pair.start();
  pair.b->refuse_key_exchanges = 1;
  pair.world.settle();
  // HDR(A,0), SAi1, KEi, Ni -->
  EXPECT_EQ(pair.world.sent.size(), 1U) << log.all();
  EXPECT_EQ(pair.b->engine->sa_count(), 0U);
  pair.world.advance(1500ms);
  // HDR(A,0), SAi1, KEi, Ni -->
  // <-- HDR(A,0), N(COOKIE)
  // HDR(A,0), N(COOKIE), SAi1, KEi, Ni --> and so on
  ASSERT_GE(pair.world.sent.size(), 4U);
  const Bytes& octets = pair.world.sent[2].octets;
  const auto answer = wire::parse_message(*wire::parse_header(octets), octets);
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->find_notify(NotifyType::COOKIE), nullptr);
  EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
  EXPECT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(log.count({"warning: "}), 0U) << log.all();
}

// a has no time for one: before it has called, or when the answer is there.
TEST(Review, BusyInitiatorTriesAgainLater) {
  for (const bool called : {false, true}) {
    LogCapture log;
    Pair pair;
    pair.before_start = [&](Pair& p) { p.a->refuse_key_exchanges = called ? 0 : 1; };
    pair.start();
    if (called) {
      pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
        if (datagram.local.address == pair.b->address) {
          pair.a->refuse_key_exchanges = 1;
          pair.world.on_the_way = {};
        }
        return datagram;
      };
    }
    pair.world.settle();
    EXPECT_TRUE(pair.a->established().empty());
    EXPECT_EQ(pair.a->engine->sa_count(), 0U);
    EXPECT_EQ(pair.a->policy("to-b")->last_error, "too busy");
    EXPECT_EQ(log.count({"warning: ", "policy \"to-b\"", "too busy"}), 1U) << log.all();
    EXPECT_TRUE(pair.a->kernel.clean());
    pair.world.advance(3s);
    EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
  }
}

// The public value is none at all: that is told.
TEST(Review, BadPublicValueIsRefused) {
  Pair pair;
  pair.world.real_key_exchange = true;
  pair.policy_a().active = false;
  pair.start();
  wire::Header header;
  header.spi_i = IkeSpi{1};
  header.exchange = ExchangeType::IKE_SA_INIT;
  header.from_initiator = true;
  pair.world.inject({{pair.b->address, 500},
                     {pair.a->address, 500},
                     false,
                     wire::encode_message(header, {ike::build_offer(default_ike(), {}),
                                                   wire::KePayload{KeId::CURVE25519, Bytes(32, 0)},
                                                   wire::NoncePayload{Bytes(32, 2)}})});
  pair.world.settle();
  ASSERT_EQ(pair.world.sent.size(), 1U);
  const Bytes& octets = pair.world.sent[0].octets;
  const auto answer = wire::parse_message(*wire::parse_header(octets), octets);
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->find_notify(NotifyType::INVALID_SYNTAX), nullptr);
  EXPECT_EQ(pair.b->engine->sa_count(), 0U);
}

// Strangers who begin and do not go on must not keep us from calling.
TEST(Review, HalfOpenStrangersDoNotKeepUsFromCalling) {
  Pair pair;
  pair.policy_a().active = false;
  Policy anybody = pair.policy_a();
  anybody.name = "anybody";
  anybody.peer = AnyHost{};
  anybody.peer_id.reset();
  pair.config_a.policies.insert(pair.config_a.policies.begin(), anybody);
  pair.start();
  uint64_t spi = 1;
  for (int source = 10; source < 14; ++source) {
    const Endpoint remote{*IpAddress::parse(fmt::format("192.0.2.{}", source)), 500};
    for (int i = 0; i < 60; ++i) {
      wire::Header header;
      header.spi_i = IkeSpi{spi++};
      header.exchange = ExchangeType::IKE_SA_INIT;
      header.from_initiator = true;
      wire::Payloads payloads = {ike::build_offer(default_ike(), {}),
                                 wire::KePayload{KeId::CURVE25519, Bytes(32, 1)},
                                 wire::NoncePayload{Bytes(32, 2)}};
      const auto call = [&] {
        pair.world.sent.clear();
        pair.world.inject(
            {{pair.a->address, 500}, remote, false, wire::encode_message(header, payloads)});
        pair.world.settle();
        const Bytes& octets = pair.world.sent.at(0).octets;
        return *wire::parse_message(*wire::parse_header(octets), octets);
      };
      const wire::Message answer = call();
      if (const auto* cookie = answer.find_notify(NotifyType::COOKIE)) {
        payloads.insert(payloads.begin(), *cookie);
        call();
      }
    }
  }
  ASSERT_EQ(pair.a->engine->sa_count(), 240U);
  pair.config_a.policies[1].active = true;
  pair.a->reload(pair.config_a);
  pair.world.advance(1s);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

}  // namespace
}  // namespace iked::test
