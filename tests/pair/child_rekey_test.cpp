// SPDX-License-Identifier: ISC
// A child in the place of another: CREATE_CHILD_SA with REKEY_SA, without and with PFS, what may go
// wrong with it, and that no packet is lost.
#include <gtest/gtest.h>

#include "support/agreement.h"
#include "support/log_capture.h"
#include "support/traffic.h"

namespace iked::test {
namespace {

class ChildRekey : public ::testing::Test {
 protected:
  LogCapture log;

  static void soft_expiry(Node& node) { node.kernel_event(ExpireEvent{inbound_of(node), false}); }
  static void with_pfs(Policy& policy, std::vector<KeId> groups) {
    policy.child_proposals[0].ke = std::move(groups);
  }
  static uint64_t child_of(const Node& node) { return node.established().at(0).children.at(0).id; }
};

// R021, R094: the old one goes when the new one is there, by the hand of the side that rekeyed.
TEST_F(ChildRekey, SoftExpiryBringsANewChildInTheSameIkeSa) {
  Pair pair;
  pair.connect();
  const auto before = pair.a->established()[0];
  size_t fewest = 100;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    fewest = std::min({fewest, pair.a->kernel.sas.size(), pair.b->kernel.sas.size()});
    return datagram;
  };
  pair.world.sent.clear();
  soft_expiry(*pair.a);
  pair.world.advance(10s);
  ASSERT_TRUE(agree(pair)) << log.all();
  // HDR, SK {N(REKEY_SA), SA, Ni, TSi, TSr} --> <-- HDR, SK {SA, Nr, TSi, TSr}
  // HDR, SK {D} --> <-- HDR, SK {D}
  ASSERT_EQ(pair.world.sent.size(), 4U);
  EXPECT_EQ(header_of(pair.world.sent[0]).exchange, ExchangeType::CREATE_CHILD_SA);
  EXPECT_EQ(header_of(pair.world.sent[2]).exchange, ExchangeType::INFORMATIONAL);
  EXPECT_TRUE(header_of(pair.world.sent[2]).from_initiator);
  const auto after = pair.a->established()[0];
  EXPECT_EQ(after.spi_i, before.spi_i);
  EXPECT_NE(after.children[0].id, before.children[0].id);
  // R022: the same flows and algorithms.
  EXPECT_EQ(after.children[0].local_selectors, before.children[0].local_selectors);
  EXPECT_EQ(after.children[0].remote_selectors, before.children[0].remote_selectors);
  EXPECT_EQ(after.children[0].suite, before.children[0].suite);
  EXPECT_GE(fewest, 2U);
  EXPECT_EQ(pair.a->kernel.policies.size(), 3U);
  EXPECT_EQ(pair.b->kernel.policies.size(), 3U);
}

TEST_F(ChildRekey, WhoWasCalledMayRekey) {
  Pair pair;
  pair.connect();
  soft_expiry(*pair.b);
  pair.world.advance(10s);
  EXPECT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(log.count({"child SA up"}), 4U);
}

// R094, R095: a hundred of them, from both sides, and every packet arrives.
TEST_F(ChildRekey, NoPacketIsLost) {
  for (const bool pfs : {false, true}) {
    Pair pair;
    if (pfs) {
      with_pfs(pair.policy_a(), {KeId::CURVE25519});
      with_pfs(pair.policy_b(), {KeId::CURVE25519});
    }
    pair.connect();
    Traffic traffic(pair.world, *pair.a, *pair.b);
    for (int round = 0; round < 100; ++round) {
      soft_expiry(round % 2 == 0 ? *pair.a : *pair.b);
      traffic.run(2s);
    }
    EXPECT_EQ(traffic.lost(), 0U) << "PFS " << pfs;
    EXPECT_GE(traffic.sent, 20000U);
    EXPECT_EQ(traffic.repeated_sequences, 0U);
    pair.world.advance(10s);
    EXPECT_TRUE(agree(pair));
    EXPECT_EQ(log.count({"child SA up"}), 2U * 101U);
    log.lines.clear();
  }
}

// The answer is lost: the responder must not send on what the initiator does not have.
TEST_F(ChildRekey, NoPacketIsLostWhileTheAnswerIs) {
  Pair pair;
  pair.connect();
  Traffic traffic(pair.world, *pair.a, *pair.b);
  size_t answers = 0;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    const auto header = header_of(datagram);
    const bool answer = header.exchange == ExchangeType::CREATE_CHILD_SA && header.response;
    if (answer && answers++ < 3) return std::nullopt;
    return datagram;
  };
  soft_expiry(*pair.a);
  traffic.run(15s);
  EXPECT_EQ(answers, 4U);
  EXPECT_EQ(traffic.lost(), 0U);
  EXPECT_TRUE(agree(pair)) << log.all();
}

