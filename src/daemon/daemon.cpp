// SPDX-License-Identifier: ISC
#include "daemon/daemon.h"

#include <signal.h>

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "base/overloaded.h"
#include "crypto/self_test.h"
#include "daemon/journal_sink.h"
#include "daemon/resolve.h"
#include "daemon/service_manager.h"
#include "daemon/startup.h"
#include "host/addresses.h"

namespace iked::daemon {
namespace {

constexpr Duration farewell = 3s;         // for the peers to acknowledge our Deletes
constexpr Duration worker_patience = 1s;  // for running key exchanges; look-ups may never end
constexpr Duration status_interval = 1s;  // between two words to the service manager
// Addresses and routes change together: the engine is told once of all.
constexpr Duration network_settles = 100ms;
constexpr size_t packets_per_turn = 64;  // of one socket, before the others get theirs

std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

SaChangeKind kind_of(ike::SaEvent event) {
  switch (event) {
    case ike::SaEvent::up:
      return SaChangeKind::up;
    case ike::SaEvent::down:
      return SaChangeKind::down;
    case ike::SaEvent::failed:
      return SaChangeKind::failed;
  }
  IKED_CHECK(false);
}

}  // namespace

Daemon::Daemon(const Options& options, Arrangement arrangement)
    : options_(options), arrangement_(std::move(arrangement)) {}

Daemon::~Daemon() = default;

// ---- start --------------------------------------------------------------------------------------

Result<void> Daemon::start() {
  Result<std::unique_ptr<EventLoop>> loop = EventLoop::make();
  if (!loop) return fail(loop);
  loop_ = std::move(*loop);
  Result<std::unique_ptr<KeeperClient>> keeper = KeeperClient::make(
      arrangement_.starter->channel(), load_request(options_), [this] { return loop_->now(); });
  if (!keeper) return fail(keeper);
  keeper_ = std::move(*keeper);
  Result<Config> config = load_config(options_, *keeper_);
  if (!config) return fail(config);
  if (Result<void> tested = crypto::self_test(); !tested) {
    return fail("the self-test of the cryptographic libraries failed: {}", tested.error().text);
  }
  if (Result<void> signals = watch_signals(); !signals) return fail(signals);

  if (!config->decouple) {
    if (Result<void> kernel = start_kernel(); !kernel) return fail(kernel);
  }
  Result<net::UdpSockets> sockets =
      open_sockets(options_, !config->decouple, std::move(arrangement_.udp));
  if (!sockets) return fail(sockets);
  sockets_.emplace(std::move(*sockets));
  // Without a socket on port 4500 the kernel takes no ESP out of UDP: it stays open between two of
  // us.
  service_manager::keep(sockets_->descriptors());
  if (xfrm_ != nullptr) {
    // With the ports ours there is no other iked here whose entries these could be.
    take_stock(*config, *xfrm_);
    const std::vector<std::string> refused = fit_to_kernel(*config, supports());
    // One policy that cannot work shall not keep the others from it.
    for (const std::string& why : refused) {
      log::error(log::About{.event = log::Event::policy_unusable}, "not started: {}", why);
    }
    if (!refused.empty() && config->policies.empty()) return fail("no policy can work here");
  }

  Result<std::unique_ptr<WorkerPool>> workers =
      WorkerPool::make({[](const ike::KeyExchangeJob& job) { return ike::run(job); }, resolve,
                        [this](const ike::VerifyJob& job) { return verifier_.verify(job.proof); }},
                       WorkerPool::default_size());
  if (!workers) return fail(workers);
  workers_ = std::move(*workers);
  if (Result<void> control = start_control(*config); !control) return fail(control);
  if (Result<void> watched = watch_everything(); !watched) return fail(watched);
  policies_ = config->policies.size();
  return {};
}

Result<void> Daemon::start_kernel() {
  Result<std::unique_ptr<xfrm::XfrmKernel>> kernel = open_kernel();
  if (!kernel) return fail(kernel);
  xfrm_ = std::move(*kernel);
  return {};
}

Result<void> Daemon::watch_kernel() {
  return loop_->watch(xfrm_->event_fd(), EPOLLIN, [this](uint32_t) { on_kernel_events(); });
}

Result<void> Daemon::couple(bool coupled) {
  if (coupled && xfrm_ == nullptr) {
    if (Result<void> kernel = start_kernel(); !kernel) return kernel;
    Result<void> ready = sockets_->couple();
    if (ready) ready = watch_kernel();
    if (!ready) {
      xfrm_.reset();
      return ready;
    }
    // No tunnel of an earlier iked can come back: ours are there already.
    remove_leftovers(*xfrm_);
  }
  input([&](Time now, ike::Effects& out) {
    engine_->on_command(ike::SetCoupled{coupled ? xfrm_.get() : nullptr}, now, out);
  });
  if (!coupled) remove_leftovers(*xfrm_);
  return {};
}

Supports Daemon::supports() {
  return [this](const ChildSuite& suite, Family family) { return xfrm_->supports(suite, family); };
}

Result<void> Daemon::start_control(const Config& config) {
  verifier_.replace(config);
  engine_ = std::make_unique<ike::Engine>(config, engine_options(options_), xfrm_.get(), rng_);
  ReloadPlan plan{.request = load_request(options_),
                  .force_passive = options_.passive,
                  .decouple = config.decouple,
                  .passive = config.passive,
                  .config = without_policies(config)};
  ControlPorts ports{
      .now = [this] { return loop_->now(); },
      .load = [this](auto done) { keeper_->load(std::move(done)); },
      .load_file = [this](const std::string& path,
                          auto done) { keeper_->load_file(path, std::move(done)); },
      .commit = [this] { keeper_->commit(); },
      .list_public = [this](auto done) { keeper_->list_public(std::move(done)); },
      .wipe_users = [this](auto done) { keeper_->wipe_users(std::move(done)); },
      .apply = [this](ike::Effects& effects) { apply(effects); },
      .before_use = [this](Config& new_config) -> Result<void> {
        if (xfrm_ != nullptr) {
          const std::vector<std::string> refused = fit_to_kernel(new_config, supports());
          if (!refused.empty()) return fail("{}", fmt::join(refused, "\n"));
          judge_leftovers(new_config, *xfrm_);
        }
        verifier_.replace(new_config);
        return {};
      },
      .couple = [this](bool coupled) { return couple(coupled); },
      .reload_begins = [this] { service_manager::reloading(); },
      .reload_ended = [this] { service_manager::ready(status()); },
  };
  control_ = std::make_unique<ControlService>(*engine_, std::move(plan), std::move(ports));
  Result<std::unique_ptr<control::Server>> server =
      control::Server::start(std::move(*arrangement_.listener), *control_, [this] { watch_log(); });
  if (!server) return fail(server);
  server_ = std::move(*server);
  return start_bus();
}

void Daemon::watch_log() {
  const bool wanted = (server_ && server_->has_listeners()) || (bus_ && bus_->has_listeners());
  if (wanted == std::exchange(log_watched_, wanted)) return;
  log::set_watcher(log::Level::info, wanted ? log::Sink([this](const log::Record& record) {
                     const EventRow row = event_row(record, wall_clock());
                     if (server_) server_->tell(row);
                     if (bus_) bus_->tell(row);
                   })
                                            : log::Sink());
}

Result<void> Daemon::start_bus() {
  Result<std::unique_ptr<dbus::Service>> bus = dbus::Service::make(
      *control_, {.now = [this] { return loop_->now(); },
                  .version = IKED_VERSION,
                  .log_target = std::string(name(choose_log_target(options_.foreground))),
                  .listeners_changed = [this] { watch_log(); }});
  if (!bus) return fail(bus);
  bus_ = std::move(*bus);
  return {};
}

Result<void> Daemon::watch_signals() {
  // SIGPIPE: a client that went away is an error of write(). SIGUSR1: as in OpenBSD.
  for (const int ignored : {SIGPIPE, SIGUSR1}) ::signal(ignored, SIG_IGN);
  if (Result<void> r = loop_->on_signal(SIGUSR2, [this] { hand_over(); }); !r) return fail(r);
  for (const int stop : {SIGTERM, SIGINT}) {
    if (Result<void> r = loop_->on_signal(stop, [this] { on_stop_signal(); }); !r) return fail(r);
  }
  return loop_->on_signal(SIGHUP, [this] {
    if (leave_at_) return;
    log::info("SIGHUP: reading the configuration again");
    control_->reload([](const Result<std::string>&) {});
  });
}

Result<void> Daemon::watch_everything() {
  for (const int fd : sockets_->descriptors()) {
    Result<void> r = loop_->watch(fd, EPOLLIN, [this, fd](uint32_t) { on_packets(fd); });
    if (!r) return fail(r);
  }
  if (xfrm_ != nullptr) {
    if (Result<void> r = watch_kernel(); !r) return fail(r);
  }
  Result<host::NetworkWatch> network = host::NetworkWatch::open();
  if (!network) return fail(network);
  network_.emplace(std::move(*network));
  Result<void> changes =
      loop_->watch(network_->descriptor(), EPOLLIN, [this](uint32_t) { on_network_events(); });
  if (!changes) return fail(changes);
  Result<void> workers =
      loop_->watch(workers_->finished_fd(), EPOLLIN, [this](uint32_t) { on_finished_jobs(); });
  if (!workers) return fail(workers);
  Result<void> keeper =
      loop_->watch(keeper_->descriptor(), EPOLLIN, [this](uint32_t) { on_keeper(); });
  if (!keeper) return fail(keeper);
  if (Result<void> bus = loop_->watch(bus_->descriptor(), EPOLLIN, [this](uint32_t) { on_bus(); });
      !bus) {
    return fail(bus);
  }
  loop_->on_deadline([this] { on_deadline(); });
  return loop_->watch(server_->descriptor(), EPOLLIN, [this](uint32_t) { server_->on_ready(); });
}

int Daemon::serve() {
  log::notice(log::About{.event = log::Event::started}, "iked started with {} {} from {}{}",
              policies_, policies_ == 1 ? "policy" : "policies", options_.config_path,
              xfrm_ == nullptr ? ", decoupled from the kernel" : "");
  loop_->feed_watchdog();
  input([this](Time now, ike::Effects& out) { engine_->start(now, out); });
  service_manager::ready(status());
  const Result<int> code = loop_->run();
  if (!code) {
    log::error("{}", code.error().text);
    return EXIT_FAILURE;
  }
  return *code;
}

// ---- inputs -------------------------------------------------------------------------------------

template <typename Call>
void Daemon::input(Call&& call) {
  ike::Effects effects;
  call(loop_->now(), effects);
  apply(effects);
}

void Daemon::on_packets(int descriptor) {
  received_.clear();
  sockets_->receive(descriptor, received_, packets_per_turn);
  for (Datagram& datagram : received_) {
    input(
        [&](Time now, ike::Effects& out) { engine_->on_datagram(std::move(datagram), now, out); });
  }
}

void Daemon::on_kernel_events() {
  std::vector<KernelEvent> events;
  xfrm_->read_events(events);
  for (const KernelEvent& event : events) {
    input([&](Time now, ike::Effects& out) { engine_->on_kernel_event(event, now, out); });
  }
}

void Daemon::on_network_events() {
  if (network_->take() && !network_due_) network_due_ = loop_->now() + network_settles;
  settle();
}

void Daemon::on_network_change() {
  network_due_.reset();
  const auto all = host::interface_addresses();
  if (!all) return log::warn("{}", all.error().text);
  std::vector<IpAddress> own;
  for (const host::InterfaceAddress& one : *all) own.push_back(one.address);
  input([&](Time now, ike::Effects& out) { engine_->on_network_change(own, now, out); });
}

void Daemon::on_finished_jobs() {
  for (ike::FinishedJob& done : workers_->take_finished()) finish_job(std::move(done));
}

void Daemon::finish_job(ike::FinishedJob done) {
  input([&](Time now, ike::Effects& out) { engine_->on_job_done(std::move(done), now, out); });
}

void Daemon::on_keeper() {
  keeper_->on_ready();
  settle();
}

void Daemon::on_bus() {
  bus_->on_ready();
  settle();
}

void Daemon::on_deadline() {
  keeper_->on_deadline();
  if (bus_) bus_->on_deadline();
  if (network_due_ && *network_due_ <= loop_->now()) on_network_change();
  input([this](Time now, ike::Effects& out) { engine_->on_deadline(now, out); });
}

void Daemon::on_stop_signal() {
  if (leave_at_) {
    loop_->stop(EXIT_SUCCESS);  // asked twice: without waiting for the peers
    return;
  }
  log::notice(log::About{.event = log::Event::stopping}, "stopping: {} IKE SAs to end",
              engine_->sa_count());
  service_manager::stopping("Telling the peers");
  // No commands any more: a reload now would start tunnels.
  loop_->forget(server_->descriptor());
  loop_->forget(bus_->descriptor());
  control_->stop();
  server_.reset();
  watch_log();
  bus_.reset();
  leave_at_ = loop_->now() + farewell;
  input([this](Time now, ike::Effects& out) { engine_->on_command(ike::ShutDown{}, now, out); });
}

void Daemon::hand_over() {
  log::notice("handing over: {} IKE SAs; tunnels stay in the kernel for the next iked",
              engine_->sa_count());
  service_manager::stopping("Handing over");
  hands_over_ = true;
  loop_->stop(EXIT_SUCCESS);
}

// ---- effects ------------------------------------------------------------------------------------

void Daemon::apply(ike::Effects& effects) {
  for (ike::Effect& effect : effects.take()) {
    std::visit([this](auto& e) { carry_out(std::move(e)); }, effect);
  }
  settle();
}

void Daemon::carry_out(ike::SendDatagram effect) {
  note_sending(sockets_->send(effect.datagram), effect.datagram.remote);
}

void Daemon::carry_out(ike::SendKeepalive effect) {
  note_sending(sockets_->send_keepalive(effect.local, effect.remote), effect.remote);
}

void Daemon::note_sending(const Result<void>& sent, const Endpoint& remote) {
  if (sent) return;
  const std::optional<uint64_t> held_back = send_failures_.admit(loop_->now());
  if (!held_back) return;
  const std::string peer = to_string(remote);
  log::info(log::About{.peer = peer, .event = log::Event::send_failed},
            "cannot send: {} ({} more such failures were not logged)", sent.error().text,
            *held_back);
}

void Daemon::carry_out(ike::StartJob effect) {
  std::visit([&](auto& job) { start_job(effect.id, std::move(job)); }, effect.job);
}

void Daemon::carry_out(const ike::Publish& effect) {
  const SaChange change{kind_of(effect.event), effect.sa.value, effect.policy,
                        effect.peer,           effect.reason,   effect.kind};
  control_->note(change);
  if (bus_) bus_->tell(change);
  if (service_manager::supervises() && !status_due_) status_due_ = last_status_ + status_interval;
}

void Daemon::start_job(JobId id, ike::KeyExchangeJob job) {
  if (!workers_->submit(id, std::move(job))) {
    refuse_job<ike::KeyExchangeOutcome>(
        id, {ike::KeyExchangeFailure::Fault::ours, "too many key exchanges are waiting"});
  }
}

void Daemon::start_job(JobId id, ike::ResolveJob job) {
  if (!workers_->submit(id, std::move(job))) {
    refuse_job<Result<ike::ResolveResult>>(id, {"too many name look-ups are waiting"});
  }
}

void Daemon::start_job(JobId id, ike::PskAuthJob job) {
  keeper_->psk_auth(job.request, [this, id](Result<PskAuthValues> values) {
    finish_job({id, std::move(values)});
  });
}

void Daemon::start_job(JobId id, ike::SignJob job) {
  keeper_->sign(job.request, [this, id](Result<Bytes> signature) {
    finish_job({id, std::move(signature)});
  });
}

void Daemon::start_job(JobId id, ike::VerifyJob job) {
  if (!workers_->submit(id, std::move(job))) {
    refuse_job<Result<Verified>>(id, {"too many signatures are waiting to be checked"});
  }
}

template <typename Outcome>
void Daemon::refuse_job(JobId id, typename Outcome::error_type why) {
  loop_->defer([this, id, why = std::move(why)] {
    finish_job({id, Outcome(std::unexpected(why))});
  });
}

// ---- after each input ---------------------------------------------------------------------------

void Daemon::settle() {
  const Time now = loop_->now();
  if (leave_at_ && (engine_->idle() || now >= *leave_at_)) loop_->stop(EXIT_SUCCESS);
  if (status_due_ && now >= *status_due_ && !leave_at_) {
    service_manager::status(status());
    last_status_ = now;
    status_due_.reset();
  }
  if (bus_) bus_->settle();
  watch_log();
  loop_->set_deadline(earlier(earlier(engine_->next_deadline(), keeper_->next_deadline()),
                              earlier(earlier(earlier(leave_at_, network_due_), status_due_),
                                      bus_ ? bus_->next_deadline() : std::nullopt)));
}

std::string Daemon::status() const {
  return fmt::format("Serving, {} IKE SAs", engine_->sa_count());
}

bool Daemon::clean_up() {
  loop_.reset();  // before what it watches is closed
  log::set_watcher(log::Level::error, {});
  keeper_.reset();
  server_.reset();
  bus_.reset();
  control_.reset();
  engine_.reset();
  sockets_.reset();
  if (xfrm_ != nullptr && !hands_over_) remove_leftovers(*xfrm_);
  xfrm_.reset();
  arrangement_.listener.reset();
  arrangement_.lock.reset();
  arrangement_.starter.reset();
  return !workers_ || workers_->stop(worker_patience);
}

}  // namespace iked::daemon
