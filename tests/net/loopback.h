// SPDX-License-Identifier: ISC
// What the tests of sockets share: a namespace of their own and a plain peer to talk to.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/sockaddr.h"
#include "net/udp_sockets.h"
#include "support/netns.h"

namespace iked::net {

inline Endpoint at(const char* address, uint16_t port, uint32_t scope = 0) {
  return {IpAddress::parse(address).value(), port, scope};
}

/// How an error message names the owner of a socket of this test.
inline std::string this_program() {
  std::string comm;  // the kernel's name of the process, cut at 15 characters
  std::getline(std::ifstream("/proc/self/comm"), comm);
  return fmt::format("{} (pid {}, uid {})", comm, getpid(), geteuid());
}

/// An ordinary program with a UDP socket.
class Peer {
 public:
  explicit Peer(const Endpoint& local)
      : fd_(socket(local.address.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    SocketAddress address = to_socket_address(local);
    EXPECT_EQ(bind(fd_.get(), address.get(), address.length), 0) << to_string(local);
  }

  void send(const Endpoint& to, ByteView octets) {
    SocketAddress address = to_socket_address(to);
    EXPECT_EQ(sendto(fd_.get(), octets.data(), octets.size(), 0, address.get(), address.length),
              static_cast<ssize_t>(octets.size()))
        << to_string(to) << " " << strerror(errno);
  }

  /// The next datagram and where it came from.
  std::pair<Bytes, Endpoint> receive() {
    Bytes octets(65536);
    SocketAddress from;
    from.length = sizeof from.storage;
    pollfd wanted{fd_.get(), POLLIN, 0};
    poll(&wanted, 1, 60000);
    const ssize_t got =
        recvfrom(fd_.get(), octets.data(), octets.size(), MSG_DONTWAIT, from.get(), &from.length);
    EXPECT_GE(got, 0) << strerror(errno);
    if (got < 0) return {};
    octets.resize(static_cast<size_t>(got));
    return {octets, to_endpoint(from).value_or(Endpoint{})};
  }

  int descriptor() const { return fd_.get(); }

 private:
  Descriptor fd_;
};

/// Waits until one of them is readable; false when that takes longer than any loaded machine needs.
inline bool wait_readable(const std::vector<int>& descriptors, int milliseconds) {
  std::vector<pollfd> wanted;
  for (int fd : descriptors) wanted.push_back({fd, POLLIN, 0});
  return poll(wanted.data(), wanted.size(), milliseconds) > 0;
}

/// Loopback mostly delivers before a send returns, but on a loaded machine a moment later.
class Loopback : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static const std::string error = test::enter_network_namespace();
    namespace_error = error;
  }
  void SetUp() override {
    if (!namespace_error.empty()) GTEST_SKIP() << namespace_error;
  }

  static UdpSockets open(UdpSettings settings = {}) {
    settings.coupled = false;
    auto sockets = UdpSockets::open(settings);
    if (!sockets) {
      ADD_FAILURE() << sockets.error().text;
      std::abort();
    }
    return std::move(*sockets);
  }

  // The first may take as long as a loaded machine needs.
  static std::vector<Datagram> receive(UdpSockets& sockets, size_t max = 100,
                                       int milliseconds = 60000) {
    std::vector<Datagram> got;
    for (int patience = milliseconds; wait_readable(sockets.descriptors(), patience);
         patience = 20) {
      sockets.receive(got, max - got.size());
      if (got.size() >= max) break;
    }
    return got;
  }

  // What was sent to an IPv6 address that is new: it works from some moment on.
  static Datagram receive_at_new_address(Peer& peer, const Endpoint& to, ByteView octets,
                                         UdpSockets& sockets) {
    for (;;) {
      peer.send(to, octets);
      const auto got = receive(sockets, 1, 100);
      if (!got.empty()) return got[0];
    }
  }

  static inline std::string namespace_error;
};

}  // namespace iked::net
