// SPDX-License-Identifier: ISC
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "crypto/signature.h"

namespace iked::crypto {
namespace {

constexpr size_t longest_key = 4096;  // octets of DER
constexpr int least_rsa = 2048;       // bits
constexpr int most_rsa = 8192;
constexpr int longest_exponent = 32;
constexpr int least_dsa = 1024;
constexpr int most_dsa = 3072;

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct NumberFree {
  void operator()(BIGNUM* number) const { BN_free(number); }
};

Result<void> check_rsa(EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < least_rsa) {
    return fail("an RSA key of {} bits is too short: at least {} are needed", bits, least_rsa);
  }
  if (bits > most_rsa) {
    return fail("an RSA key of {} bits is too long: at most {} are taken", bits, most_rsa);
  }
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &found) != 1) {
    return fail("the RSA key has no exponent");
  }
  const std::unique_ptr<BIGNUM, NumberFree> exponent(found);
  if (!BN_is_odd(exponent.get()) || BN_is_one(exponent.get()) ||
      BN_num_bits(exponent.get()) > longest_exponent) {
    return fail("the RSA key has an exponent that no honest key has");
  }
  return {};
}

Result<KeyKind> check_curve(EVP_PKEY* key) {
  int written_out = 0;
  EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &written_out);
  std::array<char, 64> curve{};
  size_t length = 0;
  if (written_out == 0 && EVP_PKEY_get_group_name(key, curve.data(), curve.size(), &length) == 1) {
    const std::string_view name(curve.data(), length);
    if (name == "prime256v1" || name == "P-256") return KeyKind::ecdsa256;
    if (name == "secp384r1" || name == "P-384") return KeyKind::ecdsa384;
    if (name == "secp521r1" || name == "P-521") return KeyKind::ecdsa521;
  }
  return fail("an ECDSA key has to be on the curve P-256, P-384 or P-521, by name");
}

/// RFC7296 3.8: DSS is with SHA-1, and so with a subgroup of 160 bits.
Result<KeyKind> check_dsa(EVP_PKEY* key) {
  BIGNUM* found = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_Q, &found);
  const std::unique_ptr<BIGNUM, NumberFree> order(found);
  const int bits = EVP_PKEY_get_bits(key);
  if (order == nullptr || BN_num_bits(order.get()) != 160 || bits < least_dsa || bits > most_dsa) {
    return fail("a DSA key of {} bits with this subgroup is not taken", bits);
  }
  return KeyKind::dsa;
}

Result<KeyKind> check_kind(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      if (Result<void> good = check_rsa(key); !good) return fail(good);
      return KeyKind::rsa;
    case EVP_PKEY_EC:
      return check_curve(key);
    case EVP_PKEY_ED25519:
      return KeyKind::ed25519;
    case EVP_PKEY_ED448:
      return KeyKind::ed448;
    case EVP_PKEY_DSA:
      return check_dsa(key);
    default:
      return fail("keys of this kind are not known: RSA, ECDSA, Ed25519 and Ed448 are");
  }
}

std::unique_ptr<BIO, BioFree> reader_of(ByteView octets) {
  return std::unique_ptr<BIO, BioFree>(
      BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
}

/// Nobody is asked for the password of a key.
int no_password(char*, int, int, void*) {
  return -1;
}

}  // namespace

void KeyFree::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

Result<PublicKey> PublicKey::check(Handle key) {
  ERR_clear_error();
  if (key == nullptr) return fail("this is no public key");
  Result<KeyKind> kind = check_kind(key.get());
  if (!kind) return fail(kind);
  PublicKey made;
  uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(key.get(), &der);
  if (length <= 0) return fail("this public key cannot be written");
  made.spki_.assign(der, der + length);
  OPENSSL_free(der);
  made.key_ = std::move(key);
  made.kind_ = *kind;
  return made;
}

Result<PublicKey> PublicKey::parse(ByteView spki) {
  if (spki.size() > longest_key) return fail("a public key of {} octets is too long", spki.size());
  const uint8_t* at = spki.data();
  Handle key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  Result<PublicKey> made = check(std::move(key));
  if (made && at != spki.data() + spki.size()) return fail("something follows the public key");
  // DER has one form for each key; another one would be another key to those who compare octets.
  if (made && !std::ranges::equal(made->spki_, spki)) return fail("this is no public key in DER");
  return made;
}

Result<PublicKey> PublicKey::parse_rsa(ByteView pkcs1) {
  if (pkcs1.size() > longest_key)
    return fail("a public key of {} octets is too long", pkcs1.size());
  const uint8_t* at = pkcs1.data();
  Handle key(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(pkcs1.size())));
  Result<PublicKey> made = check(std::move(key));
  if (made && at != pkcs1.data() + pkcs1.size()) return fail("something follows the public key");
  return made;
}

Result<PublicKey> PublicKey::parse_pem(std::string_view pem) {
  const auto reader = reader_of(as_bytes(pem));
  return check(Handle(PEM_read_bio_PUBKEY(reader.get(), nullptr, no_password, nullptr)));
}

std::string PublicKey::name() const {
  if (kind_ != KeyKind::rsa && kind_ != KeyKind::dsa) return to_string(kind_);
  return fmt::format("{} {}", to_string(kind_), EVP_PKEY_get_bits(key_.get()));
}

Result<PrivateKey> PrivateKey::parse_pem(const SecretBytes& pem) {
  const auto reader = reader_of(pem.reveal());
  PrivateKey made;
  made.key_.reset(PEM_read_bio_PrivateKey(reader.get(), nullptr, no_password, nullptr));
  const bool encrypted = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_BAD_PASSWORD_READ ||
                         as_text(pem.reveal()).find("ENCRYPTED") != std::string_view::npos;
  ERR_clear_error();
  if (made.key_ == nullptr) {
    return encrypted ? fail("the private key is encrypted: nobody is there to type its password")
                     : fail("this is no private key in PEM");
  }
  uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(made.key_.get(), &der);
  if (length <= 0) return fail("the private key has no public key");
  Result<PublicKey> key = PublicKey::parse(ByteView(der, static_cast<size_t>(length)));
  OPENSSL_free(der);
  if (!key) return fail(key);
  made.public_ = std::move(*key);
  return made;
}

}  // namespace iked::crypto
