// SPDX-License-Identifier: ISC
// Who may come in, and what each side is told when somebody may not.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

class Authentication : public ::testing::Test {
 protected:
  LogCapture log;

  static void expect_nothing_left(const Pair& pair) {
    EXPECT_TRUE(pair.a->established().empty());
    EXPECT_TRUE(pair.b->established().empty());
    EXPECT_EQ(pair.b->engine->sa_count(), 0U);
    EXPECT_TRUE(pair.a->kernel.clean());
    EXPECT_TRUE(pair.b->kernel.clean());
  }
};

// R001, R003, R005, R140
TEST_F(Authentication, WrongPskIsRefusedAndBothSidesSayWhat) {
  Pair pair;
  pair.before_start = [](Pair& p) { p.b->psks[common_secret] = "another secret"; };
  pair.connect();
  expect_nothing_left(pair);
  EXPECT_EQ(log.count({"info: policy \"to-a\" 192.0.2.1:4500", "wrong pre-shared key",
                       "peer FQDN/a.example.com at 192.0.2.1:4500", "iked.conf:1"}),
            1U)
      << log.all();
  EXPECT_EQ(log.count({"warning: policy \"to-b\" 192.0.2.2:500", "AUTHENTICATION_FAILED",
                       "srcid FQDN/a.example.com", "pre-shared key",
                       "check that the psk is the same on both sides"}),
            1U)
      << log.all();
  // And it comes up by itself when the key is mended.
  pair.b->psks[common_secret] = "a very common secret";
  pair.world.advance(2min);
  EXPECT_EQ(pair.a->established().size(), 1U);
}

TEST_F(Authentication, UnknownPeerIdNamesTheLineToWrite) {
  Pair pair;
  pair.policy_a().local_id = *Identity::parse("stranger.example.com");
  pair.connect();
  expect_nothing_left(pair);
  EXPECT_EQ(log.count({"no policy is for peer FQDN/stranger.example.com at 192.0.2.1:4500",
                       "policy \"to-a\" (iked.conf:1) wants dstid FQDN/a.example.com",
                       "write dstid stranger.example.com"}),
            1U)
      << log.all();
}

// The ID is compared as type and octets: the same characters as another type are somebody else
// (R178, R179).
TEST_F(Authentication, SameOctetsOfAnotherTypeAreAnotherPeer) {
  Pair pair;
  Identity key_id{IdType::KEY_ID, pair.policy_b().peer_id->octets};
  pair.policy_a().local_id = key_id;
  pair.connect();
  expect_nothing_left(pair);
}

TEST_F(Authentication, NulInAnIdDoesNotCutIt) {
  Pair pair;
  Identity cut = *pair.policy_b().peer_id;
  append(cut.octets, Bytes{0, '.', 'e', 'v', 'i', 'l'});
  pair.policy_a().local_id = cut;
  pair.connect();
  expect_nothing_left(pair);
  EXPECT_GE(log.count({"a.example.com\\x00.evil"}), 1U) << log.all();
}

// R006: the initiator tells the responder that it was not believed.
TEST_F(Authentication, InitiatorDeletesAnImpostor) {
  Pair pair;
  pair.policy_a().peer_id = *Identity::parse("other.example.com");
  pair.connect();
  expect_nothing_left(pair);
  // HDR(A,B), SK {IDi, IDr, AUTH, SAi2, TSi, TSr} -->
  // <-- HDR(A,B), SK {IDr, AUTH, SAr2, TSi, TSr}
  // HDR(A,B), SK {N(AUTHENTICATION_FAILED), D} -->
  // <-- HDR(A,B), SK {}
  ASSERT_GE(pair.world.sent.size(), 6U);
  EXPECT_EQ(header_of(pair.world.sent[4]).exchange, ExchangeType::INFORMATIONAL);
  EXPECT_EQ(log.count({"the peer says it is FQDN/b.example.com", "iked.conf:1",
                       "wants dstid FQDN/other.example.com", "write dstid b.example.com"}),
            1U)
      << log.all();
}

// R002: AUTH covers the first message, bit for bit. Each octet of the request is tried; whatever
// IKE_SA_INIT makes of the change, no IKE SA comes of it.
TEST_F(Authentication, AnyChangedBitOfTheFirstMessageIsNoticed) {
  Pair sample;
  sample.connect();
  const size_t size = sample.world.sent[0].octets.size();
  for (size_t i = 0; i < size; ++i) {
    Pair pair;
    pair.start();
    pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
      const wire::Header header = header_of(datagram);
      if (header.exchange == ExchangeType::IKE_SA_INIT && !header.response) datagram.octets[i] ^= 1;
      return datagram;
    };
    pair.world.settle();
    EXPECT_TRUE(pair.a->established().empty()) << "octet " << i;
    EXPECT_TRUE(pair.b->established().empty()) << "octet " << i;
  }
}

TEST_F(Authentication, AnyChangedBitOfTheFirstAnswerIsNoticed) {
  Pair sample;
  sample.connect();
  const size_t size = sample.world.sent[1].octets.size();
  for (size_t i = 0; i < size; ++i) {
    Pair pair;
    pair.start();
    pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
      const wire::Header header = header_of(datagram);
      if (header.exchange == ExchangeType::IKE_SA_INIT && header.response) datagram.octets[i] ^= 1;
      return datagram;
    };
    pair.world.settle();
    EXPECT_TRUE(pair.a->established().empty()) << "octet " << i;
    EXPECT_TRUE(pair.b->established().empty()) << "octet " << i;
  }
}

// R144: what fails its ICV changes nothing.
TEST_F(Authentication, AnyChangedBitOfIkeAuthIsDropped) {
  Pair sample;
  sample.connect();
  const size_t size = sample.world.sent[2].octets.size();
  for (size_t i = wire::Header::size; i < size; ++i) {
    Pair pair;
    pair.start();
    bool once = false;
    pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
      const wire::Header header = header_of(datagram);
      if (header.exchange == ExchangeType::IKE_AUTH && !header.response &&
          !std::exchange(once, true)) {
        datagram.octets[i] ^= 1;
      }
      return datagram;
    };
    pair.world.settle();
    EXPECT_TRUE(pair.b->established().empty()) << "octet " << i;
    pair.world.advance(2s);  // the true one, repeated
    EXPECT_EQ(pair.b->established().size(), 1U) << "octet " << i;
    EXPECT_EQ(pair.a->established().size(), 1U) << "octet " << i;
  }
}

TEST_F(Authentication, PolicyWithoutDstidTakesAnyProvenId) {
  Pair pair;
  pair.policy_b().peer_id.reset();
  pair.policy_b().peer = AnyHost{};
  pair.policy_a().local_id = *Identity::parse("roaming@example.com");
  pair.connect();
  ASSERT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(pair.b->established()[0].remote_id, "UFQDN/roaming@example.com");
}

TEST_F(Authentication, ThePolicyOfTheProvenIdCounts) {
  Pair pair;
  Policy other = pair.policy_b();
  other.name = "for-c";
  other.peer_id = *Identity::parse("c.example.com");
  other.auth = PskAuth{SecretId{2}};
  pair.config_b.policies = {other, pair.policy_b(), other};
  pair.config_b.policies[2].name = "for-d";
  pair.config_b.policies[2].peer_id = *Identity::parse("d.example.com");
  pair.connect();
  ASSERT_EQ(pair.b->established().size(), 1U);
  EXPECT_EQ(pair.b->established()[0].policy, "to-a");
}

}  // namespace
}  // namespace iked::test
