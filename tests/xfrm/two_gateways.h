// SPDX-License-Identifier: ISC
// Two namespaces with a link between them and an XfrmKernel in each: what tests with real ESP begin
// with. They are skipped where there is no root or no ESP.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "model/reqid_range.h"
#include "xfrm/namespaces.h"
#include "xfrm/xfrm_kernel.h"

namespace iked::xfrm {

inline constexpr Reqid kReqid{kFirstReqid.value + 5};

inline IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

// A key that both sides know.
inline SecretBytes key_of(size_t size, uint8_t seed) {
  SecretBytes key(size);
  for (size_t i = 0; i < size; ++i) {
    key.reveal_writable()[i] = static_cast<uint8_t>(seed + 7 * i);
  }
  return key;
}

struct Algorithms {
  const char* name;
  ChildSuite suite;
  size_t encr_octets;
  size_t integ_octets;
  const char* as_ip_says;
};

inline ChildSuite esp(Encr encr, IntegId integ = IntegId::NONE) {
  return {ProtocolId::ESP, encr, integ};
}

inline ChildSuite ah(IntegId integ) {
  return {ProtocolId::AH, {}, integ};
}

inline const Algorithms kGcm{"AesGcm128", esp({EncrId::AES_GCM_16, 128}), 20, 0, " 128\n"};

// One gateway: its namespace, its addresses and its kernel.
struct Side {
  Namespace space;
  IpAddress outer;
  IpAddress inner;
  std::unique_ptr<XfrmKernel> kernel;

  void open_kernel() {
    space.enter();
    auto opened = XfrmKernel::open();
    IKED_CHECK(opened.has_value());
    kernel = std::move(*opened);
  }
};

// What distinguishes one tunnel of these tests from another.
struct Tunnel {
  Algorithms algorithms = kGcm;
  Mode mode = Mode::tunnel;
  SaLifetime lifetime;
  std::optional<Mark> mark;
  uint32_t if_id = 0;
  bool encap = false;
  uint16_t right_port = 4500;  // that the right side sends ESP in UDP from
  uint32_t replay_window = 64;
};

class XfrmKernelEsp : public testing::Test {
 protected:
  void SetUp() override {
    if (!may_make_namespaces()) GTEST_SKIP() << "needs root";
    if (!missing().empty()) GTEST_SKIP() << missing();
  }

  // Why this kernel cannot run these tests; empty when it can.
  static const std::string& missing() {
    static const std::string why = [] {
      const Namespace space;
      auto kernel = XfrmKernel::open();
      if (!kernel) return kernel.error().text;
      auto probed = (*kernel)->probe();
      return probed ? std::string() : probed.error().text;
    }();
    return why;
  }

  // Two gateways: outer 192.0.2.1 and .2, inner 10.1.0.1 and 10.2.0.1, or the like in IPv6.
  void connect(Family family) {
    left_.emplace();
    right_.emplace();
    const bool v4 = family == Family::v4;
    left_->outer = ip(v4 ? "192.0.2.1" : "2001:db8::1");
    right_->outer = ip(v4 ? "192.0.2.2" : "2001:db8::2");
    left_->inner = ip(v4 ? "10.1.0.1" : "2001:db8:1::1");
    right_->inner = ip(v4 ? "10.2.0.1" : "2001:db8:2::1");
    left_->space.enter();
    ip_batch({"link add link0 type veth peer name link1",
              "link set link1 netns " + right_->space.path()});
    configure(*left_, "link0", *right_);
    right_->space.enter();
    configure(*right_, "link1", *left_);
    left_->open_kernel();
    right_->open_kernel();
  }

  static void configure(const Side& side, const std::string& link, const Side& peer) {
    const bool v4 = side.outer.is_v4();
    const std::string nodad = v4 ? "" : " nodad";
    ip_batch({"link set lo up",
              fmt::format("address add {}/{} dev {}{}", side.outer, v4 ? 24 : 64, link, nodad),
              fmt::format("address add {}/{} dev lo{}", side.inner, side.inner.bits(), nodad),
              fmt::format("link set {} up", link),
              fmt::format("route add {}/{} via {} src {}", peer.inner, peer.inner.bits(),
                          peer.outer, side.inner)});
  }

  // From `from` to `to`; the SPI must be set by the caller.
  static KernelSa sa(const Side& from, const Side& to, const Tunnel& tunnel) {
    KernelSa sa;
    sa.key = {from.outer, to.outer, tunnel.algorithms.suite.protocol, {}};
    sa.reqid = kReqid;
    sa.mode = tunnel.mode;
    sa.suite = tunnel.algorithms.suite;
    // One key for each direction.
    const auto seed = static_cast<uint8_t>(from.outer.octets().back());
    sa.encr_key = key_of(tunnel.algorithms.encr_octets, seed);
    sa.integ_key = key_of(tunnel.algorithms.integ_octets, static_cast<uint8_t>(seed + 100));
    sa.replay_window = tunnel.replay_window;
    sa.lifetime = tunnel.lifetime;
    sa.mark = tunnel.mark;
    sa.if_id = tunnel.if_id;
    return sa;
  }

