// SPDX-License-Identifier: ISC
#include "ike/job.h"

#include "crypto/key_exchange.h"

namespace iked::ike {

Result<KeyExchangeResult> run(const KeyExchangeJob& job) {
  KeyExchangeResult result;
  if (job.want_public) {
    auto own = crypto::public_value(job.group, job.random);
    if (!own) return fail(own);
    result.public_value = std::move(*own);
  }
  if (job.peer_value) {
    auto shared = crypto::shared_secret(job.group, job.random, *job.peer_value);
    if (!shared) return fail(shared);
    result.shared = std::move(*shared);
  }
  return result;
}

}  // namespace iked::ike
