// SPDX-License-Identifier: ISC
#include "daemon/resolve.h"

#include <net/if.h>

#include "base/overloaded.h"
#include "host/addresses.h"
#include "host/resolver.h"

namespace iked::daemon {
namespace {

/// The address whose way out decides our source; nothing for `any` or a whole network.
std::optional<IpAddress> first_address(const HostSpec& peer, const ike::ResolveResult& result) {
  return std::visit(overloaded{
                        [](const AnyHost&) { return std::optional<IpAddress>(); },
                        [](const DynamicHost&) { return std::optional<IpAddress>(); },
                        [](const IpPrefix& prefix) {
                          return prefix.is_host() ? std::optional(prefix.address) : std::nullopt;
                        },
                        [&](const HostName& host) {
                          const auto found = result.addresses.find(host.name);
                          return found == result.addresses.end()
                                     ? std::nullopt
                                     : std::optional(found->second.front().address);
                        },
                    },
                    peer);
}

/// The index of the interface that stands behind '%' in the peer's name; 0 without one.
uint32_t scope_of(const HostSpec& peer) {
  const auto* host = std::get_if<HostName>(&peer);
  const size_t percent = host == nullptr ? std::string::npos : host->name.find('%');
  return percent == std::string::npos ? 0 : if_nametoindex(host->name.c_str() + percent + 1);
}

}  // namespace

Result<ike::ResolveResult> resolve(const ike::ResolveJob& job) {
  ike::ResolveResult result;
  std::vector<std::string> names = job.names;
  if (const auto* peer = std::get_if<HostName>(&job.peer)) names.push_back(peer->name);
  for (const std::string& name : names) {
    if (result.addresses.contains(name)) continue;
    Result<std::vector<IpPrefix>> addresses = host::look_up(name, job.family);
    if (!addresses) return fail(addresses);
    result.addresses.emplace(name, std::move(*addresses));
  }
  if (const std::optional<IpAddress> peer = first_address(job.peer, result)) {
    result.scope = scope_of(job.peer);
    Result<IpAddress> source = host::default_source(*peer, result.scope);
    if (!source) return fail(source);
    result.source = *source;
  }
  return result;
}

}  // namespace iked::daemon
