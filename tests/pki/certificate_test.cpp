// SPDX-License-Identifier: ISC
#include "pki/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/distinguished_name.h"
#include "pki/maker.h"

namespace iked::pki::test {
namespace {

using ::testing::HasSubstr;

Identity fqdn(std::string_view name) {
  return {IdType::FQDN, to_bytes(as_bytes(name))};
}

Identity ufqdn(std::string_view name) {
  return {IdType::RFC822_ADDR, to_bytes(as_bytes(name))};
}

std::string refusal(ByteView der) {
  const auto parsed = Certificate::parse(der);
  return parsed ? "" : parsed.error().text;
}

// What OpenSSL 3.0 made: req -x509 -newkey ed25519 -subj /C=DE/CN=gw.example.com with a
// subjectAltName of four kinds; the hash is that of its x509 -pubkey | sha1.
const char* const from_openssl =
    "3082017530820127a00302010202081234567890abcdef300506032b65703026310b3009060355040613"
    "0244453117301506035504030c0e67772e6578616d706c652e636f6d301e170d32363131303130303030"
    "30305a170d3237313130313030303030305a3026310b3009060355040613024445311730150603550403"
    "0c0e67772e6578616d706c652e636f6d302a300506032b657003210091bc10ec56f522828b36e9988b20"
    "caae59fcfefad5517a14daaa60d78fb63667a373307130400603551d1104393037820e67772e6578616d"
    "706c652e636f6d810d61406578616d706c652e636f6d8704c0000201871020010db80000000000000000"
    "00000001300e0603551d0f0101ff040403020780301d0603551d0e04160414d922c102aef8b27bd78abe"
    "54fbcccd8b8298cc6c300506032b65700341001e363e5ba0fec91ee9f05fc890e699cb88240cf9fc7f15"
    "6c63d2f5fe564babb97259c0461e25fe53e99417ca69ab9ef22843c8e011d9b21e30e02d230f71d80b";

TEST(Certificate, OfOpensslIsRead) {
  const auto c = Certificate::parse(from_hex(from_openssl).value());
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_EQ(c->subject(), "/C=DE/CN=gw.example.com");
  EXPECT_EQ(c->issuer(), c->subject());
  EXPECT_EQ(to_hex(c->serial()), "1234567890abcdef");
  EXPECT_EQ(to_text(c->not_before()), "2026-11-01 00:00:00 UTC");
  EXPECT_EQ(to_text(c->not_after()), "2027-11-01 00:00:00 UTC");
  EXPECT_EQ(
      to_hex(c->public_key()),
      "302a300506032b657003210091bc10ec56f522828b36e9988b20caae59fcfefad5517a14daaa60d78fb63667");
  EXPECT_EQ(to_hex(c->public_key_hash()), "42306a099f5bbbc23bf72121e606e65472010ec8");
  EXPECT_EQ(c->subject_dn(), distinguished_name("/C=DE/CN=gw.example.com").value());
  ASSERT_EQ(c->names().size(), 4U);
  EXPECT_TRUE(c->covers(Identity::parse("gw.example.com").value()));
  EXPECT_TRUE(c->covers(Identity::parse("@a@example.com").value()) ||
              c->covers(ufqdn("a@example.com")));
  EXPECT_TRUE(c->covers(Identity::parse("192.0.2.1").value()));
  EXPECT_TRUE(c->covers(Identity::parse("2001:db8::1").value()));
  EXPECT_TRUE(c->covers(Identity::parse("/C=DE/CN=gw.example.com").value()));
  EXPECT_TRUE(c->is_self_signed());
  EXPECT_EQ(c->key_fault(), std::nullopt);
  EXPECT_EQ(c->signature_fault(), std::nullopt);
}

TEST(Certificate, CoversTheSameTypeAndOctetsOnly) {
  const Certificate c = read(make({.dns = {"gw.example.com", "192.0.2.7"},
                                   .emails = {"u@example.com"},
                                   .addresses = {"192.0.2.1"}}));
  EXPECT_TRUE(c.covers(fqdn("gw.example.com")));
  EXPECT_TRUE(c.covers(ufqdn("u@example.com")));
  EXPECT_TRUE(c.covers(Identity::parse("192.0.2.1").value()));

  EXPECT_FALSE(c.covers(ufqdn("gw.example.com")));
  EXPECT_FALSE(c.covers(fqdn("u@example.com")));
  EXPECT_FALSE(c.covers(fqdn("192.0.2.1")));  // a text that looks like the address
  EXPECT_FALSE(c.covers(Identity::parse("192.0.2.7").value()));
  EXPECT_FALSE(c.covers({IdType::KEY_ID, to_bytes(as_bytes("gw.example.com"))}));
  EXPECT_FALSE(c.covers({IdType::DER_ASN1_GN, to_bytes(as_bytes("gw.example.com"))}));
  EXPECT_FALSE(c.covers({IdType::IPV6_ADDR, {192, 0, 2, 1}}));
  EXPECT_FALSE(c.covers(fqdn("gw.example.co")));
  EXPECT_FALSE(c.covers(fqdn("gw.example.comm")));
  EXPECT_FALSE(c.covers(fqdn("GW.example.com")));
  EXPECT_FALSE(c.covers(fqdn(std::string_view("gw.example.com\0", 15))));
  EXPECT_FALSE(c.covers(fqdn("")));
}

TEST(Certificate, CommonNameIsNoHostName) {
  const Certificate c = read(make({.subject = "CN=gw.example.com", .dns = {"other.example.com"}}));
  EXPECT_FALSE(c.covers(fqdn("gw.example.com")));
  const Certificate without = read(make({.subject = "CN=gw.example.com"}));
  EXPECT_FALSE(without.covers(fqdn("gw.example.com")));
}

TEST(Certificate, DistinguishedNameIsComparedByItsDer) {
  const Certificate c = read(make({.subject = "CN=gw,O=Example,C=DE"}));
  // The library writes PrintableString (0x13), where iked.conf has UTF8String (0x0c).
  const Bytes printable = from_hex(
                              "302c310b3009060355040613024445"
                              "3110300e060355040a13074578616d706c65"
                              "310b300906035504031302"
                              "6777")
                              .value();
  EXPECT_EQ(to_hex(c.subject_dn()), to_hex(printable));
  EXPECT_TRUE(c.covers({IdType::DER_ASN1_DN, printable}));
  EXPECT_FALSE(c.covers(Identity::parse("/C=DE/O=Example/CN=gw").value()));
  EXPECT_FALSE(c.covers({IdType::FQDN, printable}));
  Bytes other = printable;
  other.back() = 'W';
  EXPECT_FALSE(c.covers({IdType::DER_ASN1_DN, other}));
  EXPECT_FALSE(c.covers({IdType::DER_ASN1_DN, Bytes(printable.begin(), printable.end() - 13)}));
}

TEST(Certificate, EmptySubjectCoversNoDistinguishedName) {
  const Certificate c = read(make({.subject = "", .dns = {"gw.example.com"}}));
  EXPECT_FALSE(c.covers({IdType::DER_ASN1_DN, c.subject_dn()}));
  EXPECT_FALSE(c.covers({IdType::DER_ASN1_DN, {}}));
  EXPECT_TRUE(c.covers(fqdn("gw.example.com")));
  EXPECT_EQ(c.subject(), "gw.example.com");
}

TEST(Certificate, WildcardCoversNobody) {
  const Certificate c = read(make({.dns = {"*.example.com", "*"}, .emails = {"*@example.com"}}));
  EXPECT_TRUE(c.names().empty());
  EXPECT_FALSE(c.covers(fqdn("a.example.com")));
  EXPECT_FALSE(c.covers(fqdn("*.example.com")));
  EXPECT_FALSE(c.covers(ufqdn("*@example.com")));
}

/// The DER of a subjectAltName with one name. 2 is an FQDN, 1 a mail address.
RawExtension one_name(uint8_t type, std::string_view name) {
  const auto size = static_cast<uint8_t>(name.size());
  Bytes der = {0x30, static_cast<uint8_t>(size + 2), static_cast<uint8_t>(0x80 | type), size};
  append(der, as_bytes(name));
  return {"2.5.29.17", der, false};
}

TEST(Certificate, NulInANameIsRefused) {
  const std::string evil("gw.example.com\0.evil.example", 28);
  EXPECT_EQ(refusal(make({.raw = {one_name(2, "gw.example.com")}}).der), "");
  EXPECT_THAT(refusal(make({.raw = {one_name(2, evil)}}).der), HasSubstr("NUL"));
  EXPECT_THAT(refusal(make({.raw = {one_name(1, "u@" + evil)}}).der), HasSubstr("NUL"));
  EXPECT_THAT(refusal(make({.raw = {one_name(2, "gw example.com")}}).der),
              HasSubstr("no name has"));
  EXPECT_THAT(refusal(make({.raw = {one_name(2, "gw\xc3\xbc.example")}}).der),
              HasSubstr("no name has"));
  Bytes der = make({.subject = "CN=gwXexample"}).der;
  const std::string_view name = "gwXexample";
  const auto at = std::find_end(der.begin(), der.end(), name.begin(), name.end());
  ASSERT_NE(at, der.end());
  at[2] = 0;
  EXPECT_THAT(refusal(der), HasSubstr("NUL"));
}

TEST(Certificate, EmptyNameIsRefused) {
  EXPECT_NE(refusal(make({.raw = {one_name(2, "")}}).der), "");
}

TEST(Certificate, AddressOfFiveOctetsIsRefused) {
  // GeneralNames with one iPAddress.
  const Bytes names = {0x30, 7, 0x87, 5, 192, 0, 2, 1, 0};
  EXPECT_THAT(refusal(make({.raw = {{"2.5.29.17", names, false}}}).der), HasSubstr("5 octets"));
}

TEST(Certificate, TooManyNamesAreRefused) {
  const std::vector<std::string> most(Extensions::most_names, "a");
  EXPECT_EQ(refusal(make({.dns = most}).der), "");
  std::vector<std::string> more = most;
  more.push_back("b");
  EXPECT_THAT(refusal(make({.dns = more}).der), HasSubstr("more than 256 names"));
}

TEST(Certificate, TooManyExtensionsAreRefused) {
  Terms terms;
  for (int i = 0; i < 70; ++i) {
    terms.raw.push_back({"1.3.6.1.4.1.99999." + std::to_string(i), {5, 0}, false});
  }
  EXPECT_THAT(refusal(make(terms).der), HasSubstr("more than 64 extensions"));
}

TEST(Certificate, OctetsBehindItAreRefused) {
  Bytes der = make({}).der;
  EXPECT_EQ(refusal(der), "");
  der.push_back(0);
  EXPECT_THAT(refusal(der), HasSubstr("not a certificate in DER"));
}

TEST(Certificate, CutShortIsRefused) {
  const Bytes der = make({}).der;
  for (size_t size = 0; size < der.size(); ++size) {
    ASSERT_NE(refusal(ByteView(der).first(size)), "") << size;
  }
}

TEST(Certificate, IndefiniteLengthIsRefused) {
  Bytes der = make({}).der;
  ASSERT_EQ(der[1], 0x82);
  Bytes indefinite = {der[0], 0x80};
  indefinite.insert(indefinite.end(), der.begin() + 4, der.end());
  indefinite.insert(indefinite.end(), {0, 0});
  EXPECT_THAT(refusal(indefinite), HasSubstr("not a certificate in DER"));
}

TEST(Certificate, DeepNestingIsRefused) {
  Bytes der(8000, 0);
  for (size_t i = 0; i < der.size(); i += 2) der[i] = 0x30, der[i + 1] = 0x80;
  EXPECT_NE(refusal(der), "");
  for (size_t i = 0; i < der.size(); i += 4) {
    const size_t left = der.size() - i - 4;
    der[i] = 0x30, der[i + 1] = 0x82;
    der[i + 2] = static_cast<uint8_t>(left >> 8), der[i + 3] = static_cast<uint8_t>(left);
  }
  EXPECT_NE(refusal(der), "");
}

TEST(Certificate, TooLongIsRefused) {
  Bytes der(Certificate::longest + 1, 0x30);
  EXPECT_THAT(refusal(der), HasSubstr("16385 octets"));
  EXPECT_NE(refusal({}), "");
}

TEST(Certificate, ExtensionTwiceIsRefused) {
  Bytes der = make({.raw = {{"1.3.6.1.4.1.99999.1", {5, 0}, false},
                            {"1.3.6.1.4.1.99999.2", {5, 0}, false}}})
                  .der;
  EXPECT_EQ(refusal(der), "");
  const Bytes second = {0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, 2};
  const auto at = std::search(der.begin(), der.end(), second.begin(), second.end());
  ASSERT_NE(at, der.end());
  at[8] = 1;
  EXPECT_NE(refusal(der), "");
}

struct KeyCase {
  gnutls_pk_algorithm_t type;
  unsigned bits;
  bool good;
};

TEST(Certificate, KeysAreJudged) {
  const KeyCase cases[] = {
      {GNUTLS_PK_RSA, 1024, false},
      {GNUTLS_PK_RSA, 2048, true},
      {GNUTLS_PK_RSA_PSS, 2048, true},
      {GNUTLS_PK_DSA, 2048, true},
      {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), true},
      {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1), true},
      {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1), true},
      {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP224R1), false},
      {GNUTLS_PK_EDDSA_ED25519, 0, true},
      {GNUTLS_PK_EDDSA_ED448, 0, true},
  };
  const Made ca = make_ca({.subject = "CN=ca"});
  for (const KeyCase& one : cases) {
    const Certificate c = read(make({.issuer = &ca, .key = new_key(one.type, one.bits)}));
    EXPECT_EQ(!c.key_fault(), one.good)
        << one.type << " " << one.bits << c.key_fault().value_or("");
  }
}