// R131: g^ir goes into the keys exactly when there was a KE payload.
TEST_F(ChildRekey, PfsIsUsedWhereThePolicyHasAGroup) {
  Pair pair;
  with_pfs(pair.policy_a(), {KeId::CURVE25519});
  with_pfs(pair.policy_b(), {KeId::CURVE25519});
  pair.connect();
  soft_expiry(*pair.a);
  pair.world.advance(10s);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_NE(pair.a->established()[0].children[0].suite.find("curve25519"), std::string::npos);
  // The keys are the same on both sides.
  const SaKey key = inbound_of(*pair.b);
  EXPECT_EQ(pair.a->kernel.sas.at(key).encr_key, pair.b->kernel.sas.at(key).encr_key);
}

// R011: another group than the one that we guessed.
TEST_F(ChildRekey, OtherGroupIsTakenAtTheSecondTry) {
  Pair pair;
  with_pfs(pair.policy_a(), {KeId::CURVE25519, KeId::ECP_256});
  with_pfs(pair.policy_b(), {KeId::ECP_256});
  pair.connect();
  soft_expiry(*pair.a);
  pair.world.advance(10s);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_NE(pair.a->established()[0].children[0].suite.find("ecp256"), std::string::npos);
  EXPECT_EQ(log.count({"child SA up"}), 4U);
}

// A peer that does without PFS is followed where the policy has `group none`, and only there.
TEST_F(ChildRekey, PeerWithoutPfsIsFollowedWhereThePolicyAllows) {
  for (const bool we_ask : {true, false}) {
    Pair pair;
    with_pfs(pair.policy_a(), {KeId::CURVE25519, KeId::NONE});
    pair.connect();
    soft_expiry(we_ask ? *pair.a : *pair.b);
    pair.world.advance(10s);
    ASSERT_TRUE(agree(pair)) << log.all();
    EXPECT_EQ(pair.a->established()[0].children[0].suite.find("curve25519"), std::string::npos);
    EXPECT_EQ(log.count({"child SA up"}), 4U) << log.all();
    log.lines.clear();
  }
}

// A policy without a group asks for no PFS, but does it for a peer that wants it, with a group of
// ikesa. libreswan wants it unless told otherwise.
TEST_F(ChildRekey, PeerThatWantsPfsGetsIt) {
  for (const bool we_ask : {true, false}) {
    Pair pair;
    with_pfs(pair.policy_b(), {KeId::ECP_256});
    pair.connect();
    // The second time without another refusal.
    for (int i = 0; i < 2; ++i) {
      soft_expiry(we_ask ? *pair.a : *pair.b);
      pair.world.advance(10s);
      ASSERT_TRUE(agree(pair)) << log.all();
      EXPECT_NE(pair.a->established()[0].children[0].suite.find("ecp256"), std::string::npos);
      EXPECT_NE(pair.b->established()[0].children[0].suite.find("ecp256"), std::string::npos);
    }
    EXPECT_EQ(log.count({"offering one"}), we_ask ? 1U : 0U) << log.all();
    EXPECT_EQ(log.count({"IKE SA up"}), 2U);
    log.lines.clear();
  }
}

TEST_F(ChildRekey, PeerWithoutTheWantedPfsIsRefused) {
  Pair pair;
  with_pfs(pair.policy_a(), {KeId::MODP_4096});
  pair.connect();
  const uint64_t before = child_of(*pair.a);
  soft_expiry(*pair.b);
  pair.world.advance(5s);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(child_of(*pair.a), before);
  EXPECT_EQ(log.count({"policy \"to-a\"", "rekey of a child SA failed", "NO_PROPOSAL_CHOSEN"}), 1U)
      << log.all();
}

// R100: the peer is busy: later, and the child lives on.
TEST_F(ChildRekey, TemporaryFailureIsTriedAgainAfterAPause) {
  Pair pair;
  pair.connect();
  pair.b->kernel.fail_allocate = "out of memory";
  soft_expiry(*pair.a);
  pair.world.advance(1s);
  EXPECT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(log.count({"child SA up"}), 2U);
  const size_t sent = pair.world.sent.size();
  pair.world.advance(2s);
  EXPECT_EQ(pair.world.sent.size(), sent) << "not at once";
  pair.world.advance(20s);
  EXPECT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(log.count({"child SA up"}), 4U);
}

