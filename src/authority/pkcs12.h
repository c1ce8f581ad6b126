// SPDX-License-Identifier: ISC
// PKCS#12 (RFC 7292): key and certificates in one encrypted file, as phones and Windows want them.
#pragma once

#include <string>

#include "authority/certificate.h"
#include "authority/key.h"
#include "authority/passphrase.h"

namespace iked::authority {

/// AES-256 and SHA-256; `legacy` is 3DES and SHA-1, which older phones and macOS need.
enum class Pkcs12Strength { modern, legacy };

struct Pkcs12Content {
  const PrivateKey* key = nullptr;  // both or none
  const Certificate* certificate = nullptr;
  const Certificate& authority;
  std::string friendly_name;
};

Outcome<SecretBytes> to_pkcs12(const Pkcs12Content& content, const Passphrase& passphrase,
                               Pkcs12Strength strength);

}  // namespace iked::authority
