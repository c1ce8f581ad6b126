// SPDX-License-Identifier: ISC
#include "ike/choose.h"

#include <gtest/gtest.h>

#include <set>

#include "ike/proposals.h"

namespace iked::ike {
namespace {

using wire::ProposalPayload;
using wire::SaPayload;
using wire::Transform;

std::optional<IkeChoice> choose(const Proposal& ours, const ProposalPayload& offer,
                                KeId guess = KeId::NONE) {
  return choose_ike({ours}, SaPayload{{offer}}, guess);
}

std::optional<ChildChoice> choose_child(const Proposal& ours, const ProposalPayload& offer) {
  return choose_first_child({ours}, SaPayload{{offer}});
}

// ---- what we offer

TEST(BuildOffer, ProposalsAreNumberedFromOne) {  // R091
  const SaPayload offer = build_offer({aead_ike(), cbc_ike(), aead_ike()}, {});
  ASSERT_EQ(offer.proposals.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(offer.proposals[i].number, i + 1);
    EXPECT_TRUE(offer.proposals[i].spi.empty());
  }
  EXPECT_EQ(offer.proposals[0].transforms,
            (std::vector<Transform>{encr(EncrId::AES_GCM_16, 256), prf(PrfId::HMAC_SHA2_256),
                                    group(KeId::CURVE25519)}));
  EXPECT_EQ(offer.proposals[1].transforms,
            (std::vector<Transform>{encr(EncrId::AES_CBC, 256), prf(PrfId::HMAC_SHA2_256),
                                    integ(IntegId::HMAC_SHA2_256_128), group(KeId::CURVE25519)}));
}

TEST(BuildOffer, FixedLengthCiphersHaveNoKeyLength) {  // R171
  Proposal p = aead_ike();
  p.encr = {{EncrId::CHACHA20_POLY1305, 0}};
  EXPECT_FALSE(build_offer({p}, {}).proposals[0].transforms[0].key_bits);
}

TEST(BuildOffer, FirstChildHasASpiAndNoGroups) {  // R166
  Proposal with_group = aead_esp();
  with_group.ke = {KeId::CURVE25519};
  const SaPayload offer =
      build_first_child_offer({with_group, cbc_esp(), aead_esp()}, ChildSpi{0xc1020304});
  // The first and the last are the same without groups: once is enough.
  ASSERT_EQ(offer.proposals.size(), 2U);
  for (const ProposalPayload& p : offer.proposals) {
    EXPECT_EQ(to_hex(p.spi), "c1020304");
    for (const Transform& t : p.transforms) EXPECT_NE(t.type, TransformType::KE);
  }
}

// ---- what we choose

TEST(ChooseIke, TakesOneTransformOfEachType) {  // R089
  Proposal ours = cbc_ike();
  ours.encr = {{EncrId::AES_CBC, 128}, {EncrId::AES_CBC, 256}};
  const auto choice = choose(
      ours,
      ike_offer({encr(EncrId::AES_CBC, 256), encr(EncrId::AES_CBC, 128), prf(PrfId::HMAC_SHA1),
                 prf(PrfId::HMAC_SHA2_256), integ(IntegId::HMAC_SHA2_256_128),
                 group(KeId::MODP_2048), group(KeId::CURVE25519)}));
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->suite, (IkeSuite{{EncrId::AES_CBC, 128},
                                     PrfId::HMAC_SHA2_256,
                                     IntegId::HMAC_SHA2_256_128,
                                     KeId::CURVE25519}));
  EXPECT_EQ(choice->answer,
            (SaPayload{{ike_offer({encr(EncrId::AES_CBC, 128), prf(PrfId::HMAC_SHA2_256),
                                   integ(IntegId::HMAC_SHA2_256_128), group(KeId::CURVE25519)})}}));
}

TEST(ChooseIke, OurOrderDecides) {
  // Among proposals ...
  SaPayload offer = build_offer({cbc_ike(), aead_ike()}, {});
  auto choice = choose_ike({aead_ike(), cbc_ike()}, offer, KeId::NONE);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->answer.proposals[0].number, 2);
  choice = choose_ike({cbc_ike(), aead_ike()}, offer, KeId::NONE);
  EXPECT_EQ(choice->answer.proposals[0].number, 1);
  // ... and among the transforms of one.
  Proposal ours = aead_ike();
  ours.prf = {PrfId::HMAC_SHA2_512, PrfId::HMAC_SHA2_256};
  Proposal theirs = aead_ike();
  theirs.prf = {PrfId::HMAC_SHA2_256, PrfId::HMAC_SHA2_512};
  choice = choose_ike({ours}, build_offer({theirs}, {}), KeId::NONE);
  EXPECT_EQ(choice->suite.prf, PrfId::HMAC_SHA2_512);
}

