// SPDX-License-Identifier: ISC
// Protects the memory of this process: from core files, debuggers, the swap. What the process may
// still do to others is syscall_filter.h, file_access.h and user.h.
#pragma once

#include "base/result.h"

namespace iked::sandbox {

/// Keeps keys out of core files, of debuggers of the same user and of files others can read: no
/// core dumps, not dumpable, umask 077. Also sees to it that the standard streams are open. To be
/// called first thing and again after user.h's become(); a forked child inherits all of it, an
/// executed program all but "not dumpable".
Result<void> harden_process();

/// Keeps all memory of this process, also what it will get, out of the swap. That needs
/// RLIMIT_MEMLOCK without a limit, which this raises where it may: with a limit, getting memory
/// would fail one day. False when it is not possible; the program then works without.
bool lock_memory();

/// Whether this process may change the kernel's IPsec and addresses (in its own network namespace).
bool has_net_admin();

}  // namespace iked::sandbox
