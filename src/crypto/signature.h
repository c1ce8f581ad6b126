// SPDX-License-Identifier: ISC
// Public keys, private keys, and the signatures that IKE proves identities with. What of it a
// policy accepts is ike/'s; whose key it is, nobody here knows.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "model/iana.h"
#include "model/signature.h"

struct evp_pkey_st;

namespace iked::crypto {

struct KeyFree {
  void operator()(evp_pkey_st* key) const;
};

/// A public key that is safe to check signatures with: RSA of 2048 to 8192 bits with an odd
/// exponent of 3 to 2^32 (more costs CPU time), ECDSA on a named curve P-256, P-384 or P-521,
/// Ed25519, Ed448, or DSA of 1024 to 3072 bits.
class PublicKey {
 public:
  /// `spki`: DER SubjectPublicKeyInfo (RFC 5280 4.1), at most 4096 octets and nothing behind it.
  static Result<PublicKey> parse(ByteView spki);
  /// PKCS #1 RSAPublicKey in DER, the content of a CERT payload of encoding 11.
  static Result<PublicKey> parse_rsa(ByteView pkcs1);
  /// "-----BEGIN PUBLIC KEY-----".
  static Result<PublicKey> parse_pem(std::string_view pem);

  KeyKind kind() const { return kind_; }
  /// For people: "RSA 3072", "ECDSA P-256".
  std::string name() const;
  /// DER SubjectPublicKeyInfo: keys are equal when these are.
  const Bytes& spki() const { return spki_; }

  /// Fails when `signature` is none of `octets`, or the scheme is for other keys.
  /// ECDSA and DSA signatures are in DER (RFC 3279 2.2.3).
  Result<void> verify(SignatureScheme scheme, ByteView octets, ByteView signature) const;

 private:
  friend class PrivateKey;
  using Handle = std::unique_ptr<evp_pkey_st, KeyFree>;
  static Result<PublicKey> check(Handle key);

  Handle key_;
  KeyKind kind_ = KeyKind::rsa;
  Bytes spki_;
};

class PrivateKey {
 public:
  /// PEM: "PRIVATE KEY" (PKCS #8), "RSA PRIVATE KEY" or "EC PRIVATE KEY". Encrypted ones are
  /// refused.
  static Result<PrivateKey> parse_pem(const SecretBytes& pem);

  const PublicKey& public_key() const { return public_; }
  Result<Bytes> sign(SignatureScheme scheme, ByteView octets) const;

 private:
  PublicKey::Handle key_;
  PublicKey public_;
};

/// The scheme of an AUTH payload and the signature in it, in the form that verify() takes.
struct AuthSignature {
  SignatureScheme scheme = SignatureScheme::rsa_sha256;
  Bytes signature;
};
/// RFC7296 3.8, RFC4754 7 (r and s side by side), RFC7427 3 (AlgorithmIdentifier in front). Fails
/// on methods that are no signatures, and on algorithms that no scheme of ours is.
Result<AuthSignature> read_auth_data(AuthMethod method, ByteView data);
/// The reverse; `method` has to be one of the scheme's.
Bytes write_auth_data(AuthMethod method, SignatureScheme scheme, ByteView signature);

}  // namespace iked::crypto
