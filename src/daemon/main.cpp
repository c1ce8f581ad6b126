// SPDX-License-Identifier: ISC
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/log.h"
#include "crypto/library_memory.h"
#include "daemon/arrangement.h"
#include "daemon/background.h"
#include "daemon/config_test.h"
#include "daemon/daemon.h"
#include "daemon/journal_sink.h"
#include "daemon/options.h"
#include "daemon/service_manager.h"
#include "keeper/in_process_keeper.h"
#include "sandbox/process.h"

namespace {

using namespace iked;          // NOLINT: this is the program
using namespace iked::daemon;  // NOLINT

/// Returns the exit status.
int report(const Error& error) {
  log::error(log::About{.event = log::Event::start_failed}, "{}", error.text);
  return EXIT_FAILURE;
}

int run(const Options& options) {
  log::set_level(level_for_verbosity(default_verbosity + options.verbosity));
  log::set_sink(make_log_sink(choose_log_target(/*attached=*/true)));
  if (const Result<void> hardened = sandbox::harden_process(); !hardened) {
    return report(hardened.error());
  }
  for (const std::string& warning : options.warnings) log::warn("{}", warning);
  Background background;
  if (!options.foreground && !service_manager::supervises()) {
    Result<Background> forked = Background::fork_child();
    if (!forked) return report(forked.error());
    background = std::move(*forked);
  }

  Result<Arrangement> arrangement = arrange(options, /*on_terminal=*/!background.forked());
  if (!arrangement) return report(arrangement.error());
  Daemon daemon(options, std::move(*arrangement));
  if (const Result<void> started = daemon.start(); !started) return report(started.error());
  if (background.forked()) {
    log::set_sink(make_log_sink(choose_log_target(/*attached=*/false)));
    background.ready();
  }
  const int code = daemon.serve();
  const bool workers_ended = daemon.clean_up();
  log::notice(log::About{.event = log::Event::ended}, "iked ended{}",
              workers_ended ? "" : ", without waiting for a name look-up");
  // A look-up that hangs in the resolver cannot be ended from outside its thread.
  if (!workers_ended) {
    fflush(nullptr);
    _exit(code);
  }
  return code;
}

}  // namespace

int main(int argc, char* argv[]) {
  // Before anything else uses the library: what it frees shall hold no part of a key.
  if (!iked::crypto::zero_library_memory()) {
    iked::log::warn("libcrypto was in use already: memory that it frees is not zeroed");
  }
  const Result<Options> options = parse_options(argc, argv);
  if (!options) {
    fmt::print(stderr, "iked: {}\n{}\n", options.error().text, usage);
    return EXIT_FAILURE;
  }
  if (options->version) {
    fmt::print("iked {}\n", IKED_VERSION);
    return EXIT_SUCCESS;
  }
  if (options->config_test) {
    keeper::InProcessKeeper keeper;
    return run_config_test(*options, keeper);
  }
  return run(*options);
}
