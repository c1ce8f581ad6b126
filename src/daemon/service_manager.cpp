// SPDX-License-Identifier: ISC
#include "daemon/service_manager.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include <cstdlib>
#include <string>

namespace iked::daemon::service_manager {
namespace {

void tell(const std::string& state) {
  // A service manager that does not listen changes nothing for us.
  sd_notify(0, state.c_str());
}

}  // namespace

bool supervises() {
  const char* const socket = secure_getenv("NOTIFY_SOCKET");
  return socket != nullptr && *socket != '\0';
}

void ready(std::string_view status) {
  tell(fmt::format("READY=1\nSTATUS={}", status));
}

void reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=Reading the configuration",
                   int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void stopping(std::string_view status) {
  tell(fmt::format("STOPPING=1\nSTATUS={}", status));
}

void keep(std::span<const int> descriptors) {
  if (!supervises()) return;
  tell("FDSTOREREMOVE=1\nFDNAME=iked-udp");
  // Without FDPOLL=0 an ICMP error that waits in a socket would have it thrown out.
  sd_pid_notify_with_fds(0, 0, "FDSTORE=1\nFDNAME=iked-udp\nFDPOLL=0", descriptors.data(),
                         static_cast<unsigned>(descriptors.size()));
}

void status(std::string_view text) {
  tell(fmt::format("STATUS={}", text));
}

}  // namespace iked::daemon::service_manager