TEST(ChooseIke, AGroupWithAKeyAlreadySavesARound) {
  Proposal ours = aead_ike();
  ours.ke = {KeId::CURVE25519, KeId::ECP_256};
  const auto offer =
      ike_offer({encr(EncrId::AES_GCM_16, 256), prf(PrfId::HMAC_SHA2_256), group(KeId::MODP_1024),
                 group(KeId::ECP_256), group(KeId::CURVE25519)});
  EXPECT_EQ(choose(ours, offer, KeId::ECP_256)->suite.ke, KeId::ECP_256);
  EXPECT_EQ(choose(ours, offer, KeId::CURVE25519)->suite.ke, KeId::CURVE25519);
  // But only one that we accept, ...
  EXPECT_EQ(choose(ours, offer, KeId::MODP_1024)->suite.ke, KeId::CURVE25519);
  EXPECT_EQ(choose(ours, offer, KeId::NONE)->suite.ke, KeId::CURVE25519);
  // ... and that is offered, too.
  ours.ke = {KeId::CURVE25519, KeId::MODP_4096};
  EXPECT_EQ(choose(ours, offer, KeId::MODP_4096)->suite.ke, KeId::CURVE25519);
}

TEST(ChooseIke, NothingInCommonIsNothing) {  // R175
  const std::vector<Transform> good = {encr(EncrId::AES_CBC, 256), prf(PrfId::HMAC_SHA2_256),
                                       integ(IntegId::HMAC_SHA2_256_128), group(KeId::CURVE25519)};
  ASSERT_TRUE(choose(cbc_ike(), ike_offer(good)));
  const Transform other[] = {encr(EncrId::AES_CBC, 192), prf(PrfId::HMAC_SHA2_384),
                             integ(IntegId::HMAC_SHA1_96), group(KeId::ECP_256)};
  for (size_t i = 0; i < good.size(); ++i) {
    std::vector<Transform> changed = good;
    changed[i] = other[i];
    EXPECT_FALSE(choose(cbc_ike(), ike_offer(changed))) << i;
    std::vector<Transform> shorter = good;
    shorter.erase(shorter.begin() + static_cast<ptrdiff_t>(i));
    EXPECT_FALSE(choose(cbc_ike(), ike_offer(shorter))) << i;  // R168
  }
  EXPECT_FALSE(choose_ike({}, SaPayload{{ike_offer(good)}}, KeId::NONE));
  EXPECT_FALSE(choose_ike({cbc_ike()}, SaPayload{}, KeId::NONE));
}

TEST(ChooseIke, AeadTakesNoIntegrityAlgorithm) {  // R093
  const std::vector<Transform> plain = {encr(EncrId::AES_GCM_16, 256), prf(PrfId::HMAC_SHA2_256),
                                        group(KeId::CURVE25519)};
  EXPECT_TRUE(choose(aead_ike(), ike_offer(plain)));
  auto with = [&](std::vector<Transform> more) {
    std::vector<Transform> all = plain;
    all.insert(all.end(), more.begin(), more.end());
    return ike_offer(all);
  };
  // NONE has to be answered where it is offered: one transform of each type.
  const auto none = choose(aead_ike(), with({integ(IntegId::NONE)}));
  ASSERT_TRUE(none);
  EXPECT_EQ(none->suite.integ, IntegId::NONE);
  EXPECT_EQ(none->answer.proposals[0].transforms.size(), 4U);
  EXPECT_FALSE(choose(aead_ike(), with({integ(IntegId::HMAC_SHA2_256_128)})));
  EXPECT_FALSE(choose(aead_ike(), with({integ(IntegId::NONE), integ(IntegId::HMAC_SHA2_256_128)})));
  // A proposal with both kinds of ciphers is good for the other kind.
  EXPECT_FALSE(
      choose(aead_ike(), with({encr(EncrId::AES_CBC, 256), integ(IntegId::HMAC_SHA2_256_128)})));
  const auto mixed =
      choose(cbc_ike(), with({encr(EncrId::AES_CBC, 256), integ(IntegId::HMAC_SHA2_256_128)}));
  ASSERT_TRUE(mixed);
  EXPECT_EQ(mixed->suite.encr.id, EncrId::AES_CBC);
  // An oddity behind NONE is not NONE.
  Transform odd = integ(IntegId::NONE);
  odd.key_bits = 128;
  EXPECT_FALSE(choose(aead_ike(), with({odd})));
  odd = integ(IntegId::NONE);
  odd.unknown_attribute = true;
  EXPECT_FALSE(choose(aead_ike(), with({odd})));
}