Made with_rsa(const Bytes& modulus, const Bytes& exponent) {
  const Made ca = make_ca({.subject = "CN=ca"});
  return make(
      {.issuer = &ca, .change = [&](gnutls_x509_crt_t crt) { set_rsa(crt, modulus, exponent); }});
}

std::string rsa_fault(const Bytes& modulus, const Bytes& exponent) {
  return read(with_rsa(modulus, exponent)).key_fault().value_or("");
}

TEST(Certificate, TinyAndHugeKeysAreRefused) {
  const Bytes f4 = {1, 0, 1};
  EXPECT_THAT(rsa_fault(odd_number(512), f4), HasSubstr("RSA with 512 bits"));
  EXPECT_THAT(rsa_fault(odd_number(2047), f4), HasSubstr("RSA with 2047 bits"));
  EXPECT_EQ(rsa_fault(odd_number(2048), f4), "");
  EXPECT_EQ(rsa_fault(odd_number(8192), f4), "");
  EXPECT_THAT(rsa_fault(odd_number(8193), f4), HasSubstr("too long"));
  EXPECT_THAT(rsa_fault(odd_number(16384), f4), HasSubstr("RSA with 16384 bits"));
}

TEST(Certificate, ExponentsThatNoKeyHasAreRefused) {
  const Bytes modulus = odd_number(2048);
  for (const Bytes& e : {Bytes{1}, Bytes{2}, Bytes{4}, Bytes{1, 0, 0}, Bytes(9, 1)}) {
    EXPECT_THAT(rsa_fault(modulus, e), HasSubstr("exponent")) << to_hex(e);
  }
  for (const Bytes& e : {Bytes{3}, Bytes{17}, Bytes{1, 0, 1}, Bytes(8, 1)}) {
    EXPECT_EQ(rsa_fault(modulus, e), "") << to_hex(e);
  }
  // The library makes no key with e = 0: write it into one with e = 3, behind the modulus.
  Bytes der = with_rsa(modulus, {3}).der;
  Bytes three(modulus.end() - 8, modulus.end());
  append(three, Bytes{2, 1, 3});
  const auto at = std::search(der.begin(), der.end(), three.begin(), three.end());
  ASSERT_NE(at, der.end());
  at[10] = 0;
  const auto zero = Certificate::parse(der);
  ASSERT_TRUE(zero) << zero.error().text;
  EXPECT_THAT(zero->key_fault().value_or(""), HasSubstr("exponent"));
  Bytes even = modulus;
  even.back() = 2;
  EXPECT_THAT(rsa_fault(even, {1, 0, 1}), HasSubstr("even modulus"));
}

