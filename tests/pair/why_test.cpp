// SPDX-License-Identifier: ISC
// What administrators get to read when the two configurations do not fit: both sides name the cause
// and the cure, in the log and when they ask why.
#include <gmock/gmock.h>

#include "ike/failures.h"
#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

/// Two hosts with something planted; then what each of them says.
class Why : public testing::Test {
 protected:
  /// Runs until the caller has given up.
  void run() {
    pair.connect();
    pair.world.advance(70s);
  }
  FailureRow first(Node& node, const std::string& name) const {
    const auto rows = node.engine->failures(name, pair.world.now);
    if (!rows || rows->empty()) return {.text = "nothing went wrong"};
    return rows->front();
  }
  FailureRow caller() const { return first(*pair.a, "to-b"); }
  FailureRow called() const { return first(*pair.b, "to-a"); }
  /// The log of either side has this line.
  void expect_logged(const FailureRow& row) const {
    EXPECT_GT(log.count({row.text}), 0U) << row.text << "\nis not in\n" << log.all();
  }
  void expect(const testing::Matcher<std::string>& at_the_caller,
              const testing::Matcher<std::string>& at_the_called) {
    run();
    EXPECT_THAT(caller().text, at_the_caller);
    EXPECT_THAT(called().text, at_the_called);
    EXPECT_TRUE(caller().initiator);
    EXPECT_FALSE(called().initiator);
    expect_logged(caller());
    expect_logged(called());
  }

  Pair pair;
  LogCapture log;
};

// ---- the secret

TEST_F(Why, SecretsDiffer) {
  pair.before_start = [](Pair& p) { p.b->psks[common_secret] = "another secret"; };
  expect(AllOf(HasSubstr("192.0.2.2:4500 refuses us: AUTHENTICATION_FAILED"),
               HasSubstr("srcid FQDN/a.example.com, dstid FQDN/b.example.com"),
               HasSubstr("check that the psk is the same on both sides")),
         AllOf(HasSubstr("wrong pre-shared key"), HasSubstr("FQDN/a.example.com"),
               HasSubstr("write the same psk on both sides")));
  EXPECT_EQ(caller().kind, FailureKind::authentication);
  EXPECT_EQ(called().kind, FailureKind::authentication);
}

// ---- identities

TEST_F(Why, CalledSideWantsAnotherId) {
  pair.policy_b().peer_id = *Identity::parse("c.example.com");
  expect(AllOf(HasSubstr("AUTHENTICATION_FAILED"),
               HasSubstr("that the peer's dstid is FQDN/a.example.com")),
         AllOf(HasSubstr("wants dstid FQDN/c.example.com"),
               HasSubstr("write dstid a.example.com if that is the right one")));
  EXPECT_EQ(called().kind, FailureKind::authentication);
}

TEST_F(Why, CallerWantsAnotherId) {
  pair.policy_a().peer_id = *Identity::parse("c.example.com");
  expect(AllOf(HasSubstr("the peer says it is FQDN/b.example.com"),
               HasSubstr("wants dstid FQDN/c.example.com: write dstid b.example.com")),
         AllOf(HasSubstr("the peer could not verify us (AUTHENTICATION_FAILED)"),
               HasSubstr("that its dstid is our srcid")));
  EXPECT_EQ(caller().kind, FailureKind::authentication);
  EXPECT_EQ(called().kind, FailureKind::authentication);
}

TEST_F(Why, IdIsOfAnotherType) {
  // FQDN against UFQDN: the same text to the eye of many.
  pair.policy_a().local_id = *Identity::parse("a@example.com");
  expect(HasSubstr("we said srcid UFQDN/a@example.com"),
         AllOf(HasSubstr("no policy is for peer UFQDN/a@example.com"),
               HasSubstr("write dstid a@example.com")));
}

// ---- algorithms of the IKE SA

TEST_F(Why, NoCommonCipher) {
  pair.policy_a().ike_proposals[0].encr = {{EncrId::AES_CBC, 256}};
  pair.policy_a().ike_proposals[0].integ = {IntegId::HMAC_SHA2_256_128};
  expect(AllOf(HasSubstr("NO_PROPOSAL_CHOSEN"), HasSubstr("none of our ikesa proposals suits it"),
               HasSubstr("we offer [1] enc aes-256"), HasSubstr("compare with its configuration")),
         AllOf(HasSubstr("policy \"to-a\": no common ikesa"), HasSubstr("(peer) against"),
               HasSubstr("to accept it, write ikesa enc aes-256")));
  EXPECT_EQ(caller().kind, FailureKind::proposal);
  EXPECT_EQ(called().kind, FailureKind::proposal);
}

TEST_F(Why, NoCommonGroup) {
  pair.policy_b().ike_proposals[0].ke = {KeId::ECP_521};
  expect(HasSubstr("NO_PROPOSAL_CHOSEN"),
         AllOf(HasSubstr("\"group curve25519 group ecp256 group modp2048\" (peer) against"),
               HasSubstr("\"group ecp521\" (ours)"), HasSubstr("write ikesa ")));
}

