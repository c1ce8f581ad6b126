// SPDX-License-Identifier: ISC
// What an administrator may ask of the running daemon: the Control port in terms of the Engine and
// of the keeper. It does not know who asks (control/ and signals do) and opens nothing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "ike/engine.h"
#include "model/control.h"
#include "model/keeper.h"

namespace iked::daemon {

/// What a reload needs besides the Engine.
struct ReloadPlan {
  LoadRequest request;
  bool force_passive = false;   // -S counts over what the file says
  bool force_decouple = false;  // ikectl decouple counts likewise
  bool decouple = false;        // as started
  bool passive = false;         // as started
  Config config = {};           // as started; its policies do not matter
};

/// How the service reaches what is not its own.
struct ControlPorts {
  std::function<Time()> now;
  /// The keeper's: reads the configuration and says what came out, later; and what load() gave last
  /// is in use now.
  std::function<void(std::function<void(Result<LoadResult>)>)> load;
  std::function<void(const std::string&, std::function<void(Result<LoadResult>)>)> load_file;
  std::function<void()> commit;
  /// What the keeper has that everybody may know.
  std::function<void(std::function<void(Result<std::vector<PublicPart>>)>)> list_public;
  /// Has the keeper forget the passwords of users; how many they were.
  std::function<void(std::function<void(Result<uint64_t>)>)> wipe_users;
  /// Takes the effects of a call into the Engine.
  std::function<void(ike::Effects&)> apply;
  /// A configuration that is valid and about to be used: may cut it to what this machine can do, or
  /// refuse it.
  std::function<Result<void>(Config&)> before_use;
  /// Brings the Engine together with the kernel, or apart.
  std::function<Result<void>(bool)> couple;
  /// Around a reload, whatever its outcome.
  std::function<void()> reload_begins;
  std::function<void()> reload_ended;
};

class ControlService final : public Control {
 public:
  /// `engine` must outlive the service.
  ControlService(ike::Engine& engine, ReloadPlan plan, ControlPorts ports);

  SaPage list_sas(uint64_t from, size_t max) override;
  PolicyPage list_policies(uint64_t from, size_t max) override;
  std::optional<IkeSaRow> find_sa(uint64_t id) override;
  std::optional<PolicyRow> find_policy(const std::string& name) override;
  std::optional<std::vector<FailureRow>> failures(const std::string& name) override;
  RunState run_state() const override;
  Counters counters() const override;
  /// Logs its outcome as well, whoever asked. Whoever asks while the file is being read gets the
  /// outcome of another reading after that one: the file may have changed in between.
  void reload(Done done) override;
  void check_config(Checked done) override;
  void reset(ResetTarget what, Done done) override;
  bool close_sa(uint64_t id) override;
  size_t reset_id(const std::string& identity) override;
  void set_passive(bool passive, Done done) override;
  void set_coupled(bool coupled, Done done) override;
  void set_verbosity(int level, Done done) override;
  void connect(const std::string& policy, Ended ended) override;
  void disconnect(const std::string& policy, Ended ended) override;
  void load(const std::string& path, Ended ended) override;
  bool rekey_sa(uint64_t id) override;
  void list_certificates(Done done) override;

  /// For the counters, and for those who wait for a connection.
  void note(const SaChange& change);

  /// From now on no Done is called and no configuration comes into use.
  void stop();

 private:
  bool reading() const { return !reloading_.empty() || !checking_.empty(); }
  void begin_reload();
  void end_reload(Result<LoadResult> loaded, const std::string& path);
  void begin_check();
  void end_check(Result<LoadResult> loaded);
  void read_next();
  Result<std::string> use(LoadResult loaded, const std::string& path);
  void command(const ike::Command& command);
  std::string forget_policies();
  Result<void> couple(bool coupled);
  void end_connecting(const std::string& policy, const Outcome& outcome);
  void end_connecting_to_the_gone();
  void end_all_connecting(FailureKind kind, const std::string& why);

  ike::Engine& engine_;
  ReloadPlan plan_;
  ControlPorts ports_;
  // One reading of the configuration at a time: what the keeper read last is what commit() means.
  std::vector<Done> reloading_;     // who waits for the present reading; not empty: there is one
  std::vector<Done> reload_again_;  // who waits for the one after it
  std::vector<Checked> checking_;   // the same for readings without consequences
  std::vector<Checked> check_again_;
  std::multimap<std::string, Ended> connecting_;  // who waits for which policy
  bool passive_ = false;
  bool coupled_ = true;
  uint64_t config_loaded_ = 0;
  std::string config_file_;  // in use
  Counters counters_;
  bool stopped_ = false;
};

/// Its settings alone.
Config without_policies(const Config& config);

void log_diagnostics(const std::vector<Diagnostic>& diagnostics);
/// All diagnostics, one after the other, as they are printed; and how many are errors.
std::string to_text(const std::vector<Diagnostic>& diagnostics);
size_t count_errors(const std::vector<Diagnostic>& diagnostics);

}  // namespace iked::daemon
