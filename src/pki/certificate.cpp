// SPDX-License-Identifier: ISC
#include "pki/certificate.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "model/distinguished_name.h"
#include "pki/algorithms.h"
#include "pki/library.h"

namespace iked::pki {
namespace {

constexpr size_t longest_text = 512;

std::unexpected<Error> unreadable(std::string_view what, int code) {
  return fail("its {} cannot be read: {}", what, gnutls_strerror(code));
}

/// For people. What is written in another way than usual still gets some text.
std::string text_of(const Result<std::string>& dn) {
  return dn ? printable(as_bytes(*dn), longest_text) : "a name that cannot be shown";
}

Bytes without_zeros(ByteView octets) {
  const auto first = std::ranges::find_if(octets, [](uint8_t o) { return o != 0; });
  return Bytes(first, octets.end());
}

}  // namespace

std::string to_text(UnixTime time) {
  const time_t seconds = time;
  tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return "never";
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text.data();
}

Result<Certificate> Certificate::parse(ByteView der) {
  if (der.size() > longest) {
    return fail("a certificate of {} octets; at most {} are read", der.size(), longest);
  }
  Certificate found;
  found.handle_ = fresh<gnutls_x509_crt_int>(gnutls_x509_crt_init);
  const gnutls_datum_t octets = datum(der);
  const int code = gnutls_x509_crt_import(found.handle_.get(), &octets, GNUTLS_X509_FMT_DER);
  if (code < 0) return fail("not a certificate in DER: {}", gnutls_strerror(code));
  found.der_ = to_bytes(der);
  if (auto read = found.read_names(); !read) {
    return fail("the certificate of {}: {}", found.subject_, read.error().text);
  }
  if (auto read = found.read_key(); !read) {
    return fail("the certificate of {}: {}", found.subject_, read.error().text);
  }
  return found;
}

Result<void> Certificate::read_names() {
  subject_ = "an unknown subject";
  Owned subject, issuer;
  int code = gnutls_x509_crt_get_raw_dn(handle(), subject.out());
  if (code >= 0) code = gnutls_x509_crt_get_raw_issuer_dn(handle(), issuer.out());
  if (code < 0) return unreadable("subject or issuer", code);
  if (subject.view().size() > longest_name || issuer.view().size() > longest_name) {
    return fail("its subject or issuer has more than {} octets", longest_name);
  }
  subject_dn_ = to_bytes(subject.view());
  issuer_dn_ = to_bytes(issuer.view());
  const auto subject_text = distinguished_name_text(subject_dn_);
  subject_ = text_of(subject_text);
  issuer_ = text_of(distinguished_name_text(issuer_dn_));
  if (subject_text && subject_text->find('\0') != std::string::npos) {
    return fail("its subject has a NUL in it");
  }

  auto extensions = read_extensions(handle());
  if (!extensions) return fail(extensions);
  extensions_ = std::move(*extensions);
  if (subject_.empty())
    subject_ = names().empty() ? "nobody" : printable(as_bytes(value_of(names()[0])));
  return {};
}

Result<void> Certificate::read_key() {
  Bytes serial(64);
  size_t size = serial.size();
  int code = gnutls_x509_crt_get_serial(handle(), serial.data(), &size);
  if (code < 0) return unreadable("serial number", code);
  serial_ = without_zeros(ByteView(serial).first(size));
  not_before_ = gnutls_x509_crt_get_activation_time(handle());
  not_after_ = gnutls_x509_crt_get_expiration_time(handle());
  if (not_before_ == -1 || not_after_ == -1) return fail("its dates cannot be read");

  const auto key = fresh<gnutls_pubkey_st>(gnutls_pubkey_init);
  Owned spki;
  code = gnutls_pubkey_import_x509(key.get(), handle(), 0);
  if (code >= 0) code = gnutls_pubkey_export2(key.get(), GNUTLS_X509_FMT_DER, spki.out());
  public_key_hash_.resize(20);
  size = public_key_hash_.size();
  if (code >= 0) {
    code =
        gnutls_x509_crt_get_key_id(handle(), GNUTLS_KEYID_USE_SHA1, public_key_hash_.data(), &size);
  }
  if (code < 0) return unreadable("public key", code);
  public_key_ = to_bytes(spki.view());
  key_fault_ = fault_of_key(key.get());
  signature_fault_ = fault_of_signature(handle());
  return {};
}

bool Certificate::covers(const Identity& identity) const {
  switch (identity.type) {
    case IdType::IPV4_ADDR:
    case IdType::IPV6_ADDR:
    case IdType::FQDN:
    case IdType::RFC822_ADDR:
      return std::ranges::find(names(), identity) != names().end();
    case IdType::DER_ASN1_DN:
      // RFC4945 3.1.5: the subject, which must not be the empty name (a SEQUENCE without content).
      return subject_dn_.size() > 2 && identity.octets == subject_dn_;
    default:
      return false;
  }
}

bool Certificate::names_as_issuer(const Certificate& issuer) const {
  return gnutls_x509_crt_check_issuer(handle(), issuer.handle()) == 1;
}

bool Certificate::is_signed_by(const Certificate& issuer) const {
  if (!issuer.extensions().is_ca || !issuer.extensions().may_sign_certificates) return false;
  gnutls_x509_crt_t issuers[] = {issuer.handle()};
  constexpr unsigned flags =
      GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
  unsigned problems = 0;
  if (gnutls_x509_crt_verify(handle(), issuers, 1, flags, &problems) < 0) return false;
  // The library refuses whatever an authority with constraints on distinguished names issues.
  constexpr unsigned constraints = GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE;
  if ((problems & constraints) != 0) problems &= ~(constraints | GNUTLS_CERT_INVALID);
  return problems == 0;
}

}  // namespace iked::pki
