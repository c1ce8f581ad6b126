// SPDX-License-Identifier: ISC
// What this host is called and which addresses it has. Reads only; nothing here changes the host.
#pragma once

#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"

namespace iked::host {

struct InterfaceAddress {
  std::string interface;
  IpAddress address;
  uint32_t scope = 0;  // interface index for link-local IPv6 addresses, else 0
};

/// Every IPv4 and IPv6 address of every interface, loopback included, in the kernel's order.
Result<std::vector<InterfaceAddress>> interface_addresses();

/// The local address that packets to `remote` would leave from now. Sends nothing. `scope` is the
/// interface index when `remote` is link-local. An error when there is no route.
Result<IpAddress> default_source(const IpAddress& remote, uint32_t scope = 0);

/// As gethostname(2) has it, fully qualified or not.
Result<std::string> host_name();

}  // namespace iked::host
