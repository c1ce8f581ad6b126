// SPDX-License-Identifier: ISC
#include "authority/crl.h"

#include <algorithm>
#include <array>

#include "authority/library.h"

namespace iked::authority {
namespace {

Bytes without_zeros(ByteView octets) {
  const auto first = std::ranges::find_if(octets, [](uint8_t o) { return o != 0; });
  return Bytes(first, octets.end());
}

/// An unsigned number as the content of a DER INTEGER, at least one octet.
Bytes integer(uint64_t number) {
  Bytes octets{0};
  put_u64(octets, number);
  while (octets.size() > 1 && octets[0] == 0 && octets[1] < 0x80) octets.erase(octets.begin());
  return octets;
}

Bytes as_integer(const Bytes& serial) {
  Bytes octets = serial;
  if (octets.empty() || octets.front() >= 0x80) octets.insert(octets.begin(), 0);
  return octets;
}

}  // namespace

Outcome<RevocationList> RevocationList::from_pem(ByteView pem, const std::string& path) {
  auto handle = fresh<gnutls_x509_crl_int>(gnutls_x509_crl_init);
  const gnutls_datum_t text = datum(pem);
  const int code = gnutls_x509_crl_import(handle.get(), &text, GNUTLS_X509_FMT_PEM);
  if (code < 0) return fail("{} is no revocation list in PEM: {}", path, gnutls_strerror(code));
  return RevocationList(std::move(handle));
}

Outcome<RevocationList> RevocationList::issue(const std::vector<Revoked>& revoked, uint64_t number,
                                              const Certificate& issuer,
                                              const PrivateKey& issuer_key, UnixTime now) {
  const auto crl = fresh<gnutls_x509_crl_int>(gnutls_x509_crl_init);
  const Bytes id = issuer.subject_key_id(), number_octets = integer(number);
  Steps step;
  step(gnutls_x509_crl_set_version(crl.get(), 2));
  step(gnutls_x509_crl_set_this_update(crl.get(), now - dated_back));
  step(gnutls_x509_crl_set_next_update(crl.get(), now + days * one_day));
  if (!id.empty()) {
    step(gnutls_x509_crl_set_authority_key_id(crl.get(), id.data(), id.size()));
  }
  step(gnutls_x509_crl_set_number(crl.get(), number_octets.data(), number_octets.size()));
  for (const Revoked& one : revoked) {
    const Bytes serial = as_integer(one.serial);
    step(gnutls_x509_crl_set_crt_serial(crl.get(), serial.data(), serial.size(), one.when));
  }
  // The library's choice of the digest fits the key.
  step(gnutls_x509_crl_sign2(crl.get(), issuer.handle(), issuer_key.handle(), GNUTLS_DIG_UNKNOWN,
                             0));
  Owned text;
  step(gnutls_x509_crl_export2(crl.get(), GNUTLS_X509_FMT_PEM, text.out()));
  if (step.failed() != 0) return library_failure("the revocation list", step.failed());
  return from_pem(text.view(), "the new revocation list");
}

Bytes RevocationList::pem() const {
  Owned text;
  IKED_CHECK(gnutls_x509_crl_export2(handle_.get(), GNUTLS_X509_FMT_PEM, text.out()) >= 0);
  return to_bytes(text.view());
}

std::vector<Revoked> RevocationList::revoked() const {
  std::vector<Revoked> all;
  // By an iterator: by number, each look-up would walk through the list again.
  gnutls_x509_crl_iter_t place = nullptr;
  for (;;) {
    std::array<uint8_t, 128> serial{};
    size_t size = serial.size();
    time_t when = 0;
    if (gnutls_x509_crl_iter_crt_serial(handle_.get(), &place, serial.data(), &size, &when) < 0) {
      break;
    }
    all.push_back({without_zeros(ByteView(serial).first(size)), when});
  }
  gnutls_x509_crl_iter_deinit(place);
  return all;
}

uint64_t RevocationList::number() const {
  std::array<uint8_t, 32> octets{};
  size_t size = octets.size();
  unsigned critical = 0;
  if (gnutls_x509_crl_get_number(handle_.get(), octets.data(), &size, &critical) < 0) return 0;
  const Bytes significant = without_zeros(ByteView(octets).first(size));
  if (significant.size() > 7) return 0;
  uint64_t number = 0;
  for (const uint8_t octet : significant) number = number << 8 | octet;
  return number;
}

UnixTime RevocationList::next_update() const {
  return gnutls_x509_crl_get_next_update(handle_.get());
}

bool RevocationList::is_issued_by(const Certificate& issuer) const {
  if (gnutls_x509_crl_check_issuer(handle_.get(), issuer.handle()) != 1) return false;
  gnutls_x509_crt_t issuers[] = {issuer.handle()};
  unsigned problems = 0;
  const unsigned flags =
      GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
  return gnutls_x509_crl_verify(handle_.get(), issuers, 1, flags, &problems) >= 0 && problems == 0;
}

}  // namespace iked::authority
