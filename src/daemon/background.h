// SPDX-License-Identifier: ISC
// Going into the background as a service should: the command returns only when the daemon serves
// or has failed, with the daemon's words on the terminal and its exit status.
#pragma once

#include "base/descriptor.h"
#include "base/result.h"

namespace iked::daemon {

class Background {
 public:
  /// Stays in the foreground; ready() does nothing.
  Background() = default;

  /// Goes on in a child that leads a session of its own. The calling process does not return from
  /// here: it waits for ready() or the end of the child. Call it before any thread is started. The
  /// working directory stays, because the configuration may name files relative to it.
  static Result<Background> fork_child();

  /// True when there is no terminal any more after ready().
  bool forked() const { return bool{parent_}; }

  /// Lets the parent exit with 0 and gives up the terminal: standard streams lead to /dev/null.
  void ready();

 private:
  explicit Background(Descriptor parent) : parent_(std::move(parent)) {}
  Descriptor parent_;  // the pipe the parent reads
};

}  // namespace iked::daemon
