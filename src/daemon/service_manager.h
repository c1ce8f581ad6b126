// SPDX-License-Identifier: ISC
// What the service manager is told (sd_notify(3)). Without one, nothing happens.
#pragma once

#include <string_view>

namespace iked::daemon::service_manager {

/// NOTIFY_SOCKET is set: somebody started us as a service and waits for readiness.
bool supervises();

void ready(std::string_view status);
/// To be followed by ready().
void reloading();
void stopping();
/// One line for `systemctl status`.
void status(std::string_view text);

}  // namespace iked::daemon::service_manager
