// SPDX-License-Identifier: ISC
#include "pki/revocation_list.h"

#include <algorithm>
#include <array>

#include "model/distinguished_name.h"
#include "pki/algorithms.h"
#include "pki/library.h"

namespace iked::pki {
namespace {

constexpr std::string_view authority_key_identifier = "2.5.29.35";
constexpr std::string_view list_number = "2.5.29.20";
constexpr std::string_view delta_indicator = "2.5.29.27";
constexpr std::string_view issuing_distribution_point = "2.5.29.28";

constexpr size_t most_extensions = 64;

Bytes without_zeros(ByteView octets) {
  const auto first = std::ranges::find_if(octets, [](uint8_t o) { return o != 0; });
  return Bytes(first, octets.end());
}

}  // namespace

Result<RevocationList> RevocationList::parse(ByteView der) {
  if (der.size() > longest) {
    return fail("a revocation list of {} octets; at most {} are read", der.size(), longest);
  }
  RevocationList found;
  found.handle_ = fresh<gnutls_x509_crl_int>(gnutls_x509_crl_init);
  gnutls_x509_crl_int* list = found.handle_.get();
  const gnutls_datum_t octets = datum(der);
  int code = gnutls_x509_crl_import(list, &octets, GNUTLS_X509_FMT_DER);
  if (code < 0) return fail("not a revocation list in DER: {}", gnutls_strerror(code));
  Owned issuer;
  code = gnutls_x509_crl_get_raw_issuer_dn(list, issuer.out());
  if (code < 0) return fail("a revocation list whose issuer cannot be read");
  found.issuer_dn_ = to_bytes(issuer.view());
  const auto text = distinguished_name_text(found.issuer_dn_);
  found.issuer_ = text ? printable(as_bytes(*text), 512) : "an issuer that cannot be shown";
  found.this_update_ = gnutls_x509_crl_get_this_update(list);
  found.next_update_ = gnutls_x509_crl_get_next_update(list);
  // RFC5280 5.1.2.5: "Conforming CRL issuers MUST include the nextUpdate field in all CRLs."
  if (found.this_update_ == -1 || found.next_update_ == -1) {
    return fail("the revocation list of {} does not say until when it is good", found.issuer_);
  }
  if (const auto fault = fault_of_signature(list)) {
    return fail("the revocation list of {} is signed with {}", found.issuer_, *fault);
  }
  if (auto read = found.read_extensions(); !read) return fail(read);
  if (auto read = found.read_entries(); !read) return fail(read);
  return found;
}

Result<void> RevocationList::read_extensions() {
  for (unsigned i = 0; i < most_extensions; ++i) {
    std::array<char, 128> oid{};
    size_t size = oid.size();
    unsigned critical = 0;
    const int code =
        gnutls_x509_crl_get_extension_info(handle_.get(), i, oid.data(), &size, &critical);
    if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return {};
    if (code < 0) break;
    const std::string name = printable(as_bytes(oid.data()));
    if (name == delta_indicator || name == issuing_distribution_point) {
      return fail(
          "the revocation list of {} is for a part of its certificates, or has changes only; "
          "take the complete list",
          issuer_);
    }
    // RFC5280 5.2: "If a CRL contains a critical extension that the application cannot process,
    // then the application MUST NOT use that CRL to determine the status of certificates."
    if (critical != 0 && name != authority_key_identifier && name != list_number) {
      return fail("the revocation list of {} has the critical extension {}, which is not known",
                  issuer_, name);
    }
  }
  return fail("the extensions of the revocation list of {} cannot be read", issuer_);
}

Result<void> RevocationList::read_entries() {
  gnutls_x509_crl_iter_t at = nullptr;
  int code = 0;
  while (code >= 0) {
    std::array<uint8_t, 64> serial{};
    size_t size = serial.size();
    time_t when = 0;
    code = gnutls_x509_crl_iter_crt_serial(handle_.get(), &at, serial.data(), &size, &when);
    if (code >= 0) serials_.push_back(without_zeros(ByteView(serial).first(size)));
  }
  gnutls_x509_crl_iter_deinit(at);
  // What ends the list too early would let the certificates behind it pass.
  if (code != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
    return fail("the revocation list of {} cannot be read: {}", issuer_, gnutls_strerror(code));
  }
  std::ranges::sort(serials_);
  return {};
}

bool RevocationList::has(const Bytes& serial) const {
  return std::ranges::binary_search(serials_, serial);
}

bool RevocationList::is_signed_by(const Certificate& issuer) const {
  // RFC5280 6.3.3 (f): "verify that the cRLSign bit is set", if there is a keyUsage.
  if (issuer.subject_dn() != issuer_dn_ || !issuer.extensions().may_sign_lists) return false;
  gnutls_x509_crt_t issuers[] = {issuer.handle()};
  constexpr unsigned flags =
      GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
  unsigned problems = 0;
  const int code = gnutls_x509_crl_verify(handle_.get(), issuers, 1, flags, &problems);
  // Its dates are compared with the time of the request, not with the library's clock.
  constexpr unsigned dates =
      GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED | GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;
  if ((problems & dates) != 0) problems &= ~(dates | GNUTLS_CERT_INVALID);
  return code >= 0 && problems == 0;
}

}  // namespace iked::pki
