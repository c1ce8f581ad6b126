// SPDX-License-Identifier: ISC
// Endpoints to the kernel's socket addresses and back, for the adapters. The protocol never sees a
// sockaddr.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "base/ip.h"

namespace iked {

/// A sockaddr_in or sockaddr_in6 in enough room for either, and how much of it counts.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress to_socket_address(const Endpoint& endpoint);

/// Nothing when the family is neither IPv4 nor IPv6.
std::optional<Endpoint> to_endpoint(const SocketAddress& address);
/// The same for what the C library hands out: it is as long as its family says. May be null.
std::optional<Endpoint> to_endpoint(const sockaddr* address);

IpAddress to_ip(const in_addr& address);
IpAddress to_ip(const in6_addr& address);
in_addr to_in_addr(const IpAddress& address);
in6_addr to_in6_addr(const IpAddress& address);

}  // namespace iked
