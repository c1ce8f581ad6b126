// SPDX-License-Identifier: ISC
// Carries out `ikectl ca` and `ikectl show ca`: no daemon is needed for them.
#pragma once

#include <span>
#include <string_view>

namespace iked::ikectl {

/// For words that is_ca_command accepts. Prints what was done, or on standard error why it was not.
/// `quiet`: nothing is asked. The exit code: 0 done, 1 failed, 2 wrong use, 4 not found, 5 denied.
int run_ca(std::span<const std::string_view> words, bool quiet);

}  // namespace iked::ikectl
