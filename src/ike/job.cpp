// SPDX-License-Identifier: ISC
#include "ike/job.h"

#include "crypto/key_exchange.h"

namespace iked::ike {

KeyExchangeOutcome run(const KeyExchangeJob& job) {
  using Fault = KeyExchangeFailure::Fault;
  KeyExchangeResult result;
  if (job.want_public) {
    auto own = crypto::public_value(job.group, job.random);
    if (!own) return std::unexpected(KeyExchangeFailure{Fault::ours, own.error().text});
    result.public_value = std::move(*own);
  }
  if (job.peer_value) {
    auto shared = crypto::shared_secret(job.group, job.random, *job.peer_value);
    if (!shared) return std::unexpected(KeyExchangeFailure{Fault::peer, shared.error().text});
    result.shared = std::move(*shared);
  }
  return result;
}

}  // namespace iked::ike