TEST(ChooseIke, KeyLengthHasToBeThere) {  // R171
  Proposal ours = aead_ike();
  const auto offer = [](Transform cipher) {
    return ike_offer({cipher, prf(PrfId::HMAC_SHA2_256), group(KeId::CURVE25519)});
  };
  EXPECT_TRUE(choose(ours, offer(encr(EncrId::AES_GCM_16, 256))));
  EXPECT_FALSE(choose(ours, offer(encr(EncrId::AES_GCM_16))));
  EXPECT_FALSE(choose(ours, offer(encr(EncrId::AES_GCM_16, 128))));
  EXPECT_FALSE(choose(ours, offer(encr(EncrId::AES_GCM_16, 257))));
  // And not where the cipher has one length.
  ours.encr = {{EncrId::CHACHA20_POLY1305, 0}};
  EXPECT_TRUE(choose(ours, offer(encr(EncrId::CHACHA20_POLY1305))));
  EXPECT_FALSE(choose(ours, offer(encr(EncrId::CHACHA20_POLY1305, 256))));
  ours.encr = {{EncrId::AES_GCM_16, 256}};
  for (size_t i : {1U, 2U}) {
    ProposalPayload odd = offer(encr(EncrId::AES_GCM_16, 256));
    odd.transforms[i].key_bits = 256;
    EXPECT_FALSE(choose(ours, odd)) << i;
  }
}

TEST(ChooseIke, UnknownTransformTypeSpoilsItsProposalOnly) {  // R173
  SaPayload offer = build_offer({aead_ike(), aead_ike()}, {});
  offer.proposals[0].transforms.push_back(transform(TransformType{6}, 35));
  const auto choice = choose_ike({aead_ike()}, offer, KeId::NONE);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->answer.proposals[0].number, 2);
  offer.proposals.pop_back();
  EXPECT_FALSE(choose_ike({aead_ike()}, offer, KeId::NONE));
  // Type 0 is reserved; 241 is private.
  for (unsigned type : {0U, 6U, 13U, 241U, 255U}) {
    offer.proposals[0].transforms.back().type = TransformType{static_cast<uint8_t>(type)};
    EXPECT_FALSE(choose_ike({aead_ike()}, offer, KeId::NONE)) << type;
  }
}

TEST(ChooseIke, UnknownTransformOrAttributeSpoilsItselfOnly) {  // R174
  Transform strange = encr(EncrId::AES_GCM_16, 256);
  strange.unknown_attribute = true;
  const std::vector<Transform> rest = {prf(PrfId::HMAC_SHA2_256), group(KeId::CURVE25519)};
  std::vector<Transform> all = rest;
  all.push_back(strange);
  all.push_back(encr(EncrId{1500}, 256));
  EXPECT_FALSE(choose(aead_ike(), ike_offer(all)));
  all.push_back(encr(EncrId::AES_GCM_16, 256));
  const auto choice = choose(aead_ike(), ike_offer(all));
  ASSERT_TRUE(choice);
  EXPECT_FALSE(choice->answer.proposals[0].transforms[0].unknown_attribute);
}

TEST(ChooseIke, ProtocolAndSpiHaveToFit) {  // R166, R167
  const std::vector<Transform> good = build_offer({aead_ike()}, {}).proposals[0].transforms;
  EXPECT_TRUE(choose(aead_ike(), {1, ProtocolId::IKE, {}, good}));
  EXPECT_FALSE(choose(aead_ike(), {1, ProtocolId::IKE, Bytes(8, 1), good}));
  for (unsigned protocol : {0U, 2U, 3U, 4U, 201U}) {
    EXPECT_FALSE(choose(aead_ike(), {1, ProtocolId{static_cast<uint8_t>(protocol)}, {}, good}));
  }
  // A strange one in front does not hide the good one.
  SaPayload offer{{{1, ProtocolId{201}, {}, good}, {2, ProtocolId::IKE, {}, good}}};
  EXPECT_EQ(choose_ike({aead_ike()}, offer, KeId::NONE)->answer.proposals[0].number, 2);
}

