// SPDX-License-Identifier: ISC
// All UDP sockets of the daemon: ports 500 and 4500, IPv4 and IPv6. It carries datagrams and knows
// nothing of what is in them. The event loop watches the descriptors.
#pragma once

#include <optional>
#include <vector>

#include "net/udp_socket.h"

namespace iked::net {

struct UdpSettings {
  std::optional<uint16_t> ike_port = 500;    // not opened without (-t)
  std::optional<uint16_t> natt_port = 4500;  // not opened without (-T)
  bool coupled = true;                       // false with `set decouple`
};

class UdpSockets {
 public:
  /// Opens them all or none. A host without IPv6 gets the IPv4 sockets alone. Open the kernel's
  /// XFRM first: that loads the module which the exemption from policies needs. A socket of `kept`
  /// that fits is used instead of a new one; the others are closed.
  static Result<UdpSockets> open(const UdpSettings& settings, std::vector<Descriptor> kept = {});

  /// After `set decouple`: what `coupled` does at the start.
  Result<void> couple();

  /// One to four descriptors to watch for readability, for as long as this object lives.
  std::vector<int> descriptors() const;

  /// Takes at most `max` waiting packets from one descriptor, or from all in turn, and appends
  /// their IKE messages. Returns how many packets were taken; with less than `max` nothing waits.
  size_t receive(int descriptor, std::vector<Datagram>& out, size_t max);
  size_t receive(std::vector<Datagram>& out, size_t max);

  /// Sends on the socket of the datagram's family and `natt`. An error concerns this datagram only:
  /// it is lost, as on any network, and IKE's retransmission makes up for it.
  Result<void> send(const Datagram& datagram);
  /// From port 4500, as UdpSocket does.
  Result<void> send_keepalive(const Endpoint& local, const Endpoint& remote);

  /// The port in use, which for a configured port 0 is the one the kernel chose.
  std::optional<uint16_t> port(Family family, bool natt) const;

 private:
  UdpSockets() = default;
  const UdpSocket* find(Family family, bool natt) const;

  std::vector<UdpSocket> sockets_;
  std::unique_ptr<ReceiveBatch> batch_ = std::make_unique<ReceiveBatch>();
  size_t first_ = 0;  // where `receive` of all begins, so that none is starved
};

}  // namespace iked::net