// RFC7296 2.25: "If a peer continues to receive TEMPORARY_FAILURE on the same IKE SA after several
// minutes, it SHOULD conclude that the state information is out of sync and close the IKE SA." The
// child is carried over by calling anew.
TEST_F(ChildRekey, EndlessTemporaryFailureEndsInANewIkeSa) {
  Pair pair;
  pair.connect();
  const uint64_t before = pair.a->established()[0].spi_i;
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    if (header_of(datagram).exchange == ExchangeType::CREATE_CHILD_SA &&
        !header_of(datagram).response) {
      pair.b->kernel.fail_allocate = "out of memory";
    }
    return datagram;
  };
  soft_expiry(*pair.a);
  pair.world.advance(4min);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(pair.a->established()[0].spi_i, before);
  pair.b->kernel.fail_allocate.clear();
  pair.world.advance(3min);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_NE(pair.a->established()[0].spi_i, before);
}

// R023, R101: the peer does not have it: a new one from scratch, and the IKE SA stays.
TEST_F(ChildRekey, ChildThatThePeerLostIsMadeAnew) {
  Pair pair;
  pair.connect();
  const uint64_t ike = pair.a->established()[0].spi_i;
  // b's kernel loses the child, and b's Delete never arrives.
  pair.world.on_the_way = [](Datagram) -> std::optional<Datagram> { return std::nullopt; };
  pair.b->kernel_event(ExpireEvent{inbound_of(*pair.b), true});
  pair.world.settle();
  pair.world.on_the_way = nullptr;
  soft_expiry(*pair.a);
  pair.world.settle();
  EXPECT_EQ(log.count({"policy \"to-a\"", "CHILD_SA_NOT_FOUND"}), 1U) << log.all();
  pair.world.advance(30s);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(pair.a->established()[0].spi_i, ike);
}

// A peer that refuses is called anew, as a whole: make before break. b wants PFS in
// CREATE_CHILD_SA, a does not have it, and IKE_AUTH does without.
TEST_F(ChildRekey, RefusedRekeyEndsInANewIkeSa) {
  Pair pair;
  with_pfs(pair.policy_b(), {KeId::MODP_4096});
  pair.connect();
  const uint64_t before = pair.a->established()[0].spi_i;
  soft_expiry(*pair.a);
  pair.world.advance(10s);
  ASSERT_TRUE(agree(pair)) << log.all();
  EXPECT_NE(pair.a->established()[0].spi_i, before);
  EXPECT_EQ(log.count({"policy \"to-b\"", "rekey of a child SA failed", "NO_PROPOSAL_CHOSEN"}), 1U);
}

// G-002: a passive host sends no request, and serves those of the peer.
TEST_F(ChildRekey, PassiveHostWaitsForThePeer) {
  Pair pair;
  pair.connect();
  pair.b->command(ike::SetPassive{true});
  pair.world.sent.clear();
  soft_expiry(*pair.b);
  pair.world.advance(30s);
  EXPECT_TRUE(pair.world.sent.empty());
  soft_expiry(*pair.a);
  pair.world.advance(10s);
  EXPECT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(log.count({"child SA up"}), 4U);
  for (const Datagram& datagram : pair.world.sent) {
    if (datagram.local.address == pair.b->address) EXPECT_TRUE(header_of(datagram).response);
  }
  // Active again, it does what it held back.
  soft_expiry(*pair.b);
  pair.world.advance(1s);
  pair.b->command(ike::SetPassive{false});
  pair.world.advance(2min);
  EXPECT_TRUE(agree(pair)) << log.all();
  EXPECT_EQ(log.count({"child SA up"}), 6U);
}

// The kernel refuses the new one: the old one works on, and it is tried again.
TEST_F(ChildRekey, KernelThatRefusesLeavesTheOldOne) {
  for (const bool at_a : {true, false}) {
    Pair pair;
    pair.connect();
    (at_a ? pair.a : pair.b)->kernel.fail_install = "out of memory";
    soft_expiry(*pair.a);
    pair.world.advance(1s);
    EXPECT_TRUE(agree(pair)) << log.all();
    pair.world.advance(30s);
    EXPECT_TRUE(agree(pair)) << log.all();
    // Where a refused, b had made it, and was told to take it out again.
    EXPECT_EQ(log.count({"child SA up"}), at_a ? 5U : 4U) << log.all();
    log.lines.clear();
  }
}

}  // namespace
}  // namespace iked::test
