// SPDX-License-Identifier: ISC
#include "net/udp_sockets.h"

#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace iked::net {
namespace {

bool has_ipv6() {
  const Descriptor probe(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!probe) log::debug("no IPv6 on this host ({}): IPv4 only", strerror(errno));
  return static_cast<bool>(probe);
}

/// Out of `kept`, so that it is used once.
Result<UdpSocket> adopt_or_open(std::vector<Descriptor>& kept, const UdpSocket::Settings& wanted) {
  for (Descriptor& one : kept) {
    if (one && UdpSocket::fits(one.get(), wanted)) return UdpSocket::adopt(std::move(one), wanted);
  }
  return UdpSocket::open(wanted);
}

}  // namespace

Result<UdpSockets> UdpSockets::open(const UdpSettings& settings, std::vector<Descriptor> kept) {
  UdpSockets opened;
  std::vector<Family> families{Family::v4};
  if (has_ipv6()) families.push_back(Family::v6);
  for (const bool natt : {false, true}) {
    const auto port = natt ? settings.natt_port : settings.ike_port;
    if (!port) continue;
    for (const Family family : families) {
      auto socket = adopt_or_open(kept, {family, *port, natt, settings.coupled});
      if (!socket) return fail(socket);
      opened.sockets_.push_back(std::move(*socket));
    }
  }
  return opened;
}

Result<void> UdpSockets::couple() {
  for (UdpSocket& socket : sockets_) {
    if (auto coupled = socket.couple(); !coupled) return coupled;
  }
  return {};
}

std::vector<int> UdpSockets::descriptors() const {
  std::vector<int> all;
  for (const UdpSocket& socket : sockets_) all.push_back(socket.descriptor());
  return all;
}

size_t UdpSockets::receive(int descriptor, std::vector<Datagram>& out, size_t max) {
  for (UdpSocket& socket : sockets_) {
    if (socket.descriptor() == descriptor) return socket.receive(*batch_, out, max);
  }
  return 0;
}

size_t UdpSockets::receive(std::vector<Datagram>& out, size_t max) {
  size_t taken = 0;
  for (size_t i = 0; i < sockets_.size() && taken < max; ++i) {
    UdpSocket& socket = sockets_[(first_ + i) % sockets_.size()];
    taken += socket.receive(*batch_, out, max - taken);
  }
  ++first_;
  return taken;
}

const UdpSocket* UdpSockets::find(Family family, bool natt) const {
  for (const UdpSocket& socket : sockets_) {
    if (socket.family() == family && socket.natt() == natt) return &socket;
  }
  return nullptr;
}

Result<void> UdpSockets::send(const Datagram& datagram) {
  const Family family = datagram.remote.address.family();
  if (family != datagram.local.address.family() && !datagram.local.address.is_any()) {
    return fail("cannot send to {} from {}: not the same kind of address", datagram.remote,
                datagram.local.address);
  }
  const UdpSocket* socket = find(family, datagram.natt);
  if (socket == nullptr) {
    return fail("cannot send to {}: iked has no {} socket for port {}", datagram.remote,
                family == Family::v4 ? "IPv4" : "IPv6",
                datagram.natt ? "4500 (option -T?)" : "500 (option -t?)");
  }
  return socket->send(datagram);
}

Result<void> UdpSockets::send_keepalive(const Endpoint& local, const Endpoint& remote) {
  const UdpSocket* socket = find(remote.address.family(), true);
  if (socket == nullptr) return fail("cannot send to {}: iked has no socket for port 4500", remote);
  return socket->send_keepalive(local, remote);
}

std::optional<uint16_t> UdpSockets::port(Family family, bool natt) const {
  const UdpSocket* socket = find(family, natt);
  if (socket == nullptr) return std::nullopt;
  return socket->port();
}

}  // namespace iked::net
