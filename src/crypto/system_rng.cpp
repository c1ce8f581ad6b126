// SPDX-License-Identifier: ISC
#include "crypto/system_rng.h"

#include <gnutls/crypto.h>

#include "base/check.h"

namespace iked::crypto {

void SystemRng::fill(std::span<uint8_t> out) {
  // What comes out becomes private keys as well as nonces, so it is always of the best kind.
  IKED_CHECK(gnutls_rnd(GNUTLS_RND_KEY, out.data(), out.size()) == 0);
}

}  // namespace iked::crypto
