// SPDX-License-Identifier: ISC
#include "authority/key.h"

#include <array>

#include "authority/library.h"

namespace iked::authority {
namespace {

constexpr std::array names{
    KeyTypeName{"p256", KeyType::p256},       KeyTypeName{"p384", KeyType::p384},
    KeyTypeName{"p521", KeyType::p521},       KeyTypeName{"ed25519", KeyType::ed25519},
    KeyTypeName{"ed448", KeyType::ed448},     KeyTypeName{"rsa", KeyType::rsa3072},
    KeyTypeName{"rsa2048", KeyType::rsa2048}, KeyTypeName{"rsa3072", KeyType::rsa3072},
    KeyTypeName{"rsa4096", KeyType::rsa4096},
};

constexpr unsigned least_rsa_bits = 2048;
constexpr unsigned most_rsa_bits = 8192;

struct Algorithm {
  gnutls_pk_algorithm_t algorithm;
  unsigned bits;
};

Algorithm algorithm_of(KeyType type) {
  switch (type) {
    case KeyType::p256:
      return {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)};
    case KeyType::p384:
      return {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1)};
    case KeyType::p521:
      return {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1)};
    case KeyType::ed25519:
      return {GNUTLS_PK_EDDSA_ED25519, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519)};
    case KeyType::ed448:
      return {GNUTLS_PK_EDDSA_ED448, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED448)};
    case KeyType::rsa2048:
      return {GNUTLS_PK_RSA, 2048};
    case KeyType::rsa3072:
      return {GNUTLS_PK_RSA, 3072};
    case KeyType::rsa4096:
      return {GNUTLS_PK_RSA, 4096};
  }
  return {};
}

Outcome<void> check_strength(gnutls_x509_privkey_t key, const std::string& path) {
  unsigned bits = 0;
  const int algorithm = gnutls_x509_privkey_get_pk_algorithm2(key, &bits);
  switch (algorithm) {
    case GNUTLS_PK_ECDSA:
    case GNUTLS_PK_EDDSA_ED25519:
    case GNUTLS_PK_EDDSA_ED448:
      break;
    case GNUTLS_PK_RSA:
      if (bits >= least_rsa_bits && bits <= most_rsa_bits) break;
      return fail("{} is an RSA key of {} bits: from {} to {} are possible", path, bits,
                  least_rsa_bits, most_rsa_bits);
    default:
      return fail("{} is a key for {}, but RSA, ECDSA, Ed25519 and Ed448 are possible", path,
                  gnutls_pk_get_name(static_cast<gnutls_pk_algorithm_t>(algorithm)));
  }
  if (const int code = gnutls_x509_privkey_verify_params(key); code < 0) {
    return fail("{} is damaged, its parts do not fit each other: {}", path, gnutls_strerror(code));
  }
  return {};
}

}  // namespace

std::span<const KeyTypeName> key_type_names() {
  return names;
}

Outcome<KeyType> parse_key_type(std::string_view word) {
  std::string all;
  for (const KeyTypeName& name : names) {
    if (name.word == word) return name.type;
    all += fmt::format("{}{}", all.empty() ? "" : ", ", name.word);
  }
  return fail_as(Failure::Kind::usage, "unknown type of key \"{}\"; there are {}",
                 printable(as_bytes(word), 40), all);
}

PrivateKey PrivateKey::generate(KeyType type) {
  auto key = fresh<gnutls_x509_privkey_int>(gnutls_x509_privkey_init);
  const Algorithm wanted = algorithm_of(type);
  // It fails when there is no randomness or no memory, and then nothing else works either.
  IKED_CHECK(gnutls_x509_privkey_generate(key.get(), wanted.algorithm, wanted.bits, 0) >= 0);
  return PrivateKey(std::move(key));
}

bool PrivateKey::is_encrypted(const SecretBytes& pem) {
  return as_text(pem.reveal()).find("ENCRYPTED") != std::string_view::npos;
}

Outcome<PrivateKey> PrivateKey::from_pem(const SecretBytes& pem, const Passphrase* passphrase,
                                         const std::string& path) {
  auto key = fresh<gnutls_x509_privkey_int>(gnutls_x509_privkey_init);
  const gnutls_datum_t text = datum(pem.reveal());
  const bool encrypted = is_encrypted(pem);
  if (encrypted && passphrase == nullptr) return fail("{} needs a passphrase", path);
  const int code = gnutls_x509_privkey_import2(key.get(), &text, GNUTLS_X509_FMT_PEM,
                                               encrypted ? passphrase->c_str() : nullptr, 0);
  if (code < 0 && encrypted) {
    return fail("wrong passphrase for {}, or the file is damaged ({})", path,
                gnutls_strerror(code));
  }
  if (code < 0) return fail("{} is no private key in PEM: {}", path, gnutls_strerror(code));
  if (auto good = check_strength(key.get(), path); !good) return pass(good);
  return PrivateKey(std::move(key));
}

Outcome<SecretBytes> PrivateKey::to_pem(const Passphrase* passphrase) const {
  Owned text;
  const bool encrypt = passphrase != nullptr && !passphrase->empty();
  const int code = gnutls_x509_privkey_export2_pkcs8(
      handle_.get(), GNUTLS_X509_FMT_PEM, encrypt ? passphrase->c_str() : nullptr,
      encrypt ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN, text.out());
  if (code < 0) return library_failure("the key cannot be encoded", code);
  return SecretBytes(text.view());
}

Bytes PrivateKey::public_pem() const {
  const auto secret = fresh<gnutls_privkey_st>(gnutls_privkey_init);
  const auto open = fresh<gnutls_pubkey_st>(gnutls_pubkey_init);
  Owned text;
  Steps step;
  step(gnutls_privkey_import_x509(secret.get(), handle_.get(), 0));
  step(gnutls_pubkey_import_privkey(open.get(), secret.get(), 0, 0));
  step(gnutls_pubkey_export2(open.get(), GNUTLS_X509_FMT_PEM, text.out()));
  IKED_CHECK(step.failed() == 0);
  return to_bytes(text.view());
}

Bytes PrivateKey::id() const {
  Bytes id(64);
  size_t size = id.size();
  IKED_CHECK(
      gnutls_x509_privkey_get_key_id(handle_.get(), GNUTLS_KEYID_USE_SHA1, id.data(), &size) >= 0);
  id.resize(size);
  return id;
}

std::string PrivateKey::description() const {
  unsigned bits = 0;
  const int algorithm = gnutls_x509_privkey_get_pk_algorithm2(handle_.get(), &bits);
  if (algorithm == GNUTLS_PK_RSA) return fmt::format("RSA-{}", bits);
  if (algorithm == GNUTLS_PK_ECDSA) return fmt::format("ECDSA P-{}", bits);
  return gnutls_pk_get_name(static_cast<gnutls_pk_algorithm_t>(algorithm));
}

bool PrivateKey::is_rsa() const {
  return gnutls_x509_privkey_get_pk_algorithm(handle_.get()) == GNUTLS_PK_RSA;
}

}  // namespace iked::authority
