// SPDX-License-Identifier: ISC
// Owns everything and wires it together: descriptors, signals, time and workers become inputs of
// the Engine; the Engine's effects become datagrams, jobs and words to the service manager. It
// decides nothing about IKE.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/server.h"
#include "crypto/system_rng.h"
#include "daemon/arrangement.h"
#include "daemon/control.h"
#include "daemon/event_loop.h"
#include "daemon/keeper_client.h"
#include "daemon/options.h"
#include "daemon/rate_limit.h"
#include "daemon/startup.h"
#include "daemon/verifier.h"
#include "daemon/worker_pool.h"
#include "dbus/service.h"
#include "host/network_watch.h"
#include "ike/engine.h"
#include "net/udp_sockets.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::daemon {

class Daemon {
 public:
  Daemon(const Options& options, Arrangement arrangement);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Gets ready to serve: everything that can fail is behind us when this succeeds. The error is
  /// one line with cause and cure.
  Result<void> start();

  /// Serves until SIGTERM or SIGINT, then takes leave of the peers; or until SIGUSR2, then leaves
  /// all to the next iked as it is. Returns the exit status.
  int serve();

  /// Leaves nothing behind, but for the next iked: kernel, sockets, files. False when a worker
  /// hangs in a name look-up: the process then has to leave by _exit() without destroying this
  /// object.
  bool clean_up();

 private:
  Result<void> start_kernel();
  Result<void> couple(bool coupled);
  Result<void> watch_kernel();
  Supports supports();
  Result<void> start_control(const Config& config);
  Result<void> start_bus();
  void watch_log();
  Result<void> watch_everything();
  Result<void> watch_signals();

  // Inputs.
  void on_packets(int descriptor);
  void on_kernel_events();
  void on_network_events();
  void on_network_change();
  void on_finished_jobs();
  void on_keeper();
  void on_bus();
  void on_deadline();
  void on_stop_signal();
  void hand_over();
  template <typename Call>
  void input(Call&& call);

  // Effects.
  void apply(ike::Effects& effects);
  void carry_out(ike::SendDatagram effect);
  void carry_out(ike::SendKeepalive effect);
  void note_sending(const Result<void>& sent, const Endpoint& remote);
  void carry_out(ike::StartJob effect);
  void carry_out(const ike::Publish& effect);
  void start_job(JobId id, ike::KeyExchangeJob job);
  void start_job(JobId id, ike::ResolveJob job);
  void start_job(JobId id, ike::PskAuthJob job);
  void start_job(JobId id, ike::SignJob job);
  void start_job(JobId id, ike::VerifyJob job);
  void finish_job(ike::FinishedJob done);
  template <typename Outcome>
  void refuse_job(JobId id, typename Outcome::error_type why);

  // After each input.
  void settle();
  std::string status() const;

  const Options options_;
  Arrangement arrangement_;
  crypto::SystemRng rng_;

  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<KeeperClient> keeper_;
  std::unique_ptr<xfrm::XfrmKernel> xfrm_;  // null until it is needed: `set decouple`
  std::optional<net::UdpSockets> sockets_;
  std::optional<host::NetworkWatch> network_;
  Verifier verifier_;  // outlives the workers
  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<ike::Engine> engine_;
  std::unique_ptr<ControlService> control_;
  std::unique_ptr<control::Server> server_;
  std::unique_ptr<dbus::Service> bus_;

  std::vector<Datagram> received_;  // kept for its memory
  RateLimit send_failures_{10s};
  bool hands_over_ = false;          // what is in the kernel stays there
  std::optional<Time> leave_at_;     // set: shutting down
  std::optional<Time> network_due_;  // when to tell the engine of changed addresses
  std::optional<Time> status_due_;   // when to tell the service manager
  Time last_status_{};
  size_t policies_ = 0;
  bool log_watched_ = false;  // somebody monitors
};

}  // namespace iked::daemon