// Whoever only compares the public key takes the same point on a curve with another generator, for
// which anybody knows a private key (CVE-2020-0601).
TEST(Certificate, CurveGivenByParametersIsRefused) {
  EXPECT_THAT(refusal(data_file("explicit-curve.der")), HasSubstr("public key cannot be read"));
}

TEST(Certificate, OtherCurvesAreRefused) {
  for (const std::string name : {"brainpool.der", "koblitz.der"}) {
    const auto c = Certificate::parse(data_file(name));
    EXPECT_TRUE(!c || c->key_fault()) << name;
  }
}

TEST(Certificate, Sha1SignatureIsAFault) {
  const Made ca = make_ca({.subject = "CN=ca"});
  EXPECT_THAT(read(make({.issuer = &ca, .digest = GNUTLS_DIG_SHA1})).signature_fault().value_or(""),
              HasSubstr("ECDSA-SHA1"));
  EXPECT_EQ(read(make({.issuer = &ca, .digest = GNUTLS_DIG_SHA512})).signature_fault(),
            std::nullopt);
  const Made rsa = make_ca({.subject = "CN=ca", .key = new_key(GNUTLS_PK_RSA, 2048)});
  EXPECT_THAT(
      read(make({.issuer = &rsa, .digest = GNUTLS_DIG_SHA1})).signature_fault().value_or(""),
      HasSubstr("RSA-SHA1"));
  EXPECT_EQ(read(make({.issuer = &rsa,
                       .digest = GNUTLS_DIG_SHA384,
                       .sign_flags = GNUTLS_PRIVKEY_SIGN_FLAG_RSA_PSS}))
                .signature_fault(),
            std::nullopt);
}

TEST(Certificate, UnknownCriticalExtensionIsKept) {
  const Certificate critical = read(make({.raw = {{"1.3.6.1.4.1.99999.1", {5, 0}, true}}}));
  EXPECT_EQ(critical.extensions().unknown_critical, "1.3.6.1.4.1.99999.1");
  const Certificate harmless = read(make({.raw = {{"1.3.6.1.4.1.99999.1", {5, 0}, false}}}));
  EXPECT_EQ(harmless.extensions().unknown_critical, std::nullopt);
}

TEST(Certificate, FlippedBitsAreReadOrRefused) {
  const Bytes der = make({.dns = {"gw.example.com"}, .addresses = {"192.0.2.1"}}).der;
  size_t refused = 0;
  for (size_t bit = 0; bit < der.size() * 8; ++bit) {
    Bytes bent = der;
    bent[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    refused += Certificate::parse(bent) ? 0 : 1;
  }
  EXPECT_GT(refused, der.size());
}

}  // namespace
}  // namespace iked::pki::test