TEST(ChooseIke, TypesOutOfPlaceSpoilTheProposal) {  // R169
  std::vector<Transform> all = build_offer({aead_ike()}, {}).proposals[0].transforms;
  for (const Transform& odd : {esn(EsnId::NO_ESN), esn(EsnId::ESN)}) {
    all.push_back(odd);
    EXPECT_FALSE(choose(aead_ike(), ike_offer(all)));
    all.pop_back();
  }
  // Groups and PRFs of an IKE SA cannot be NONE.
  EXPECT_FALSE(choose(aead_ike(), ike_offer({encr(EncrId::AES_GCM_16, 256),
                                             prf(PrfId::HMAC_SHA2_256), group(KeId::NONE)})));
  EXPECT_FALSE(choose(aead_ike(), ike_offer({encr(EncrId::AES_GCM_16, 256), prf(PrfId::NONE),
                                             group(KeId::CURVE25519)})));
}

TEST(ChooseFirstChild, NeedsToKnowAboutEsn) {  // R169
  const std::vector<Transform> cipher = {encr(EncrId::AES_GCM_16, 256)};
  EXPECT_FALSE(choose_child(aead_esp(), esp_offer(cipher)));
  // Not even where the policy has forgotten it.
  Proposal without = aead_esp();
  without.esn.clear();
  EXPECT_FALSE(choose_child(without, esp_offer(cipher)));
  std::vector<Transform> all = cipher;
  all.push_back(esn(EsnId::ESN));
  EXPECT_FALSE(choose_child(aead_esp(), esp_offer(all)));
  all.push_back(esn(EsnId::NO_ESN));
  const auto choice = choose_child(aead_esp(), esp_offer(all));
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->suite.esn, EsnId::NO_ESN);
  EXPECT_EQ(choice->peer_spi, ChildSpi{0xc0000001});
  EXPECT_TRUE(choice->answer.spi.empty()) << "ours comes later";
  EXPECT_EQ(choice->answer.transforms.size(), 2U);
}

TEST(ChooseFirstChild, HasNoGroup) {  // R169
  std::vector<Transform> all = {encr(EncrId::AES_GCM_16, 256), esn(EsnId::NO_ESN)};
  Proposal ours = aead_esp();
  ours.ke = {KeId::CURVE25519};
  EXPECT_TRUE(choose_child(ours, esp_offer(all)));
  all.push_back(group(KeId::CURVE25519));
  EXPECT_FALSE(choose_child(ours, esp_offer(all)));
  all.push_back(group(KeId::NONE));
  const auto choice = choose_child(ours, esp_offer(all));
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->suite.ke, KeId::NONE);
  EXPECT_EQ(choice->answer.transforms.size(), 3U);
}

TEST(ChooseFirstChild, ReservedSpisAreNone) {  // R166
  const std::vector<Transform> good = {encr(EncrId::AES_GCM_16, 256), esn(EsnId::NO_ESN)};
  const auto offer = [&](Bytes spi) { return ProposalPayload{1, ProtocolId::ESP, spi, good}; };
  EXPECT_TRUE(choose_child(aead_esp(), offer({0, 0, 1, 0})));
  EXPECT_TRUE(choose_child(aead_esp(), offer({0xff, 0xff, 0xff, 0xff})));
  EXPECT_FALSE(choose_child(aead_esp(), offer({0, 0, 0, 0})));
  EXPECT_FALSE(choose_child(aead_esp(), offer({0, 0, 0, 255})));
  EXPECT_FALSE(choose_child(aead_esp(), offer({})));
  EXPECT_FALSE(choose_child(aead_esp(), offer(Bytes(8, 1))));
}

TEST(ChooseFirstChild, EspAndAhAreNotTheSame) {
  Proposal ah;
  ah.protocol = ProtocolId::AH;
  ah.integ = {IntegId::HMAC_SHA2_256_128};
  ah.esn = {EsnId::NO_ESN};
  const SaPayload ah_offer = build_first_child_offer({ah}, ChildSpi{256});
  const auto choice = choose_first_child({aead_esp(), ah}, ah_offer);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->suite.protocol, ProtocolId::AH);
  EXPECT_EQ(choice->suite.encr.id, EncrId::NONE);
  EXPECT_FALSE(choose_first_child({cbc_esp()}, ah_offer));
  // Encryption has no place in AH, nor has a PRF in ESP.
  SaPayload odd = ah_offer;
  odd.proposals[0].transforms.push_back(encr(EncrId::AES_CBC, 256));
  EXPECT_FALSE(choose_first_child({ah}, odd));
  odd = build_first_child_offer({aead_esp()}, ChildSpi{256});
  odd.proposals[0].transforms.push_back(prf(PrfId::HMAC_SHA2_256));
  EXPECT_FALSE(choose_first_child({aead_esp()}, odd));
  odd.proposals[0].transforms.back() = prf(PrfId::NONE);
  EXPECT_FALSE(choose_first_child({aead_esp()}, odd));
}

