// SPDX-License-Identifier: ISC
// Which system calls this process may still make: lists of what each of our programs needs, turned
// into a seccomp filter. Whatever is not on the list fails with EPERM, so that a library that tries
// something new degrades instead of dying. Files are file_access.h's matter.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "base/result.h"

namespace iked::sandbox {

enum class Program : uint8_t {
  iked,    // network and threads, but no TCP over IP, no new processes, no tracing
  keeper,  // reads files and talks over sockets that are open; makes none
};

/// From now on only the calls of the list. For good, for this thread and those it starts; needs
/// PR_SET_NO_NEW_PRIVS (user.h). In a build with sanitizers or for coverage, which need calls of
/// their own, it forbids only what the program must not do.
Result<void> filter_system_calls(Program program);

/// The filter, for tests. `own_pid`: the only process that may be signalled.
std::vector<sock_filter> make_filter(Program program, uint32_t own_pid);

}  // namespace iked::sandbox
