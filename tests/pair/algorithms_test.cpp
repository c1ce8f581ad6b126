// SPDX-License-Identifier: ISC
// Every algorithm of the catalogue carries a tunnel: both sides derive the same keys from it, and
// what one seals the other opens.
#include <gtest/gtest.h>

#include "crypto/algorithms.h"
#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

class Algorithms : public ::testing::Test {
 protected:
  LogCapture log;

  // Both sides have the tunnel, under the same keys.
  void expect_tunnel(const Pair& pair) {
    ASSERT_EQ(pair.a->established().size(), 1U) << log.all();
    ASSERT_EQ(pair.b->established().size(), 1U) << log.all();
    ASSERT_EQ(pair.a->established()[0].children.size(), 1U) << log.all();
    ASSERT_EQ(pair.b->established()[0].children.size(), 1U) << log.all();
    ASSERT_EQ(pair.a->kernel.sas.size(), 2U);
    for (const auto& [key, sa] : pair.a->kernel.sas) {
      const auto same = pair.b->kernel.sas.find(key);
      ASSERT_NE(same, pair.b->kernel.sas.end());
      EXPECT_EQ(same->second.encr_key, sa.encr_key);
      EXPECT_EQ(same->second.integ_key, sa.integ_key);
      EXPECT_EQ(same->second.suite, sa.suite);
    }
  }

  static Proposal& ike(Policy& policy) { return policy.ike_proposals[0]; }

  void expect_ike(const Proposal& proposal, bool real_key_exchange = false) {
    SCOPED_TRACE(to_string(proposal));
    Pair pair;
    pair.world.real_key_exchange = real_key_exchange;
    pair.policy_a().ike_proposals = {proposal};
    pair.policy_b().ike_proposals = {proposal};
    pair.connect();
    expect_tunnel(pair);
    // And both directions work afterwards.
    pair.a->command(ike::ResetSas{});
    pair.world.settle();
    EXPECT_TRUE(pair.b->sas().empty());
  }

  void expect_child(const Proposal& proposal, size_t encr_octets, size_t integ_octets) {
    SCOPED_TRACE(to_string(proposal));
    Pair pair;
    for (Policy* policy : {&pair.policy_a(), &pair.policy_b()}) {
      policy->child_protocol = proposal.protocol;
      policy->child_proposals = {proposal};
    }
    pair.connect();
    expect_tunnel(pair);
    if (HasFatalFailure()) return;
    for (const auto& [key, sa] : pair.a->kernel.sas) {
      EXPECT_EQ(key.protocol, proposal.protocol);
      EXPECT_EQ(sa.encr_key.size(), encr_octets);
      EXPECT_EQ(sa.integ_key.size(), integ_octets);
    }
  }
};

Proposal ike_proposal(Encr encr, PrfId prf, IntegId integ, KeId ke) {
  Proposal proposal;
  proposal.encr = {encr};
  proposal.prf = {prf};
  if (!is_aead(encr.id)) proposal.integ = {integ};
  proposal.ke = {ke};
  return proposal;
}

TEST_F(Algorithms, EveryCipherAndIntegrityAlgorithmSealsAnIkeSa) {
  for (const auto& encr : crypto::all_ike_encr()) {
    for (const auto& integ : crypto::all_ike_integ()) {
      expect_ike(ike_proposal(encr.id, PrfId::HMAC_SHA2_256, integ.id, KeId::CURVE25519));
      if (is_aead(encr.id.id)) break;
    }
  }
}

// R118: with AES-XCBC and AES-CMAC the PRF has a key of fixed size.
TEST_F(Algorithms, EveryPrfMakesKeys) {
  for (const auto& prf : crypto::all_ike_prf()) {
    expect_ike(
        ike_proposal({EncrId::AES_CBC, 256}, prf.id, IntegId::HMAC_SHA1_96, KeId::CURVE25519));
  }
}

TEST_F(Algorithms, EveryGroupMakesASecret) {
  for (const auto& ke : crypto::all_ike_ke()) {
    expect_ike(ike_proposal({EncrId::AES_GCM_16, 128}, PrfId::HMAC_SHA2_256, {}, ke.id), true);
  }
}

struct EspRow {
  Encr encr;
  size_t octets;  // of key material, RFC7296 2.17, with the salt that the cipher's RFC wants
};

