// SPDX-License-Identifier: ISC
// Finds out whether somebody serves the bus, without waiting: sdbus-c++ waits for the bus's first
// answer when it connects, and a socket of systemd's takes connections long before dbus-daemon
// runs.
#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace iked::dbus {

class Probe {
 public:
  /// Connects to a "unix:path=..." of the addresses. A descriptor that becomes readable when the
  /// bus has said something; nothing in it when no address is of this kind.
  static Result<Probe> start(const std::string& addresses);

  int descriptor() const { return fd_.get(); }
  bool needed() const { return fd_.get() >= 0; }
  /// Of a readable descriptor: somebody is there.
  Result<void> finish();

 private:
  explicit Probe(Descriptor fd) : fd_(std::move(fd)) {}
  Descriptor fd_;
};

/// DBUS_SYSTEM_BUS_ADDRESS, or where the system bus is on every machine.
std::string system_bus_address();

}  // namespace iked::dbus
