// SPDX-License-Identifier: ISC
#include "daemon/control.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "daemon/journal_sink.h"

namespace iked::daemon {
namespace {

constexpr size_t most_connecting = 256;  // at a time

}  // namespace

Config without_policies(const Config& config) {
  Config rest = config;
  rest.policies.clear();
  return rest;
}

void log_diagnostics(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics) {
    const log::About about{.event = log::Event::config_problem};
    if (diagnostic.severity == Severity::error) {
      log::error(about, "{}", diagnostic.without_severity());
    } else {
      log::warn(about, "{}", diagnostic.without_severity());
    }
  }
}

std::string to_text(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += to_string(diagnostic);
  }
  return text;
}

size_t count_errors(const std::vector<Diagnostic>& diagnostics) {
  return static_cast<size_t>(std::count_if(
      diagnostics.begin(), diagnostics.end(),
      [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::error; }));
}

ControlService::ControlService(ike::Engine& engine, ReloadPlan plan, ControlPorts ports)
    : engine_(engine),
      plan_(std::move(plan)),
      ports_(std::move(ports)),
      passive_(plan_.passive),
      coupled_(!plan_.decouple),
      config_loaded_(wall_clock()),
      config_file_(plan_.request.path),
      counters_{{"IkeSasEnded", 0}, {"Reloads", 0}, {"ReloadsRefused", 0}} {}

SaPage ControlService::list_sas(uint64_t from, size_t max) {
  return engine_.list_sas(from, max, ports_.now());
}

PolicyPage ControlService::list_policies(uint64_t from, size_t max) {
  return engine_.list_policies(from, max, ports_.now());
}

std::optional<IkeSaRow> ControlService::find_sa(uint64_t id) {
  return engine_.find_sa(SaId{id}, ports_.now());
}

RunState ControlService::run_state() const {
  return {.passive = passive_,
          .coupled = coupled_,
          .reloading = !reloading_.empty(),
          .config_file = config_file_,
          .config_loaded = config_loaded_};
}

Counters ControlService::counters() const {
  Counters all = counters_;
  all.merge(engine_.counters());
  all["IkeSas"] = engine_.sa_count();
  all["IkeSasUp"] = engine_.established_count();
  for (const StatisticName& row : statistic_names) {
    all[std::string(row.name)] += engine_.statistics().*row.counter;
  }
  return all;
}

std::optional<PolicyRow> ControlService::find_policy(const std::string& name) {
  const auto id = engine_.policy_named(name);
  return id ? engine_.find_policy(*id, ports_.now()) : std::nullopt;
}

std::optional<std::vector<FailureRow>> ControlService::failures(const std::string& name) {
  return engine_.failures(name, ports_.now());
}

void ControlService::note(const SaChange& change) {
  switch (change.kind) {
    case SaChangeKind::up:
      if (change.reason.empty()) {
        return end_connecting(change.policy, fmt::format("connected to {}", change.peer));
      }
      return end_connecting(change.policy,
                            std::unexpected(ControlError{change.failure, change.reason}));
    case SaChangeKind::down:
      ++counters_["IkeSasEnded"];
      [[fallthrough]];
    case SaChangeKind::failed:
      return end_connecting(change.policy,
                            std::unexpected(ControlError{change.failure, change.reason}));
  }
}

void ControlService::command(const ike::Command& command) {
  ike::Effects effects;
  engine_.on_command(command, ports_.now(), effects);
  ports_.apply(effects);
}

Result<std::string> ControlService::use(LoadResult loaded, const std::string& path) {
  log_diagnostics(loaded.diagnostics);
  if (!loaded.config) {
    return fail("{}\nnothing has changed: {} error(s) in {}", to_text(loaded.diagnostics),
                count_errors(loaded.diagnostics), path);
  }
  Config config = std::move(*loaded.config);
  std::string text = to_text(loaded.diagnostics);
  if (!text.empty()) text += '\n';
  config.passive = config.passive || plan_.force_passive;
  const bool was_coupled = coupled_;
  // Before the algorithms are compared with the kernel's.
  Result<void> usable = couple(!config.decouple && !plan_.force_decouple);
  if (usable) usable = ports_.before_use(config);
  if (!usable) {
    log::error("{}", usable.error().text);
    if (Result<void> back = couple(was_coupled); !back) log::error("{}", back.error().text);
    return fail("{}\nnothing has changed", usable.error().text);
  }
  ports_.commit();
  passive_ = config.passive;
  config_loaded_ = wall_clock();
  config_file_ = path;

  plan_.config = without_policies(config);
  ike::Effects effects;
  const ike::ReloadSummary summary = engine_.reload(std::move(config), ports_.now(), effects);
  ports_.apply(effects);
  end_connecting_to_the_gone();
  const std::string counts = fmt::format("policies: {} kept, {} added, {} removed", summary.kept,
                                         summary.added, summary.removed);
  log::notice(log::About{.event = log::Event::reloaded}, "configuration {} reloaded, {}", path,
              counts);
  return text + counts;
}

