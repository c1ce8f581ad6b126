// SPDX-License-Identifier: ISC
// A broken invariant of our own ends the process. Never use it to judge input: a peer, a file or
// the kernel must not be able to make it fail.
#pragma once

namespace iked {

/// Logs where our own reasoning broke, and aborts. Called by IKED_CHECK only.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace iked

#define IKED_CHECK(condition)                               \
  do {                                                      \
    if (!(condition)) [[unlikely]] {                        \
      ::iked::check_failed(#condition, __FILE__, __LINE__); \
    }                                                       \
  } while (false)
