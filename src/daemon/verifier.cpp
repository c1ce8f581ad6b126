// SPDX-License-Identifier: ISC
#include "daemon/verifier.h"

#include <ctime>
#include <mutex>

namespace iked::daemon {

void Verifier::replace(const Config& config) {
  auto next = std::make_unique<pki::PeerVerifier>(config.credentials, config.settings);
  const std::unique_lock lock(mutex_);
  current_ = std::move(next);
}

Result<Verified> Verifier::verify(const PeerProof& proof) const {
  const std::shared_lock lock(mutex_);
  return current_->verify(proof, std::time(nullptr));
}

}  // namespace iked::daemon
