// SPDX-License-Identifier: ISC
// org.freedesktop.LogControl1, for `systemctl service-log-level iked`. Who may set a property is
// said by the bus (data/dbus/org.iked1.conf): root.
#pragma once

#include <iked_dbus/log_control_adaptor.h>

#include <string>

namespace iked::dbus {

class LogControl final : public sdbus::AdaptorInterfaces<org::freedesktop::LogControl1_adaptor> {
 public:
  static constexpr const char* path = "/org/freedesktop/LogControl1";

  /// `target`: "journal", "console" or "syslog".
  LogControl(sdbus::IConnection& connection, std::string target);
  ~LogControl();
  LogControl(const LogControl&) = delete;
  LogControl& operator=(const LogControl&) = delete;

 private:
  std::string LogLevel() override;
  void LogLevel(const std::string& value) override;
  std::string LogTarget() override { return target_; }
  std::string SyslogIdentifier() override { return "iked"; }

  const std::string target_;
};

}  // namespace iked::dbus
