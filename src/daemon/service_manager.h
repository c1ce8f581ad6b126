// SPDX-License-Identifier: ISC
// What the service manager is told (sd_notify(3)). Without one, nothing happens.
#pragma once

#include <string_view>

namespace iked::daemon {

class ServiceManager {
 public:
  /// NOTIFY_SOCKET is set: somebody started us as a service and waits for readiness.
  static bool supervises();

  void ready(std::string_view status) const;
  /// To be followed by ready().
  void reloading() const;
  void stopping() const;
  /// One line for `systemctl status`.
  void status(std::string_view text) const;
};

}  // namespace iked::daemon
