// SPDX-License-Identifier: ISC
// What the Engine lends to IKE SAs and exchanges for the time of one call.
#pragma once

#include "ike/effects.h"
#include "ike/engine.h"
#include "ike/failures.h"
#include "ike/flow_table.h"
#include "ike/gatekeeper.h"
#include "ike/lingering.h"
#include "ike/policy_set.h"
#include "ike/tally.h"
#include "model/rng.h"
#include "model/statistics.h"

namespace iked::ike {

class SaTable;

struct Context {
  const EngineOptions& options;
  Kernel& kernel;
  Rng& rng;
  PolicySet& policies;
  FlowTable& flows;
  Lingering& lingering;
  SaTable& sas;
  Gatekeeper& gate;
  Tally& tally;
  Failures& failures;
  Statistics& statistics;
  const Identity& default_id;  // ours where a policy has no srcid
  const Credentials& credentials;
  const Settings& settings;
  std::chrono::seconds dpd_interval;  // 0 = never
  bool passive;                       // no request of our own
  Time now;
  Effects& out;

  Bytes random(size_t size) const {
    Bytes octets(size);
    rng.fill(octets);
    return octets;
  }
  /// Random octets that are to become a key.
  SecretBytes random_secret(size_t size) const {
    SecretBytes octets(size);
    rng.fill(octets.reveal_writable());
    return octets;
  }
};

}  // namespace iked::ike
