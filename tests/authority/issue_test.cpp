// SPDX-License-Identifier: ISC
#include <gmock/gmock.h>

#include <set>

#include "authority/fixture.h"
#include "authority/serial.h"

namespace iked::authority {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Issue, SubjectAltNameHasTheTypeOfTheName) {
  EXPECT_THAT(Issued("192.0.2.1").certificate.names(), ElementsAre("IP:192.0.2.1"));
  EXPECT_THAT(Issued("2001:db8::1").certificate.names(), ElementsAre("IP:2001:db8::1"));
  EXPECT_THAT(Issued("gw.example.com").certificate.names(), ElementsAre("DNS:gw.example.com"));
  EXPECT_THAT(Issued("joe@example.com").certificate.names(), ElementsAre("email:joe@example.com"));
}

TEST(Issue, MoreNamesFollow) {
  const Issued from;
  const auto certificate =
      issue_certificate({.host = *Host::parse("gw.example.com"),
                         .more_names = {*Host::parse("192.0.2.1"), *Host::parse("2001:db8::1")}},
                        from.key, from.ca, from.ca_key, test_now);
  ASSERT_TRUE(certificate);
  EXPECT_THAT(certificate->names(),
              ElementsAre("DNS:gw.example.com", "IP:192.0.2.1", "IP:2001:db8::1"));
}

TEST(Issue, CertificateOfAHostCanSignNoOthers) {
  for (const auto& [word, profile] : profile_names()) {
    const Issued issued("a.example.com", profile);
    EXPECT_FALSE(issued.certificate.is_ca()) << word;
    const std::string text = issued.certificate.full_text();
    EXPECT_THAT(text, HasSubstr("Certificate Authority (CA): FALSE")) << word;
    EXPECT_THAT(text, HasSubstr("Digital signature")) << word;
    EXPECT_THAT(text, Not(HasSubstr("Certificate signing"))) << word;
    EXPECT_THAT(text, Not(HasSubstr("CRL signing"))) << word;
  }
}

TEST(Issue, PurposesFollowFromTheProfile) {
  const auto text = [](Profile profile) {
    return Issued("a.example.com", profile).certificate.full_text();
  };
  EXPECT_THAT(text(Profile::peer),
              testing::AllOf(HasSubstr("TLS WWW Server"), HasSubstr("TLS WWW Client"),
                             HasSubstr("Ipsec IKE")));
  EXPECT_THAT(text(Profile::server),
              testing::AllOf(HasSubstr("TLS WWW Server"), Not(HasSubstr("TLS WWW Client"))));
  EXPECT_THAT(text(Profile::client),
              testing::AllOf(HasSubstr("TLS WWW Client"), Not(HasSubstr("TLS WWW Server"))));
  EXPECT_THAT(text(Profile::ocsp),
              testing::AllOf(HasSubstr("OCSP signing"), HasSubstr("1.3.6.1.5.5.7.48.1.5"),
                             Not(HasSubstr("TLS WWW"))));
}

TEST(Issue, EachTypeOfKeySignsAndIsSigned) {
  for (const KeyType ca_type :
       {KeyType::p384, KeyType::p521, KeyType::ed25519, KeyType::ed448, KeyType::rsa2048}) {
    const PrivateKey ca_key = PrivateKey::generate(ca_type);
    const auto ca = issue_authority({.common_name = "vpn"}, ca_key, test_now);
    ASSERT_TRUE(ca) << ca.error().text;
    EXPECT_TRUE(ca->is_ca());
    EXPECT_TRUE(ca->is_issued_by(*ca));
    const PrivateKey key = PrivateKey::generate(KeyType::ed25519);
    const auto certificate =
        issue_certificate({.host = *Host::parse("a.example")}, key, *ca, ca_key, test_now);
    ASSERT_TRUE(certificate) << certificate.error().text;
    EXPECT_TRUE(certificate->is_issued_by(*ca));
    EXPECT_EQ(certificate->key_id(), key.id());
  }
}

TEST(Issue, AnotherAuthorityOfTheSameNameIsNotTheIssuer) {
  const Issued one, other;
  EXPECT_EQ(one.ca.subject(), other.ca.subject());
  EXPECT_TRUE(one.certificate.is_issued_by(one.ca));
  EXPECT_FALSE(one.certificate.is_issued_by(other.ca));
}