TEST(ChooseFirstChild, IntegrityIsOptionalWhereTheOffererSaysSo) {
  const auto offer = [](std::vector<Transform> integrity) {
    std::vector<Transform> all = {encr(EncrId::AES_CBC, 256), esn(EsnId::NO_ESN)};
    all.insert(all.end(), integrity.begin(), integrity.end());
    return esp_offer(all);
  };
  const Transform none = integ(IntegId::NONE);
  const Transform sha2 = integ(IntegId::HMAC_SHA2_256_128);
  EXPECT_EQ(choose_child(cbc_esp(), offer({none, sha2}))->suite.integ, IntegId::HMAC_SHA2_256_128);
  EXPECT_FALSE(choose_child(cbc_esp(), offer({none})));
  EXPECT_FALSE(choose_child(cbc_esp(), offer({})));
  Proposal ours = cbc_esp();
  ours.integ = {IntegId::HMAC_SHA1_96, IntegId::NONE};
  EXPECT_EQ(choose_child(ours, offer({none, sha2}))->suite.integ, IntegId::NONE);
  const auto absent = choose_child(ours, offer({}));
  ASSERT_TRUE(absent);
  EXPECT_EQ(absent->answer.transforms.size(), 2U);
  EXPECT_FALSE(choose_child(ours, offer({sha2})));
}

// ---- what we accept as an answer

TEST(CheckIkeAnswer, MutatedAnswersAreRefused) {  // R090, R172
  Proposal ours = cbc_ike();
  ours.encr.push_back({EncrId::AES_CBC, 128});
  const std::vector<Transform> good = {encr(EncrId::AES_CBC, 128), prf(PrfId::HMAC_SHA2_256),
                                       integ(IntegId::HMAC_SHA2_256_128), group(KeId::CURVE25519)};
  const auto check = [&](ProposalPayload answer) {
    return check_ike_answer({aead_ike(), ours}, SaPayload{{std::move(answer)}});
  };
  const auto suite = check(ike_offer(good, 2));
  ASSERT_TRUE(suite);
  EXPECT_EQ(suite->encr, (Encr{EncrId::AES_CBC, 128}));
  EXPECT_EQ(suite->integ, IntegId::HMAC_SHA2_256_128);

  EXPECT_EQ(check(ike_offer(good, 1)).error().text,
            "the answer has a transform that we did not offer: [1] enc aes-128 prf hmac-sha2-256 "
            "auth hmac-sha2-256 group curve25519");
  EXPECT_EQ(check(ike_offer(good, 3)).error().text,
            "the answer names IKE proposal 3, which we did not offer");
  EXPECT_EQ(check(ike_offer(good, 0)).error().text,
            "the answer names IKE proposal 0, which we did not offer");
  EXPECT_EQ(check({2, ProtocolId::ESP, {}, good}).error().text,
            "the answer names ESP proposal 2, which we did not offer");
  EXPECT_EQ(check({2, ProtocolId::IKE, Bytes(8, 1), good}).error().text,
            "the answer has an SPI of 8 octets instead of 0");
  const SaPayload two{{ike_offer(good, 2), ike_offer(good, 2)}};
  EXPECT_EQ(check_ike_answer({aead_ike(), ours}, two).error().text,
            "the answer holds 2 proposals instead of one");
  EXPECT_EQ(check_ike_answer({ours}, SaPayload{}).error().text,
            "the answer holds 0 proposals instead of one");
  std::vector<Transform> twice = good;
  twice.push_back(encr(EncrId::AES_CBC, 256));
  EXPECT_EQ(check(ike_offer(twice, 2)).error().text,
            "the answer does not have exactly one transform of each type: [2] enc aes-128 prf "
            "hmac-sha2-256 auth hmac-sha2-256 group curve25519 enc aes-256");
}

