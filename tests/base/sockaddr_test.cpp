// SPDX-License-Identifier: ISC
#include "base/sockaddr.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace iked {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

TEST(SocketAddress, EndpointsGoThereAndBack) {
  for (const Endpoint& endpoint :
       {Endpoint{ip("192.0.2.1"), 500}, Endpoint{ip("0.0.0.0"), 0},
        Endpoint{ip("255.255.255.255"), 65535}, Endpoint{ip("2001:db8::1"), 4500},
        Endpoint{ip("fe80::1"), 500, 7}}) {
    const SocketAddress address = to_socket_address(endpoint);
    EXPECT_EQ(to_endpoint(address), endpoint) << to_string(endpoint);
  }
}

TEST(SocketAddress, FieldsAreInNetworkOrder) {
  SocketAddress v4 = to_socket_address({ip("192.0.2.1"), 0x0102});
  EXPECT_EQ(v4.length, sizeof(sockaddr_in));
  const auto* in = reinterpret_cast<const sockaddr_in*>(v4.get());
  EXPECT_EQ(in->sin_family, AF_INET);
  EXPECT_EQ(in->sin_port, htons(0x0102));
  EXPECT_EQ(in->sin_addr.s_addr, htonl(0xc0000201));
  SocketAddress v6 = to_socket_address({ip("fe80::1"), 500, 3});
  EXPECT_EQ(v6.length, sizeof(sockaddr_in6));
  const auto* in6 = reinterpret_cast<const sockaddr_in6*>(v6.get());
  EXPECT_EQ(in6->sin6_family, AF_INET6);
  EXPECT_EQ(in6->sin6_scope_id, 3U);
}

TEST(SocketAddress, WhatIsCutOrOfAnotherFamilyIsNone) {
  SocketAddress v4 = to_socket_address({ip("192.0.2.1"), 500});
  v4.length = sizeof(sockaddr_in) - 1;
  EXPECT_FALSE(to_endpoint(v4));
  SocketAddress v6 = to_socket_address({ip("::1"), 500});
  v6.length = sizeof(sockaddr_in);
  EXPECT_FALSE(to_endpoint(v6));
  SocketAddress unix_socket;
  unix_socket.storage.ss_family = AF_UNIX;
  unix_socket.length = sizeof unix_socket.storage;
  EXPECT_FALSE(to_endpoint(unix_socket));
  EXPECT_FALSE(to_endpoint(SocketAddress{}));
  EXPECT_FALSE(to_endpoint(nullptr));
}

TEST(SocketAddress, BareAddressesGoThereAndBack) {
  EXPECT_EQ(to_ip(to_in_addr(ip("192.0.2.1"))), ip("192.0.2.1"));
  EXPECT_EQ(to_ip(to_in6_addr(ip("2001:db8::1"))), ip("2001:db8::1"));
  EXPECT_DEATH(to_in_addr(ip("::1")), "internal error");
  EXPECT_DEATH(to_in6_addr(ip("192.0.2.1")), "internal error");
}

}  // namespace
}  // namespace iked
