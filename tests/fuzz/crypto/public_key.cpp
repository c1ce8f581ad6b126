// SPDX-License-Identifier: ISC
// A public key from a certificate or a CERT payload: what is taken is in DER, and can be asked.

#include <cstdlib>

#include "crypto/signature.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iked;
  const ByteView octets(data, size);
  if (const auto key = crypto::PublicKey::parse(octets)) {
    if (key->spki() != to_bytes(octets) || key->name().empty()) std::abort();
    for (size_t i = 0; i < signature_schemes; ++i) {
      if (key->verify(static_cast<SignatureScheme>(i), octets, octets)) std::abort();
    }
  }
  if (const auto key = crypto::PublicKey::parse_rsa(octets)) {
    if (!crypto::PublicKey::parse(key->spki())) std::abort();
  }
  return 0;
}
