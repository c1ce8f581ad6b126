// SPDX-License-Identifier: ISC
// The texts that an administrator reads when a negotiation fails, to the letter.
#include <gtest/gtest.h>

#include "ike/proposals.h"

namespace iked::ike {
namespace {

using wire::ProposalPayload;
using wire::SaPayload;
using wire::Transform;

std::string ike(const Proposal& ours, const Proposal& theirs) {
  return explain_no_ike({ours}, build_offer({theirs}, {}));
}

std::string child(const Proposal& ours, const Proposal& theirs) {
  return explain_no_first_child({ours}, build_first_child_offer({theirs}, ChildSpi{0xc0000000}));
}

TEST(Explain, OneTypeThatDiffers) {
  Proposal theirs = aead_ike();
  theirs.ke = {KeId::MODP_1024, KeId::MODP_2048};
  EXPECT_EQ(ike(aead_ike(), theirs),
            "peer offers [1] enc aes-256-gcm prf hmac-sha2-256 group modp1024 group modp2048; we "
            "accept [1] enc aes-256-gcm prf hmac-sha2-256 group curve25519; they differ in "
            "\"group modp1024 group modp2048\" (peer) against \"group curve25519\" (ours): to "
            "accept it, write ikesa enc aes-256-gcm prf hmac-sha2-256 group modp1024 group "
            "modp2048");
}

TEST(Explain, EveryTypeIsNamedAndTheLineIsWhole) {
  EXPECT_EQ(ike(aead_ike(), cbc_ike()),
            "peer offers [1] enc aes-256 prf hmac-sha2-256 auth hmac-sha2-256 group curve25519; "
            "we accept [1] enc aes-256-gcm prf hmac-sha2-256 group curve25519; they differ in "
            "\"enc aes-256\" (peer) against \"enc aes-256-gcm\" (ours) and in \"auth "
            "hmac-sha2-256\" (peer) against \"nothing\" (ours): to accept it, write ikesa enc "
            "aes-256 prf hmac-sha2-256 auth hmac-sha2-256 group curve25519");
  EXPECT_EQ(ike(cbc_ike(), aead_ike()),
            "peer offers [1] enc aes-256-gcm prf hmac-sha2-256 group curve25519; we accept [1] "
            "enc aes-256 prf hmac-sha2-256 auth hmac-sha2-256 group curve25519; they differ in "
            "\"enc aes-256-gcm\" (peer) against \"enc aes-256\" (ours) and in \"nothing\" (peer) "
            "against \"auth hmac-sha2-256\" (ours): to accept it, write ikesa enc aes-256-gcm prf "
            "hmac-sha2-256 group curve25519");
}

TEST(Explain, ClosestPairIsTheOneToMend) {
  Proposal near = cbc_ike();
  near.prf = {PrfId::HMAC_SHA1};
  const std::string text = explain_no_ike({aead_ike(), cbc_ike()}, build_offer({near}, {}));
  EXPECT_EQ(text,
            "peer offers [1] enc aes-256 prf hmac-sha1 auth hmac-sha2-256 group curve25519; we "
            "accept [1] enc aes-256-gcm prf hmac-sha2-256 group curve25519 [2] enc aes-256 prf "
            "hmac-sha2-256 auth hmac-sha2-256 group curve25519; they differ in \"prf hmac-sha1\" "
            "(peer) against \"prf hmac-sha2-256\" (ours): to accept it, write ikesa enc aes-256 "
            "prf hmac-sha1 auth hmac-sha2-256 group curve25519");
}

TEST(Explain, FirstChildIsComparedWithoutGroups) {
  Proposal ours = aead_esp();
  ours.ke = {KeId::CURVE25519};
  Proposal theirs = aead_esp();
  theirs.encr = {{EncrId::CHACHA20_POLY1305, 0}};
  theirs.ke = {KeId::ECP_256};
  EXPECT_EQ(child(ours, theirs),
            "peer offers [1] enc chacha20-poly1305 noesn; we accept [1] enc aes-256-gcm noesn; "
            "they differ in \"enc chacha20-poly1305\" (peer) against \"enc aes-256-gcm\" (ours): "
            "to accept it, write childsa enc chacha20-poly1305 noesn");
}

TEST(Explain, EsnDiffers) {
  Proposal theirs = cbc_esp();
  theirs.esn = {EsnId::ESN};
  EXPECT_EQ(child(cbc_esp(), theirs),
            "peer offers [1] enc aes-256 auth hmac-sha2-256 esn; we accept [1] enc aes-256 auth "
            "hmac-sha2-256 noesn; they differ in \"esn\" (peer) against \"noesn\" (ours): to "
            "accept it, write childsa enc aes-256 auth hmac-sha2-256 esn");
}

TEST(Explain, ProtocolsDiffer) {
  Proposal ah;
  ah.protocol = ProtocolId::AH;
  ah.integ = {IntegId::HMAC_SHA2_256_128};
  ah.esn = {EsnId::NO_ESN};
  EXPECT_EQ(child(aead_esp(), ah),
            "peer offers [1] auth hmac-sha2-256 noesn; we accept [1] enc aes-256-gcm noesn; the "
            "peer wants AH, the policy has ESP");
}

TEST(Explain, KeyLengthsAreSpelledOut) {
  const SaPayload without{
      {ike_offer({encr(EncrId::AES_GCM_16), prf(PrfId::HMAC_SHA2_256), group(KeId::CURVE25519)})}};
  EXPECT_EQ(explain_no_ike({aead_ike()}, without),
            "peer offers [1] enc aes-0-gcm (without key length) prf hmac-sha2-256 group "
            "curve25519; we accept [1] enc aes-256-gcm prf hmac-sha2-256 group curve25519; they "
            "differ in \"enc aes-0-gcm (without key length)\" (peer) against \"enc aes-256-gcm\" "
            "(ours), for which iked.conf has no words: change it at the peer");
  Proposal chacha = aead_ike();
  chacha.encr = {{EncrId::CHACHA20_POLY1305, 0}};
  const SaPayload with{{ike_offer(
      {encr(EncrId::CHACHA20_POLY1305, 256), prf(PrfId::HMAC_SHA2_256), group(KeId::CURVE25519)})}};
  EXPECT_EQ(explain_no_ike({chacha}, with),
            "peer offers [1] enc chacha20-poly1305 (with key length 256) prf hmac-sha2-256 group "
            "curve25519; we accept [1] enc chacha20-poly1305 prf hmac-sha2-256 group curve25519; "
            "they differ in \"enc chacha20-poly1305 (with key length 256)\" (peer) against \"enc "
            "chacha20-poly1305\" (ours), for which iked.conf has no words: change it at the peer");
}

TEST(Explain, OnlyWordsThatCanBeTypedAreAdvised) {
  Transform strange = group(KeId::ECP_384);
  strange.unknown_attribute = true;
  std::vector<Transform> all = {encr(EncrId::AES_GCM_16, 256), prf(PrfId::HMAC_SHA2_256), strange,
                                group(KeId{1035})};
  const std::string begin =
      "peer offers [1] enc aes-256-gcm prf hmac-sha2-256 group ecp384 (with an unknown "
      "attribute) group 1035";
  const std::string middle = "; we accept [1] enc aes-256-gcm prf hmac-sha2-256 group curve25519";
  EXPECT_EQ(explain_no_ike({aead_ike()}, SaPayload{{ike_offer(all)}}),
            begin + middle +
                "; they differ in \"group ecp384 (with an unknown attribute) group 1035\" (peer) "
                "against \"group curve25519\" (ours), for which iked.conf has no words: change it "
                "at the peer");
  all.push_back(group(KeId::ECP_256));
  all.push_back(group(KeId::ECP_256));
  EXPECT_EQ(explain_no_ike({aead_ike()}, SaPayload{{ike_offer(all)}}),
            begin + " group ecp256 group ecp256" + middle +
                "; they differ in \"group ecp384 (with an unknown attribute) group 1035 group "
                "ecp256 group ecp256\" (peer) against \"group curve25519\" (ours): to accept it, "
                "write ikesa enc aes-256-gcm prf hmac-sha2-256 group ecp256");
}

TEST(Explain, AeadWithAuthCannotBeWritten) {
  const SaPayload offer{{ike_offer({encr(EncrId::AES_GCM_16, 256), prf(PrfId::HMAC_SHA2_256),
                                    integ(IntegId::HMAC_SHA2_256_128), group(KeId::CURVE25519)})}};
  EXPECT_EQ(explain_no_ike({aead_ike()}, offer),
            "peer offers [1] enc aes-256-gcm prf hmac-sha2-256 auth hmac-sha2-256 group "
            "curve25519; we accept [1] enc aes-256-gcm prf hmac-sha2-256 group curve25519; they "
            "differ in \"auth hmac-sha2-256\" (peer) against \"nothing\" (ours), for which "
            "iked.conf has no words: change it at the peer");
}

TEST(Explain, FlawedProposalsCanOnlyBeMendedAtThePeer) {
  SaPayload offer = build_offer({aead_ike()}, {});
  offer.proposals[0].transforms.push_back(transform(TransformType{6}, 35));
  const std::string ours = "; we accept [1] enc aes-256-gcm prf hmac-sha2-256 group curve25519";
  EXPECT_EQ(explain_no_ike({aead_ike()}, offer),
            "peer offers [1] enc aes-256-gcm prf hmac-sha2-256 group curve25519 transform 35 of "
            "type 6" +
                ours +
                "; its proposal 1 has transform type 6, which iked does not know: this can only "
                "be mended at the peer");
  offer = build_offer({aead_ike()}, {});
  offer.proposals[0].transforms.pop_back();
  EXPECT_EQ(explain_no_ike({aead_ike()}, offer),
            "peer offers [1] enc aes-256-gcm prf hmac-sha2-256" + ours +
                "; its proposal 1 has no group transform, which IKE must have: this can only be "
                "mended at the peer");
  offer = build_offer({aead_ike()}, Bytes(8, 1));
  EXPECT_EQ(explain_no_ike({aead_ike()}, offer),
            "peer offers [1] enc aes-256-gcm prf hmac-sha2-256 group curve25519" + ours +
                "; its proposal 1 has an SPI of 8 octets: this can only be mended at the peer");
  EXPECT_EQ(explain_no_first_child({aead_esp()}, build_offer({aead_esp()}, Bytes(4))),
            "peer offers [1] enc aes-256-gcm noesn; we accept [1] enc aes-256-gcm noesn; its "
            "proposal 1 has a reserved SPI: this can only be mended at the peer");
  Proposal odd = aead_esp();
  odd.prf = {PrfId::HMAC_SHA2_256};
  EXPECT_EQ(child(aead_esp(), odd),
            "peer offers [1] enc aes-256-gcm prf hmac-sha2-256 noesn; we accept [1] enc "
            "aes-256-gcm noesn; its proposal 1 has prf transforms, which have no place in ESP: "
            "this can only be mended at the peer");
}

TEST(Explain, AWellFormedProposalIsCloserThanAFlawedOne) {
  Proposal far = cbc_ike();
  far.prf = {PrfId::HMAC_SHA1};
  far.ke = {KeId::MODP_2048};
  SaPayload offer = build_offer({aead_ike(), far}, {});
  offer.proposals[0].transforms.push_back(transform(TransformType{6}, 35));
  const std::string text = explain_no_ike({aead_ike()}, offer);
  EXPECT_NE(text.find(": to accept it, write ikesa enc aes-256 prf hmac-sha1 auth hmac-sha2-256 "
                      "group modp2048"),
            std::string::npos)
      << text;
}

// Whatever is advised has to work: with the line in place, the same offer is accepted.
TEST(ExplainProperty, TheAdvisedTransformsMakeAMatch) {
  size_t advised = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::vector<Proposal> theirs = random_ike(random);
    const std::vector<Proposal> ours = random_ike(random);
    SaPayload offer = build_offer(theirs, {});
    if (choose_ike(ours, offer, KeId::NONE)) continue;
    const std::string text = explain_no_ike(ours, offer);
    const std::string_view marker = ": to accept it, write ikesa ";
    const size_t at = text.find(marker);
    ASSERT_NE(at, std::string::npos) << text;
    const std::string line = text.substr(at + marker.size());
    // One of ours and one of theirs make that line.
    bool found = false;
    for (const Proposal& mine : ours) {
      for (const Proposal& other : theirs) {
        for (unsigned mask = 0; mask < 16; ++mask) {
          Proposal mixed = mine;
          if (mask & 1) mixed.encr = other.encr;
          if (mask & 2) mixed.prf = other.prf;
          if (mask & 4) mixed.integ = other.integ;
          if (mask & 8) mixed.ke = other.ke;
          if (to_string(mixed) != line) continue;
          found = true;
          EXPECT_TRUE(choose_ike({mixed}, offer, KeId::NONE)) << text;
        }
      }
    }
    EXPECT_TRUE(found) << text;
    ++advised;
  }
  EXPECT_GT(advised, 300U);
}

TEST(SaPayloadText, NothingIsSaidInAWord) {
  EXPECT_EQ(to_string(SaPayload{}), "nothing");
  EXPECT_EQ(explain_no_ike({aead_ike()}, SaPayload{}),
            "peer offers nothing; we accept [1] enc aes-256-gcm prf hmac-sha2-256 group "
            "curve25519");
}

// The offer is a stranger's and the text goes into the log.
TEST(SaPayloadText, StaysShortWhateverIsOffered) {
  SaPayload offer;
  for (unsigned i = 1; i <= wire::max_proposals; ++i) {
    offer.proposals.push_back(ike_offer(std::vector<Transform>(255, encr(EncrId::AES_GCM_12, 256)),
                                        static_cast<uint8_t>(i)));
  }
  const std::string text = to_string(offer);
  EXPECT_LT(text.size(), 10000U);
  EXPECT_NE(text.find("enc aes-256-gcm-12 and 207 more [2] "), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with(" and 207 more and 56 more proposals")) << text;
  EXPECT_LT(explain_no_ike({aead_ike()}, offer).size(), 15000U);
}

}  // namespace
}  // namespace iked::ike