TEST_F(Why, NoCommonPrf) {
  pair.policy_b().ike_proposals[0].prf = {PrfId::HMAC_SHA2_384};
  expect(HasSubstr("prf hmac-sha2-256"), AllOf(HasSubstr("they differ in \"prf hmac-sha2-256"),
                                               HasSubstr("against \"prf hmac-sha2-384\" (ours)")));
}

TEST_F(Why, NoPolicyForThePeersAddress) {
  pair.policy_b().peer = host("192.0.2.77");
  run();
  EXPECT_THAT(caller().text, AllOf(HasSubstr("or it has no policy for our address")));
  // The policy did not fail: whoever asks for the peer gets the reason.
  EXPECT_THAT(first(*pair.b, "192.0.2.1").text,
              HasSubstr("no policy is for a peer at this address"));
  EXPECT_EQ(first(*pair.b, "192.0.2.1").policy, "");
  EXPECT_THAT(*pair.b->engine->failures("to-a", pair.world.now), IsEmpty());
  expect_logged(caller());
  expect_logged(first(*pair.b, "192.0.2.1"));
}

// ---- algorithms of the child SA, flows, mode

TEST_F(Why, NoCommonAlgorithmsForTraffic) {
  pair.policy_b().child_proposals[0].encr = {{EncrId::AES_GCM_16, 128}};
  expect(
      AllOf(HasSubstr("the peer answers NO_PROPOSAL_CHOSEN"),
            HasSubstr("we offer [1] enc aes-256-gcm"), HasSubstr("compare with its configuration")),
      AllOf(HasSubstr("enc aes-256-gcm\" (peer) against \"enc aes-128-gcm\" (ours)"),
            HasSubstr("to accept it, write childsa enc aes-256-gcm")));
  EXPECT_EQ(caller().kind, FailureKind::proposal);
  EXPECT_EQ(called().kind, FailureKind::proposal);
}

TEST_F(Why, FlowsHaveNothingInCommon) {
  pair.policy_b().flows = {{{host("10.9.0.0/24"), 0}, {host("10.1.0.0/24"), 0}}};
  expect(AllOf(HasSubstr("the peer answers TS_UNACCEPTABLE"), HasSubstr("10.1.0.0/24"),
               HasSubstr("to 10.2.0.0/24"), HasSubstr("compare with its configuration")),
         AllOf(HasSubstr("10.2.0.0/24"), HasSubstr("10.9.0.0/24"), HasSubstr("write ")));
  EXPECT_EQ(caller().kind, FailureKind::selectors);
  EXPECT_EQ(called().kind, FailureKind::selectors);
}

TEST_F(Why, FlowIsTheWrongWayRound) {
  pair.policy_b().flows = pair.policy_a().flows;
  expect(HasSubstr("TS_UNACCEPTABLE"),
         AllOf(HasSubstr("10.1.0.0/24"), HasSubstr("10.2.0.0/24"), HasSubstr("write ")));
}

TEST_F(Why, ModesDiffer) {
  pair.policy_a().flows = pair.policy_b().flows = {{{AnyHost{}, 0}, {AnyHost{}, 0}}};
  pair.policy_b().mode = Mode::transport;
  run();
  EXPECT_THAT(caller().text, AllOf(HasSubstr("in tunnel mode"), HasSubstr("compare with its")));
  EXPECT_THAT(called().text, AllOf(HasSubstr("transport"), HasSubstr("write")));
}

// ---- the network

TEST_F(Why, NobodyAnswers) {
  pair.before_start = [](Pair& p) { p.world.link.loss = 1; };
  run();
  EXPECT_THAT(caller().text, AllOf(HasSubstr("no answer from 192.0.2.2:500 to IKE_SA_INIT"),
                                   HasSubstr("does a firewall let UDP 500 and 4500 through")));
  EXPECT_EQ(caller().kind, FailureKind::timeout);
  expect_logged(caller());
}

// ---- who asks, and how

TEST_F(Why, EachSideKeepsItsLastFailureInEitherRole) {
  pair.before_start = [](Pair& p) { p.b->psks[common_secret] = "another secret"; };
  run();
  for (const char* name : {"to-b", "192.0.2.2", "b.example.com", "FQDN/b.example.com"}) {
    EXPECT_EQ(first(*pair.a, name).text, caller().text) << name;
  }
  EXPECT_FALSE(pair.a->engine->failures("nobody", pair.world.now));
  EXPECT_FALSE(pair.a->engine->failures("198.51.100.1", pair.world.now));
}

TEST_F(Why, WhatIsUpHasNothingToExplain) {
  pair.connect();
  EXPECT_THAT(*pair.a->engine->failures("to-b", pair.world.now), IsEmpty());
  EXPECT_THAT(*pair.b->engine->failures("to-a", pair.world.now), IsEmpty());
}

TEST_F(Why, PeerThatDisappearedIsNamed) {
  pair.connect();
  pair.world.link.loss = 1;
  pair.world.advance(5min);
  EXPECT_THAT(called().text, HasSubstr("does not answer any more"));
  EXPECT_EQ(called().kind, FailureKind::timeout);
}

