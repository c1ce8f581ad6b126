// SPDX-License-Identifier: ISC
// One UDP socket of one family and port: its options, the source address on both ways, and the
// non-ESP marker. Which sockets there are is udp_sockets.h; what a message means is ike/'s.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/descriptor.h"
#include "base/ip.h"
#include "base/result.h"
#include "model/datagram.h"

namespace iked::net {

/// Room for the datagrams of one system call. One is enough for all sockets of a thread.
class ReceiveBatch {
 public:
  static constexpr size_t capacity = 16;
  static constexpr size_t datagram_size = 65536;  // no UDP payload is longer

  ReceiveBatch();
  /// The headers, ready for recvmmsg.
  mmsghdr* prepare();
  const mmsghdr& header(size_t i) const { return headers_[i]; }
  ByteView payload(size_t i) const;

 private:
  using Control = std::array<uint8_t, 128>;  // room for one in6_pktinfo with its header

  std::unique_ptr<uint8_t[]> octets_;
  std::array<mmsghdr, capacity> headers_{};
  std::array<iovec, capacity> vectors_{};
  std::array<sockaddr_storage, capacity> sources_{};
  alignas(cmsghdr) std::array<Control, capacity> controls_{};
};

class UdpSocket {
 public:
  struct Settings {
    Family family = Family::v4;
    uint16_t port = 0;  // 0 = any free one
    bool natt = false;  // IKE has a non-ESP marker here, and the kernel takes ESP out
    bool coupled =
        true;  // with the kernel's IPsec: decapsulates ESP, has policies to be exempt from
  };

  /// Bound to all addresses of the family, non-blocking. A busy port is an error that names its
  /// owner. What the kernel cannot do for a coupled socket is logged as a warning.
  static Result<UdpSocket> open(const Settings& settings);

  /// Whether `descriptor` is a UDP socket of that family, bound to that port.
  static bool fits(int descriptor, const Settings& settings);
  /// Takes over one that fits(): an earlier process bound it, and what came since then waits in it.
  static Result<UdpSocket> adopt(Descriptor descriptor, const Settings& settings);

  int descriptor() const { return fd_.get(); }
  Family family() const { return settings_.family; }
  bool natt() const { return settings_.natt; }
  uint16_t port() const { return settings_.port; }

  /// What Settings::coupled does, later.
  Result<void> couple();

  /// Takes at most `max` waiting packets and appends the IKE messages among them. Keepalives, stray
  /// ESP, multicasts and cut packets are dropped. Returns how many packets were taken: less than
  /// `max` means that none is left.
  size_t receive(ReceiveBatch& batch, std::vector<Datagram>& out, size_t max);

  /// Sends from `local.address` (0.0.0.0 or ::: the kernel chooses) to `remote`. An error is a
  /// fact about this one datagram; the socket stays good.
  Result<void> send(const Datagram& datagram) const;

  /// A NAT keepalive: one octet 0xff without a non-ESP marker (RFC 3948 2.3).
  Result<void> send_keepalive(const Endpoint& local, const Endpoint& remote) const;

 private:
  UdpSocket(Descriptor fd, const Settings& settings) : fd_(std::move(fd)), settings_(settings) {}
  Result<void> send(const Endpoint& local, const Endpoint& remote,
                    std::span<const ByteView> parts) const;
  Result<void> set_options();
  Result<void> bind_port();
  std::optional<Datagram> read(const mmsghdr& message, ByteView payload) const;

  Descriptor fd_;
  Settings settings_;
};

}  // namespace iked::net