void ControlService::reload(Done done) {
  if (reading()) {
    reload_again_.push_back(std::move(done));
    return;
  }
  reloading_.push_back(std::move(done));
  begin_reload();
}

void ControlService::begin_reload() {
  ports_.reload_begins();
  const std::string& path = plan_.request.path;
  if (path == "-") {
    return end_reload(fail("the configuration came from standard input and cannot be read again"),
                      path);
  }
  ports_.load(
      [this](Result<LoadResult> loaded) { end_reload(std::move(loaded), plan_.request.path); });
}

void ControlService::end_reload(Result<LoadResult> loaded, const std::string& path) {
  if (stopped_) return;
  Result<std::string> outcome = fail("");
  if (loaded) {
    outcome = use(std::move(*loaded), path);
  } else {
    outcome = fail(loaded);
  }
  ++counters_[outcome ? "Reloads" : "ReloadsRefused"];
  if (!outcome) {
    log::error(log::About{.event = log::Event::reload_refused},
               "reload refused, the configuration in use stays: {}", path);
  }
  ports_.reload_ended();
  // While they are told, nothing new begins.
  const std::vector<Done> waited = reloading_;
  for (const Done& done : waited) done(outcome);
  reloading_.clear();
  read_next();
}

void ControlService::load(const std::string& path, Ended ended) {
  const auto refuse = [&](FailureKind kind, std::string why) {
    ended(std::unexpected(ControlError{kind, std::move(why)}));
  };
  if (reading()) {
    return refuse(FailureKind::in_progress, "the configuration is being read just now: try again");
  }
  if (plan_.request.path == "-") {
    return refuse(FailureKind::other,
                  "the configuration came from standard input: iked knows no folder to load from");
  }
  reloading_.push_back([ended = std::move(ended)](Result<std::string> outcome) {
    if (outcome) return ended(std::move(*outcome));
    ended(std::unexpected(
        ControlError{FailureKind::config_invalid, std::move(outcome.error().text)}));
  });
  ports_.reload_begins();
  ports_.load_file(
      path, [this, path](Result<LoadResult> loaded) { end_reload(std::move(loaded), path); });
}

void ControlService::check_config(Checked done) {
  if (reading()) {
    check_again_.push_back(std::move(done));
    return;
  }
  checking_.push_back(std::move(done));
  begin_check();
}

void ControlService::begin_check() {
  if (plan_.request.path == "-") {
    return end_check(fail("the configuration came from standard input and cannot be read again"));
  }
  ports_.load([this](Result<LoadResult> loaded) { end_check(std::move(loaded)); });
}

void ControlService::end_check(Result<LoadResult> loaded) {
  if (stopped_) return;
  Result<ConfigReport> outcome = ConfigReport{};
  if (loaded) {
    outcome->valid = loaded->config.has_value();
    for (Diagnostic& found : loaded->diagnostics) {
      outcome->findings.push_back(
          {found.severity == Severity::error, std::move(found.place), std::move(found.text)});
    }
  } else {
    outcome = fail(loaded);
  }
  const std::vector<Checked> waited = checking_;
  for (const Checked& done : waited) done(outcome);
  checking_.clear();
  read_next();
}

void ControlService::read_next() {
  if (stopped_) return;
  if (!reload_again_.empty()) {
    reloading_ = std::exchange(reload_again_, {});
    begin_reload();
  } else if (!check_again_.empty()) {
    checking_ = std::exchange(check_again_, {});
    begin_check();
  }
}

void ControlService::stop() {
  stopped_ = true;
  reloading_.clear();
  reload_again_.clear();
  checking_.clear();
  check_again_.clear();
  connecting_.clear();
}

void ControlService::reset(ResetTarget what, Done done) {
  switch (what) {
    case ResetTarget::all:
    case ResetTarget::sa:
      command(ike::ResetSas{});
      return done("");
    case ResetTarget::policy:
      return done(forget_policies());
    case ResetTarget::ca:
      return done(fail("no policy uses certificates"));
    case ResetTarget::user:
      return ports_.wipe_users([done = std::move(done)](Result<uint64_t> wiped) {
        if (!wiped) return done(fail(wiped));
        done(fmt::format("{} passwords forgotten until the next reload", *wiped));
      });
  }
}

