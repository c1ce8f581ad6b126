// SPDX-License-Identifier: ISC
// How certificates are made: what they say, by profile, and how they are signed.
#include <algorithm>
#include <array>

#include "authority/certificate.h"
#include "authority/library.h"
#include "authority/serial.h"

namespace iked::authority {
namespace {

constexpr const char* ipsec_ike = "1.3.6.1.5.5.7.3.17";        // RFC4945 5.1.3.12: id-kp-ipsecIKE
constexpr const char* ocsp_no_check = "1.3.6.1.5.5.7.48.1.5";  // RFC6960 4.2.2.2.1

constexpr std::array names{
    ProfileName{"server", Profile::server},
    ProfileName{"client", Profile::client},
    ProfileName{"ocsp", Profile::ocsp},
    ProfileName{"peer", Profile::peer},
};

Outcome<void> put_subject(gnutls_x509_crt_t crt, const std::string& dn, const std::string& name) {
  if (dn.empty()) {
    const int code = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name.data(),
                                                   static_cast<unsigned>(name.size()));
    if (code < 0) return library_failure(fmt::format("\"{}\" as a common name", name), code);
    return {};
  }
  const char* where = nullptr;
  if (const int code = gnutls_x509_crt_set_dn(crt, dn.c_str(), &where); code < 0) {
    return fail_as(Failure::Kind::usage,
                   "\"{}\" is no distinguished name like CN=gw.example.com,O=Example: {}",
                   printable(as_bytes(dn), 256), gnutls_strerror(code));
  }
  return {};
}

Outcome<void> put_validity(gnutls_x509_crt_t crt, unsigned days, UnixTime now, UnixTime last) {
  if (days == 0 || days > most_days) {
    return fail_as(Failure::Kind::usage, "{} days: from 1 to {} are possible", days, most_days);
  }
  const UnixTime end = std::min(now + days * one_day, last);
  Steps step;
  step(gnutls_x509_crt_set_activation_time(crt, now - dated_back));
  step(gnutls_x509_crt_set_expiration_time(crt, end));
  if (step.failed() != 0) return library_failure("the validity", step.failed());
  return {};
}

gnutls_digest_algorithm_t digest_for(const PrivateKey& key) {
  unsigned bits = 0;
  switch (gnutls_x509_privkey_get_pk_algorithm2(key.handle(), &bits)) {
    case GNUTLS_PK_EDDSA_ED25519:
      return GNUTLS_DIG_SHA512;
    case GNUTLS_PK_EDDSA_ED448:
      return GNUTLS_DIG_SHAKE_256;
    case GNUTLS_PK_ECDSA:
      return bits <= 256 ? GNUTLS_DIG_SHA256 : bits <= 384 ? GNUTLS_DIG_SHA384 : GNUTLS_DIG_SHA512;
    default:
      return GNUTLS_DIG_SHA256;
  }
}

/// The octets of a key's id go in as they are.
void put_basics(gnutls_x509_crt_t crt, const PrivateKey& key, Steps& step) {
  const Bytes serial = random_serial();
  const Bytes id = key.id();
  step(gnutls_x509_crt_set_version(crt, 3));
  step(gnutls_x509_crt_set_serial(crt, serial.data(), serial.size()));
  step(gnutls_x509_crt_set_key(crt, key.handle()));
  step(gnutls_x509_crt_set_subject_key_id(crt, id.data(), id.size()));
}

/// Read again, so that what is tested and shown is what is in the file.
Outcome<Certificate> signed_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer,
                               const PrivateKey& issuer_key) {
  const int code =
      gnutls_x509_crt_sign2(crt, issuer, issuer_key.handle(), digest_for(issuer_key), 0);
  if (code < 0) return library_failure("the certificate cannot be signed", code);
  Owned text;
  const int exported = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, text.out());
  if (exported < 0) return library_failure("the certificate cannot be encoded", exported);
  return Certificate::from_pem(text.view(), "the new certificate");
}

void put_usage(gnutls_x509_crt_t crt, Profile profile, bool rsa, Steps& step) {
  // RFC4945 5.1.3.2: digitalSignature or nonRepudiation must be there for IKE.
  unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE;
  if (rsa && profile == Profile::server) usage |= GNUTLS_KEY_KEY_ENCIPHERMENT;
  step(gnutls_x509_crt_set_basic_constraints(crt, 0, -1));
  step(gnutls_x509_crt_set_key_usage(crt, usage));
  const auto purpose = [&](const char* oid) {
    step(gnutls_x509_crt_set_key_purpose_oid(crt, oid, 0));
  };
  if (profile == Profile::ocsp) {
    static constexpr std::array<uint8_t, 2> null{0x05, 0x00};
    purpose(GNUTLS_KP_OCSP_SIGNING);
    step(gnutls_x509_crt_set_extension_by_oid(crt, ocsp_no_check, null.data(), null.size(), 0));
    return;
  }
  if (profile != Profile::client) purpose(GNUTLS_KP_TLS_WWW_SERVER);
  if (profile != Profile::server) purpose(GNUTLS_KP_TLS_WWW_CLIENT);
  purpose(ipsec_ike);
}

