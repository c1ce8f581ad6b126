// SPDX-License-Identifier: ISC
// What an administrator may ask of the running daemon: the Control port in terms of the Engine and
// the Keeper. It does not know who asks (control/ and signals do) and opens nothing.
#pragma once

#include <functional>

#include "base/time.h"
#include "ike/engine.h"
#include "model/control.h"
#include "model/keeper.h"

namespace iked::daemon {

/// What a reload needs besides the Engine.
struct ReloadPlan {
  LoadRequest request;
  bool force_passive = false;  // -S counts over what the file says
  bool decouple = false;       // as started: a reload cannot change it
};

/// How the service reaches what is not its own.
struct ControlPorts {
  std::function<Time()> now;
  /// Takes the effects of a call into the Engine.
  std::function<void(ike::Effects&)> apply;
  /// A configuration that is valid and about to be used: may cut it to what this machine can do, or
  /// refuse it.
  std::function<Result<void>(Config&)> before_use;
  /// Around a reload, whatever its outcome.
  std::function<void()> reload_begins;
  std::function<void()> reload_ended;
};

class ControlService final : public Control {
 public:
  /// `engine` and `keeper` must outlive the service.
  ControlService(ike::Engine& engine, Keeper& keeper, ReloadPlan plan, ControlPorts ports);

  SaPage list_sas(uint64_t from, size_t max) override;
  PolicyPage list_policies(uint64_t from, size_t max) override;
  /// Logs its outcome as well, whoever asked.
  void reload(Done done) override;
  void reset(ResetTarget what, Done done) override;
  void set_passive(bool passive, Done done) override;
  void set_verbosity(int level, Done done) override;

 private:
  Result<std::string> reload_now();
  void command(const ike::Command& command);

  ike::Engine& engine_;
  Keeper& keeper_;
  ReloadPlan plan_;
  ControlPorts ports_;
};

void log_diagnostics(const std::vector<Diagnostic>& diagnostics);
/// All diagnostics, one after the other, as they are printed; and how many are errors.
std::string to_text(const std::vector<Diagnostic>& diagnostics);
size_t count_errors(const std::vector<Diagnostic>& diagnostics);

}  // namespace iked::daemon
