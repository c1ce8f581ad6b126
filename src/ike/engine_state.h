// SPDX-License-Identifier: ISC
// The inside of the Engine: its parts, and what is done when an IKE SA comes up or goes. Split over
// engine.cpp (inputs), first_message.cpp (strangers), sa_events.cpp (SAs that come and go) and
// reports.cpp (queries).
#pragma once

#include <functional>

#include "ike/coupling.h"
#include "ike/engine.h"
#include "ike/gatekeeper.h"
#include "ike/ike_sa.h"
#include "ike/sa_table.h"
#include "ike/upkeep.h"

namespace iked::ike {

class EngineState {
 public:
  EngineState(Config config, EngineOptions options, Kernel* kernel, Rng& rng);

  // ---- inputs (engine.cpp)
  void start(Time now, Effects& out);
  void on_datagram(Datagram datagram, Time now, Effects& out);
  void on_command(const Command& command, Time now, Effects& out);
  void on_kernel_event(const KernelEvent& event, Time now, Effects& out);
  void on_network_change(const std::vector<IpAddress>& own, Time now, Effects& out);
  void on_job_done(FinishedJob done, Time now, Effects& out);
  void on_deadline(Time now, Effects& out);
  ReloadSummary reload(Config config, Time now, Effects& out);
  std::optional<Time> next_deadline() const;

  // ---- queries (reports.cpp)
  bool idle() const { return sas_.size() == 0; }
  size_t sa_count() const { return sas_.size(); }
  SaPage list_sas(uint64_t from, size_t max, Time now) const;
  Counters counters() const;
  std::optional<IkeSaRow> find_sa(SaId id, Time now) const;
  std::vector<SaId> sas_of_peer(const std::string& identity) const;
  PolicyPage list_policies(uint64_t from, size_t max, Time now) const;
  std::optional<PolicyId> policy_named(const std::string& name) const;
  std::optional<PolicyRow> find_policy(PolicyId id, Time now) const;
  std::optional<std::vector<FailureRow>> failures(const std::string& name, Time now) const;
  const Statistics& statistics() const { return statistics_; }
  size_t established_count() const { return sas_.established_count(); }

 private:
  Context context(Time now, Effects& out);
  void for_each_of(const std::vector<SaId>& ids, const std::function<void(IkeSa&)>& act,
                   Context& ctx);
  void for_each_sa(const std::function<void(IkeSa&)>& act, Context& ctx);
  void close_all(Context& ctx, const std::string& why);
  void close_some(Context& ctx, const std::vector<SaId>& ids, const std::string& why);
  void set_passive(bool passive, Time now, Effects& out);
  void disconnect(Context& ctx, PolicyId id);
  PolicyRow policy_row(const PolicyEntry& entry, Time now) const;

  // ---- strangers (first_message.cpp)
  void on_first_message(Context& ctx, const wire::Header& header, const Datagram& datagram);
  void open_half_open(Context& ctx, const wire::Message& message, const Datagram& datagram,
                      HalfOpen entry);
  void answer_unknown(Context& ctx, const wire::Header& header, const Datagram& datagram);
  void answer_wrong_version(Context& ctx, const wire::Header& header, const Datagram& datagram);
  void answer_unprotected(Context& ctx, const wire::Header& header, const Datagram& datagram,
                          NotifyType notify, Bytes data);

  // ---- SAs that come and go (sa_events.cpp)
  void settle(Context& ctx, SaId id);
  void on_established(Context& ctx, IkeSa& sa);
  void see_to_first_child(Context& ctx, IkeSa& sa);
  void end_duplicates(Context& ctx, IkeSa& sa, std::optional<SaId> replaced);
  void on_dead(Context& ctx, IkeSa& sa);
  void note_failure(Context& ctx, const IkeSa& sa);
  void try_policy(Context& ctx, PolicyId id);
  void on_resolved(Context& ctx, PolicyId id, Result<ResolveResult> result);
  void initiate(Context& ctx, PolicyEntry& entry, const IpAddress& local, const Endpoint& remote,
                std::optional<SaId> replaces);
  void replace(Context& ctx, IkeSa& old);
  std::optional<SaId> childless(PolicyId policy) const;
  void on_expire(Context& ctx, const ExpireEvent& event);
  void resynchronise(Context& ctx);
  void decouple();
  void couple(Context& ctx, Kernel& kernel);
  void make_anew(Context& ctx, const SaKey& lost);

  EngineOptions options_;
  Coupling coupling_;
  Kernel& kernel_ = coupling_;
  Rng& rng_;
  Identity default_id_;
  Credentials credentials_;
  Settings settings_;
  std::chrono::seconds dpd_interval_;
  std::vector<IpAddress> own_addresses_;  // as of the last change of the network
  Time hurried_at_{};
  bool passive_;
  bool shutting_down_ = false;
  PolicySet policies_;
  FlowTable flows_;
  Lingering lingering_;
  SaTable sas_;
  Gatekeeper gate_;
  Tally tally_;
  Failures failures_;
  Statistics statistics_;
  Upkeep upkeep_;
  SecretBytes digest_key_;  // of FirstMessageKey
};

}  // namespace iked::ike
