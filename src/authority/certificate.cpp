// SPDX-License-Identifier: ISC
#include "authority/certificate.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "authority/library.h"
#include "base/ip.h"

namespace iked::authority {
namespace {

std::string alt_name(unsigned type, ByteView octets) {
  const std::string text = printable(octets, 256);
  switch (type) {
    case GNUTLS_SAN_DNSNAME:
      return "DNS:" + text;
    case GNUTLS_SAN_RFC822NAME:
      return "email:" + text;
    case GNUTLS_SAN_URI:
      return "URI:" + text;
    case GNUTLS_SAN_IPADDRESS:
      if (const auto address = IpAddress::from_octets(octets)) {
        return fmt::format("IP:{}", *address);
      }
      return "IP:" + to_hex(octets);
    default:
      return "other:" + to_hex(octets);
  }
}

}  // namespace

std::string to_text(UnixTime time) {
  const time_t seconds = time;
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), "%b %e %H:%M:%S %Y GMT", &parts);
  return text.data();
}

Outcome<Certificate> Certificate::from_pem(ByteView pem, const std::string& path) {
  auto handle = fresh<gnutls_x509_crt_int>(gnutls_x509_crt_init);
  const gnutls_datum_t text = datum(pem);
  const int code = gnutls_x509_crt_import(handle.get(), &text, GNUTLS_X509_FMT_PEM);
  if (code < 0) return fail("{} is no certificate in PEM: {}", path, gnutls_strerror(code));
  return Certificate(std::move(handle));
}

Bytes Certificate::pem() const {
  Owned text;
  IKED_CHECK(gnutls_x509_crt_export2(handle_.get(), GNUTLS_X509_FMT_PEM, text.out()) >= 0);
  return to_bytes(text.view());
}

Bytes Certificate::der() const {
  Owned octets;
  IKED_CHECK(gnutls_x509_crt_export2(handle_.get(), GNUTLS_X509_FMT_DER, octets.out()) >= 0);
  return to_bytes(octets.view());
}

std::string Certificate::subject() const {
  Owned text;
  if (gnutls_x509_crt_get_dn3(handle_.get(), text.out(), 0) < 0) return "";
  return printable(text.view(), 1024);
}

Bytes Certificate::serial() const {
  Bytes octets(64);
  size_t size = octets.size();
  if (gnutls_x509_crt_get_serial(handle_.get(), octets.data(), &size) < 0) return {};
  octets.resize(size);
  octets.erase(octets.begin(), std::ranges::find_if(octets, [](uint8_t o) { return o != 0; }));
  return octets;
}

std::vector<std::string> Certificate::names() const {
  std::vector<std::string> found;
  for (unsigned i = 0;; ++i) {
    std::array<uint8_t, 1024> octets{};
    size_t size = octets.size();
    const int type =
        gnutls_x509_crt_get_subject_alt_name(handle_.get(), i, octets.data(), &size, nullptr);
    if (type < 0) return found;
    found.push_back(alt_name(static_cast<unsigned>(type), ByteView(octets).first(size)));
  }
}

UnixTime Certificate::not_before() const {
  return gnutls_x509_crt_get_activation_time(handle_.get());
}

UnixTime Certificate::not_after() const {
  return gnutls_x509_crt_get_expiration_time(handle_.get());
}

Bytes Certificate::sha256() const {
  Bytes digest(32);
  size_t size = digest.size();
  IKED_CHECK(
      gnutls_x509_crt_get_fingerprint(handle_.get(), GNUTLS_DIG_SHA256, digest.data(), &size) >= 0);
  return digest;
}

Bytes Certificate::key_id() const {
  Bytes id(64);
  size_t size = id.size();
  const int code =
      gnutls_x509_crt_get_key_id(handle_.get(), GNUTLS_KEYID_USE_SHA1, id.data(), &size);
  id.resize(code < 0 ? 0 : size);
  return id;
}

Bytes Certificate::subject_key_id() const {
  Bytes id(64);
  size_t size = id.size();
  const int code = gnutls_x509_crt_get_subject_key_id(handle_.get(), id.data(), &size, nullptr);
  id.resize(code < 0 ? 0 : size);
  return id;
}

bool Certificate::is_ca() const {
  return gnutls_x509_crt_get_ca_status(handle_.get(), nullptr) > 0;
}

bool Certificate::is_issued_by(const Certificate& issuer) const {
  if (gnutls_x509_crt_check_issuer(handle_.get(), issuer.handle()) != 1) return false;
  gnutls_x509_crt_t issuers[] = {issuer.handle()};
  unsigned problems = 0;
  const unsigned flags =
      GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
  const int code = gnutls_x509_crt_verify(handle_.get(), issuers, 1, flags, &problems);
  return code >= 0 && problems == 0;
}

std::string Certificate::full_text() const {
  Owned text;
  if (gnutls_x509_crt_print(handle_.get(), GNUTLS_CRT_PRINT_FULL, text.out()) < 0) return "";
  return std::string(as_text(text.view()));
}

}  // namespace iked::authority
