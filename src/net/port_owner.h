// SPDX-License-Identifier: ISC
// Finds out who holds a UDP port, for the error message of the one who wanted it. Reads /proc only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"

namespace iked::net {

struct PortOwner {
  Endpoint endpoint;  // what it is bound to
  uint32_t uid = 0;
  uint64_t inode = 0;      // of the socket
  std::optional<int> pid;  // where we may see it
  std::string program;     // name of the process; empty without pid
};

/// The first socket in the text of /proc/net/udp or udp6 that is bound to `port`.
std::optional<PortOwner> find_in_table(std::string_view table, uint16_t port);

/// The socket that keeps a wildcard socket of `family` from being bound to `port`.
std::optional<PortOwner> find_port_owner(Family family, uint16_t port);

/// "charon (pid 4711, uid 0)", or what of it is known.
std::string to_string(const PortOwner& owner);

}  // namespace iked::net
