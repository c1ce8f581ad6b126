// SPDX-License-Identifier: ISC
#include "conf/transforms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "conf/algorithms.h"
#include "conf/support.h"

namespace iked::conf {
namespace {

using test::parse_text;
using testing::HasSubstr;

const std::string flow = "ikev2 from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2 ";
const std::string key = " psk \"correct horse battery\"";

TEST(DefaultProposals, AreStrong) {
  for (ProtocolId protocol : {ProtocolId::IKE, ProtocolId::ESP, ProtocolId::AH}) {
    for (const Proposal& proposal : default_proposals(protocol)) {
      EXPECT_EQ(proposal.protocol, protocol);
      EXPECT_TRUE(std::none_of(proposal.encr.begin(), proposal.encr.end(),
                               [](const Encr& e) { return is_weak(e); }));
      EXPECT_TRUE(std::none_of(proposal.prf.begin(), proposal.prf.end(),
                               [](PrfId p) { return is_weak(p); }));
      EXPECT_TRUE(std::none_of(proposal.integ.begin(), proposal.integ.end(),
                               [](IntegId i) { return is_weak(i); }));
      EXPECT_TRUE(
          std::none_of(proposal.ke.begin(), proposal.ke.end(), [](KeId g) { return is_weak(g); }));
    }
  }
}

TEST(DefaultProposals, OfferAeadFirst) {
  for (ProtocolId protocol : {ProtocolId::IKE, ProtocolId::ESP}) {
    const auto proposals = default_proposals(protocol);
    ASSERT_EQ(proposals.size(), 2u);
    EXPECT_TRUE(is_aead(proposals[0].encr.front().id));
    EXPECT_TRUE(proposals[0].integ.empty());
    EXPECT_FALSE(is_aead(proposals[1].encr.front().id));
    EXPECT_FALSE(proposals[1].integ.empty());
  }
}

TEST(DefaultProposals, OfChildrenHaveNoKeyExchangeAndNoEsn) {
  for (const Proposal& proposal : default_proposals(ProtocolId::ESP)) {
    EXPECT_TRUE(proposal.ke.empty());
    EXPECT_EQ(proposal.esn, std::vector{EsnId::NO_ESN});
    EXPECT_TRUE(proposal.prf.empty());
  }
}

TEST(DefaultProposals, OfAhAuthenticateOnly) {
  const auto proposals = default_proposals(ProtocolId::AH);
  ASSERT_EQ(proposals.size(), 1u);
  EXPECT_TRUE(proposals[0].encr.empty());
  EXPECT_FALSE(proposals[0].integ.empty());
}

TEST(Transforms, NamedAlgorithmsReplaceTheDefaults) {
  const auto parsed = parse_text(
      flow + "ikesa enc aes-128 auth hmac-sha2-256 prf hmac-sha2-512 group ecp256" + key);
  ASSERT_TRUE(parsed.good()) << parsed.text();
  const auto& proposals = parsed.policy().ike_proposals;
  ASSERT_EQ(proposals.size(), 1u);
  EXPECT_EQ(to_string(proposals[0]),
            "enc aes-128 prf hmac-sha2-512 auth hmac-sha2-256 group ecp256");
}

TEST(Transforms, AlternativesKeepTheirOrder) {
  const auto parsed = parse_text(
      flow + "childsa enc aes-128-gcm enc aes-256-gcm childsa enc aes-256 auth hmac-sha2-512" +
      key);
  ASSERT_TRUE(parsed.good()) << parsed.text();
  const auto& proposals = parsed.policy().child_proposals;
  ASSERT_EQ(proposals.size(), 2u);
  EXPECT_EQ(to_string(proposals[0]), "enc aes-128-gcm enc aes-256-gcm noesn");
  EXPECT_EQ(to_string(proposals[1]), "enc aes-256 auth hmac-sha2-512 noesn");
}

TEST(Transforms, WordsAreExact) {
  for (const char* bad : {"enc aes", "enc aes-25", "enc AES-256", "auth hmac-sha2", "group modp",
                          "group grp1", "prf hmac"}) {
    EXPECT_FALSE(parse_text(flow + "ikesa " + bad + key).good()) << bad;
  }
}

TEST(Transforms, EveryCatalogueWordIsTakenForChildren) {
  const Catalogue catalogue = test::some_catalogue();
  for (const auto& row : encr_words()) {
    const auto parsed = parse_text(flow + "childsa enc " + std::string(row.word) + key);
    EXPECT_EQ(parsed.good(), catalogue.child_encr(row.value)) << row.word << parsed.text();
    if (!parsed.good()) continue;
    EXPECT_EQ(parsed.policy().child_proposals[0].encr[0], row.value);
  }
}

TEST(Transforms, KernelOnlyCiphersAreRefusedForIkeWithTheList) {
  const auto parsed = parse_text(flow + "ikesa enc aes-128-ctr" + key);
  EXPECT_THAT(parsed.text(), HasSubstr("cipher 'aes-128-ctr' cannot be used for an IKE SA"));
  EXPECT_THAT(parsed.text(), HasSubstr("expected 'aes-128', 'aes-192', 'aes-256', 'aes-128-gcm'"));
}

TEST(Transforms, AeadAndOtherCiphersDoNotMix) {
  EXPECT_THAT(parse_text(flow + "ikesa enc aes-256 enc aes-256-gcm" + key).text(),
              HasSubstr("cannot share one 'ikesa'"));
  EXPECT_THAT(parse_text(flow + "ikesa enc aes-256-gcm auth hmac-sha2-256" + key).text(),
              HasSubstr("integrity of its own"));
}

TEST(Transforms, WeakAlgorithmsEarnOneWarning) {
  const auto parsed = parse_text(flow + "childsa enc 3des auth hmac-md5 group modp1024" + key);
  ASSERT_TRUE(parsed.good());
  EXPECT_EQ(parsed.warnings(), 1u);
  EXPECT_THAT(parsed.text(), HasSubstr("weak: 3des, hmac-md5, modp1024"));
}

TEST(Transforms, EsnIsForChildrenOnly) {
  EXPECT_FALSE(parse_text(flow + "ikesa enc aes-256-gcm esn" + key).good());
  const auto parsed = parse_text(flow + "childsa enc aes-256-gcm esn noesn" + key);
  ASSERT_TRUE(parsed.good());
  EXPECT_EQ(parsed.policy().child_proposals[0].esn, (std::vector{EsnId::ESN, EsnId::NO_ESN}));
}

TEST(Transforms, PfsGroupOfChildren) {
  const auto parsed =
      parse_text(flow + "childsa enc aes-256-gcm group curve25519 group none" + key);
  ASSERT_TRUE(parsed.good());
  EXPECT_EQ(parsed.policy().child_proposals[0].ke, (std::vector{KeId::CURVE25519, KeId::NONE}));
}

TEST(Transforms, EmptyListsAreRefused) {
  EXPECT_FALSE(parse_text(flow + "ikesa" + key).good());
  EXPECT_FALSE(parse_text(flow + "childsa" + key).good());
}

}  // namespace
}  // namespace iked::conf