  static KernelPolicy policy(const Side& from, const Side& to, const Tunnel& tunnel,
                             PolicyDirection direction) {
    const bool inner = tunnel.mode == Mode::tunnel;
    KernelPolicy policy;
    policy.direction = direction;
    policy.source = TrafficSelector::of(IpPrefix::host(inner ? from.inner : from.outer), 17);
    policy.destination = TrafficSelector::of(IpPrefix::host(inner ? to.inner : to.outer), 17);
    if (tunnel.encap) {
      // What an exempt socket does for IKE: keep port 4500 out of the policy.
      policy.source.first_port = policy.destination.first_port = 8192;
    }
    policy.mode = tunnel.mode;
    policy.protocol = tunnel.algorithms.suite.protocol;
    policy.reqid = kReqid;
    policy.tunnel_source = from.outer;
    policy.tunnel_destination = to.outer;
    policy.mark = tunnel.mark;
    policy.if_id = tunnel.if_id;
    return policy;
  }

  ChildSpi allocate(Side& side, const Side& peer, ProtocolId protocol = ProtocolId::ESP) {
    const auto spi = side.kernel->allocate_spi(peer.outer, side.outer, protocol, kReqid);
    EXPECT_TRUE(spi) << spi.error().text;
    return spi.value_or(ChildSpi{1});
  }

  // What `side` has to install; `inbound` is its own SPI, `outbound` the peer's.
  static ChildInstall child(const Side& side, const Side& peer, ChildSpi inbound, ChildSpi outbound,
                            const Tunnel& tunnel) {
    ChildInstall child;
    child.inbound = sa(peer, side, tunnel);
    child.inbound.key.spi = inbound;
    child.outbound = sa(side, peer, tunnel);
    child.outbound.key.spi = outbound;
    child.outbound.replay_window = 0;
    child.policies = {policy(peer, side, tunnel, PolicyDirection::in),
                      policy(side, peer, tunnel, PolicyDirection::out)};
    if (tunnel.mode == Mode::tunnel) {
      child.policies.push_back(policy(peer, side, tunnel, PolicyDirection::fwd));
    }
    return child;
  }

  // Sets up a tunnel on both sides.
  void install(const Tunnel& tunnel) {
    const ProtocolId protocol = tunnel.algorithms.suite.protocol;
    const ChildSpi to_left = allocate(*left_, *right_, protocol);
    const ChildSpi to_right = allocate(*right_, *left_, protocol);
    at_left_ = child(*left_, *right_, to_left, to_right, tunnel);
    at_right_ = child(*right_, *left_, to_right, to_left, tunnel);
    if (tunnel.encap) {
      at_left_.inbound.encap = UdpEncap{4500, 4500};
      at_left_.outbound.encap = UdpEncap{4500, 4500};
      at_right_.inbound.encap = UdpEncap{4500, 4500};
      at_right_.outbound.encap = UdpEncap{tunnel.right_port, 4500};
    }
    const auto left = left_->kernel->install(at_left_);
    EXPECT_TRUE(left) << left.error().text;
    const auto right = right_->kernel->install(at_right_);
    EXPECT_TRUE(right) << right.error().text;
  }

  static ChildRemoval removal(const ChildInstall& child) {
    ChildRemoval removal;
    removal.inbound = child.inbound.key;
    removal.outbound = child.outbound.key;
    removal.policies = child.policies;
    removal.mark = child.inbound.mark;
    removal.if_id = child.inbound.if_id;
    return removal;
  }

  void open_sockets(Mode mode) {
    const bool inner = mode == Mode::tunnel;
    left_end_ = {inner ? left_->inner : left_->outer, 9001};
    right_end_ = {inner ? right_->inner : right_->outer, 9002};
    left_->space.enter();
    at_left_socket_.emplace(udp_socket(left_end_));
    right_->space.enter();
    at_right_socket_.emplace(udp_socket(right_end_));
  }

  // Sockets on port 4500 of both sides that take ESP in UDP.
  void open_encap_sockets() {
    for (Side* side : {&*left_, &*right_}) {
      side->space.enter();
      encap_sockets_.push_back(udp_socket({side->outer, 4500}));
      decapsulate_esp(encap_sockets_.back());
    }
  }

  void expect_packets_pass() {
    send_text(*at_left_socket_, right_end_, "ping");
    EXPECT_EQ(receive_text(*at_right_socket_), "ping");
    send_text(*at_right_socket_, left_end_, "pong");
    EXPECT_EQ(receive_text(*at_left_socket_), "pong");
  }

  static SaUsage usage(Side& side, const SaKey& key) {
    const auto usage = side.kernel->usage(key);
    EXPECT_TRUE(usage) << usage.error().text;
    EXPECT_TRUE(!usage || *usage) << "not in the kernel";
    return usage.value_or(std::nullopt).value_or(SaUsage{});
  }

  static std::string states_at(const Side& side) {
    side.space.enter();
    return states();
  }
  static std::string policies_at(const Side& side) {
    side.space.enter();
    return policies();
  }

  std::optional<Side> left_;
  std::optional<Side> right_;
  ChildInstall at_left_;
  ChildInstall at_right_;
  Endpoint left_end_;
  Endpoint right_end_;
  std::optional<Descriptor> at_left_socket_;
  std::optional<Descriptor> at_right_socket_;
  std::vector<Descriptor> encap_sockets_;
};

}  // namespace iked::xfrm
