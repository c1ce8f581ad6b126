// SPDX-License-Identifier: ISC
#pragma once

#include "base/result.h"

namespace iked::daemon {

/// Keeps keys out of core files, of debuggers of the same user and of files others can read: no
/// core dumps, not dumpable, umask 077. Also sees to it that the standard streams are open. To be
/// called first thing; a forked child inherits all of it.
Result<void> harden_process();

/// Whether this process may change the kernel's IPsec and addresses (in its own network namespace).
bool has_net_admin();

}  // namespace iked::daemon
