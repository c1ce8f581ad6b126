// SPDX-License-Identifier: ISC
// The command line of ikectl: what it asks, how the answer is printed, and the exit code.
#pragma once

namespace iked::ikectl {

/// ikectl(8) documents them; every exit of OpenBSD's ikectl that was not 0 is not 0 here.
enum ExitCode : int {
  exit_done = 0,
  exit_failed = 1,
  exit_usage = 2,
  exit_no_daemon = 3,
  exit_not_found = 4,
  exit_denied = 5,
};

int run(int argc, char** argv);

}  // namespace iked::ikectl
