// SPDX-License-Identifier: ISC
// Certificates and revocation lists for tests, good ones and such as no authority would make.
#pragma once

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "pki/certificate.h"

namespace iked::pki::test {

/// When the tests take place: 2027-01-15 08:00:00 UTC.
inline constexpr UnixTime now = 1'800'000'000;
inline constexpr UnixTime day = 86400;

/// A private key, shared by all that use it.
using Key = std::shared_ptr<gnutls_x509_privkey_int>;
Key new_key(gnutls_pk_algorithm_t type = GNUTLS_PK_ECDSA,
            unsigned bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));

/// A certificate and the key in it.
struct Made {
  Bytes der;
  Key key;
  std::shared_ptr<gnutls_x509_crt_int> handle;
};

struct RawExtension {
  std::string oid;
  Bytes der;
  bool critical = true;
};

struct Constraint {
  gnutls_x509_subject_alt_name_t type = GNUTLS_SAN_DNSNAME;
  Bytes value;
  bool permitted = true;
};
Constraint permitted(gnutls_x509_subject_alt_name_t type, std::string_view value);
Constraint excluded(gnutls_x509_subject_alt_name_t type, std::string_view value);
Constraint within(gnutls_x509_subject_alt_name_t type, const std::string& network, bool permitted);

/// What is in a certificate. The initial values make a good one for a host.
struct Terms {
  std::string subject = "CN=gw.example.com,O=Example";
  const Made* issuer = nullptr;  // nothing: self-signed
  Key key = {};                  // nothing: a new one
  std::vector<std::string> dns = {};
  std::vector<std::string> emails = {};
  std::vector<std::string> addresses = {};
  bool is_ca = false;
  int path_length = -1;
  bool basic_constraints = true;
  unsigned usage = 0;  // 0: no keyUsage
  std::vector<std::string> purposes = {};
  std::vector<RawExtension> raw = {};
  std::vector<Constraint> constraints = {};
  UnixTime from = now - day;
  UnixTime until = now + 365 * day;
  gnutls_digest_algorithm_t digest = GNUTLS_DIG_SHA256;
  unsigned sign_flags = 0;
  /// Last touch before it is signed.
  std::function<void(gnutls_x509_crt_t)> change = {};
};

Made make(Terms terms);
Made make_ca(Terms terms);

/// An RSA public key of the modulus and exponent given, into a certificate.
void set_rsa(gnutls_x509_crt_t certificate, const Bytes& modulus, const Bytes& exponent);
/// An odd number of that many bits, no product of two primes.
Bytes odd_number(unsigned bits);

struct ListTerms {
  const Made* issuer = nullptr;
  std::vector<const Made*> revoked = {};
  UnixTime from = now - day;
  UnixTime until = now + 30 * day;
  gnutls_digest_algorithm_t digest = GNUTLS_DIG_SHA256;
  uint8_t number = 1;
};
Bytes make_list(const ListTerms& terms);

Certificate read(const Made& made);

/// A file of tests/pki/data.
Bytes data_file(const std::string& name);

}  // namespace iked::pki::test
