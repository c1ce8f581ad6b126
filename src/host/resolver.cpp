// SPDX-License-Identifier: ISC
#include "host/resolver.h"

#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/sockaddr.h"
#include "host/addresses.h"
#include "host/interface_groups.h"

namespace iked::host {
namespace {

struct FreeAddrinfo {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

std::string shown(const std::string& name) {
  return printable(as_bytes(name));
}

std::string_view kind(std::optional<Family> family) {
  if (!family) return "";
  return *family == Family::v4 ? "IPv4 " : "IPv6 ";
}

void add(std::vector<IpPrefix>& to, const IpAddress& address, std::optional<Family> family) {
  if (family && address.family() != *family) return;
  const IpPrefix host = IpPrefix::host(address);
  if (std::find(to.begin(), to.end(), host) == to.end()) to.push_back(host);
}

/// `what` they are, for the error: "interface eth0".
Result<std::vector<IpPrefix>> of_interfaces(const std::vector<std::string>& names,
                                            std::optional<Family> family, const std::string& what) {
  auto all = interface_addresses();
  if (!all) return fail(all);
  std::vector<IpPrefix> found;
  for (const InterfaceAddress& at : *all) {
    const bool wanted = std::find(names.begin(), names.end(), at.interface) != names.end();
    const bool link_local = !at.address.is_v4() && at.address.is_link_local();
    if (wanted && !link_local) add(found, at.address, family);
  }
  if (found.empty()) return fail("{} has no {}address", what, kind(family));
  return found;
}

std::string explain(int code, int error) {
  switch (code) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return "there is no such name; is it spelt right?";
    case EAI_AGAIN:
      return "no answer from the name servers";
    case EAI_SYSTEM:
      return strerror(error);
    default:
      return gai_strerror(code);
  }
}

Result<std::vector<IpPrefix>> of_host(const std::string& name, std::optional<Family> family) {
  addrinfo hints{};
  hints.ai_family = !family ? AF_UNSPEC : *family == Family::v4 ? AF_INET : AF_INET6;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(name.c_str(), nullptr, &hints, &list);
  const int error = errno;
  if (code != 0) {
    return fail("no {}address for '{}': {}", kind(family), shown(name), explain(code, error));
  }
  const std::unique_ptr<addrinfo, FreeAddrinfo> owner(list);
  std::vector<IpPrefix> found;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    if (const auto endpoint = to_endpoint(at->ai_addr)) add(found, endpoint->address, family);
  }
  if (found.empty()) return fail("no {}address for '{}'", kind(family), shown(name));
  return found;
}

}  // namespace

Result<std::vector<IpPrefix>> look_up(const std::string& name, std::optional<Family> family) {
  if (name.empty() || name.find('\0') != std::string::npos) {
    return fail("'{}' is not a name", shown(name));
  }
  if (if_nametoindex(name.c_str()) != 0) {
    return of_interfaces({name}, family, fmt::format("interface {}", shown(name)));
  }
  auto group = interfaces_of_group(name, {std::begin(kGroupFiles), std::end(kGroupFiles)});
  if (!group) return fail(group);
  if (*group) {
    return of_interfaces(**group, family, fmt::format("interface group {}", shown(name)));
  }
  return of_host(name, family);
}

}  // namespace iked::host
