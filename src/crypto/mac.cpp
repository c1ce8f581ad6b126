// SPDX-License-Identifier: ISC
#include "crypto/mac.h"

#include <gnutls/crypto.h>

#include "base/check.h"

namespace iked::crypto {
namespace {

/// UNKNOWN for what is not GnuTLS's.
gnutls_mac_algorithm_t gnutls_name(MacAlgorithm algorithm) {
  switch (algorithm) {
    case MacAlgorithm::HMAC_MD5:
      return GNUTLS_MAC_MD5;
    case MacAlgorithm::HMAC_SHA1:
      return GNUTLS_MAC_SHA1;
    case MacAlgorithm::HMAC_SHA2_256:
      return GNUTLS_MAC_SHA256;
    case MacAlgorithm::HMAC_SHA2_384:
      return GNUTLS_MAC_SHA384;
    case MacAlgorithm::HMAC_SHA2_512:
      return GNUTLS_MAC_SHA512;
    case MacAlgorithm::AES128_CMAC:
      return GNUTLS_MAC_AES_CMAC_128;
    case MacAlgorithm::AES128_XCBC:
      return GNUTLS_MAC_UNKNOWN;
  }
  return GNUTLS_MAC_UNKNOWN;
}

}  // namespace

void Mac::Deleter::operator()(hmac_hd_st* handle) const {
  gnutls_hmac_deinit(handle, nullptr);
}

Mac::Mac(MacAlgorithm algorithm, ByteView key) {
  if (algorithm == MacAlgorithm::AES128_XCBC) {
    state_.emplace<Xcbc>(key);
    output_ = Xcbc::kOutput;
    return;
  }
  const gnutls_mac_algorithm_t name = gnutls_name(algorithm);
  gnutls_hmac_hd_t handle = nullptr;
  IKED_CHECK(gnutls_hmac_init(&handle, name, key.data(), key.size()) == 0);
  state_.emplace<Handle>(handle);
  output_ = gnutls_hmac_get_len(name);
}

void Mac::add(ByteView octets) {
  if (Xcbc* xcbc = std::get_if<Xcbc>(&state_)) return xcbc->add(octets);
  IKED_CHECK(gnutls_hmac(std::get<Handle>(state_).get(), octets.data(), octets.size()) == 0);
}

void Mac::finish(std::span<uint8_t> out) {
  IKED_CHECK(out.size() >= output_);
  if (Xcbc* xcbc = std::get_if<Xcbc>(&state_)) return xcbc->finish(out);
  gnutls_hmac_output(std::get<Handle>(state_).get(), out.data());
}

bool Mac::available(MacAlgorithm algorithm) {
  if (algorithm == MacAlgorithm::AES128_XCBC) return true;
  const uint8_t key[16] = {};
  gnutls_hmac_hd_t handle = nullptr;
  if (gnutls_hmac_init(&handle, gnutls_name(algorithm), key, sizeof key) != 0) return false;
  gnutls_hmac_deinit(handle, nullptr);
  return true;
}

}  // namespace iked::crypto
