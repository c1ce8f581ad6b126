// SPDX-License-Identifier: ISC
#include "ike/proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iked::ike {
namespace {

using testing::HasSubstr;

constexpr KeyKind all_keys[] = {KeyKind::rsa,      KeyKind::ecdsa256, KeyKind::ecdsa384,
                                KeyKind::ecdsa521, KeyKind::ed25519,  KeyKind::ed448,
                                KeyKind::dsa};
constexpr SignatureKind all_words[] = {
    SignatureKind::any,      SignatureKind::rsa,   SignatureKind::ecdsa256, SignatureKind::ecdsa384,
    SignatureKind::ecdsa521, SignatureKind::eddsa, SignatureKind::dsa,      SignatureKind::rfc7427};
constexpr AuthMethod all_methods[] = {AuthMethod::RSA_SIGNATURE, AuthMethod::SHARED_KEY_MIC,
                                      AuthMethod::DSS_SIGNATURE, AuthMethod::ECDSA_256,
                                      AuthMethod::ECDSA_384,     AuthMethod::ECDSA_521,
                                      AuthMethod::NULL_AUTH,     AuthMethod::DIGITAL_SIGNATURE};

/// The table of what is taken, written once more: word, method, scheme, key.
bool expected(SignatureKind word, AuthMethod method, SignatureScheme scheme, KeyKind key) {
  using enum SignatureScheme;
  const bool p256 =
      method == AuthMethod::ECDSA_256 && scheme == ecdsa_sha256 && key == KeyKind::ecdsa256;
  const bool p384 =
      method == AuthMethod::ECDSA_384 && scheme == ecdsa_sha384 && key == KeyKind::ecdsa384;
  const bool p521 =
      method == AuthMethod::ECDSA_521 && scheme == ecdsa_sha512 && key == KeyKind::ecdsa521;
  const bool ec_key =
      key == KeyKind::ecdsa256 || key == KeyKind::ecdsa384 || key == KeyKind::ecdsa521;
  const bool edwards =
      (scheme == ed25519 && key == KeyKind::ed25519) || (scheme == ed448 && key == KeyKind::ed448);
  const bool rsa_strong = scheme == rsa_sha256 || scheme == rsa_sha384 || scheme == rsa_sha512 ||
                          scheme == rsa_pss_sha256 || scheme == rsa_pss_sha384 ||
                          scheme == rsa_pss_sha512;
  const bool ec_scheme = scheme == ecdsa_sha256 || scheme == ecdsa_sha384 || scheme == ecdsa_sha512;
  const bool digital = method == AuthMethod::DIGITAL_SIGNATURE &&
                       ((rsa_strong && key == KeyKind::rsa) || (ec_scheme && ec_key) || edwards);
  switch (word) {
    case SignatureKind::any:
      return p256 || p384 || p521 || digital;
    case SignatureKind::rsa:
      return key == KeyKind::rsa &&
             (digital || (method == AuthMethod::RSA_SIGNATURE && scheme == rsa_sha1));
    case SignatureKind::ecdsa256:
      return p256 || (digital && key == KeyKind::ecdsa256);
    case SignatureKind::ecdsa384:
      return p384 || (digital && key == KeyKind::ecdsa384);
    case SignatureKind::ecdsa521:
      return p521 || (digital && key == KeyKind::ecdsa521);
    case SignatureKind::eddsa:
      return method == AuthMethod::DIGITAL_SIGNATURE && edwards;
    case SignatureKind::dsa:
      return method == AuthMethod::DSS_SIGNATURE && scheme == dsa_sha1 && key == KeyKind::dsa;
    case SignatureKind::rfc7427:
      return digital;
  }
  return false;
}

TEST(Proof, AuthenticatedIsWhoHasEverythingForIt) {
  size_t yes = 0;
  for (const SignatureKind word : all_words) {
    for (const AuthMethod method : all_methods) {
      for (size_t i = 0; i < signature_schemes; ++i) {
        for (const KeyKind key : all_keys) {
          const auto scheme = static_cast<SignatureScheme>(i);
          for (unsigned facts = 0; facts < 8; ++facts) {
            const Evidence evidence{method,           scheme,           key,
                                    (facts & 1) != 0, (facts & 2) != 0, (facts & 4) != 0};
            const bool right = expected(word, method, scheme, key) && facts == 7;
            ASSERT_EQ(authenticated(word, evidence).has_value(), right)
                << describe(word) << " " << to_string(method) << " " << to_string(scheme) << " "
                << to_string(key) << " " << facts;
            if (right) {
              EXPECT_TRUE(may_accept(word, method));
              ++yes;
            }
          }
        }
      }
    }
  }
  // any: 3 + 17; rsa: 1 + 6; ecdsa*: 3 * (1 + 3); dsa: 1; eddsa: 2; rfc7427: 17.
  EXPECT_EQ(yes, 59U);
}

TEST(Proof, WhatWeSignWithTheOtherSideTakes) {
  for (const SignatureKind word : all_words) {
    for (const KeyKind key : all_keys) {
      for (const bool modern : {true, false}) {
        const auto choice =
            choose_signature(word, key, modern ? own_hashes() : std::vector<HashId>());
        if (!choice) continue;
        EXPECT_TRUE(accepts(word, choice->method, choice->scheme, key))
            << describe(word) << " " << to_string(key);
      }
    }
  }
}

TEST(Proof, HashIsOneThatThePeerKnows) {
  const auto choice = choose_signature(SignatureKind::any, KeyKind::rsa, {HashId::SHA2_512});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->scheme, SignatureScheme::rsa_sha512);
  const auto none = choose_signature(SignatureKind::any, KeyKind::ed25519, {HashId::SHA2_256});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().text, HasSubstr("Ed25519"));
  EXPECT_FALSE(choose_signature(SignatureKind::any, KeyKind::rsa, {HashId::SHA1}));
}

TEST(Proof, RsaWithSha1HasToBeNamed) {
  const auto silent = choose_signature(SignatureKind::any, KeyKind::rsa, {});
  ASSERT_FALSE(silent);
  EXPECT_THAT(silent.error().text, HasSubstr("write 'rsa'"));
  EXPECT_EQ(choose_signature(SignatureKind::rsa, KeyKind::rsa, {})->scheme,
            SignatureScheme::rsa_sha1);
  EXPECT_EQ(choose_signature(SignatureKind::rsa, KeyKind::rsa, own_hashes())->scheme,
            SignatureScheme::rsa_sha256);
}

TEST(Proof, KeyThatThePolicyDoesNotWantIsNamed) {
  const auto choice = choose_signature(SignatureKind::ecdsa256, KeyKind::rsa, own_hashes());
  ASSERT_FALSE(choice);
  EXPECT_THAT(choice.error().text, HasSubstr("ecdsa256"));
  EXPECT_THAT(choice.error().text, HasSubstr("RSA"));
}

}  // namespace
}  // namespace iked::ike
