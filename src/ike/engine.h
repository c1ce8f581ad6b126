// SPDX-License-Identifier: ISC
// All IKE SAs of this process. The Engine opens nothing, waits for nothing, reads no clock: every
// input comes with the time, every outcome goes into Effects or through the Kernel port. One
// thread.
//
// Inputs: start (once), on_datagram, on_command, on_kernel_event, on_network_change,
// on_job_done, on_deadline, reload.
// Outputs: the Effects of each call, and next_deadline(), to be asked again after every input.
// Queries: list_sas, find_sa, sas_of_peer, list_policies, find_policy, failures, statistics,
// counters, idle.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "ike/effects.h"
#include "model/config.h"
#include "model/control.h"
#include "model/datagram.h"
#include "model/kernel.h"
#include "model/rng.h"
#include "model/statistics.h"

namespace iked::ike {

/// Ends every IKE SA with a Delete; active policies start again.
struct ResetSas {};
/// Ends these IKE SAs with a Delete; ids that are gone do not matter. Active policies start again.
struct CloseSas {
  std::vector<SaId> ids;
};
/// Gives every IKE SA new keys (RFC7296 2.8); its children stay.
struct RekeySas {};
/// The same for one.
struct RekeySa {
  SaId id;
};
/// Calls the policy's peer, whether it is active or not; not in passive mode.
struct ConnectPolicy {
  PolicyId id;
};
/// Ends the policy's IKE SAs. An active one is kept down until ConnectPolicy or SetPassive{false}.
struct DisconnectPolicy {
  PolicyId id;
};
/// Proves both sides again, by a new IKE SA with a new child in the place of each that we may call
/// for; the old one ends when the new one is up (RFC7296 2.8.3).
struct ReauthenticateSas {};
/// As `set passive` / `set active`: passive sends no request of its own.
struct SetPassive {
  bool passive = false;
};
/// As `couple` with this kernel, or, null, as `decouple`: SAs and policies leave the kernel, the
/// IKE SAs stay, and later the same SAs come back. What cannot come back is rekeyed.
struct SetCoupled {
  Kernel* kernel = nullptr;  // outlives the Engine
};
/// The daemon ends: Delete to every peer, no new SAs. idle() tells when all have answered.
struct ShutDown {};

using Command = std::variant<ResetSas, CloseSas, RekeySas, RekeySa, ConnectPolicy, DisconnectPolicy,
                             ReauthenticateSas, SetPassive, SetCoupled, ShutDown>;

/// How this host takes part, apart from its policies.
struct EngineOptions {
  uint16_t ike_port = 500;  // our own, host byte order
  uint16_t natt_port = 4500;
  bool no_natt = false;     // -T: no NAT detection, port 500 only
  bool force_natt = false;  // -t: port 4500 only, UDP encapsulation always
};

/// What a reload did, for the administrator.
struct ReloadSummary {
  size_t kept = 0;  // policies that did not change; their SAs stay
  size_t added = 0;
  size_t removed = 0;  // also the old side of a changed one; their SAs are deleted
};

class EngineState;

class Engine {
 public:
  /// `kernel` and `rng` must outlive the Engine.
  /// Without a kernel it begins decoupled.
  Engine(Config config, EngineOptions options, Kernel* kernel, Rng& rng);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Starts what active policies want.
  void start(Time now, Effects& out);

  void on_datagram(Datagram datagram, Time now, Effects& out);
  void on_command(const Command& command, Time now, Effects& out);
  void on_kernel_event(const KernelEvent& event, Time now, Effects& out);
  /// The host's addresses or routes have changed; `own` are all the addresses that it has now.
  void on_network_change(const std::vector<IpAddress>& own, Time now, Effects& out);
  void on_job_done(FinishedJob done, Time now, Effects& out);
  void on_deadline(Time now, Effects& out);

  /// Replaces the policies. Those that did not change keep their SAs; the others' SAs end with a
  /// Delete.
  ReloadSummary reload(Config config, Time now, Effects& out);

  /// When on_deadline wants to be called next; nothing when there is nothing to wait for.
  std::optional<Time> next_deadline() const;

  /// No IKE SA is left.
  bool idle() const;
  size_t sa_count() const;
  SaPage list_sas(uint64_t from, size_t max, Time now) const;
  std::optional<IkeSaRow> find_sa(SaId id, Time now) const;
  /// What came to nothing (tally.h), by name.
  Counters counters() const;
  /// IKE SAs whose peer has proven this identity, written as rows show it: "FQDN/a.example.com".
  std::vector<SaId> sas_of_peer(const std::string& identity) const;
  PolicyPage list_policies(uint64_t from, size_t max, Time now) const;
  /// The first one in force that has this name.
  std::optional<PolicyId> policy_named(const std::string& name) const;
  std::optional<PolicyRow> find_policy(PolicyId id, Time now) const;
  /// What went wrong last with the policy of this name, or with the peer of this address, name or
  /// identity; the latest first. Nothing: there is no such policy, and nothing is known of the
  /// peer.
  std::optional<std::vector<FailureRow>> failures(const std::string& name, Time now) const;
  const Statistics& statistics() const;
  size_t established_count() const;

 private:
  std::unique_ptr<EngineState> state_;
};

}  // namespace iked::ike