TEST_F(Algorithms, EveryCipherOfEspGetsItsKeyMaterial) {
  constexpr EspRow rows[] = {
      {{EncrId::DES, 0}, 8},
      {{EncrId::TDES, 0}, 24},
      {{EncrId::CAST, 128}, 16},
      {{EncrId::BLOWFISH, 160}, 20},
      {{EncrId::ENCR_NULL, 0}, 0},
      {{EncrId::AES_CBC, 128}, 16},
      {{EncrId::AES_CBC, 192}, 24},
      {{EncrId::AES_CBC, 256}, 32},
      {{EncrId::AES_CTR, 128}, 20},
      {{EncrId::AES_CTR, 192}, 28},
      {{EncrId::AES_CTR, 256}, 36},
      {{EncrId::CAMELLIA_CBC, 128}, 16},
      {{EncrId::CAMELLIA_CBC, 256}, 32},
  };
  for (const EspRow& row : rows) {
    expect_child({.protocol = ProtocolId::ESP,
                  .encr = {row.encr},
                  .integ = {IntegId::HMAC_SHA2_256_128},
                  .esn = {EsnId::NO_ESN}},
                 row.octets, 32);
  }
}

TEST_F(Algorithms, EveryAeadOfEspGetsItsKeyMaterial) {
  constexpr EspRow rows[] = {
      {{EncrId::AES_CCM_8, 128}, 19},          {{EncrId::AES_CCM_12, 192}, 27},
      {{EncrId::AES_CCM_16, 256}, 35},         {{EncrId::AES_GCM_8, 128}, 20},
      {{EncrId::AES_GCM_12, 192}, 28},         {{EncrId::AES_GCM_16, 256}, 36},
      {{EncrId::NULL_AUTH_AES_GMAC, 128}, 20}, {{EncrId::NULL_AUTH_AES_GMAC, 256}, 36},
      {{EncrId::CHACHA20_POLY1305, 0}, 36},
  };
  for (const EspRow& row : rows) {
    expect_child({.protocol = ProtocolId::ESP, .encr = {row.encr}, .esn = {EsnId::NO_ESN}},
                 row.octets, 0);
  }
}

TEST_F(Algorithms, EveryIntegrityAlgorithmProtectsEspAndAh) {
  constexpr std::pair<IntegId, size_t> rows[] = {
      {IntegId::HMAC_MD5_96, 16},       {IntegId::HMAC_SHA1_96, 20},
      {IntegId::AES_XCBC_96, 16},       {IntegId::HMAC_SHA1_160, 20},
      {IntegId::AES_CMAC_96, 16},       {IntegId::HMAC_SHA2_256_128, 32},
      {IntegId::HMAC_SHA2_384_192, 48}, {IntegId::HMAC_SHA2_512_256, 64},
  };
  for (const auto& [integ, octets] : rows) {
    expect_child({.protocol = ProtocolId::ESP,
                  .encr = {{EncrId::AES_CBC, 128}},
                  .integ = {integ},
                  .esn = {EsnId::NO_ESN}},
                 16, octets);
    expect_child({.protocol = ProtocolId::AH, .integ = {integ}, .esn = {EsnId::NO_ESN}}, 0, octets);
  }
}

TEST_F(Algorithms, ExtendedSequenceNumbersAreNegotiated) {
  for (const EsnId esn : {EsnId::ESN, EsnId::NO_ESN}) {
    Pair pair;
    pair.policy_a().child_proposals[0].esn = {EsnId::ESN, EsnId::NO_ESN};
    pair.policy_b().child_proposals[0].esn = {esn};
    pair.connect();
    expect_tunnel(pair);
    for (const auto& [key, sa] : pair.a->kernel.sas) EXPECT_EQ(sa.suite.esn, esn);
  }
}

// Several proposals with several alternatives each: the responder's order decides between
// proposals, and within the one it takes.
TEST_F(Algorithms, TheRespondersOrderDecides) {
  const Proposal aead{.protocol = ProtocolId::ESP,
                      .encr = {{EncrId::AES_GCM_16, 256}, {EncrId::CHACHA20_POLY1305, 0}},
                      .esn = {EsnId::NO_ESN}};
  const Proposal cbc{.protocol = ProtocolId::ESP,
                     .encr = {{EncrId::AES_CBC, 256}, {EncrId::AES_CBC, 128}},
                     .integ = {IntegId::HMAC_SHA2_256_128, IntegId::HMAC_SHA2_512_256},
                     .esn = {EsnId::NO_ESN}};
  Proposal mine = cbc;
  std::swap(mine.encr[0], mine.encr[1]);
  std::swap(mine.integ[0], mine.integ[1]);
  Pair pair;
  pair.policy_a().child_proposals = {aead, cbc};
  pair.policy_b().child_proposals = {mine, aead};
  pair.connect();
  expect_tunnel(pair);
  for (const auto& [key, sa] : pair.a->kernel.sas) {
    EXPECT_EQ(to_string(sa.suite), to_string(ChildSuite{.encr = {EncrId::AES_CBC, 128},
                                                        .integ = IntegId::HMAC_SHA2_512_256}));
  }
}

}  // namespace
}  // namespace iked::test
