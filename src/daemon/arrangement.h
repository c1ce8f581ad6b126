// SPDX-License-Identifier: ISC
// What has to be done while this process may still do everything, and the giving up of all of that:
// files below /run, the process that starts keepers, another user, few capabilities, the sandbox.
// After it iked parses what strangers send.
#pragma once

#include <optional>
#include <vector>

#include "base/descriptor.h"
#include "control/listener.h"
#include "daemon/instance_lock.h"
#include "daemon/keeper_starter.h"
#include "daemon/options.h"

namespace iked::daemon {

/// Made before the privileges went. The listener is moved out by its user.
struct Arrangement {
  std::optional<InstanceLock> lock;
  std::optional<control::Listener> listener;
  std::optional<KeeperStarter> starter;
  std::vector<Descriptor> udp;  // what an earlier iked had open, if the service manager kept it
};

/// As root, or as a user with CAP_SETUID and CAP_SETGID: iked becomes `_iked` and the keeper
/// `_iked-keeper`; where there are no such users both stay root without its power over files and
/// processes, which is logged. As another user both stay what they are. `on_terminal`: somebody
/// reads the keeper's standard error. To be called before any thread is started.
Result<Arrangement> arrange(const Options& options, bool on_terminal);

}  // namespace iked::daemon
