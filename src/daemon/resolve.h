// SPDX-License-Identifier: ISC
#pragma once

#include "ike/job.h"

namespace iked::daemon {

/// Runs a ResolveJob with host/. Blocks for as long as DNS takes: for a worker. An error names what
/// could not be found out: a name, or the way to the peer.
Result<ike::ResolveResult> resolve(const ike::ResolveJob& job);

}  // namespace iked::daemon
