// SPDX-License-Identifier: ISC
// Sending that fails, and sending of large messages.
#include <gmock/gmock.h>

#include <cstdlib>

#include "net/loopback.h"

namespace iked::net {
namespace {

using testing::EndsWith;
using testing::SizeIs;
using testing::StartsWith;

class UdpSendTest : public Loopback {
 protected:
  static std::string error_of(Result<void> sent) { return sent ? "sent" : sent.error().text; }
  static inline const Bytes message = Bytes(28, 0xab);
};

TEST_F(UdpSendTest, NoRouteIsSaidAndHarmsNothing) {
  UdpSockets sockets = open();
  EXPECT_EQ(error_of(sockets.send({at("0.0.0.0", 500), at("192.0.2.1", 500), false, message})),
            "cannot send to 192.0.2.1:500: Network is unreachable");
  EXPECT_EQ(error_of(sockets.send({at("::", 500), at("2001:db8:1::1", 500), false, message})),
            "cannot send to [2001:db8:1::1]:500: Network is unreachable");
  Peer peer(at("127.0.0.9", 1500));
  EXPECT_TRUE(sockets.send({at("0.0.0.0", 500), at("127.0.0.9", 1500), false, message}));
  EXPECT_EQ(peer.receive().first, message);
}

TEST_F(UdpSendTest, SourceThatIsNotOursIsSaid) {
  UdpSockets sockets = open();
  const std::string error =
      error_of(sockets.send({at("192.0.2.9", 500), at("127.0.0.9", 500), false, message}));
  EXPECT_THAT(error, StartsWith("cannot send to 127.0.0.9:500 from 192.0.2.9: "));
  EXPECT_THAT(error, EndsWith(": is the source still an address of this host?"));
}

TEST_F(UdpSendTest, ForbiddenByAPolicyOfTheHostIsSaid) {
  UdpSockets sockets = open();
  ASSERT_EQ(std::system("ip route replace prohibit 198.51.100.0/24"), 0);
  EXPECT_EQ(error_of(sockets.send({at("0.0.0.0", 500), at("198.51.100.1", 500), false, message})),
            "cannot send to 198.51.100.1:500: Permission denied: a firewall or an IPsec policy of "
            "this host forbids it");
}

TEST_F(UdpSendTest, MixedFamiliesAreRefused) {
  UdpSockets sockets = open();
  EXPECT_EQ(error_of(sockets.send({at("127.0.0.1", 500), at("::1", 500), false, message})),
            "cannot send to [::1]:500 from 127.0.0.1: not the same kind of address");
}

TEST_F(UdpSendTest, PortThatIsNotOpenIsSaid) {
  UdpSockets sockets = open({.natt_port = std::nullopt});
  EXPECT_EQ(error_of(sockets.send({at("127.0.0.1", 4500), at("127.0.0.9", 4500), true, message})),
            "cannot send to 127.0.0.9:4500: iked has no IPv4 socket for port 4500 (option -T?)");
}

// RFC3948 2.3: "... one-octet-long payload with the value 0xFF", and no marker.
TEST_F(UdpSendTest, KeepaliveIsOneOctet) {
  UdpSockets sockets = open();
  Peer peer(at("127.0.0.9", 1500));
  EXPECT_EQ(error_of(sockets.send_keepalive(at("127.0.0.1", 4500), at("127.0.0.9", 1500))), "sent");
  const auto [octets, from] = peer.receive();
  EXPECT_EQ(octets, Bytes{0xff});
  EXPECT_EQ(from.port, sockets.port(Family::v4, true));
}

TEST_F(UdpSendTest, DeadPeerDoesNotSpoilTheNextDatagram) {
  UdpSockets sockets = open();
  Peer peer(at("127.0.0.9", 1500));
  // Nobody listens on port 1501: ICMP port unreachable comes back at once.
  EXPECT_EQ(error_of(sockets.send({at("127.0.0.1", 500), at("127.0.0.9", 1501), false, message})),
            "sent");
  EXPECT_EQ(error_of(sockets.send({at("127.0.0.1", 500), at("127.0.0.9", 1500), false, message})),
            "sent");
  EXPECT_EQ(peer.receive().first, message);
  EXPECT_THAT(receive(sockets, 1, 300), SizeIs(0));
}

// RFC7296 2: "MUST be able to send, receive, and process IKE messages that are up to 1280 octets
// long, and they SHOULD be able to [...] up to 3000 octets long."
TEST_F(UdpSendTest, MessagesLargerThanTheLinkPassInFragments) {
  ASSERT_EQ(std::system("ip link set lo mtu 1280"), 0);
  UdpSockets sockets = open();
  for (const char* address : {"127.0.0.1", "::1"}) {
    for (const size_t size : {1280U, 3000U, 60000U}) {
      const Bytes large(size, 0x5a);
      Peer peer(at(address, 1500));
      ASSERT_EQ(error_of(sockets.send({at(address, 500), at(address, 1500), false, large})),
                "sent");
      EXPECT_EQ(peer.receive().first, large);
      peer.send(at(address, 500), large);
      const auto got = receive(sockets);
      ASSERT_THAT(got, SizeIs(1));
      EXPECT_EQ(got[0].octets, large);
    }
  }
  ASSERT_EQ(std::system("ip link set lo mtu 65536"), 0);
}

}  // namespace
}  // namespace iked::net
