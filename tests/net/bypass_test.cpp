// SPDX-License-Identifier: ISC
// Sockets coupled with the kernel's IPsec: what a policy of the host forbids to everybody else, IKE
// may do.
#include <gmock/gmock.h>
#include <netinet/udp.h>

#include <cstdlib>

#include "base/log.h"
#include "net/loopback.h"

namespace iked::net {
namespace {

using testing::SizeIs;

class BypassTest : public Loopback {
 protected:
  static void SetUpTestSuite() {
    Loopback::SetUpTestSuite();
    // Loopback is exempt from IPsec unless told otherwise.
    for (const char* file : {"ipv4/conf/lo/disable_xfrm", "ipv4/conf/lo/disable_policy",
                             "ipv6/conf/lo/disable_policy"}) {
      EXPECT_TRUE(test::set_sysctl(std::string("net/") + file, "0")) << file;
    }
  }
  void SetUp() override {
    Loopback::SetUp();
    if (std::system("ip xfrm policy flush") != 0) GTEST_SKIP() << "no XFRM in this kernel";
    warnings.clear();
    log::set_sink([](const log::Record& record) {
      if (record.level <= log::Level::warn) warnings.emplace_back(record.text);
    });
  }
  void TearDown() override {
    if (!IsSkipped()) {
      EXPECT_EQ(std::system("ip xfrm policy flush"), 0);
    }
    log::set_sink({});
  }
  static void block(const std::string& direction, const std::string& family_any) {
    const std::string command = "ip xfrm policy add src " + family_any + " dst " + family_any +
                                " dir " + direction + " action block";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  static inline std::vector<std::string> warnings;
};

TEST_F(BypassTest, IkeIsReceivedWherePoliciesBlockTheRest) {
  auto sockets = UdpSockets::open({});
  ASSERT_TRUE(sockets) << sockets.error().text;
  auto deaf = UdpSockets::open({.ike_port = 600, .natt_port = std::nullopt, .coupled = false});
  ASSERT_TRUE(deaf) << deaf.error().text;
  for (const char* address : {"127.0.0.1", "::1"}) {
    block("in", *address == ':' ? "::/0" : "0.0.0.0/0");
    Peer peer(at(address, 1500));
    peer.send(at(address, 500), Bytes(28));
    peer.send(at(address, 4500), Bytes(28));
    peer.send(at(address, 600), Bytes(28));  // the same without exemption, or the test says nothing
  }
  EXPECT_THAT(receive(*sockets), SizeIs(4));
  EXPECT_THAT(receive(*deaf, 1, 300), SizeIs(0));
}

TEST_F(BypassTest, IkeIsSentWherePoliciesBlockTheRest) {
  auto sockets = UdpSockets::open({});
  ASSERT_TRUE(sockets) << sockets.error().text;
  auto mute = UdpSockets::open({.ike_port = 600, .natt_port = std::nullopt, .coupled = false});
  ASSERT_TRUE(mute) << mute.error().text;
  for (const char* address : {"127.0.0.1", "::1"}) {
    block("out", *address == ':' ? "::/0" : "0.0.0.0/0");
    for (const bool natt : {false, true}) {
      auto sent = sockets->send({at(address, 500), at(address, 1500), natt, Bytes(28)});
      EXPECT_TRUE(sent) << sent.error().text;
    }
    EXPECT_FALSE(mute->send({at(address, 600), at(address, 1500), false, Bytes(28)}));
  }
}

TEST_F(BypassTest, KernelTakesEspOutOfUdpOnPort4500) {
  auto sockets = UdpSockets::open({});
  ASSERT_TRUE(sockets) << sockets.error().text;
  EXPECT_THAT(warnings, SizeIs(0));
  int encapsulating = 0;
  for (const int descriptor : sockets->descriptors()) {
    int type = 0;
    socklen_t size = sizeof type;
    ASSERT_EQ(getsockopt(descriptor, IPPROTO_UDP, UDP_ENCAP, &type, &size), 0);
    encapsulating += type == UDP_ENCAP_ESPINUDP ? 1 : 0;
  }
  EXPECT_EQ(encapsulating, 2);

  // The kernel keeps keepalives and ESP to itself and hands on IKE with its marker.
  Peer peer(at("127.0.0.9", 1500));
  peer.send(at("127.0.0.1", 4500), from_hex("ff").value());
  peer.send(at("127.0.0.1", 4500), from_hex("c0a01732 00000001 00000000").value());
  peer.send(at("127.0.0.1", 4500), from_hex("00000000 aabb").value());
  std::vector<Datagram> got;
  EXPECT_EQ(sockets->receive(got, 100), 1U);
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(got[0].octets, from_hex("aabb").value());
}

TEST_F(BypassTest, DecoupledSocketsHaveNoPartInIpsec) {
  const UdpSockets sockets = open();
  for (const int descriptor : sockets.descriptors()) {
    int type = -1;
    socklen_t size = sizeof type;
    ASSERT_EQ(getsockopt(descriptor, IPPROTO_UDP, UDP_ENCAP, &type, &size), 0);
    EXPECT_EQ(type, 0);
  }
}

}  // namespace
}  // namespace iked::net
