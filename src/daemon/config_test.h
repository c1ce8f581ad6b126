// SPDX-License-Identifier: ISC
#pragma once

#include "daemon/options.h"
#include "model/keeper.h"

namespace iked::daemon {

/// `iked -n`: loads the configuration and says on standard error what is wrong with it, or
/// "configuration OK"; with -v its normal form goes to standard output, secrets masked. Returns the
/// exit status. Needs no privileges, kernel or socket.
int run_config_test(const Options& options, Keeper& keeper);

}  // namespace iked::daemon
