// SPDX-License-Identifier: ISC
#include "pki/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pki/maker.h"

namespace iked::pki::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string host = "gw.example.com";

/// A root, an intermediate, a host, and the request that the host causes.
struct Chain : ::testing::Test {
  Made root = make_ca({.subject = "CN=root"});
  Made middle = make_ca({.subject = "CN=middle", .issuer = &root});
  Made leaf = make({.subject = "CN=host", .issuer = &middle, .dns = {host}});
  TrustStore store;
  ChainRequest request{.peer = Identity::parse(host).value(), .now = now};

  void SetUp() override {
    trust(root);
    request.certificates = {leaf.der, middle.der};
  }

  void trust(const Made& made, const std::string& name = "ca/root.crt") {
    const auto added = store.add_ca(made.der, name);
    ASSERT_TRUE(added) << added.error().text;
  }

  void revoke(const ListTerms& terms) {
    const auto added = store.add_crl(make_list(terms), "crls/list.crl");
    ASSERT_TRUE(added) << added.error().text;
  }

  /// Nothing when it is good.
  std::string refusal() const {
    const auto verdict = verify(store, request);
    if (verdict) return "";
    EXPECT_THAT(verdict.error().text, Not(HasSubstr("\n")));
    EXPECT_NE(verdict.error().text, "");
    return verdict.error().text;
  }

  std::string how() const {
    const auto verdict = verify(store, request);
    return verdict ? verdict->how : "refused: " + verdict.error().text;
  }

  /// Another leaf below the intermediate.
  std::string refusal_of(Terms terms) {
    if (terms.issuer == nullptr) terms.issuer = &middle;
    if (terms.dns.empty()) terms.dns = {host};
    request.certificates = {make(terms).der, middle.der};
    return refusal();
  }

  /// Another intermediate, and a leaf below it.
  std::string refusal_below(Terms terms, Terms host_terms = {}) {
    if (terms.issuer == nullptr) terms.issuer = &root;
    terms.subject = "CN=other middle";
    const Made other = terms.is_ca ? make(terms) : make_ca(terms);
    host_terms.issuer = &other;
    if (host_terms.dns.empty()) host_terms.dns = {host};
    request.certificates = {make(host_terms).der, other.der};
    return refusal();
  }
};

using Verify = Chain;

TEST_F(Verify, GoodChainVouches) {
  const auto verdict = verify(store, request);
  ASSERT_TRUE(verdict) << verdict.error().text;
  EXPECT_EQ(verdict->public_key, read(leaf).public_key());
  EXPECT_EQ(verdict->leaf.der(), leaf.der);
  EXPECT_EQ(
      verdict->how,
      "/CN=root vouches for it (ca/root.crt), over 1 others; no revocation list of /CN=middle, "
      "no revocation list of /CN=root");
}

TEST_F(Verify, LeafOfTheRootNeedsNoIntermediate) {
  request.certificates = {make({.issuer = &root, .dns = {host}}).der};
  EXPECT_EQ(how(), "/CN=root vouches for it (ca/root.crt); no revocation list of /CN=root");
}

// RFC7296 3.6 wants the peer's own certificate first; of the others it says nothing.
TEST_F(Verify, IntermediatesMayComeInAnyOrder) {
  const Made second = make_ca({.subject = "CN=second", .issuer = &middle});
  const Made third = make_ca({.subject = "CN=third", .issuer = &second});
  const Made below = make({.subject = "CN=below", .issuer = &third, .dns = {host}});
  const Made stranger = make_ca({.subject = "CN=stranger"});
  std::vector<Bytes> others = {middle.der, second.der, third.der, root.der, stranger.der};
  std::ranges::sort(others);
  int orders = 0;
  do {
    request.certificates = {below.der};
    request.certificates.insert(request.certificates.end(), others.begin(), others.end());
    ASSERT_EQ(refusal(), "");
    ++orders;
  } while (std::ranges::next_permutation(others).found);
  EXPECT_EQ(orders, 120);
}