TEST(CheckIkeAnswer, NoneForWhatWeDidNotOfferSaysNothing) {
  ProposalPayload answer = build_offer({aead_ike()}, {}).proposals[0];
  answer.transforms.push_back(integ(IntegId::NONE));
  EXPECT_TRUE(check_ike_answer({aead_ike()}, SaPayload{{answer}}));
  answer.transforms.push_back(integ(IntegId::NONE));
  EXPECT_FALSE(check_ike_answer({aead_ike()}, SaPayload{{answer}}));
  answer.transforms.pop_back();
  answer.transforms.back().key_bits = 128;
  EXPECT_FALSE(check_ike_answer({aead_ike()}, SaPayload{{answer}}));
  answer.transforms.back() = transform(TransformType::ESN, 0);
  EXPECT_FALSE(check_ike_answer({aead_ike()}, SaPayload{{answer}}));
  answer.transforms.back() = transform(TransformType{6}, 0);
  EXPECT_FALSE(check_ike_answer({aead_ike()}, SaPayload{{answer}}));
}

TEST(CheckFirstChildAnswer, TellsSuiteAndSpi) {
  ProposalPayload answer = esp_offer({encr(EncrId::AES_GCM_16, 256), esn(EsnId::NO_ESN)});
  const auto good = check_first_child_answer({aead_esp()}, SaPayload{{answer}});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->peer_spi, ChildSpi{0xc0000001});
  EXPECT_EQ(good->suite.encr, (Encr{EncrId::AES_GCM_16, 256}));
  answer.spi = {0, 0, 0, 255};
  EXPECT_EQ(check_first_child_answer({aead_esp()}, SaPayload{{answer}}).error().text,
            "the answer's SPI 0x000000ff is a reserved one");
  answer.spi.clear();
  EXPECT_EQ(check_first_child_answer({aead_esp()}, SaPayload{{answer}}).error().text,
            "the answer has an SPI of 0 octets instead of 4");
}

TEST(Allows, ASuiteHasToComeFromOneProposal) {
  const IkeSuite aead{
      {EncrId::AES_GCM_16, 256}, PrfId::HMAC_SHA2_256, IntegId::NONE, KeId::CURVE25519};
  const IkeSuite cbc{
      {EncrId::AES_CBC, 256}, PrfId::HMAC_SHA2_256, IntegId::HMAC_SHA2_256_128, KeId::CURVE25519};
  EXPECT_TRUE(allows({aead_ike()}, aead));
  EXPECT_TRUE(allows({aead_ike(), cbc_ike()}, cbc));
  EXPECT_FALSE(allows({aead_ike()}, cbc));
  EXPECT_FALSE(allows({cbc_ike()}, aead));
  EXPECT_FALSE(allows({}, aead));
  IkeSuite mixed = cbc;
  mixed.encr = aead.encr;
  EXPECT_FALSE(allows({aead_ike(), cbc_ike()}, mixed));
  IkeSuite bare = cbc;
  bare.integ = IntegId::NONE;
  EXPECT_FALSE(allows({cbc_ike()}, bare));
}

// ---- properties, over random offers

template <typename Types>
void expect_one_of_each(const ProposalPayload& answer, const ProposalPayload& offered,
                        const Types& types) {
  std::multiset<TransformType> in_answer;
  for (const Transform& t : answer.transforms) {
    in_answer.insert(t.type);
    EXPECT_NE(std::find(offered.transforms.begin(), offered.transforms.end(), t),
              offered.transforms.end())
        << "not from the offer, or changed";
  }
  for (TransformType type : types) {
    const bool is_offered = std::any_of(offered.transforms.begin(), offered.transforms.end(),
                                        [&](const Transform& t) { return t.type == type; });
    EXPECT_EQ(in_answer.count(type), is_offered ? 1U : 0U);
  }
}

constexpr std::array all_types = {TransformType::ENCR, TransformType::PRF, TransformType::INTEG,
                                  TransformType::KE, TransformType::ESN};

// Every change of one field that makes another answer of it.
std::vector<SaPayload> mutations(const SaPayload& answer) {
  std::vector<SaPayload> all;
  const auto change = [&](auto&& f) {
    SaPayload changed = answer;
    f(changed.proposals[0]);
    all.push_back(std::move(changed));
  };
  const size_t count = answer.proposals[0].transforms.size();
  for (size_t i = 0; i < count; ++i) {
    change([&](ProposalPayload& p) { p.transforms[i].id ^= 0x400; });
    change([&](ProposalPayload& p) { p.transforms[i].unknown_attribute = true; });
    change([&](ProposalPayload& p) {
      auto& bits = p.transforms[i].key_bits;
      bits = static_cast<uint16_t>(bits.value_or(0) + 64);
    });
    change([&](ProposalPayload& p) {
      auto& bits = p.transforms[i].key_bits;
      bits = bits ? std::nullopt : std::optional<uint16_t>(128);
    });
    change([&](ProposalPayload& p) { p.transforms[i].type = TransformType{6}; });
    change([&](ProposalPayload& p) { p.transforms.push_back(p.transforms[i]); });
    change([&](ProposalPayload& p) {
      p.transforms.erase(p.transforms.begin() + static_cast<ptrdiff_t>(i));
    });
  }
  change([](ProposalPayload& p) { p.number = 0; });
  change([](ProposalPayload& p) { p.number = 200; });
  for (unsigned protocol : {0U, 1U, 2U, 3U, 77U}) {
    if (answer.proposals[0].protocol == ProtocolId{static_cast<uint8_t>(protocol)}) continue;
    change([&](ProposalPayload& p) { p.protocol = ProtocolId{static_cast<uint8_t>(protocol)}; });
  }
  SaPayload doubled = answer;
  doubled.proposals.push_back(doubled.proposals[0]);
  all.push_back(doubled);
  return all;
}

