// SPDX-License-Identifier: ISC
#include "base/sockaddr.h"

#include <cstring>

#include "base/check.h"

namespace iked {

SocketAddress to_socket_address(const Endpoint& endpoint) {
  SocketAddress to;
  if (endpoint.address.is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    in.sin_addr = to_in_addr(endpoint.address);
    std::memcpy(&to.storage, &in, sizeof in);
    to.length = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    in.sin6_addr = to_in6_addr(endpoint.address);
    in.sin6_scope_id = endpoint.scope;
    std::memcpy(&to.storage, &in, sizeof in);
    to.length = sizeof in;
  }
  return to;
}

std::optional<Endpoint> to_endpoint(const SocketAddress& address) {
  const bool v4 = address.storage.ss_family == AF_INET;
  if (address.length < (v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6))) return std::nullopt;
  return to_endpoint(reinterpret_cast<const sockaddr*>(&address.storage));
}

std::optional<Endpoint> to_endpoint(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, address, sizeof in);
    return Endpoint{to_ip(in.sin_addr), ntohs(in.sin_port)};
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in;
    std::memcpy(&in, address, sizeof in);
    return Endpoint{to_ip(in.sin6_addr), ntohs(in.sin6_port), in.sin6_scope_id};
  }
  return std::nullopt;
}

IpAddress to_ip(const in_addr& address) {
  std::array<uint8_t, 4> octets;
  std::memcpy(octets.data(), &address, octets.size());
  return IpAddress::v4(octets);
}

IpAddress to_ip(const in6_addr& address) {
  std::array<uint8_t, 16> octets;
  std::memcpy(octets.data(), &address, octets.size());
  return IpAddress::v6(octets);
}

in_addr to_in_addr(const IpAddress& address) {
  IKED_CHECK(address.is_v4());
  in_addr in;
  std::memcpy(&in, address.octets().data(), sizeof in);
  return in;
}

in6_addr to_in6_addr(const IpAddress& address) {
  IKED_CHECK(!address.is_v4());
  in6_addr in;
  std::memcpy(&in, address.octets().data(), sizeof in);
  return in;
}

}  // namespace iked
