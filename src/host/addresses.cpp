// SPDX-License-Identifier: ISC
#include "host/addresses.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>

#include "base/descriptor.h"
#include "base/sockaddr.h"

namespace iked::host {
namespace {

struct FreeIfaddrs {
  void operator()(ifaddrs* list) const { freeifaddrs(list); }
};

}  // namespace

Result<std::vector<InterfaceAddress>> interface_addresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0)
    return fail("cannot list the addresses of this host: {}", strerror(errno));
  const std::unique_ptr<ifaddrs, FreeIfaddrs> owner(list);
  std::vector<InterfaceAddress> all;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr) continue;
    if (const auto found = to_endpoint(at->ifa_addr)) {
      all.push_back({at->ifa_name, found->address, found->scope});
    }
  }
  return all;
}

Result<IpAddress> default_source(const IpAddress& remote, uint32_t scope) {
  const Descriptor fd(socket(remote.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail("no source address for {}: {}", remote, strerror(errno));
  // The port is of no meaning: connecting a UDP socket only asks for the route.
  SocketAddress address = to_socket_address({remote, 500, scope});
  if (connect(fd.get(), address.get(), address.length) != 0) {
    return fail("no route to {}: {}", remote, strerror(errno));
  }
  address.length = sizeof address.storage;
  if (getsockname(fd.get(), address.get(), &address.length) != 0) {
    return fail("no source address for {}: {}", remote, strerror(errno));
  }
  const auto local = to_endpoint(address);
  if (!local) return fail("no source address for {}", remote);
  return local->address;
}

Result<std::string> host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) {
    return fail("cannot read the host's name: {}", strerror(errno));
  }
  return std::string(name.data());
}

}  // namespace iked::host