gnutls_x509_subject_alt_name_t name_type(HostKind kind) {
  switch (kind) {
    case HostKind::ipv4:
    case HostKind::ipv6:
      return GNUTLS_SAN_IPADDRESS;
    case HostKind::ufqdn:
      return GNUTLS_SAN_RFC822NAME;
    case HostKind::fqdn:
      return GNUTLS_SAN_DNSNAME;
  }
  return GNUTLS_SAN_DNSNAME;
}

void put_name(gnutls_x509_crt_t crt, const Host& host, Steps& step) {
  step(gnutls_x509_crt_set_subject_alt_name(crt, name_type(host.kind()), host.octets().data(),
                                            static_cast<unsigned>(host.octets().size()),
                                            GNUTLS_FSAN_APPEND));
}

void put_services(gnutls_x509_crt_t crt, const CertificateTerms& terms, Steps& step) {
  if (!terms.crl_url.empty()) {
    step(gnutls_x509_crt_set_crl_dist_points2(crt, GNUTLS_SAN_URI, terms.crl_url.data(),
                                              static_cast<unsigned>(terms.crl_url.size()), 0));
  }
  if (!terms.ocsp_url.empty()) {
    gnutls_datum_t url = datum(as_bytes(terms.ocsp_url));
    step(gnutls_x509_crt_set_authority_info_access(crt, GNUTLS_IA_OCSP_URI, &url));
  }
}

}  // namespace

std::span<const ProfileName> profile_names() {
  return names;
}

Outcome<Profile> parse_profile(std::string_view word) {
  for (const ProfileName& name : names) {
    if (name.word == word) return name.profile;
  }
  return fail_as(Failure::Kind::usage,
                 "unknown profile \"{}\"; there are server, client, ocsp and peer",
                 printable(as_bytes(word), 40));
}

Outcome<Certificate> issue_authority(const AuthorityTerms& terms, const PrivateKey& key,
                                     UnixTime now) {
  const auto crt = fresh<gnutls_x509_crt_int>(gnutls_x509_crt_init);
  const Bytes id = key.id();
  Steps step;
  put_basics(crt.get(), key, step);
  if (auto put = put_subject(crt.get(), terms.subject, terms.common_name); !put) return pass(put);
  if (auto put = put_validity(crt.get(), terms.days, now, INT64_MAX); !put) return pass(put);
  step(gnutls_x509_crt_set_basic_constraints(crt.get(), 1, 1));  // one more authority below it
  step(gnutls_x509_crt_set_key_usage(crt.get(), GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN));
  step(gnutls_x509_crt_set_authority_key_id(crt.get(), id.data(), id.size()));
  if (step.failed() != 0) return library_failure("the CA's certificate", step.failed());
  return signed_by(crt.get(), crt.get(), key);
}

Outcome<Certificate> issue_certificate(const CertificateTerms& terms, const PrivateKey& key,
                                       const Certificate& issuer, const PrivateKey& issuer_key,
                                       UnixTime now) {
  if (issuer.key_id() != issuer_key.id()) {
    return fail("the CA's key does not belong to the CA's certificate");
  }
  if (now >= issuer.not_after()) {
    return fail("the CA's certificate has expired on {}; create a new CA",
                to_text(issuer.not_after()));
  }
  const auto crt = fresh<gnutls_x509_crt_int>(gnutls_x509_crt_init);
  const Bytes issuer_id = issuer.subject_key_id();
  Steps step;
  put_basics(crt.get(), key, step);
  const std::string name = terms.host.common_name();
  if (auto put = put_subject(crt.get(), terms.subject, name); !put) return pass(put);
  auto validity = put_validity(crt.get(), terms.days, now, issuer.not_after());
  if (!validity) return pass(validity);
  put_name(crt.get(), terms.host, step);
  for (const Host& more : terms.more_names) put_name(crt.get(), more, step);
  put_usage(crt.get(), terms.profile, key.is_rsa(), step);
  put_services(crt.get(), terms, step);
  if (!issuer_id.empty()) {
    step(gnutls_x509_crt_set_authority_key_id(crt.get(), issuer_id.data(), issuer_id.size()));
  }
  if (step.failed() != 0) return library_failure("the certificate", step.failed());
  return signed_by(crt.get(), issuer.handle(), issuer_key);
}

}  // namespace iked::authority
