// SPDX-License-Identifier: ISC
#include "net/udp_sockets.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>

#include <gmock/gmock.h>

#include <cstdlib>

#include "net/loopback.h"

namespace iked::net {
namespace {

using testing::SizeIs;

class UdpSocketsTest : public Loopback {};

const Bytes message = from_hex("0011 2233 4455 6677 8899").value();

/// Takes away what root may do, for a while.
class WithoutCapabilities {
 public:
  WithoutCapabilities() {
    syscall(SYS_capget, &header_, before_);
    __user_cap_data_struct none[2] = {before_[0], before_[1]};
    none[0].effective = none[1].effective = 0;
    syscall(SYS_capset, &header_, none);
  }
  ~WithoutCapabilities() { syscall(SYS_capset, &header_, before_); }

 private:
  __user_cap_header_struct header_{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct before_[2] = {};
};

TEST_F(UdpSocketsTest, BothPortsOfBothFamiliesAreOpen) {
  const UdpSockets sockets = open();
  EXPECT_THAT(sockets.descriptors(), SizeIs(4));
  for (const Family family : {Family::v4, Family::v6}) {
    EXPECT_EQ(sockets.port(family, false), 500);
    EXPECT_EQ(sockets.port(family, true), 4500);
  }
}

TEST_F(UdpSocketsTest, OnePortAloneIsOpenedWhenAskedFor) {
  {
    const UdpSockets sockets = open({.natt_port = std::nullopt});
    EXPECT_EQ(sockets.port(Family::v4, false), 500);
    EXPECT_EQ(sockets.port(Family::v4, true), std::nullopt);
  }
  const UdpSockets sockets = open({.ike_port = std::nullopt});
  EXPECT_EQ(sockets.port(Family::v4, false), std::nullopt);
  EXPECT_EQ(sockets.port(Family::v4, true), 4500);
}

/// What somebody else keeps open of `sockets`.
std::vector<Descriptor> kept_of(const UdpSockets& sockets) {
  std::vector<Descriptor> kept;
  for (const int fd : sockets.descriptors()) kept.emplace_back(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return kept;
}

TEST_F(UdpSocketsTest, KeptSocketIsUsedWithWhatCameSince) {
  std::vector<Descriptor> kept = kept_of(open());
  Peer peer(at("127.0.0.9", 1500));
  peer.send(at("127.0.0.1", 500), message);
  Result<UdpSockets> sockets = UdpSockets::open({}, std::move(kept));
  ASSERT_TRUE(sockets) << sockets.error().text;
  std::vector<Datagram> received;
  ASSERT_TRUE(wait_readable(sockets->descriptors(), 60000));
  EXPECT_EQ(sockets->receive(received, 10), 1U);
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].octets, message);
  EXPECT_EQ(received[0].local, at("127.0.0.1", 500));
}

TEST_F(UdpSocketsTest, KeptSocketThatDoesNotFitIsClosed) {
  std::vector<Descriptor> kept = kept_of(open({.ike_port = 1501, .natt_port = 4501}));
  kept.emplace_back(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Result<UdpSockets> sockets = UdpSockets::open({}, std::move(kept));
  ASSERT_TRUE(sockets) << sockets.error().text;
  EXPECT_EQ(sockets->port(Family::v4, false), 500);
  const UdpSockets again = open({.ike_port = 1501, .natt_port = 4501});  // so they are free
  EXPECT_EQ(again.port(Family::v6, true), 4501);
}

TEST_F(UdpSocketsTest, DatagramSaysWhereItCameFromAndWasSentTo) {
  UdpSockets sockets = open();
  Peer peer(at("127.0.0.9", 1500));
  peer.send(at("127.0.0.1", 500), message);
  peer.send(at("127.0.0.2", 500), message);
  const auto got = receive(sockets);
  ASSERT_THAT(got, SizeIs(2));
  EXPECT_EQ(to_string(got[0].local), "127.0.0.1:500");
  EXPECT_EQ(to_string(got[1].local), "127.0.0.2:500");
  EXPECT_EQ(to_string(got[1].remote), "127.0.0.9:1500");
  EXPECT_EQ(got[1].octets, message);
  EXPECT_FALSE(got[1].natt);
}

TEST_F(UdpSocketsTest, AnswerLeavesFromTheAddressAndPortThatWereAsked) {
  UdpSockets sockets = open();
  for (const char* asked : {"127.0.0.1", "127.0.0.7"}) {
    for (const uint16_t port : {uint16_t{500}, uint16_t{4500}}) {
      Peer peer(at("127.0.0.9", 1500));
      peer.send(at(asked, port), from_hex("00000000 0102").value());
      const auto got = receive(sockets);
      ASSERT_THAT(got, SizeIs(1));
      ASSERT_TRUE(sockets.send(got[0]));
      EXPECT_EQ(peer.receive().second, at(asked, port));
    }
  }
}

TEST_F(UdpSocketsTest, AnswerOverIpv6LeavesFromTheAddressThatWasAsked) {
  ASSERT_EQ(std::system("ip -6 addr replace 2001:db8::7/128 dev lo nodad"), 0);
  UdpSockets sockets = open();
  Peer peer(at("::1", 1500));
  const Datagram got = receive_at_new_address(peer, at("2001:db8::7", 500), message, sockets);
  EXPECT_EQ(to_string(got.local), "[2001:db8::7]:500");
  EXPECT_EQ(got.local.scope, 0U);
  ASSERT_TRUE(sockets.send(got));
  EXPECT_EQ(peer.receive().second, at("2001:db8::7", 500));
}

TEST_F(UdpSocketsTest, LinkLocalAddressesKeepTheirInterface) {
  ASSERT_EQ(std::system("ip -6 addr replace fe80::7/64 dev lo nodad"), 0);
  const uint32_t lo = if_nametoindex("lo");
  UdpSockets sockets = open();
  Peer peer(at("fe80::7", 1500, lo));
  const Datagram got = receive_at_new_address(peer, at("fe80::7", 500, lo), message, sockets);
  EXPECT_EQ(got.local, at("fe80::7", 500, lo));
  EXPECT_EQ(got.remote, at("fe80::7", 1500, lo));
  EXPECT_EQ(to_string(got.local), fmt::format("[fe80::7%{}]:500", lo));
  ASSERT_TRUE(sockets.send(got));
  EXPECT_EQ(peer.receive().second, at("fe80::7", 500, lo));
}

TEST_F(UdpSocketsTest, MarkerIsTakenOffAndPutOnPort4500) {
  UdpSockets sockets = open();
  Peer peer(at("127.0.0.9", 1500));
  const Bytes marked = from_hex("00000000 0011 2233 4455 6677 8899").value();
  peer.send(at("127.0.0.1", 4500), marked);
  const auto got = receive(sockets);
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_TRUE(got[0].natt);
  EXPECT_EQ(got[0].octets, message);
  ASSERT_TRUE(sockets.send(got[0]));
  EXPECT_EQ(peer.receive().first, marked);
}

TEST_F(UdpSocketsTest, NoMarkerOnPort500) {
  UdpSockets sockets = open();
  Peer peer(at("127.0.0.9", 1500));
  ASSERT_TRUE(sockets.send({at("127.0.0.1", 500), at("127.0.0.9", 1500), false, message}));
  EXPECT_EQ(peer.receive().first, message);
}

TEST_F(UdpSocketsTest, KeepalivesAndStrayEspAreDropped) {
  UdpSockets sockets = open();
  Peer peer(at("127.0.0.9", 1500));
  peer.send(at("127.0.0.1", 4500), from_hex("ff").value());
  peer.send(at("127.0.0.1", 500), from_hex("ff").value());
  peer.send(at("127.0.0.1", 4500), from_hex("c0a01732 00000001 00").value());
  peer.send(at("127.0.0.1", 4500), from_hex("00000000 aa").value());
  std::vector<Datagram> got;
  EXPECT_EQ(sockets.receive(got, 100), 4U);
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(got[0].octets, from_hex("aa").value());
}

TEST_F(UdpSocketsTest, BroadcastsAreDropped) {
  UdpSockets sockets = open();
  Peer peer(at("127.0.0.9", 1500));
  const int on = 1;
  ASSERT_EQ(setsockopt(peer.descriptor(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on), 0);
  peer.send(at("127.255.255.255", 500), message);
  std::vector<Datagram> got;
  EXPECT_EQ(sockets.receive(got, 100), 1U);
  EXPECT_THAT(got, SizeIs(0));
}

TEST_F(UdpSocketsTest, NoMoreAreTakenThanAskedFor) {
  UdpSockets sockets = open();
  Peer peer(at("127.0.0.9", 1500));
  for (int i = 0; i < 40; ++i) peer.send(at("127.0.0.1", 500), message);
  std::vector<Datagram> got;
  EXPECT_EQ(sockets.receive(got, 37), 37U);
  EXPECT_THAT(got, SizeIs(37));
  EXPECT_EQ(sockets.receive(got, 37), 3U);
  EXPECT_EQ(sockets.receive(got, 37), 0U);
}

TEST_F(UdpSocketsTest, OneDescriptorCanBeReadAlone) {
  UdpSockets sockets = open();
  Peer peer(at("127.0.0.9", 1500));
  peer.send(at("127.0.0.1", 500), message);
  peer.send(at("127.0.0.1", 4500), from_hex("00000000 aa").value());
  std::vector<Datagram> got;
  size_t taken = 0;
  for (const int descriptor : sockets.descriptors()) {
    const size_t before = got.size();
    taken += sockets.receive(descriptor, got, 100);
    EXPECT_LE(got.size() - before, 1U);
  }
  EXPECT_EQ(taken, 2U);
}

TEST_F(UdpSocketsTest, BusyPortIsRefusedAndItsOwnerNamed) {
  Peer other(at("127.0.0.1", 4500));
  const auto sockets = UdpSockets::open({.coupled = false});
  ASSERT_FALSE(sockets);
  EXPECT_EQ(sockets.error().text,
            "cannot open UDP port 4500 on 0.0.0.0: 127.0.0.1:4500 is in use by " + this_program() +
                "; stop that program first");
}

TEST_F(UdpSocketsTest, BusyPortOfIpv6IsRefusedAndItsOwnerNamed) {
  Peer other(at("::1", 500));
  const auto sockets = UdpSockets::open({.coupled = false});
  ASSERT_FALSE(sockets);
  EXPECT_EQ(sockets.error().text, "cannot open UDP port 500 on ::: [::1]:500 is in use by " +
                                      this_program() + "; stop that program first");
}

TEST_F(UdpSocketsTest, TwoDaemonsDoNotShareAPort) {
  const UdpSockets first = open();
  EXPECT_FALSE(UdpSockets::open({.coupled = false}));
}

TEST_F(UdpSocketsTest, NoPermissionForALowPortSaysWhichOne) {
  const WithoutCapabilities dropped;
  const auto sockets = UdpSockets::open({.coupled = false});
  ASSERT_FALSE(sockets);
  EXPECT_EQ(sockets.error().text,
            "cannot open UDP port 500 on 0.0.0.0: Permission denied: run as root or with "
            "CAP_NET_BIND_SERVICE");
}

TEST_F(UdpSocketsTest, NoPermissionForTheBypassSaysWhichOne) {
  const WithoutCapabilities dropped;
  const auto sockets = UdpSockets::open({.ike_port = 1500, .natt_port = 5500});
  ASSERT_FALSE(sockets);
  EXPECT_EQ(sockets.error().text,
            "no permission to exempt IKE on UDP port 1500 from IPsec policies: run as root or with "
            "CAP_NET_ADMIN, or use 'set decouple'");
}

}  // namespace
}  // namespace iked::net
