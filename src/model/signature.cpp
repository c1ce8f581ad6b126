// SPDX-License-Identifier: ISC
#include "model/signature.h"

namespace iked {

HashId hash_of(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::rsa_sha1:
    case SignatureScheme::dsa_sha1:
      return HashId::SHA1;
    case SignatureScheme::rsa_sha256:
    case SignatureScheme::rsa_pss_sha256:
    case SignatureScheme::ecdsa_sha256:
      return HashId::SHA2_256;
    case SignatureScheme::rsa_sha384:
    case SignatureScheme::rsa_pss_sha384:
    case SignatureScheme::ecdsa_sha384:
      return HashId::SHA2_384;
    case SignatureScheme::rsa_sha512:
    case SignatureScheme::rsa_pss_sha512:
    case SignatureScheme::ecdsa_sha512:
      return HashId::SHA2_512;
    case SignatureScheme::ed25519:
    case SignatureScheme::ed448:
      break;
  }
  return HashId::IDENTITY;
}

bool fits(SignatureScheme scheme, KeyKind key) {
  switch (key) {
    case KeyKind::rsa:
      return scheme <= SignatureScheme::rsa_pss_sha512;
    case KeyKind::ecdsa256:
    case KeyKind::ecdsa384:
    case KeyKind::ecdsa521:
      return scheme >= SignatureScheme::ecdsa_sha256 && scheme <= SignatureScheme::ecdsa_sha512;
    case KeyKind::ed25519:
      return scheme == SignatureScheme::ed25519;
    case KeyKind::ed448:
      return scheme == SignatureScheme::ed448;
    case KeyKind::dsa:
      break;
  }
  return scheme == SignatureScheme::dsa_sha1;
}

std::string to_string(KeyKind kind) {
  switch (kind) {
    case KeyKind::rsa:
      return "RSA";
    case KeyKind::ecdsa256:
      return "ECDSA P-256";
    case KeyKind::ecdsa384:
      return "ECDSA P-384";
    case KeyKind::ecdsa521:
      return "ECDSA P-521";
    case KeyKind::ed25519:
      return "Ed25519";
    case KeyKind::ed448:
      return "Ed448";
    case KeyKind::dsa:
      break;
  }
  return "DSA";
}

std::string to_string(SignatureScheme scheme) {
  static constexpr const char* names[] = {"RSA with SHA-1",
                                          "RSA with SHA2-256",
                                          "RSA with SHA2-384",
                                          "RSA with SHA2-512",
                                          "RSA-PSS with SHA2-256",
                                          "RSA-PSS with SHA2-384",
                                          "RSA-PSS with SHA2-512",
                                          "ECDSA with SHA2-256",
                                          "ECDSA with SHA2-384",
                                          "ECDSA with SHA2-512",
                                          "Ed25519",
                                          "Ed448",
                                          "DSA with SHA-1"};
  static_assert(std::size(names) == signature_schemes);
  return names[static_cast<size_t>(scheme)];
}

}  // namespace iked
