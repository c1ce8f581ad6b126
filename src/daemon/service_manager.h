// SPDX-License-Identifier: ISC
// What the service manager is told (sd_notify(3)). Without one, nothing happens.
#pragma once

#include <span>
#include <string_view>

namespace iked::daemon::service_manager {

/// NOTIFY_SOCKET is set: somebody started us as a service and waits for readiness.
bool supervises();

void ready(std::string_view status);
/// To be followed by ready().
void reloading();
void stopping(std::string_view status);
/// Asks it to hold these until we say otherwise or are stopped for good: when this process ends and
/// another one is started, that gets them (handed_descriptors.h). They replace those of an earlier
/// call.
void keep(std::span<const int> descriptors);
/// One line for `systemctl status`.
void status(std::string_view text);

}  // namespace iked::daemon::service_manager
