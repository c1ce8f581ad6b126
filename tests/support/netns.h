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

/// Moves this process into a fresh namespace with nothing but a loopback interface that is up. Who
/// is not root becomes root of a user namespace. Empty when that worked, else why not. Once per
/// process is enough.
inline std::string enter_network_namespace() {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  if (unshare(uid == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    return std::string("no network namespace: ") + strerror(errno);
  }
  if (uid != 0) {
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 " << uid << " 1";
    std::ofstream("/proc/self/gid_map") << "0 " << gid << " 1";
    if (geteuid() != 0) return "no user namespace with a root of its own";
  }
  return set_link_up("lo") ? "" : std::string("lo: ") + strerror(errno);
}

inline bool set_sysctl(const std::string& path, const std::string& value) {
  std::ofstream file("/proc/sys/" + path);
  file << value << std::flush;
  return static_cast<bool>(file);
}

}  // namespace iked::test
