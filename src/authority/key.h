// SPDX-License-Identifier: ISC
// Private keys: made, read, written. Where their files are is for Authority to know.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "authority/failure.h"
#include "authority/handles.h"
#include "authority/passphrase.h"
#include "base/bytes.h"
#include "base/secret.h"

namespace iked::authority {

enum class KeyType { p256, p384, p521, ed25519, ed448, rsa2048, rsa3072, rsa4096 };

struct KeyTypeName {
  std::string_view word;
  KeyType type;
};
/// The words for key types, the one to recommend first. "rsa" is rsa3072.
std::span<const KeyTypeName> key_type_names();
Outcome<KeyType> parse_key_type(std::string_view word);

class PrivateKey {
 public:
  static PrivateKey generate(KeyType type);
  /// PEM: PKCS#8 with or without a passphrase, or the older forms of OpenSSL. `path` is for
  /// messages. Refuses what no peer should accept: RSA under 2048 or over 8192 bits, DSA, and keys
  /// whose parts do not fit each other.
  static Outcome<PrivateKey> from_pem(const SecretBytes& pem, const Passphrase* passphrase,
                                      const std::string& path);
  static bool is_encrypted(const SecretBytes& pem);

  /// PKCS#8, encrypted with AES-256 if there is a passphrase.
  Outcome<SecretBytes> to_pem(const Passphrase* passphrase = nullptr) const;
  /// SubjectPublicKeyInfo in PEM.
  Bytes public_pem() const;
  /// The same for a key and for the certificates of this key (SHA-1, as in a subjectKeyIdentifier).
  Bytes id() const;
  /// "ECDSA P-256", "RSA-3072", "EdDSA (Ed25519)"
  std::string description() const;
  bool is_rsa() const;

  gnutls_x509_privkey_int* handle() const { return handle_.get(); }

 private:
  explicit PrivateKey(Handle<gnutls_x509_privkey_int> handle) : handle_(std::move(handle)) {}
  Handle<gnutls_x509_privkey_int> handle_;
};

}  // namespace iked::authority
