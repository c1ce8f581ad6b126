// SPDX-License-Identifier: ISC
// Whoever answers us has to prove who it is. Each of these peers has the keys of the IKE SA, as
// anybody has who answered IKE_SA_INIT, and does not.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/tap.h"

namespace iked::test {
namespace {

class Impostor : public ::testing::Test {
 protected:
  /// What the IKE_AUTH response is turned into.
  void answer_is(const std::function<void(wire::Message&)>& forge) {
    tap.change = [forge](wire::Message& message) {
      const bool answer =
          message.header.exchange == ExchangeType::IKE_AUTH && message.header.response;
      if (answer) forge(message);
      return answer;
    };
    pair.connect();
  }

  void expect_refused() {
    EXPECT_TRUE(pair.a->established().empty()) << log.all();
    EXPECT_TRUE(pair.a->kernel.clean());
    EXPECT_EQ(pair.a->engine->sa_count(), 0U);
  }

  // RFC7296 2.21.2: the peer, whoever it is, learns that it was not believed.
  void expect_refused_and_told() {
    expect_refused();
    EXPECT_TRUE(std::any_of(tap.seen.begin(), tap.seen.end(), [](const wire::Message& message) {
      return message.header.exchange == ExchangeType::INFORMATIONAL && !message.header.response &&
             message.find_notify(NotifyType::AUTHENTICATION_FAILED) != nullptr;
    })) << log.all();
    EXPECT_TRUE(pair.b->established().empty());
    EXPECT_TRUE(pair.b->kernel.clean());
  }

  template <class Payload>
  static void drop(wire::Message& message) {
    std::erase_if(message.payloads, [](const wire::Payload& payload) {
      return std::holds_alternative<Payload>(payload);
    });
  }

  template <class Payload>
  static Payload& get(wire::Message& message) {
    for (wire::Payload& payload : message.payloads) {
      if (auto* found = std::get_if<Payload>(&payload)) return *found;
    }
    throw std::logic_error("no such payload");
  }

  LogCapture log;
  Pair pair;
  Tap tap{pair};
};

TEST_F(Impostor, TheTapAloneDoesNoHarm) {
  answer_is([](wire::Message&) {});
  EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
}

TEST_F(Impostor, NoProof) {
  answer_is(drop<wire::AuthPayload>);
  expect_refused_and_told();
}

TEST_F(Impostor, NoId) {
  answer_is(drop<wire::IdrPayload>);
  expect_refused_and_told();
}

TEST_F(Impostor, AnotherKindOfProof) {
  answer_is([](wire::Message& m) { get<wire::AuthPayload>(m).method = AuthMethod::RSA_SIGNATURE; });
  expect_refused_and_told();
}

TEST_F(Impostor, OneWrongBit) {
  answer_is([](wire::Message& m) { get<wire::AuthPayload>(m).data.back() ^= 1; });
  expect_refused_and_told();
}

TEST_F(Impostor, AProofThatIsTooShort) {
  answer_is([](wire::Message& m) { get<wire::AuthPayload>(m).data.pop_back(); });
  expect_refused_and_told();
}

TEST_F(Impostor, NothingAtAllForAProof) {
  answer_is([](wire::Message& m) { get<wire::AuthPayload>(m).data.clear(); });
  expect_refused_and_told();
}

TEST_F(Impostor, AnotherIdWithTheProofOfTheTrueOne) {
  pair.policy_a().peer_id.reset();
  answer_is([](wire::Message& m) {
    get<wire::IdrPayload>(m).identity = *Identity::parse("c.example.com");
    get<wire::IdrPayload>(m).body.clear();
  });
  expect_refused_and_told();
}

// The keeper does not give the value that the answer is compared with. It is asked for that when
// the answer is there, where the policy takes any peer.
TEST_F(Impostor, WithoutAKeyToCompareNobodyIsBelieved) {
  pair.policy_a().peer_id.reset();
  answer_is([this](wire::Message&) { pair.a->psks.clear(); });
  expect_refused_and_told();
  EXPECT_EQ(log.count({"no such secret"}), 1U) << log.all();
}

// Before anything is proven: nothing is left, and it is tried again.
TEST_F(Impostor, WithoutAKeyNothingIsSaid) {
  pair.before_start = [](Pair& p) { p.a->psks.clear(); };
  pair.connect();
  expect_refused();
  EXPECT_EQ(log.count({"no such secret"}), 1U) << log.all();
  EXPECT_FALSE(std::any_of(tap.seen.begin(), tap.seen.end(), [](const wire::Message& message) {
    return message.header.exchange == ExchangeType::IKE_AUTH;
  }));
  pair.a->psks = pair.b->psks;
  pair.world.advance(2min);
  EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
}

TEST_F(Impostor, WithoutAnSpiNothingIsSaid) {
  pair.before_start = [](Pair& p) { p.a->kernel.fail_allocate = "no memory"; };
  pair.connect();
  expect_refused();
  EXPECT_EQ(log.count({"no memory"}), 1U) << log.all();
  pair.world.advance(2min);
  EXPECT_EQ(pair.a->established().size(), 1U) << log.all();
}

// What each side knows of the other afterwards.
TEST_F(Impostor, BothIdsAreKnownOnBothSides) {
  pair.connect();
  ASSERT_EQ(pair.a->established().size(), 1U);
  ASSERT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(pair.a->established()[0].local_id, "FQDN/a.example.com");
  EXPECT_EQ(pair.a->established()[0].remote_id, "FQDN/b.example.com");
  EXPECT_EQ(pair.b->established()[0].local_id, "FQDN/b.example.com");
  EXPECT_EQ(pair.b->established()[0].remote_id, "FQDN/a.example.com");
}

}  // namespace
}  // namespace iked::test