TEST(Issue, KeyOfAnotherAuthorityCannotSign) {
  const Issued one, other;
  EXPECT_FALSE(issue_certificate({.host = *Host::parse("a.example")}, one.key, one.ca, other.ca_key,
                                 test_now));
}

TEST(Issue, ValidityIsWhatWasAskedFor) {
  const Issued from;
  const auto days = [&](unsigned n) {
    return issue_certificate({.host = *Host::parse("a.example"), .days = n}, from.key, from.ca,
                             from.ca_key, test_now);
  };
  EXPECT_EQ(from.certificate.not_before(), test_now - 3600);
  EXPECT_EQ(from.certificate.not_after(), test_now + 365 * one_day);
  EXPECT_EQ(from.ca.not_after(), test_now + 3650 * one_day);
  EXPECT_EQ(days(1)->not_after(), test_now + one_day);
  EXPECT_EQ(days(36500)->not_after(), from.ca.not_after());
  EXPECT_FALSE(days(0));
  EXPECT_FALSE(days(36501));
}

TEST(Issue, ExpiredAuthorityIssuesNothing) {
  const Issued from;
  const auto late = issue_certificate({.host = *Host::parse("a.example")}, from.key, from.ca,
                                      from.ca_key, from.ca.not_after());
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().text, HasSubstr("has expired"));
}

TEST(Issue, SubjectCanBeGiven) {
  const Issued from;
  const auto with = [&](const std::string& subject) {
    return issue_certificate({.host = *Host::parse("a.example"), .subject = subject}, from.key,
                             from.ca, from.ca_key, test_now);
  };
  EXPECT_EQ(from.certificate.subject(), "CN=a.example.com");
  const auto given = with("CN=gw,O=Example Ltd.,C=DE");
  ASSERT_TRUE(given) << given.error().text;
  EXPECT_EQ(given->subject(), "CN=gw,O=Example Ltd.,C=DE");
  EXPECT_THAT(given->names(), ElementsAre("DNS:a.example"));
  for (const char* bad : {"gw", "=", "NOSUCH=x", "CN="}) EXPECT_FALSE(with(bad)) << bad;
}

TEST(Issue, AddressesOfListAndResponderAreInIt) {
  const Issued from;
  const auto certificate = issue_certificate({.host = *Host::parse("a.example"),
                                              .crl_url = "http://pki.example/ca.crl",
                                              .ocsp_url = "http://ocsp.example/"},
                                             from.key, from.ca, from.ca_key, test_now);
  ASSERT_TRUE(certificate);
  EXPECT_THAT(certificate->full_text(), HasSubstr("URI: http://pki.example/ca.crl"));
  EXPECT_THAT(certificate->full_text(), HasSubstr("http://ocsp.example/"));
}

TEST(Serial, IsPositiveLongAndNeverTheSame) {
  std::set<Bytes> seen;
  for (int i = 0; i < 1000; ++i) {
    const Bytes serial = random_serial();
    ASSERT_EQ(serial.size(), 17u);
    ASSERT_EQ(serial.front(), 1);
    ASSERT_TRUE(seen.insert(serial).second);
  }
  const Issued issued;
  EXPECT_EQ(issued.certificate.serial().size(), 17u);
  EXPECT_NE(issued.certificate.serial(), issued.ca.serial());
}

TEST(Certificate, GarbageIsRefused) {
  const Issued issued;
  const Bytes pem = issued.certificate.pem();
  EXPECT_FALSE(Certificate::from_pem({}, "f"));
  EXPECT_FALSE(Certificate::from_pem(as_bytes("-----BEGIN CERTIFICATE-----\nAAAA\n"), "f"));
  EXPECT_FALSE(Certificate::from_pem(ByteView(pem).first(pem.size() / 2), "f"));
  EXPECT_FALSE(Certificate::from_pem(issued.key.public_pem(), "f"));
  EXPECT_EQ(Certificate::from_pem(pem, "f")->der(), issued.certificate.der());
}

}  // namespace
}  // namespace iked::authority