std::string ControlService::forget_policies() {
  Config config = plan_.config;
  config.passive = passive_;
  ike::Effects effects;
  const ike::ReloadSummary summary = engine_.reload(std::move(config), ports_.now(), effects);
  ports_.apply(effects);
  end_connecting_to_the_gone();
  log::notice(log::About{.event = log::Event::reloaded},
              "all policies are forgotten until the next reload");
  return fmt::format("{} policies forgotten until the next reload", summary.removed);
}

bool ControlService::close_sa(uint64_t id) {
  if (!engine_.find_sa(SaId{id}, ports_.now())) return false;
  command(ike::CloseSas{{SaId{id}}});
  return true;
}

size_t ControlService::reset_id(const std::string& identity) {
  std::vector<SaId> ids = engine_.sas_of_peer(identity);
  const size_t count = ids.size();
  if (count > 0) command(ike::CloseSas{std::move(ids)});
  return count;
}

void ControlService::set_passive(bool passive, Done done) {
  // Whoever says `active` now means it over the -S of the start.
  plan_.force_passive = passive;
  passive_ = passive;
  command(ike::SetPassive{passive});
  if (passive) end_all_connecting(FailureKind::not_active, "iked has become passive");
  done("");
}

Result<void> ControlService::couple(bool coupled) {
  if (coupled == coupled_) return {};
  if (Result<void> done = ports_.couple(coupled); !done) return done;
  coupled_ = coupled;
  return {};
}

void ControlService::set_coupled(bool coupled, Done done) {
  if (Result<void> changed = couple(coupled); !changed) return done(fail(changed));
  plan_.force_decouple = !coupled;
  done("");
}

// ---- policies, by name

namespace {

ControlError no_such_policy(const std::string& name) {
  return {FailureKind::no_such_policy,
          fmt::format("there is no policy '{}': 'ikectl show policy' lists them", name)};
}

}  // namespace

void ControlService::connect(const std::string& policy, Ended ended) {
  const auto refuse = [&](FailureKind kind, std::string why) {
    ended(std::unexpected(ControlError{kind, std::move(why)}));
  };
  const auto id = engine_.policy_named(policy);
  if (!id) return ended(std::unexpected(no_such_policy(policy)));
  if (passive_) {
    return refuse(FailureKind::not_active,
                  "iked is passive and calls nobody: 'ikectl active' ends that");
  }
  if (engine_.find_policy(*id, ports_.now())->state == "up")
    return ended("it is connected already");
  if (connecting_.size() >= most_connecting) {
    return refuse(FailureKind::in_progress, "too many connections are waited for already");
  }
  connecting_.emplace(policy, std::move(ended));
  command(ike::ConnectPolicy{*id});
}

void ControlService::disconnect(const std::string& policy, Ended ended) {
  const auto id = engine_.policy_named(policy);
  if (!id) return ended(std::unexpected(no_such_policy(policy)));
  const std::optional<PolicyRow> before = engine_.find_policy(*id, ports_.now());
  command(ike::DisconnectPolicy{*id});
  end_connecting(policy, std::unexpected(ControlError{FailureKind::ended,
                                                      "disconnected by the administrator"}));
  ended(before->state == "down" ? "it was not connected" : "disconnected");
}

void ControlService::list_certificates(Done done) {
  ports_.list_public([done = std::move(done)](Result<std::vector<PublicPart>> parts) {
    if (!parts) return done(fail(parts));
    std::string lines;
    for (const PublicPart& part : *parts) lines += printable(as_bytes(part.name)) + "\n";
    done(std::move(lines));
  });
}

bool ControlService::rekey_sa(uint64_t id) {
  if (!engine_.find_sa(SaId{id}, ports_.now())) return false;
  command(ike::RekeySa{SaId{id}});
  return true;
}

void ControlService::end_connecting(const std::string& policy, const Outcome& outcome) {
  // Taken out first: who is told may ask again at once.
  std::vector<Ended> told;
  const auto [first, last] = connecting_.equal_range(policy);
  for (auto at = first; at != last; ++at) told.push_back(std::move(at->second));
  connecting_.erase(first, last);
  for (const Ended& ended : told) ended(outcome);
}

void ControlService::end_connecting_to_the_gone() {
  std::set<std::string> gone;
  for (const auto& [policy, ended] : connecting_) {
    if (!engine_.policy_named(policy)) gone.insert(policy);
  }
  for (const std::string& policy : gone) {
    end_connecting(policy, std::unexpected(ControlError{FailureKind::no_such_policy,
                                                        "the configuration has lost the policy"}));
  }
}

void ControlService::end_all_connecting(FailureKind kind, const std::string& why) {
  const auto all = std::exchange(connecting_, {});
  for (const auto& [policy, ended] : all) ended(std::unexpected(ControlError{kind, why}));
}

void ControlService::set_verbosity(int level, Done done) {
  log::set_level(level_for_verbosity(level));
  done("");
}

}  // namespace iked::daemon
