// SPDX-License-Identifier: ISC
// The verifier of the configuration in use, for worker threads; a reload replaces it.
#pragma once

#include <memory>
#include <shared_mutex>

#include "pki/peer_verifier.h"

namespace iked::daemon {

class Verifier {
 public:
  /// Waits for checks that are under way: milliseconds at most, for what they look at is limited.
  void replace(const Config& config);
  /// From any thread. The clock is the system's.
  Result<Verified> verify(const PeerProof& proof) const;

 private:
  mutable std::shared_mutex mutex_;
  std::unique_ptr<pki::PeerVerifier> current_;
};

}  // namespace iked::daemon
