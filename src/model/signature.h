// SPDX-License-Identifier: ISC
// The vocabulary of signatures: which kinds of keys there are, which schemes they sign with, and
// which hash each scheme has. The arithmetic is crypto/signature.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/iana.h"

namespace iked {

enum class KeyKind : uint8_t { rsa, ecdsa256, ecdsa384, ecdsa521, ed25519, ed448, dsa };

enum class SignatureScheme : uint8_t {
  rsa_sha1,  // PKCS #1 v1.5, as the three below
  rsa_sha256,
  rsa_sha384,
  rsa_sha512,
  rsa_pss_sha256,  // MGF1 with the same hash, salt as long as the hash
  rsa_pss_sha384,
  rsa_pss_sha512,
  ecdsa_sha256,
  ecdsa_sha384,
  ecdsa_sha512,
  ed25519,
  ed448,
  dsa_sha1,
};
inline constexpr size_t signature_schemes = 13;

/// RFC8420 2: that of Ed25519 and Ed448 is the identity.
HashId hash_of(SignatureScheme scheme);
bool fits(SignatureScheme scheme, KeyKind key);
std::string to_string(KeyKind kind);
std::string to_string(SignatureScheme scheme);

/// What we sign with: for method 14 the best that this key and the peer's hashes have in common
/// (RFC7427 4), PKCS #1 for RSA because every peer has that one.
struct SigningChoice {
  AuthMethod method = AuthMethod::DIGITAL_SIGNATURE;
  SignatureScheme scheme = SignatureScheme::rsa_sha256;
  friend bool operator==(const SigningChoice&, const SigningChoice&) = default;
};

}  // namespace iked