TEST_F(Verify, MissingIntermediateIsNamed) {
  request.certificates = {leaf.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=host is issued by /CN=middle, which is not known here"));
  EXPECT_THAT(refusal(), Not(HasSubstr("cannot be used")));
}

TEST_F(Verify, ReasonOfTheWayThatLedFarthestIsGiven) {
  const Made twin = make_ca({.subject = "CN=middle"});
  const Made old_twin = make_ca({.subject = "CN=middle", .until = now - 1});
  store = {};
  request.certificates = {leaf.der, twin.der, middle.der, old_twin.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=middle is issued by /CN=root, which is not known here"));
  // Of those that led equally far, the first one's.
  request.certificates = {leaf.der, old_twin.der, twin.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=middle is not valid since"));
}

TEST_F(Verify, SignaturesThatAreCheckedAreLimited) {
  store = {};
  std::vector<Made> crowd;
  for (unsigned i = 0; i <= ChainRequest::most_signatures; ++i) {
    crowd.push_back(make_ca({.subject = "CN=crowd"}));
    trust(crowd.back());
  }
  const auto refusal_of_number = [&](size_t number) {
    request.certificates = {make({.issuer = &crowd[number], .dns = {host}}).der};
    return refusal();
  };
  EXPECT_EQ(refusal_of_number(ChainRequest::most_signatures - 1), "");
  EXPECT_NE(refusal_of_number(ChainRequest::most_signatures), "");
}

TEST_F(Verify, IntermediateMayBeInTheTrustStore) {
  trust(middle, "ca/middle.crt");
  request.certificates = {leaf.der};
  EXPECT_THAT(how(), HasSubstr("/CN=root vouches for it (ca/root.crt)"));
}

TEST_F(Verify, IntermediateAloneIsEnoughOnlyWithPartialChain) {
  TrustStore only;
  ASSERT_TRUE(only.add_ca(middle.der, "ca/middle.crt"));
  std::swap(store, only);
  EXPECT_THAT(refusal(), HasSubstr("/CN=middle is issued by /CN=root, which is not known here"));
  request.partial_chain = true;
  EXPECT_THAT(how(), HasSubstr("/CN=middle vouches for it (ca/middle.crt)"));
}

TEST_F(Verify, UnknownRootOfThePeerIsNotTrusted) {
  const Made evil = make_ca({.subject = "CN=evil"});
  request.certificates = {make({.issuer = &evil, .dns = {host}}).der, evil.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=evil is issued by /CN=evil, which is not known here"));
  request.partial_chain = true;
  EXPECT_NE(refusal(), "");
}

TEST_F(Verify, AuthorityOfTheSameNameIsNotTheSame) {
  const Made evil = make_ca({.subject = "CN=root"});
  const Bytes forged = make({.issuer = &evil, .dns = {host}}).der;
  request.certificates = {forged, evil.der};
  EXPECT_THAT(refusal(), HasSubstr("the signature"));
  request.certificates = {forged};
  EXPECT_THAT(refusal(), HasSubstr("the signature"));
}

TEST_F(Verify, TwoAuthoritiesOfOneNameAreTried) {
  const Made first = make_ca({.subject = "CN=twin"}), second = make_ca({.subject = "CN=twin"});
  trust(first, "ca/1.crt");
  trust(second, "ca/2.crt");
  request.certificates = {make({.issuer = &first, .dns = {host}}).der};
  EXPECT_THAT(how(), HasSubstr("ca/1.crt"));
  request.certificates = {make({.issuer = &second, .dns = {host}}).der};
  EXPECT_THAT(how(), HasSubstr("ca/2.crt"));
}

TEST_F(Verify, CrossSignedIntermediateLeadsToTheTrustedRoot) {
  const Made old_root = make_ca({.subject = "CN=old root", .until = now - day});
  const Made cross = make_ca({.subject = "CN=middle", .issuer = &old_root, .key = middle.key});
  trust(old_root, "ca/old.crt");
  request.certificates = {leaf.der, cross.der, middle.der};
  EXPECT_THAT(how(), HasSubstr("/CN=root vouches"));
  request.certificates = {leaf.der, cross.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=old root is not valid since"));
}

TEST_F(Verify, EveryFlippedBitOfTheChainIsNoticed) {
  for (const size_t which : {size_t{0}, size_t{1}}) {
    const Bytes good = request.certificates[which];
    for (size_t i = 0; i < good.size(); ++i) {
      request.certificates[which][i] ^= static_cast<uint8_t>(1U << i % 8);
      ASSERT_NE(refusal(), "") << "octet " << i << " of certificate " << which;
      request.certificates[which] = good;
    }
  }
  EXPECT_EQ(refusal(), "");
}

// ---- who it is ----

TEST_F(Verify, WrongIdentityOfTheRightAuthorityIsRefused) {
  request.peer = Identity::parse("other.example.com").value();
  EXPECT_THAT(refusal(), HasSubstr("/CN=host is not one for FQDN/other.example.com"));
}

TEST_F(Verify, RightNameOfTheWrongTypeIsRefused) {
  request.peer.type = IdType::RFC822_ADDR;
  EXPECT_THAT(refusal(), HasSubstr("not one for"));
  request.peer.type = IdType::KEY_ID;
  EXPECT_THAT(refusal(), HasSubstr("not one for"));
}

TEST_F(Verify, DistinguishedNameIsTheSubject) {
  request.peer = {IdType::DER_ASN1_DN, read(leaf).subject_dn()};
  EXPECT_EQ(refusal(), "");
  request.peer = {IdType::DER_ASN1_DN, read(middle).subject_dn()};
  EXPECT_THAT(refusal(), HasSubstr("not one for"));
}

TEST_F(Verify, IdentityOfAnIntermediateIsNotThatOfTheLeaf) {
  const Made named = make_ca({.subject = "CN=named", .issuer = &root, .dns = {"boss.example.com"}});
  request.certificates = {make({.issuer = &named, .dns = {host}}).der, named.der};
  EXPECT_EQ(refusal(), "");
  request.peer = Identity::parse("boss.example.com").value();
  EXPECT_THAT(refusal(), HasSubstr("not one for"));
}

// ---- limits ----

TEST_F(Verify, NoCertificateIsRefused) {
  request.certificates = {};
  EXPECT_THAT(refusal(), HasSubstr("sent no certificate"));
  request.certificates = {{}};
  EXPECT_THAT(refusal(), HasSubstr("cannot be used"));
}

TEST_F(Verify, SixtyCertificatesAreRefused) {
  request.certificates.resize(60, middle.der);
  EXPECT_THAT(refusal(), HasSubstr("60 certificates; at most 16"));
  request.certificates.resize(16);
  EXPECT_EQ(refusal(), "");
}

TEST_F(Verify, TooManyOctetsAreRefused) {
  request.certificates.resize(6, Bytes(12000, 0x30));
  EXPECT_EQ(refusal(), "");  // what cannot be read and is not needed does no harm
  request.certificates.resize(8, Bytes(12000, 0x30));
  EXPECT_THAT(refusal(), HasSubstr("octets of certificates; at most 65536"));
  const size_t used = leaf.der.size() + middle.der.size();
  request.certificates = {leaf.der, middle.der, Bytes(ChainRequest::most_octets - used, 0x30)};
  EXPECT_EQ(refusal(), "");
  request.certificates.push_back({0x30});
  EXPECT_THAT(refusal(), HasSubstr("65537 octets of certificates; at most 65536"));
}

TEST_F(Verify, UnreadableIntermediateIsMentioned) {
  request.certificates[1].push_back(0);
  EXPECT_THAT(refusal(), HasSubstr("one of the peer's certificates cannot be used"));
}

/// A chain of `count` certificates below the root, all of which the peer sends.
std::vector<Bytes> long_chain(const Made& root, size_t count) {
  std::vector<Made> made;
  made.reserve(count);
  for (size_t i = 1; i < count; ++i) {
    made.push_back(
        make_ca({.subject = "CN=" + std::to_string(i), .issuer = i == 1 ? &root : &made.back()}));
  }
  made.push_back(make({.issuer = &made.back(), .dns = {host}}));
  std::vector<Bytes> sent;
  for (auto one = made.rbegin(); one != made.rend(); ++one) sent.push_back(one->der);
  return sent;
}

TEST_F(Verify, ChainOfNineIsTooLong) {
  request.certificates = long_chain(root, 7);
  EXPECT_EQ(refusal(), "");
  request.certificates = long_chain(root, 8);
  EXPECT_THAT(refusal(), HasSubstr("more than 8 certificates"));
}

TEST_F(Verify, MazeOfIntermediatesIsGivenUp) {
  // Each of them has signed each other, and none leads to the root.
  const Key keys[] = {new_key(), new_key(), new_key(), new_key()};
  std::vector<Made> issuers;
  for (int i = 0; i < 4; ++i) {
    issuers.push_back(make_ca({.subject = "CN=" + std::to_string(i), .key = keys[i]}));
  }
  request.certificates = {make({.issuer = &issuers[0], .dns = {host}}).der};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      const Made crossed =
          make_ca({.subject = "CN=" + std::to_string(i), .issuer = &issuers[j], .key = keys[i]});
      if (request.certificates.size() < 16) request.certificates.push_back(crossed.der);
    }
  }
  EXPECT_NE(refusal(), "");
}

// ---- what a certificate may be used for ----

TEST_F(Verify, UnknownCriticalExtensionIsRefusedAnywhere) {
  const RawExtension strange{"1.3.6.1.4.1.99999.1", {5, 0}, true};
  const std::string what = "critical extension 1.3.6.1.4.1.99999.1";
  EXPECT_THAT(refusal_of({.raw = {strange}}), HasSubstr(what));
  EXPECT_THAT(refusal_below({.raw = {strange}}), HasSubstr(what));
  const Made strange_root = make_ca({.subject = "CN=strange", .raw = {strange}});
  trust(strange_root, "ca/strange.crt");
  EXPECT_THAT(refusal_of({.issuer = &strange_root}), HasSubstr(what));
  RawExtension harmless = strange;
  harmless.critical = false;
  EXPECT_EQ(refusal_of({.raw = {harmless}}), "");
  EXPECT_EQ(refusal_below({.raw = {harmless}}), "");
}

TEST_F(Verify, CriticalPolicyConstraintsAreRefused) {
  // requireExplicitPolicy 0
  const RawExtension constraints{"2.5.29.36", {0x30, 3, 0x80, 1, 0}, true};
  EXPECT_THAT(refusal_below({.raw = {constraints}}), HasSubstr("critical extension 2.5.29.36"));
}

TEST_F(Verify, KeyUsageOfTheLeafMustLetItSign) {
  EXPECT_EQ(refusal_of({.usage = GNUTLS_KEY_DIGITAL_SIGNATURE}), "");
  EXPECT_EQ(refusal_of({.usage = GNUTLS_KEY_NON_REPUDIATION}), "");
  EXPECT_THAT(refusal_of({.usage = GNUTLS_KEY_KEY_ENCIPHERMENT | GNUTLS_KEY_KEY_AGREEMENT}),
              HasSubstr("key usage"));
  EXPECT_THAT(refusal_of({.usage = GNUTLS_KEY_KEY_CERT_SIGN}), HasSubstr("key usage"));
}

TEST_F(Verify, KeyUsageOfAnAuthorityMustLetItIssue) {
  EXPECT_EQ(refusal_below({.usage = GNUTLS_KEY_KEY_CERT_SIGN}), "");
  EXPECT_THAT(refusal_below({.usage = GNUTLS_KEY_CRL_SIGN | GNUTLS_KEY_DIGITAL_SIGNATURE}),
              HasSubstr("key usage of /CN=other middle"));
}

TEST_F(Verify, HostMayNotIssue) {
  const Made issuer = make({.subject = "CN=issuer", .issuer = &root, .dns = {"i.example.com"}});
  request.certificates = {make({.issuer = &issuer, .dns = {host}}).der, issuer.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=issuer is no authority"));
  const Made silent = make({.subject = "CN=silent", .issuer = &root, .basic_constraints = false});
  request.certificates = {make({.issuer = &silent, .dns = {host}}).der, silent.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=silent is no authority"));
}

TEST_F(Verify, PathLengthIsKept) {
  const Made zero = make_ca({.subject = "CN=zero", .issuer = &root, .path_length = 0});
  request.certificates = {make({.issuer = &zero, .dns = {host}}).der, zero.der};
  EXPECT_EQ(refusal(), "");
  const Made below = make_ca({.subject = "CN=below", .issuer = &zero});
  request.certificates = {make({.issuer = &below, .dns = {host}}).der, below.der, zero.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=zero allows at most 0 intermediate authorities below it"));

  const Made one = make_ca({.subject = "CN=one", .path_length = 1});
  trust(one, "ca/one.crt");
  const Made first = make_ca({.subject = "CN=first", .issuer = &one});
  const Made second = make_ca({.subject = "CN=second", .issuer = &first});
  request.certificates = {make({.issuer = &first, .dns = {host}}).der, first.der};
  EXPECT_EQ(refusal(), "");
  request.certificates = {make({.issuer = &second, .dns = {host}}).der, second.der, first.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=one allows at most 1"));
}

TEST_F(Verify, SelfIssuedCertificatesDoNotCountForThePathLength) {
  const Made one = make_ca({.subject = "CN=one", .path_length = 1});
  trust(one, "ca/one.crt");
  const Made rolled = make_ca({.subject = "CN=one", .issuer = &one});  // its next key
  const Made first = make_ca({.subject = "CN=first", .issuer = &rolled});
  request.certificates = {make({.issuer = &first, .dns = {host}}).der, first.der, rolled.der};
  EXPECT_EQ(refusal(), "");
}

const char* const ipsec_ike = "1.3.6.1.5.5.7.3.17";
const char* const code_signing = "1.3.6.1.5.5.7.3.3";
const char* const unknown_purpose = "1.3.6.1.4.1.99999.7";

TEST_F(Verify, PurposeMustBeIke) {
  for (const std::string good :
       {ipsec_ike, "2.5.29.37.0", GNUTLS_KP_TLS_WWW_SERVER, GNUTLS_KP_TLS_WWW_CLIENT}) {
    EXPECT_EQ(refusal_of({.purposes = {good}}), "") << good;
    EXPECT_EQ(refusal_of({.purposes = {code_signing, good}}), "") << good;
    EXPECT_EQ(refusal_below({.purposes = {good}}), "") << good;
  }
  for (const std::string bad : {code_signing, unknown_purpose, GNUTLS_KP_OCSP_SIGNING}) {
    EXPECT_THAT(refusal_of({.purposes = {bad}}), HasSubstr("other purposes than IKE")) << bad;
    EXPECT_THAT(refusal_below({.purposes = {bad}}), HasSubstr("other purposes than IKE")) << bad;
  }
}

TEST_F(Verify, UnknownPurposeCanBeOverlooked) {
  request.leniency.unknown_eku = true;
  EXPECT_EQ(refusal_of({.purposes = {unknown_purpose}}), "");
  EXPECT_THAT(refusal_of({.purposes = {code_signing}}), HasSubstr("other purposes"));
}

// ---- dates ----

TEST_F(Verify, DatesHoldToTheSecond) {
  const auto at = [&](UnixTime when) {
    request.now = when;
    return refusal_of({.from = now - 10, .until = now + 10});
  };
  EXPECT_THAT(at(now - 11), HasSubstr("is not valid before"));
  EXPECT_EQ(at(now - 10), "");
  EXPECT_EQ(at(now + 10), "");
  EXPECT_THAT(at(now + 11), HasSubstr("is not valid since 2027-01-15 08:00:10 UTC"));
}

TEST_F(Verify, DatesOfAuthoritiesHoldAsWell) {
  EXPECT_THAT(refusal_below({.until = now - 1}), HasSubstr("/CN=other middle is not valid since"));
  EXPECT_THAT(refusal_below({.from = now + 1}), HasSubstr("/CN=other middle is not valid before"));
  const Made old_root = make_ca({.subject = "CN=old root", .until = now - 1});
  trust(old_root, "ca/old.crt");
  EXPECT_THAT(refusal_of({.issuer = &old_root}), HasSubstr("/CN=old root is not valid since"));
}

TEST_F(Verify, DatesCanBeOverlooked) {
  request.leniency.date = true;
  EXPECT_EQ(refusal_of({.until = now - 1}), "");
  EXPECT_EQ(refusal_of({.from = now + 1}), "");
  EXPECT_EQ(refusal_below({.until = now - 1}), "");
}

// ---- weak algorithms and keys ----

TEST_F(Verify, Sha1SignatureIsRefused) {
  EXPECT_THAT(refusal_of({.digest = GNUTLS_DIG_SHA1}), HasSubstr("signed with ECDSA-SHA1"));
  EXPECT_THAT(refusal_below({.digest = GNUTLS_DIG_SHA1}), HasSubstr("signed with ECDSA-SHA1"));
}

TEST_F(Verify, Sha1SignatureOfARootOnItselfDoesNotMatter) {
  const Made old = make_ca({.subject = "CN=old", .digest = GNUTLS_DIG_SHA1});
  trust(old, "ca/old.crt");
  EXPECT_EQ(refusal_of({.issuer = &old}), "");
}

TEST_F(Verify, WeakKeyIsRefused) {
  EXPECT_THAT(refusal_of({.key = new_key(GNUTLS_PK_RSA, 1024)}),
              HasSubstr("the key of /O=Example/CN=gw.example.com is RSA with 1024 bits"));
  EXPECT_THAT(refusal_below({.key = new_key(GNUTLS_PK_RSA, 1024)}),
              HasSubstr("the key of /CN=other middle is RSA with 1024 bits"));
  const auto huge = [](gnutls_x509_crt_t crt) { set_rsa(crt, odd_number(16384), {1, 0, 1}); };
  EXPECT_THAT(refusal_of({.change = huge}), HasSubstr("16384 bits"));
  const auto trivial = [](gnutls_x509_crt_t crt) { set_rsa(crt, odd_number(2048), {1}); };
  EXPECT_THAT(refusal_of({.change = trivial}), HasSubstr("exponent 0x01"));
}

TEST_F(Verify, EveryKindOfKeyCanBeLeafAndAuthority) {
  const std::pair<gnutls_pk_algorithm_t, unsigned> kinds[] = {
      {GNUTLS_PK_RSA, 2048},
      {GNUTLS_PK_RSA, 3072},
      {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)},
      {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1)},
      {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1)},
      {GNUTLS_PK_EDDSA_ED25519, 0},
      {GNUTLS_PK_EDDSA_ED448, 0},
  };
  for (const auto& [type, bits] : kinds) {
    const Key key = new_key(type, bits);
    EXPECT_EQ(refusal_of({.key = key}), "") << type << " " << bits;
    EXPECT_EQ(refusal_below({
                  .key = key,
              }),
              "")
        << type << " " << bits;
  }
}

// ---- self-signed
// ---------------------------------------------------------------------------------

TEST_F(Verify, SelfSignedLeafMustBeTrustedItself) {
  const Made own = make({.subject = "CN=own", .dns = {host}});
  request.certificates = {own.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=own is issued by /CN=own, which is not known here"));
  trust(own, "ca/peer.crt");
  EXPECT_EQ(how(), "its certificate is trusted itself (ca/peer.crt)");
  request.peer = Identity::parse("other.example.com").value();
  EXPECT_THAT(refusal(), HasSubstr("not one for"));
}

TEST_F(Verify, TrustedSelfSignedLeafMayNotIssue) {
  const Made own = make({.subject = "CN=own", .dns = {"own.example.com"}});
  trust(own, "ca/peer.crt");
  EXPECT_THAT(refusal_of({.issuer = &own}), HasSubstr("/CN=own is no authority"));
}

TEST_F(Verify, TrustedSelfSignedLeafMustBeInForce) {
  const Made own = make({.subject = "CN=own", .dns = {host}, .until = now - 1});
  trust(own, "ca/peer.crt");
  request.certificates = {own.der};
  EXPECT_THAT(refusal(), HasSubstr("not valid since"));
}

// ---- name constraints ----

TEST_F(Verify, NameConstraintsOnHostNames) {
  EXPECT_EQ(refusal_below({.constraints = {permitted(GNUTLS_SAN_DNSNAME, "example.com")}}), "");
  EXPECT_THAT(refusal_below({.constraints = {permitted(GNUTLS_SAN_DNSNAME, "example.org")}}),
              HasSubstr("name constraints do not allow"));
  EXPECT_THAT(refusal_below({.constraints = {excluded(GNUTLS_SAN_DNSNAME, "example.com")}}),
              HasSubstr("name constraints do not allow"));
  EXPECT_THAT(refusal_below({.constraints = {excluded(GNUTLS_SAN_DNSNAME, "GW.EXAMPLE.com")}}),
              HasSubstr("name constraints do not allow"));
  EXPECT_EQ(refusal_below({.constraints = {excluded(GNUTLS_SAN_DNSNAME, "w.example.com")}}), "");
  // One name too many spoils it, even if it is not the one that is used.
  EXPECT_THAT(refusal_below({.constraints = {permitted(GNUTLS_SAN_DNSNAME, "example.com")}},
                            {.dns = {host, "gw.example.org"}}),
              HasSubstr("name constraints do not allow"));
}

TEST_F(Verify, NameConstraintsOnAddresses) {
  const Terms host_terms{.dns = {host}, .addresses = {"10.1.2.3"}};
  const auto with = [&](const std::string& network, bool allow) {
    return refusal_below({.constraints = {within(GNUTLS_SAN_IPADDRESS, network, allow)}},
                         host_terms);
  };
  EXPECT_EQ(with("10.0.0.0/8", true), "");
  EXPECT_THAT(with("192.0.2.0/24", true), HasSubstr("name constraints do not allow"));
  EXPECT_THAT(with("10.1.0.0/16", false), HasSubstr("name constraints do not allow"));
  EXPECT_EQ(with("10.2.0.0/16", false), "");
}

TEST_F(Verify, NameConstraintsOnMailAddresses) {
  const Terms host_terms{.dns = {host}, .emails = {"u@example.com"}};
  const auto with = [&](const Constraint& one) {
    return refusal_below({.constraints = {one}}, host_terms);
  };
  EXPECT_EQ(with(permitted(GNUTLS_SAN_RFC822NAME, "example.com")), "");
  EXPECT_THAT(with(permitted(GNUTLS_SAN_RFC822NAME, "example.org")), HasSubstr("do not allow"));
  EXPECT_THAT(with(excluded(GNUTLS_SAN_RFC822NAME, "u@example.com")), HasSubstr("do not allow"));
}

/// nameConstraints with one directoryName, the DER of `name`. 0 is permitted, 1 excluded.
RawExtension dn_constraint(uint8_t list, const std::string& name) {
  const Bytes dn = read(make({.subject = name})).subject_dn();
  Bytes out = dn;
  for (const int tag : {0xa4, 0x30, 0xa0 + list, 0x30}) {
    out.insert(out.begin(), {static_cast<uint8_t>(tag), static_cast<uint8_t>(out.size())});
  }
  return {"2.5.29.30", out, true};
}

// An excluded distinguished name that is not compared lets its holder in.
TEST_F(Verify, NameConstraintsOnDistinguishedNames) {
  const auto with = [&](uint8_t list, const std::string& name, const std::string& subject) {
    return refusal_below({.raw = {dn_constraint(list, name)}}, {.subject = subject});
  };
  EXPECT_EQ(with(0, "O=Example,C=DE", "CN=gw,O=Example,C=DE"), "");
  EXPECT_EQ(with(0, "O=Example,C=DE", "O=Example,C=DE"), "");
  EXPECT_EQ(with(0, "O=Example,C=DE", "CN=gw,O=EXAMPLE,C=de"), "");
  EXPECT_THAT(with(0, "O=Example,C=DE", "CN=gw,O=Other,C=DE"), HasSubstr("do not allow"));
  EXPECT_THAT(with(0, "O=Example,C=DE", "CN=gw,C=DE"), HasSubstr("do not allow"));
  EXPECT_THAT(with(0, "O=Example,C=DE", "CN=gw,C=DE,O=Example"), HasSubstr("do not allow"));
  EXPECT_EQ(with(1, "O=Example,C=DE", "CN=gw,O=Other,C=DE"), "");
  EXPECT_EQ(with(1, "O=Example,C=DE", "C=DE"), "");
  EXPECT_THAT(with(1, "O=Example,C=DE", "CN=gw,O=Example,C=DE"), HasSubstr("do not allow"));
  EXPECT_THAT(with(1, "O=Example,C=DE", "CN=gw,O=eXample ,C=DE"), HasSubstr("do not allow"));
  EXPECT_THAT(with(1, "O=Example,C=DE", "O=Example,C=DE"), HasSubstr("do not allow"));
  EXPECT_THAT(with(1, "O=Ex ample,C=DE", "O=Ex   AMPLE,C=DE"), HasSubstr("do not allow"));
  EXPECT_THAT(with(0, "O=Ex ample,C=DE", "O=Example,C=DE"), HasSubstr("do not allow"));
  // Other letters have cases as well, which are not known here.
  EXPECT_THAT(with(1, "O=\xc3\xbc,C=DE", "O=\xc3\x9c,C=DE"), HasSubstr("do not allow"));
  EXPECT_THAT(with(1, "O=Other,C=DE", "O=\xc3\x9c,C=DE"), HasSubstr("do not allow"));
  // Another type of string is no way around it: C=DE stays, O is UTF8String because of the letter.
  EXPECT_THAT(with(1, "O=Example,C=DE", "CN=\xc3\xbc,O=Example,C=DE"), HasSubstr("do not allow"));
}

TEST_F(Verify, NameConstraintsOfTheRootHoldForAllBelow) {
  const Made narrow = make_ca(
      {.subject = "CN=narrow", .constraints = {permitted(GNUTLS_SAN_DNSNAME, "example.org")}});
  trust(narrow, "ca/narrow.crt");
  const Made below = make_ca({.subject = "CN=below", .issuer = &narrow});
  request.certificates = {make({.issuer = &below, .dns = {host}}).der, below.der};
  EXPECT_THAT(refusal(), HasSubstr("/CN=narrow may not issue a certificate for"));
  request.certificates = {make({.issuer = &below, .dns = {"a.example.org"}}).der, below.der};
  request.peer = Identity::parse("a.example.org").value();
  EXPECT_EQ(refusal(), "");
}

TEST_F(Verify, NameConstraintsDoNotHideAForgedSignature) {
  const Terms narrow{.subject = "CN=narrow", .raw = {dn_constraint(0, "O=Example,C=DE")}};
  const Made real = make_ca(narrow);
  trust(real, "ca/narrow.crt");
  const Made evil = make_ca(narrow);
  const Terms good{.subject = "O=Example,C=DE", .issuer = &real, .dns = {host}};
  request.certificates = {make(good).der};
  EXPECT_EQ(refusal(), "");
  Terms forged = good;
  forged.issuer = &evil;
  request.certificates = {make(forged).der};
  EXPECT_THAT(refusal(), HasSubstr("the signature on the certificate"));
}

TEST_F(Verify, NamesOfAKindThatIsLimitedButNotComparedAreRefused) {
  const auto uri = [](std::string_view text) {
    Bytes der = {0x30, static_cast<uint8_t>(text.size() + 2), 0x86,
                 static_cast<uint8_t>(text.size())};
    append(der, as_bytes(text));
    return RawExtension{"2.5.29.17", der, false};
  };
  const Terms limited{.constraints = {permitted(GNUTLS_SAN_URI, "example.com")}};
  EXPECT_EQ(refusal_below(limited), "");
  request.peer = Identity::parse("/CN=host").value();
  const Made other =
      make_ca({.subject = "CN=uri", .issuer = &root, .constraints = limited.constraints});
  const Made with = make({.issuer = &other, .raw = {uri("http://example.com/")}});
  request.certificates = {with.der, other.der};
  request.peer = {IdType::DER_ASN1_DN, read(with).subject_dn()};
  EXPECT_THAT(refusal(), HasSubstr("do not allow"));
  const Made without = make_ca({.subject = "CN=uri",
                                .issuer = &root,
                                .constraints = {excluded(GNUTLS_SAN_URI, "example.org")}});
  const Made below = make({.issuer = &without, .raw = {uri("http://example.com/")}});
  request.certificates = {below.der, without.der};
  request.peer = {IdType::DER_ASN1_DN, read(below).subject_dn()};
  EXPECT_THAT(refusal(), HasSubstr("do not allow"));
}

TEST_F(Verify, NameConstraintsHoldForDistinguishedNamesInTheSubjectAltName) {
  const auto with = [&](const std::string& alternative) {
    const Bytes dn = read(make({.subject = alternative})).subject_dn();
    const auto size = static_cast<uint8_t>(dn.size());
    Bytes der = {0x30, static_cast<uint8_t>(size + 2), 0xa4, size};
    append(der, dn);
    const Made narrow = make_ca(
        {.subject = "CN=narrow", .issuer = &root, .raw = {dn_constraint(0, "O=Example,C=DE")}});
    const Made named = make(
        {.subject = "CN=gw,O=Example,C=DE", .issuer = &narrow, .raw = {{"2.5.29.17", der, false}}});
    request.certificates = {named.der, narrow.der};
    request.peer = {IdType::DER_ASN1_DN, read(named).subject_dn()};
    return refusal();
  };
  EXPECT_EQ(with("CN=other,O=Example,C=DE"), "");
  EXPECT_THAT(with("CN=other,O=Other,C=DE"), HasSubstr("do not allow"));
}

TEST_F(Verify, NameConstraintsDoNotHoldForTheNextKeyOfAnAuthority) {
  const Terms narrow{.subject = "CN=narrow", .raw = {dn_constraint(0, "O=Example,C=DE")}};
  const Made old_key = make_ca(narrow);
  trust(old_key, "ca/narrow.crt");
  const Made new_key = make_ca({.subject = "CN=narrow", .issuer = &old_key});
  const Made below = make({.subject = "CN=gw,O=Example,C=DE", .issuer = &new_key, .dns = {host}});
  request.certificates = {below.der, new_key.der};
  EXPECT_EQ(refusal(), "");
  const Made outside = make({.subject = "CN=gw,O=Other,C=DE", .issuer = &new_key, .dns = {host}});
  request.certificates = {outside.der, new_key.der};
  EXPECT_THAT(refusal(), HasSubstr("do not allow"));
}

// A leaf that is called as its authority is self-issued, and the last one all the same.
TEST_F(Verify, NameConstraintsHoldForASelfIssuedLeaf) {
  const Made narrow =
      make_ca({.subject = "CN=narrow", .raw = {dn_constraint(0, "O=Example,C=DE")}});
  trust(narrow, "ca/narrow.crt");
  request.certificates = {make({.subject = "CN=narrow", .issuer = &narrow, .dns = {host}}).der};
  EXPECT_THAT(refusal(), HasSubstr("do not allow"));
}

// ---- revocation ----

TEST_F(Verify, ListsOfTheWholeChainAreLookedAt) {
  revoke({.issuer = &root});
  revoke({.issuer = &middle});
  request.strict_revocation = true;
  EXPECT_THAT(how(), HasSubstr("; not revoked"));
}

TEST_F(Verify, RevokedLeafIsRefused) {
  revoke({.issuer = &middle, .revoked = {&leaf}});
  EXPECT_THAT(refusal(), HasSubstr("/CN=host is revoked, says /CN=middle (crls/list.crl)"));
}

TEST_F(Verify, RevokedIntermediateIsRefused) {
  revoke({.issuer = &root, .revoked = {&middle}});
  EXPECT_THAT(refusal(), HasSubstr("/CN=middle is revoked, says /CN=root"));
}

TEST_F(Verify, SerialOfAnotherIssuerIsNotRevoked) {
  revoke({.issuer = &root, .revoked = {&leaf}});
  EXPECT_EQ(refusal(), "");
}

TEST_F(Verify, MissingListIsANoteOrAnError) {
  revoke({.issuer = &middle});
  EXPECT_THAT(how(), HasSubstr("; no revocation list of /CN=root"));
  request.strict_revocation = true;
  EXPECT_THAT(refusal(), HasSubstr("no revocation list of /CN=root; put the current one into"));
}

TEST_F(Verify, OutdatedListIsANoteOrAnError) {
  revoke({.issuer = &root});
  revoke({.issuer = &middle, .from = now - 9 * day, .until = now - 1});
  EXPECT_THAT(how(), HasSubstr("the revocation list of /CN=middle is good from"));
  request.strict_revocation = true;
  EXPECT_THAT(refusal(), HasSubstr("to 2027-01-15 07:59:59 UTC only"));
  request.now -= 1;
  EXPECT_EQ(refusal(), "");
}

TEST_F(Verify, ListOfTheFutureIsNotInForce) {
  revoke({.issuer = &root});
  revoke({.issuer = &middle, .from = now + 1});
  request.strict_revocation = true;
  EXPECT_THAT(refusal(), HasSubstr("the revocation list of /CN=middle is good from"));
}

TEST_F(Verify, ListIsInForceFromItsFirstSecond) {
  revoke({.issuer = &root, .from = now});
  revoke({.issuer = &middle, .from = now, .until = now});
  request.strict_revocation = true;
  EXPECT_EQ(refusal(), "");
}

TEST_F(Verify, NextKeyDoesNotVouchForItself) {
  const Made next = make_ca({.subject = "CN=root", .issuer = &root});
  revoke({.issuer = &next});
  request.certificates = {make({.issuer = &next, .dns = {host}}).der, next.der};
  request.strict_revocation = true;
  EXPECT_THAT(refusal(),
              HasSubstr("no revocation list of /CN=root (that in crls/list.crl has not"));
}

TEST_F(Verify, OutdatedListStillRevokes) {
  revoke({.issuer = &middle, .revoked = {&leaf}, .from = now - 9 * day, .until = now - day});
  EXPECT_THAT(refusal(), HasSubstr("is revoked"));
}

TEST_F(Verify, NewestListCounts) {
  revoke({.issuer = &middle, .revoked = {&leaf}, .from = now - 9 * day});
  revoke({.issuer = &middle, .from = now - 2 * day});
  revoke({.issuer = &middle, .revoked = {&leaf}, .from = now - 5 * day});
  EXPECT_EQ(refusal(), "");
}

TEST_F(Verify, ForgedListDoesNotCount) {
  const Made evil = make_ca({.subject = "CN=middle"});
  revoke({.issuer = &evil, .revoked = {&leaf}});
  EXPECT_THAT(how(), HasSubstr("no revocation list of /CN=middle (that in crls/list.crl has not"));
  revoke({.issuer = &root});
  request.strict_revocation = true;
  EXPECT_THAT(refusal(), HasSubstr("no revocation list of /CN=middle"));
}

TEST_F(Verify, ForgedOutdatedListDoesNotCount) {
  const Made evil = make_ca({.subject = "CN=middle"});
  revoke({.issuer = &evil, .revoked = {&leaf}, .from = now - 9 * day, .until = now - day});
  EXPECT_EQ(refusal(), "");
}

TEST_F(Verify, ListMayBeSignedWithAnotherKeyOfTheIssuer) {
  const Made next = make_ca({.subject = "CN=root", .issuer = &root});  // its next key
  const Made below = make({.issuer = &next, .dns = {host}});
  revoke({.issuer = &root, .revoked = {&below}});
  request.certificates = {below.der, next.der};
  EXPECT_THAT(refusal(), HasSubstr("is revoked, says /CN=root"));
}

TEST_F(Verify, ListOfAnIssuerThatMayNotSignListsDoesNotCount) {
  const Made mute =
      make_ca({.subject = "CN=mute", .issuer = &root, .usage = GNUTLS_KEY_KEY_CERT_SIGN});
  const Made host_below = make({.issuer = &mute, .dns = {host}});
  // What its key has signed, in the name of one that may.
  const Made talker = make_ca({.subject = "CN=mute", .issuer = &root, .key = mute.key});
  revoke({.issuer = &talker, .revoked = {&host_below}});
  request.certificates = {host_below.der, mute.der};
  EXPECT_EQ(refusal(), "");
  request.certificates = {host_below.der, talker.der};
  EXPECT_THAT(refusal(), HasSubstr("is revoked"));
}

}  // namespace
}  // namespace iked::pki::test
