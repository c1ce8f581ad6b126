// SPDX-License-Identifier: ISC
#include "host/interface_groups.h"

#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

namespace iked::host {
namespace {

struct FreeSocket {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
struct FreeCache {
  void operator()(nl_cache* cache) const { nl_cache_free(cache); }
};
using Socket = std::unique_ptr<nl_sock, FreeSocket>;
using Cache = std::unique_ptr<nl_cache, FreeCache>;

Result<Socket> connect() {
  Socket socket(nl_socket_alloc());
  if (!socket) return fail("no memory for a netlink socket");
  if (const int error = nl_connect(socket.get(), NETLINK_ROUTE); error < 0) {
    return fail("cannot ask for the interfaces: {}", nl_geterror(error));
  }
  return socket;
}

Result<Cache> links(nl_sock* socket) {
  nl_cache* cache = nullptr;
  if (const int error = rtnl_link_alloc_cache(socket, AF_UNSPEC, &cache); error < 0) {
    return fail("cannot list the interfaces: {}", nl_geterror(error));
  }
  return Cache(cache);
}

template <typename Object, typename F>
void for_each(const Cache& cache, F&& f) {
  for (nl_object* at = nl_cache_get_first(cache.get()); at != nullptr; at = nl_cache_get_next(at)) {
    f(reinterpret_cast<Object*>(at));
  }
}

template <typename Condition>
std::vector<std::string> names_where(const Cache& cache, const Condition& condition) {
  std::vector<std::string> names;
  for_each<rtnl_link>(cache, [&](rtnl_link* link) {
    if (condition(link)) names.emplace_back(rtnl_link_get_name(link));
  });
  return names;
}

/// Indices of the interfaces that default routes of the main table leave by.
Result<std::set<int>> default_interfaces(nl_sock* socket) {
  nl_cache* cache = nullptr;
  if (const int error = rtnl_route_alloc_cache(socket, AF_UNSPEC, 0, &cache); error < 0) {
    return fail("cannot list the routes: {}", nl_geterror(error));
  }
  const Cache routes(cache);
  std::set<int> indices;
  for_each<rtnl_route>(routes, [&](rtnl_route* route) {
    const nl_addr* destination = rtnl_route_get_dst(route);
    if (rtnl_route_get_table(route) != RT_TABLE_MAIN || rtnl_route_get_type(route) != RTN_UNICAST ||
        (destination != nullptr && nl_addr_get_prefixlen(destination) != 0)) {
      return;
    }
    for (int i = 0; i < rtnl_route_get_nnexthops(route); ++i) {
      indices.insert(rtnl_route_nh_get_ifindex(rtnl_route_nexthop_n(route, i)));
    }
  });
  return indices;
}

}  // namespace

std::optional<uint32_t> group_number(const std::string& name,
                                     const std::vector<std::string>& files) {
  for (const std::string& path : files) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string number;
      std::string word;
      if (!(words >> number >> word) || number.starts_with('#') || word != name) continue;
      char* end = nullptr;
      const unsigned long value = std::strtoul(number.c_str(), &end, 0);
      if (*end == '\0' && value <= UINT32_MAX) return static_cast<uint32_t>(value);
    }
  }
  return std::nullopt;
}

Result<std::optional<std::vector<std::string>>> interfaces_of_group(
    const std::string& name, const std::vector<std::string>& files) {
  const std::optional<uint32_t> number = group_number(name, files);
  if (!number && name != "egress") return std::nullopt;
  auto socket = connect();
  if (!socket) return fail(socket);
  auto all = links(socket->get());
  if (!all) return fail(all);
  if (number) {
    return names_where(*all, [&](rtnl_link* link) { return rtnl_link_get_group(link) == *number; });
  }
  auto indices = default_interfaces(socket->get());
  if (!indices) return fail(indices);
  return names_where(
      *all, [&](rtnl_link* link) { return indices->contains(rtnl_link_get_ifindex(link)); });
}

}  // namespace iked::host