TEST_F(Why, ReloadForgetsWhatItRemoves) {
  pair.before_start = [](Pair& p) { p.b->psks[common_secret] = "another secret"; };
  run();
  Config without = pair.config_a;
  without.policies.clear();
  pair.a->reload(without);
  EXPECT_FALSE(pair.a->engine->failures("to-b", pair.world.now));
}

// ---- strangers

TEST(Failures, OfStrangersAreBounded) {
  ike::Failures failures;
  for (uint8_t i = 0; i < 200; ++i) {
    failures.note_stranger(IpAddress::v4({10, 0, 0, i}),
                           {FailureKind::other, std::string(100000, 'x'), "", Time{1h}});
  }
  size_t known = 0;
  for (uint8_t i = 0; i < 200; ++i) {
    const ike::Failure* const failure = failures.of_stranger(IpAddress::v4({10, 0, 0, i}));
    if (failure == nullptr) continue;
    ++known;
    EXPECT_LT(failure->text.size(), ike::Failures::longest_text + 10);
  }
  EXPECT_EQ(known, ike::Failures::most_strangers);
}

// ---- connect and disconnect

TEST(Connect, PassivePolicyIsCalledOnceOnDemand) {
  Pair pair;
  pair.policy_a().active = false;
  pair.connect();
  EXPECT_THAT(pair.a->sas(), IsEmpty());
  const PolicyId id = *pair.a->engine->policy_named("to-b");
  pair.a->command(ike::ConnectPolicy{id});
  pair.world.settle();
  EXPECT_EQ(pair.a->established().size(), 1U);
  EXPECT_EQ(pair.a->events.back().event, ike::SaEvent::up);
  // It stays down once it has been ended.
  pair.a->command(ike::ResetSas{});
  pair.world.advance(10min);
  EXPECT_THAT(pair.a->sas(), IsEmpty());
}

TEST(Connect, FailureEndsTheTryAndIsTold) {
  Pair pair;
  pair.policy_a().active = false;
  pair.before_start = [](Pair& p) { p.b->psks[common_secret] = "another secret"; };
  pair.connect();
  pair.a->command(ike::ConnectPolicy{*pair.a->engine->policy_named("to-b")});
  pair.world.settle();
  ASSERT_EQ(pair.a->events.size(), 1U);
  EXPECT_EQ(pair.a->events[0].event, ike::SaEvent::failed);
  EXPECT_EQ(pair.a->events[0].kind, FailureKind::authentication);
  const size_t sent = pair.world.sent.size();
  pair.world.advance(10min);
  EXPECT_EQ(pair.world.sent.size(), sent) << "it was called again";
}

TEST(Connect, NoRouteIsAFailureToo) {
  Pair pair;
  pair.policy_a().local = AnyHost{};
  pair.policy_a().active = false;
  pair.connect();
  pair.a->reachable_network = false;
  pair.a->command(ike::ConnectPolicy{*pair.a->engine->policy_named("to-b")});
  pair.world.settle();
  ASSERT_EQ(pair.a->events.size(), 1U);
  EXPECT_EQ(pair.a->events[0].kind, FailureKind::unreachable) << pair.a->events[0].reason;
  EXPECT_EQ(pair.a->events[0].policy, "to-b");
}

TEST(Disconnect, ActivePolicyStaysDownUntilItIsConnected) {
  Pair pair;
  pair.connect();
  const PolicyId id = *pair.a->engine->policy_named("to-b");
  pair.a->command(ike::DisconnectPolicy{id});
  pair.world.advance(10min);
  EXPECT_THAT(pair.a->sas(), IsEmpty());
  EXPECT_THAT(pair.b->sas(), IsEmpty());
  EXPECT_TRUE(pair.a->policy("to-b")->held);
  pair.a->command(ike::ConnectPolicy{id});
  pair.world.settle();
  EXPECT_EQ(pair.a->established().size(), 1U);
  EXPECT_FALSE(pair.a->policy("to-b")->held);
  // It is active again: what is lost comes back.
  pair.a->command(ike::ResetSas{});
  pair.world.advance(1min);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

TEST(Disconnect, ActiveEndsTheHold) {
  Pair pair;
  pair.connect();
  pair.a->command(ike::DisconnectPolicy{*pair.a->engine->policy_named("to-b")});
  pair.world.advance(1min);
  pair.a->command(ike::SetPassive{false});
  pair.world.advance(1min);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

TEST(Disconnect, PendingCallIsGivenUp) {
  Pair pair;
  pair.before_start = [](Pair& p) { p.world.link.loss = 1; };
  pair.connect();
  pair.a->command(ike::DisconnectPolicy{*pair.a->engine->policy_named("to-b")});
  EXPECT_THAT(pair.a->sas(), IsEmpty());
  pair.world.link.loss = 0;
  pair.world.advance(5min);
  EXPECT_THAT(pair.a->sas(), IsEmpty());
}

}  // namespace
}  // namespace iked::test
