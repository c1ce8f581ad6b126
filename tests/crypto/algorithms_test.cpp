// SPDX-License-Identifier: ISC
#include "crypto/algorithms.h"

#include <gtest/gtest.h>

#include <set>

namespace iked::crypto {
namespace {

TEST(Catalogue, FindsWhatItListsAndNothingElse) {
  std::set<std::pair<uint16_t, uint16_t>> listed;
  for (const auto& row : all_ike_encr()) {
    EXPECT_EQ(ike_encr(row.id), &row.info);
    listed.emplace(static_cast<uint16_t>(row.id.id), row.id.key_bits);
  }
  EXPECT_EQ(listed.size(), all_ike_encr().size()) << "an algorithm stands twice";
  size_t found = 0;
  for (uint16_t id = 0; id < 64; ++id) {
    for (uint16_t bits = 0; bits <= 512; bits = static_cast<uint16_t>(bits + 8)) {
      found += ike_encr({EncrId{id}, bits}) != nullptr;
    }
  }
  EXPECT_EQ(found, listed.size());

  std::set<PrfId> prfs;
  for (const auto& row : all_ike_prf()) prfs.insert(row.id);
  std::set<IntegId> integs;
  for (const auto& row : all_ike_integ()) integs.insert(row.id);
  std::set<KeId> groups;
  for (const auto& row : all_ike_ke()) groups.insert(row.id);
  for (unsigned id = 0; id <= 0xffff; ++id) {
    const auto number = static_cast<uint16_t>(id);
    EXPECT_EQ(ike_prf(PrfId{number}) != nullptr, prfs.contains(PrfId{number})) << id;
    EXPECT_EQ(ike_integ(IntegId{number}) != nullptr, integs.contains(IntegId{number})) << id;
    EXPECT_EQ(ike_ke(KeId{number}) != nullptr, groups.contains(KeId{number})) << id;
  }
}

TEST(Catalogue, HasTheLengthsOfTheRfcs) {
  EXPECT_EQ(ike_encr({EncrId::AES_CBC, 0}), nullptr) << "RFC 3602 5.3: needs a key length";
  EXPECT_EQ(ike_encr({EncrId::CHACHA20_POLY1305, 256}), nullptr) << "RFC 7634 2: takes none";
  EXPECT_EQ(ike_encr({EncrId::AES_GCM_16, 192})->key, 24u);
  EXPECT_EQ(ike_encr({EncrId::AES_GCM_16, 192})->salt, 4u);
  EXPECT_EQ(ike_integ(IntegId::HMAC_SHA2_384_192)->icv, 24u);
  EXPECT_EQ(ike_integ(IntegId::HMAC_SHA2_384_192)->key, 48u);
  EXPECT_EQ(ike_ke(KeId::MODP_2048)->public_value, 256u);
  EXPECT_EQ(ike_ke(KeId::ECP_256)->public_value, 64u);
  EXPECT_EQ(ike_ke(KeId::ECP_256)->shared, 32u);
  EXPECT_EQ(ike_ke(KeId::CURVE25519)->public_value, 32u);
}

TEST(Catalogue, TakesPrivateKeysOfTwiceTheStrengthAtLeast) {
  for (const auto& row : all_ike_ke()) {
    EXPECT_GE(8 * row.info.random, 2 * row.info.strength) << to_string(row.id);
  }
}

struct EspCase {
  Encr encr;
  size_t octets;
};

TEST(ChildKeyLengths, KnowEveryCipherOfEsp) {
  constexpr EspCase cases[] = {
      {{EncrId::DES, 0}, 8},
      {{EncrId::TDES, 0}, 24},
      {{EncrId::CAST, 0}, 16},
      {{EncrId::CAST, 40}, 5},
      {{EncrId::CAST, 128}, 16},
      {{EncrId::BLOWFISH, 0}, 16},
      {{EncrId::BLOWFISH, 448}, 56},
      {{EncrId::ENCR_NULL, 0}, 0},
      {{EncrId::AES_CBC, 128}, 16},
      {{EncrId::AES_CBC, 192}, 24},
      {{EncrId::AES_CBC, 256}, 32},
      {{EncrId::AES_CTR, 128}, 20},
      {{EncrId::AES_CTR, 256}, 36},
      {{EncrId::AES_CCM_8, 128}, 19},
      {{EncrId::AES_CCM_12, 192}, 27},
      {{EncrId::AES_CCM_16, 256}, 35},
      {{EncrId::AES_GCM_8, 128}, 20},
      {{EncrId::AES_GCM_12, 192}, 28},
      {{EncrId::AES_GCM_16, 256}, 36},
      {{EncrId::NULL_AUTH_AES_GMAC, 128}, 20},
      {{EncrId::CAMELLIA_CBC, 256}, 32},
      {{EncrId::CHACHA20_POLY1305, 0}, 36},
  };
  for (const EspCase& c : cases) {
    const Result<ChildKeyLengths> lengths = child_key_lengths({.encr = c.encr});
    ASSERT_TRUE(lengths.has_value()) << lengths.error().text;
    EXPECT_EQ(lengths->encr, c.octets) << to_string(c.encr.id, c.encr.key_bits);
    EXPECT_EQ(lengths->integ, 0u);
  }
}

TEST(ChildKeyLengths, KnowEveryIntegrityAlgorithm) {
  constexpr std::pair<IntegId, size_t> cases[] = {
      {IntegId::NONE, 0},
      {IntegId::HMAC_MD5_96, 16},
      {IntegId::HMAC_SHA1_96, 20},
      {IntegId::AES_XCBC_96, 16},
      {IntegId::HMAC_SHA1_160, 20},
      {IntegId::AES_CMAC_96, 16},
      {IntegId::HMAC_SHA2_256_128, 32},
      {IntegId::HMAC_SHA2_384_192, 48},
      {IntegId::HMAC_SHA2_512_256, 64},
  };
  for (const auto& [integ, octets] : cases) {
    const Result<ChildKeyLengths> esp =
        child_key_lengths({.encr = {EncrId::AES_CBC, 128}, .integ = integ});
    ASSERT_TRUE(esp.has_value());
    EXPECT_EQ(esp->encr, 16u);
    EXPECT_EQ(esp->integ, octets) << to_string(integ);
    const Result<ChildKeyLengths> ah =
        child_key_lengths({.protocol = ProtocolId::AH, .integ = integ});
    ASSERT_TRUE(ah.has_value());
    EXPECT_EQ(ah->encr, 0u);
    EXPECT_EQ(ah->integ, octets) << to_string(integ);
  }
}

TEST(ChildKeyLengths, RefuseWhatNoRfcDefines) {
  constexpr Encr refused[] = {
      {EncrId::NONE, 0},         {EncrId{99}, 128},          {EncrId::AES_CBC, 0},
      {EncrId::AES_CBC, 64},     {EncrId::AES_CBC, 129},     {EncrId::AES_CBC, 160},
      {EncrId::AES_CBC, 320},    {EncrId::AES_CBC, 65535},   {EncrId::TDES, 192},
      {EncrId::DES, 64},         {EncrId::CAST, 32},         {EncrId::CAST, 136},
      {EncrId::BLOWFISH, 456},   {EncrId::BLOWFISH, 44},     {EncrId::ENCR_NULL, 128},
      {EncrId::AES_GCM_16, 512}, {EncrId::CAMELLIA_CBC, 40}, {EncrId::CHACHA20_POLY1305, 256},
  };
  for (const Encr& encr : refused) {
    EXPECT_FALSE(child_key_lengths({.encr = encr}).has_value())
        << to_string(encr.id, encr.key_bits);
  }
  EXPECT_FALSE(child_key_lengths({.encr = {EncrId::AES_CBC, 128}, .integ = IntegId{99}}));
  EXPECT_FALSE(child_key_lengths({.protocol = ProtocolId::AH,
                                  .encr = {EncrId::AES_CBC, 128},
                                  .integ = IntegId::HMAC_SHA1_96}));
  EXPECT_FALSE(child_key_lengths({.protocol = ProtocolId::IKE, .encr = {EncrId::AES_CBC, 128}}));
}

TEST(ChildKeyLengths, SayWhichAlgorithmIsAtFault) {
  EXPECT_EQ(child_key_lengths({.encr = {EncrId::AES_CBC, 160}}).error().text,
            "aes-160 has no key of 160 bits");
  EXPECT_EQ(child_key_lengths({.encr = {EncrId{99}, 0}}).error().text,
            "enc 99 is not a cipher for child SAs");
}

}  // namespace
}  // namespace iked::crypto
