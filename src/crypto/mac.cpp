// SPDX-License-Identifier: ISC
#include "crypto/mac.h"

#include <gnutls/crypto.h>

#include "base/check.h"

namespace iked::crypto {
namespace {

gnutls_mac_algorithm_t gnutls_name(MacAlgorithm algorithm) {
  switch (algorithm) {
    case MacAlgorithm::HMAC_SHA1:
      return GNUTLS_MAC_SHA1;
    case MacAlgorithm::HMAC_SHA2_256:
      return GNUTLS_MAC_SHA256;
    case MacAlgorithm::HMAC_SHA2_384:
      return GNUTLS_MAC_SHA384;
    case MacAlgorithm::HMAC_SHA2_512:
      return GNUTLS_MAC_SHA512;
  }
  return GNUTLS_MAC_UNKNOWN;
}

}  // namespace

void Mac::Deleter::operator()(hmac_hd_st* handle) const {
  gnutls_hmac_deinit(handle, nullptr);
}

Mac::Mac(MacAlgorithm algorithm, ByteView key) {
  const gnutls_mac_algorithm_t name = gnutls_name(algorithm);
  gnutls_hmac_hd_t handle = nullptr;
  IKED_CHECK(gnutls_hmac_init(&handle, name, key.data(), key.size()) == 0);
  handle_.reset(handle);
  output_ = gnutls_hmac_get_len(name);
}

void Mac::add(ByteView octets) {
  IKED_CHECK(gnutls_hmac(handle_.get(), octets.data(), octets.size()) == 0);
}

void Mac::finish(std::span<uint8_t> out) {
  IKED_CHECK(out.size() >= output_);
  gnutls_hmac_output(handle_.get(), out.data());
}

bool Mac::available(MacAlgorithm algorithm) {
  const uint8_t key[16] = {};
  gnutls_hmac_hd_t handle = nullptr;
  if (gnutls_hmac_init(&handle, gnutls_name(algorithm), key, sizeof key) != 0) return false;
  gnutls_hmac_deinit(handle, nullptr);
  return true;
}

}  // namespace iked::crypto
