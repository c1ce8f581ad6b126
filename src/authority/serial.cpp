// SPDX-License-Identifier: ISC
#include "authority/serial.h"

#include <gnutls/crypto.h>

#include "base/check.h"

namespace iked::authority {

Bytes random_serial() {
  Bytes serial(17);
  IKED_CHECK(gnutls_rnd(GNUTLS_RND_RANDOM, serial.data(), serial.size()) == 0);
  serial.front() = 1;
  return serial;
}

}  // namespace iked::authority