TEST(ChooseProperty, IkeAnswersArePartOfTheOffer) {  // R089, R090, R172, R173, R174
  size_t chosen = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::vector<Proposal> theirs = random_ike(random);
    const std::vector<Proposal> ours = random_ike(random);
    const SaPayload plain = build_offer(theirs, {});
    SaPayload noisy = plain;
    add_noise(random, noisy);
    const KeId guess = random_groups(random)[0];

    const auto choice = choose_ike(ours, noisy, guess);
    const auto quiet = choose_ike(ours, plain, guess);
    ASSERT_EQ(choice.has_value(), quiet.has_value()) << "noise must not change the outcome";
    if (!choice) continue;
    EXPECT_EQ(choice->suite, quiet->suite);
    ++chosen;
    ASSERT_EQ(choice->answer.proposals.size(), 1U);
    const ProposalPayload& answer = choice->answer.proposals[0];
    ASSERT_GE(answer.number, 1);
    ASSERT_LE(answer.number, noisy.proposals.size());
    expect_one_of_each(answer, noisy.proposals[answer.number - 1U], all_types);
    EXPECT_TRUE(allows(ours, choice->suite));
    EXPECT_TRUE(allows(theirs, choice->suite));
    EXPECT_EQ(is_aead(choice->suite.encr.id), choice->suite.integ == IntegId::NONE);
  }
  EXPECT_GT(chosen, 300U) << "the test has to see both outcomes";
  EXPECT_LT(chosen, 2900U);
}

TEST(ChooseProperty, OffererAcceptsTheAnswerAndNoMutationOfIt) {  // R089, R090, R172
  size_t refused = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::vector<Proposal> theirs = random_ike(random);
    const auto choice = choose_ike(random_ike(random), build_offer(theirs, {}), KeId::NONE);
    if (!choice) continue;
    const auto suite = check_ike_answer(theirs, choice->answer);
    ASSERT_TRUE(suite) << suite.error().text;
    EXPECT_EQ(*suite, choice->suite);
    for (const SaPayload& changed : mutations(choice->answer)) {
      EXPECT_FALSE(check_ike_answer(theirs, changed)) << to_string(changed);
      ++refused;
    }
  }
  EXPECT_GT(refused, 3000U);
}

TEST(ChooseProperty, FirstChildLikewise) {  // R089, R090, R172
  size_t refused = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::vector<Proposal> theirs = random_child(random);
    const SaPayload offer = build_first_child_offer(theirs, ChildSpi{0xc0000000});
    const std::vector<Proposal> ours = random_child(random);
    auto choice = choose_first_child(ours, offer);
    if (!choice) continue;
    expect_one_of_each(choice->answer, offer.proposals[choice->answer.number - 1U], all_types);
    EXPECT_EQ(choice->peer_spi, ChildSpi{0xc0000000});
    choice->answer.spi = {0xd0, 0, 0, 1};
    const SaPayload answer{{choice->answer}};
    const auto accepted = check_first_child_answer(theirs, answer);
    ASSERT_TRUE(accepted) << accepted.error().text;
    EXPECT_EQ(accepted->suite, choice->suite);
    EXPECT_EQ(accepted->peer_spi, ChildSpi{0xd0000001});
    for (const SaPayload& changed : mutations(answer)) {
      EXPECT_FALSE(check_first_child_answer(theirs, changed)) << to_string(changed);
      ++refused;
    }
  }
  EXPECT_GT(refused, 3000U);
}

// ---- CREATE_CHILD_SA

Proposal esp_with(std::vector<KeId> groups) {
  Proposal p;
  p.protocol = ProtocolId::ESP;
  p.encr = {{EncrId::AES_GCM_16, 256}};
  p.esn = {EsnId::NO_ESN};
  p.ke = std::move(groups);
  return p;
}

