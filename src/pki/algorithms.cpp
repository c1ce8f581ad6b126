// SPDX-License-Identifier: ISC
#include "pki/algorithms.h"

#include <algorithm>
#include <array>

#include "pki/library.h"

namespace iked::pki {
namespace {

constexpr unsigned least_bits = 2048;
constexpr unsigned most_bits = 8192;  // what a stranger may make us compute with
constexpr unsigned most_dsa_bits = 3072;
constexpr size_t longest_exponent = 8;  // octets; usual are 3, and beyond that only time is lost

constexpr std::array signatures = {
    GNUTLS_SIGN_RSA_SHA256,          GNUTLS_SIGN_RSA_SHA384,
    GNUTLS_SIGN_RSA_SHA512,          GNUTLS_SIGN_RSA_PSS_SHA256,
    GNUTLS_SIGN_RSA_PSS_SHA384,      GNUTLS_SIGN_RSA_PSS_SHA512,
    GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384,
    GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, GNUTLS_SIGN_ECDSA_SHA256,
    GNUTLS_SIGN_ECDSA_SHA384,        GNUTLS_SIGN_ECDSA_SHA512,
    GNUTLS_SIGN_DSA_SHA256,          GNUTLS_SIGN_DSA_SHA384,
    GNUTLS_SIGN_DSA_SHA512,          GNUTLS_SIGN_EDDSA_ED25519,
    GNUTLS_SIGN_EDDSA_ED448,
};

std::optional<std::string> fault_of_bits(std::string_view type, unsigned bits, unsigned most) {
  if (bits >= least_bits && bits <= most) return {};
  return fmt::format("is {} with {} bits, and {} is too {}; make one of {} to {} bits", type, bits,
                     bits, bits < least_bits ? "weak" : "long", least_bits, most);
}

std::optional<std::string> fault_of_rsa(gnutls_pubkey_st* key, unsigned bits) {
  if (auto fault = fault_of_bits("RSA", bits, most_bits)) return fault;
  Owned modulus, exponent;
  const int code =
      gnutls_pubkey_export_rsa_raw2(key, modulus.out(), exponent.out(), GNUTLS_EXPORT_FLAG_NO_LZ);
  if (code < 0) return fmt::format("cannot be read: {}", gnutls_strerror(code));
  const ByteView e = exponent.view();
  // With e = 1 the signature is the message itself, and an even e belongs to no key.
  const bool too_small = e.empty() || (e.size() == 1 && e[0] < 3);
  if (too_small || e.size() > longest_exponent || e.back() % 2 == 0) {
    return fmt::format("is RSA with the exponent 0x{}, which no good key has; make another one",
                       printable(as_bytes(to_hex(e)), 32));
  }
  if (modulus.view().empty() || modulus.view().back() % 2 == 0) {
    return "is RSA with an even modulus, which no good key has; make another one";
  }
  return {};
}

std::optional<std::string> fault_of_ec(gnutls_pubkey_st* key) {
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
  Owned x, y;
  const int code = gnutls_pubkey_export_ecc_raw2(key, &curve, x.out(), y.out(), 0);
  if (code < 0) return fmt::format("cannot be read: {}", gnutls_strerror(code));
  if (curve == GNUTLS_ECC_CURVE_SECP256R1 || curve == GNUTLS_ECC_CURVE_SECP384R1 ||
      curve == GNUTLS_ECC_CURVE_SECP521R1) {
    return {};
  }
  const char* name = gnutls_ecc_curve_get_name(curve);
  return fmt::format("is on the curve {}; use P-256, P-384 or P-521",
                     name == nullptr ? "of another kind" : name);
}

std::optional<std::string> fault_of(gnutls_sign_algorithm_t algorithm) {
  if (std::ranges::find(signatures, algorithm) != signatures.end()) return {};
  const char* name = gnutls_sign_get_name(algorithm);
  return fmt::format("{}, which is weak or not known here; have it signed with SHA-256 or better",
                     name == nullptr ? "an unknown algorithm" : name);
}

}  // namespace

std::optional<std::string> fault_of_key(gnutls_pubkey_st* key) {
  unsigned bits = 0;
  const int algorithm = gnutls_pubkey_get_pk_algorithm(key, &bits);
  switch (algorithm) {
    case GNUTLS_PK_RSA:
    case GNUTLS_PK_RSA_PSS:
      return fault_of_rsa(key, bits);
    case GNUTLS_PK_DSA:
      return fault_of_bits("DSA", bits, most_dsa_bits);
    case GNUTLS_PK_ECDSA:
      return fault_of_ec(key);
    case GNUTLS_PK_EDDSA_ED25519:
    case GNUTLS_PK_EDDSA_ED448:
      return {};
    default:
      return "is of a kind that cannot sign here; use RSA, ECDSA, Ed25519 or Ed448";
  }
}

std::optional<std::string> fault_of_signature(gnutls_x509_crt_int* certificate) {
  return fault_of(
      static_cast<gnutls_sign_algorithm_t>(gnutls_x509_crt_get_signature_algorithm(certificate)));
}

std::optional<std::string> fault_of_signature(gnutls_x509_crl_int* list) {
  return fault_of(
      static_cast<gnutls_sign_algorithm_t>(gnutls_x509_crl_get_signature_algorithm(list)));
}

}  // namespace iked::pki
