// SPDX-License-Identifier: ISC
// Two hosts that know each other by the certificates of an authority.
#include <gmock/gmock.h>
#include <gnutls/gnutls.h>
#include <gtest/gtest.h>

#include "crypto/signature.h"
#include "pki/maker.h"
#include "pki/own_certificates.h"
#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

using pki::test::Made;
using pki::test::make;
using pki::test::make_ca;
using pki::test::make_list;
using testing::HasSubstr;

std::string pem_of(const pki::test::Key& key) {
  gnutls_datum_t text{};
  gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN,
                                    &text);
  std::string pem(reinterpret_cast<const char*>(text.data), text.size);
  gnutls_free(text.data);
  return pem;
}

/// One side's folder of keys.
struct Side {
  const Made* own = nullptr;
  std::vector<const Made*> certificates;  // more of certs/
  std::vector<const Made*> authorities;
  std::vector<Bytes> crls;
};

Credentials credentials(const Side& side) {
  Credentials made;
  const auto key = crypto::PrivateKey::parse_pem(SecretBytes(as_bytes(pem_of(side.own->key))));
  made.own_kind = key->public_key().kind();
  made.own_key = key->public_key().spki();
  for (const Made* each : side.authorities) made.authorities.push_back({"ca.crt", each->der});
  for (const Bytes& each : side.crls) made.crls.push_back({"ca.crl", each});
  std::vector<NamedDer> found{{"own.crt", side.own->der}};
  for (const Made* each : side.certificates) found.push_back({"more.crt", each->der});
  pki::describe_certificates(made, found, false);
  return made;
}

class CertificatePair : public Pair {
 public:
  CertificatePair(const Side& side_a, const Side& side_b) {
    policy_a().auth = policy_b().auth = SignatureAuth{};
    config_a.credentials = credentials(side_a);
    config_b.credentials = credentials(side_b);
    before_start = [this, side_a, side_b](Pair&) {
      a->private_key = pem_of(side_a.own->key);
      b->private_key = pem_of(side_b.own->key);
      a->clock = b->clock = pki::test::now;
    };
  }
};

class Certificates : public testing::Test {
 protected:
  bool works(const Side& side_a, const Side& side_b) {
    CertificatePair pair(side_a, side_b);
    pair.connect();
    const bool up_a = !pair.a->kernel.sas.empty();
    const bool up_b = !pair.b->kernel.sas.empty();
    EXPECT_EQ(up_a, up_b);
    return up_a;
  }
  const Made root = make_ca({.subject = "CN=root"});
  const Made other = make_ca({.subject = "CN=other"});
  const Made a = make({.subject = "CN=a", .issuer = &root, .dns = {"a.example.com"}});
  const Made b = make({.subject = "CN=b", .issuer = &root, .dns = {"b.example.com"}});
  LogCapture log;
};

TEST_F(Certificates, OfOneAuthorityMakeATunnel) {
  EXPECT_TRUE(works({&a, {}, {&root}}, {&b, {}, {&root}}));
  EXPECT_THAT(log.all(), HasSubstr("has proven itself by ECDSA with SHA2-256"));
}

TEST_F(Certificates, IntermediateIsSentAlong) {
  const Made middle = make_ca({.subject = "CN=middle", .issuer = &root});
  const Made low = make({.subject = "CN=a", .issuer = &middle, .dns = {"a.example.com"}});
  EXPECT_TRUE(works({&low, {&middle}, {&root}}, {&b, {}, {&root}}));
  EXPECT_FALSE(works({&low, {}, {&root}}, {&b, {}, {&root}}));
}

TEST_F(Certificates, OfAStrangersAuthorityAreRefusedOnEitherSide) {
  EXPECT_FALSE(works({&a, {}, {&root}}, {&b, {}, {&other}}));
  EXPECT_FALSE(works({&a, {}, {&other}}, {&b, {}, {&root}}));
}

TEST_F(Certificates, ForAnotherNameAreRefused) {
  const Made wrong =
      make({.subject = "CN=a.example.com", .issuer = &root, .dns = {"c.example.com"}});
  EXPECT_FALSE(works({&wrong, {}, {&root}}, {&b, {}, {&root}}));
}

TEST_F(Certificates, RevokedOneIsRefused) {
  const Bytes list = make_list({.issuer = &root, .revoked = {&a}});
  EXPECT_FALSE(works({&a, {}, {&root}}, {&b, {}, {&root}, {list}}));
  EXPECT_THAT(log.all(), HasSubstr("revoked"));
  EXPECT_TRUE(works({&b, {}, {&root}}, {&b, {}, {&root}, {list}}) == false);  // not our name
}

TEST_F(Certificates, WithoutTrustTheLogSaysWhereToPutIt) {
  EXPECT_FALSE(works({&a, {}, {&root}}, {&b, {}, {}}));
  EXPECT_THAT(log.all(), HasSubstr("/etc/iked/ca/"));
}

TEST_F(Certificates, SomebodyElsesCertificateIsOfNoUse) {
  CertificatePair pair({&a, {}, {&root}}, {&b, {}, {&root}});
  // The thief sends a's certificate and signs with a key of his own.
  const Made thief = make({.subject = "CN=a", .dns = {"a.example.com"}});
  const auto key = crypto::PrivateKey::parse_pem(SecretBytes(as_bytes(pem_of(thief.key))));
  pair.config_a.credentials.own_key = key->public_key().spki();
  const auto before = pair.before_start;
  pair.before_start = [&](Pair& started) {
    before(started);
    started.a->private_key = pem_of(thief.key);
  };
  pair.connect();
  EXPECT_TRUE(pair.b->kernel.sas.empty());
  EXPECT_THAT(log.all(), HasSubstr("does not have the private key of the certificate"));
}

TEST_F(Certificates, OutOfDateIsRefused) {
  const Made old = make({.subject = "CN=a",
                         .issuer = &root,
                         .dns = {"a.example.com"},
                         .until = pki::test::now - pki::test::day});
  EXPECT_FALSE(works({&old, {}, {&root}}, {&b, {}, {&root}}));
}

}  // namespace
}  // namespace iked::test
