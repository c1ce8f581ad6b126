// SPDX-License-Identifier: ISC
#pragma once

#include "base/result.h"

namespace iked::daemon {

/// Keeps keys out of core files, of debuggers of the same user and of files others can read: no
/// core dumps, not dumpable, umask 077. To be called first thing, and again in a forked child,
/// because fork(2) keeps all of it but exec(2) does not.
Result<void> harden_process();

/// Whether this process may change the kernel's IPsec and addresses (in its own network namespace).
bool has_net_admin();

}  // namespace iked::daemon