const Bytes child_spi = {0xc0, 0, 0, 1};

// The group of the choice for each combination of what we accept, what is offered, and the group of
// the KE payload. Nothing: there is no choice.
TEST(ChooseChild, FollowsThePeerAsFarAsThePolicyAllows) {
  const KeId x = KeId::CURVE25519;
  const KeId p = KeId::ECP_256;
  const KeId none = KeId::NONE;
  struct Case {
    std::vector<KeId> ours;
    std::vector<KeId> offered;
    KeId ke;
    std::optional<KeId> chosen;
  };
  const Case cases[] = {
      {{}, {}, none, none},          // no PFS on either side
      {{x}, {x}, x, x},              // PFS on both
      {{x, p}, {p, x}, p, p},        // the guess saves a round
      {{x}, {x, p}, p, x},           // INVALID_KE_PAYLOAD follows
      {{x}, {x}, none, x},           // and here
      {{x}, {}, none, {}},           // PFS is a must
      {{}, {x}, x, {}},              // the peer's must, which we do not have
      {{x, none}, {}, none, none},   // the peer does without
      {{x, none}, {x, none}, x, x},  // both could, and it has begun
      {{x, none}, {x, none}, none, none},
      {{none, x}, {x}, x, x},
      {{x, none}, {p, none}, p, none},
      {{x}, {p, none}, p, {}},
  };
  for (const Case& c : cases) {
    const SaPayload offer = build_offer({esp_with(c.offered)}, child_spi);
    const auto choice = ike::choose_child({esp_with(c.ours)}, offer, c.ke);
    ASSERT_EQ(choice.has_value(), c.chosen.has_value()) << &c - cases;
    if (!choice) continue;
    EXPECT_EQ(choice->suite.ke, *c.chosen) << &c - cases;
    // And whoever offered that takes it.
    SaPayload answer{{choice->answer}};
    answer.proposals[0].spi = child_spi;
    const auto accepted = check_child_answer({esp_with(c.offered)}, answer);
    ASSERT_TRUE(accepted) << &c - cases << accepted.error().text;
    EXPECT_EQ(accepted->suite, choice->suite);
  }
}

TEST(CheckChildAnswer, GroupThatWasNotOfferedIsRefused) {
  const SaPayload answer = build_offer({esp_with({KeId::ECP_256})}, child_spi);
  EXPECT_TRUE(check_child_answer({esp_with({KeId::CURVE25519, KeId::ECP_256})}, answer));
  EXPECT_FALSE(check_child_answer({esp_with({KeId::CURVE25519})}, answer));
  EXPECT_FALSE(check_child_answer({esp_with({})}, answer));
  // Nor may it be left out where it was not offered as NONE.
  const SaPayload without = build_offer({esp_with({})}, child_spi);
  EXPECT_FALSE(check_child_answer({esp_with({KeId::CURVE25519})}, without));
  EXPECT_TRUE(check_child_answer({esp_with({KeId::CURVE25519, KeId::NONE})}, without));
}

// R019
TEST(CheckRekeyedIkeAnswer, SpiIsEightOctetsAndNotZero) {
  Proposal ours;
  ours.encr = {{EncrId::AES_GCM_16, 256}};
  ours.prf = {PrfId::HMAC_SHA2_256};
  ours.ke = {KeId::CURVE25519};
  const auto accepted =
      check_rekeyed_ike_answer({ours}, build_offer({ours}, Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
  ASSERT_TRUE(accepted) << accepted.error().text;
  EXPECT_EQ(accepted->peer_spi, IkeSpi{0x0102030405060708});
  for (const Bytes& spi : {Bytes{}, Bytes(8, 0), Bytes(4, 1), Bytes(9, 1)}) {
    EXPECT_FALSE(check_rekeyed_ike_answer({ours}, build_offer({ours}, spi))) << spi.size();
  }
  // And so it is offered.
  const auto choice =
      choose_ike({ours}, build_offer({ours}, Bytes(8, 7)), KeId::CURVE25519, rekeyed_ike_spi_size);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->peer_spi, IkeSpi{0x0707070707070707});
  EXPECT_FALSE(choose_ike({ours}, build_offer({ours}, {}), KeId::CURVE25519, rekeyed_ike_spi_size));
  EXPECT_FALSE(choose_ike({ours}, build_offer({ours}, Bytes(8, 7)), KeId::CURVE25519));
}

}  // namespace
}  // namespace iked::ike
