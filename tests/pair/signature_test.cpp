// SPDX-License-Identifier: ISC
// Two hosts that know each other by public key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/signature.h"
#include "support/agreement.h"
#include "support/log_capture.h"
#include "support/pair.h"
#include "support/test_keys.h"

namespace iked::test {
namespace {

using testing::HasSubstr;

Bytes public_of(const char* pem) {
  return crypto::PrivateKey::parse_pem(SecretBytes(as_bytes(pem)))->public_key().spki();
}

KeyKind kind_of(const char* pem) {
  return crypto::PrivateKey::parse_pem(SecretBytes(as_bytes(pem)))->public_key().kind();
}

class SignaturePair : public Pair {
 public:
  SignaturePair(const char* key_a, const char* key_b, SignatureKind kind_a = SignatureKind::any,
                SignatureKind kind_b = SignatureKind::any)
      : pem_a(key_a), pem_b(key_b) {
    policy_a().auth = SignatureAuth{kind_a};
    policy_b().auth = SignatureAuth{kind_b};
    know(config_a, key_a, "b.example.com", key_b);
    know(config_b, key_b, "a.example.com", key_a);
    before_start = [this](Pair&) {
      a->private_key = pem_a;
      b->private_key = pem_b;
    };
  }

  static void know(Config& config, const char* own, const char* peer, const char* key) {
    config.credentials.own_kind = kind_of(own);
    config.credentials.own_key = public_of(own);
    config.credentials.pinned = {
        {std::string("/etc/iked/pubkeys/fqdn/") + peer, *Identity::parse(peer), public_of(key)}};
  }

  const char* pem_a;
  const char* pem_b;
};

bool is_up(const Pair& pair) {
  return pair.a->engine->sa_count() == 1 && pair.b->engine->sa_count() == 1 &&
         pair.a->kernel.sas.size() == 2 && pair.b->kernel.sas.size() == 2;
}

TEST(Signatures, EachKindOfKeyMakesATunnelInBothRoles) {
  const char* keys[] = {rsa_key, p256_key, p384_key, p521_key, ed25519_key, ed448_key};
  for (const char* a : keys) {
    for (const char* b : keys) {
      SignaturePair pair(a, b);
      pair.connect();
      EXPECT_TRUE(is_up(pair)) << to_string(kind_of(a)) << " " << to_string(kind_of(b));
    }
  }
}

TEST(Signatures, WordForAKindOfKeyMakesATunnelWithSuchKeysAlone) {
  const std::pair<const char*, SignatureKind> rows[] = {
      {rsa_key, SignatureKind::rsa},       {p256_key, SignatureKind::ecdsa256},
      {p384_key, SignatureKind::ecdsa384}, {p521_key, SignatureKind::ecdsa521},
      {dsa_key, SignatureKind::dsa},       {ed25519_key, SignatureKind::eddsa},
      {p256_key, SignatureKind::rfc7427},
  };
  for (const auto& [key, kind] : rows) {
    SignaturePair pair(key, key, kind, kind);
    pair.connect();
    EXPECT_TRUE(is_up(pair)) << to_string(kind_of(key));
    if (kind == SignatureKind::rfc7427) continue;
    LogCapture log;
    SignaturePair other(ed448_key, key, SignatureKind::any, kind);
    other.connect();
    EXPECT_EQ(is_up(other), kind == SignatureKind::eddsa) << to_string(kind_of(key));
  }
}

TEST(Signatures, DsaWithSha1OfOneSideIsNotTakenByTheOther) {
  LogCapture log;
  SignaturePair pair(dsa_key, rsa_key, SignatureKind::dsa, SignatureKind::any);
  pair.connect();
  EXPECT_FALSE(is_up(pair));
  EXPECT_TRUE(pair.b->kernel.sas.empty());
  EXPECT_THAT(log.all(), HasSubstr("wants a signature"));
}

TEST(Signatures, WrongKeyIsRefusedByTheCalledSide) {
  LogCapture log;
  SignaturePair pair(p256_key, p384_key);
  pair.config_b.credentials.pinned[0].public_key = public_of(p521_key);
  pair.connect();
  EXPECT_TRUE(pair.b->kernel.sas.empty());
  EXPECT_THAT(log.all(), HasSubstr("does not have the private key that belongs to "
                                   "/etc/iked/pubkeys/fqdn/a.example.com"));
  EXPECT_THAT(log.all(), HasSubstr("refuses us: AUTHENTICATION_FAILED"));
}

TEST(Signatures, WrongKeyIsRefusedByTheCaller) {
  LogCapture log;
  SignaturePair pair(p256_key, p384_key);
  pair.config_a.credentials.pinned[0].public_key = public_of(sec1_key);
  pair.connect();
  EXPECT_TRUE(pair.a->kernel.sas.empty());
  EXPECT_THAT(log.all(), HasSubstr("/etc/iked/pubkeys/fqdn/b.example.com"));
}

TEST(Signatures, UnknownPeerIsRefusedWithTheFileToWrite) {
  LogCapture log;
  SignaturePair pair(p256_key, p384_key);
  pair.config_b.credentials.pinned.clear();
  pair.connect();
  EXPECT_TRUE(pair.b->kernel.sas.empty());
  EXPECT_THAT(log.all(), HasSubstr("put its public key into /etc/iked/pubkeys/fqdn/a.example.com"));
}

TEST(Signatures, KeyOfAnotherIdDoesNotCount) {
  SignaturePair pair(p256_key, p384_key);
  pair.config_b.credentials.pinned[0].identity = *Identity::parse("c.example.com");
  pair.connect();
  EXPECT_TRUE(pair.b->kernel.sas.empty());
  EXPECT_TRUE(pair.a->kernel.sas.empty());
}

TEST(Signatures, WithoutAPrivateKeyTheLogSaysWhereItIsLookedFor) {
  LogCapture log;
  SignaturePair pair(p256_key, p384_key);
  pair.config_a.credentials.own_kind.reset();
  pair.connect();
  EXPECT_THAT(log.all(), HasSubstr("no private key in /etc/iked/private/local.key"));
}

TEST(Signatures, PresharedKeyIsNoSignatureAndTheReverse) {
  for (const bool caller_signs : {true, false}) {
    LogCapture log;
    SignaturePair pair(p256_key, p384_key);
    (caller_signs ? pair.policy_b() : pair.policy_a()).auth = PskAuth{common_secret};
    pair.connect();
    EXPECT_TRUE(pair.b->kernel.sas.empty());
    EXPECT_THAT(log.all(),
                HasSubstr(caller_signs ? "wants a pre-shared key" : "wants a signature"));
  }
}

}  // namespace
}  // namespace iked::test
