// SPDX-License-Identifier: ISC
#include "host/network_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace iked::host {
namespace {

constexpr uint32_t groups =
    RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;

// One call takes no more than this, so that a flood of routes does not hold up the caller.
constexpr int most_at_once = 256;

}  // namespace

Result<NetworkWatch> NetworkWatch::open() {
  Descriptor fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!fd) return fail("cannot watch the addresses of this host: {}", strerror(errno));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  sockaddr_storage storage{};
  std::memcpy(&storage, &address, sizeof address);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the type of the system call
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), sizeof address) != 0) {
    return fail("cannot watch the addresses of this host: {}", strerror(errno));
  }
  return NetworkWatch(std::move(fd));
}

bool NetworkWatch::take() {
  bool changed = false;
  std::array<uint8_t, 64> beginning;
  for (int i = 0; i < most_at_once; ++i) {
    const ssize_t got = recv(socket_.get(), beginning.data(), beginning.size(), MSG_TRUNC);
    // ENOBUFS: there were more than the socket could hold, and that is a change as well.
    if (got < 0 && errno != ENOBUFS) break;
    changed = true;
  }
  return changed;
}

}  // namespace iked::host
