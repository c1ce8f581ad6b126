// SPDX-License-Identifier: ISC
// A network namespace of the test's own: its ports, addresses and policies are nobody else's.
#pragma once

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "base/descriptor.h"

namespace iked::test {

inline bool set_link_up(const char* interface) {
  const Descriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  if (ioctl(fd.get(), SIOCGIFFLAGS, &request) != 0) return false;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  return ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0;
}

/// Moves this process into a fresh namespace with nothing but a loopback interface that is up.
/// Empty when that worked, else why not. Once per process is enough.
inline std::string enter_network_namespace() {
  if (unshare(geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    return std::string("no network namespace: ") + strerror(errno);
  }
  return set_link_up("lo") ? "" : std::string("lo: ") + strerror(errno);
}

inline bool set_sysctl(const std::string& path, const std::string& value) {
  std::ofstream file("/proc/sys/" + path);
  file << value << std::flush;
  return static_cast<bool>(file);
}

}  // namespace iked::test
