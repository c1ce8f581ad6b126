// SPDX-License-Identifier: ISC
#include "net/port_owner.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>

#include "net/loopback.h"

namespace iked::net {
namespace {

// Rows as Linux prints them, addresses in the byte order of a little-endian machine.
constexpr const char* udp_table =
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode ref pointer drops\n"
    "  101: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 "
    "20001 2 0000000000000000 0\n"
    "  566: 020000C0:01F4 00000000:0000 07 00000000:00000000 00:00000000 00000000   107        0 "
    "20002 2 0000000000000000 0\n";
constexpr const char* udp6_table =
    "  sl  local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode\n"
    " 1: B80D0120000000000000000001000000:1194 00000000000000000000000000000000:0000 07 "
    "00000000:00000000 00:00000000 00000000 0 0 30001 2 0000000000000000 0\n";

TEST(PortOwner, IsFoundByPort) {
  if (std::endian::native != std::endian::little) GTEST_SKIP() << "rows of another byte order";
  const auto owner = find_in_table(udp_table, 500);
  ASSERT_TRUE(owner);
  EXPECT_EQ(to_string(owner->endpoint), "192.0.0.2:500");
  EXPECT_EQ(owner->uid, 107U);
  EXPECT_EQ(owner->inode, 20002U);
}

TEST(PortOwner, IsFoundInTheTableOfIpv6) {
  if (std::endian::native != std::endian::little) GTEST_SKIP() << "rows of another byte order";
  const auto owner = find_in_table(udp6_table, 4500);
  ASSERT_TRUE(owner);
  EXPECT_EQ(to_string(owner->endpoint), "[2001:db8::1]:4500");
}

TEST(PortOwner, NobodyAndNonsenseAreNobody) {
  EXPECT_FALSE(find_in_table(udp_table, 4500));
  EXPECT_FALSE(find_in_table("", 500));
  EXPECT_FALSE(find_in_table("a b c d e f g h i j k\n1: zz:01F4 0 0 0 0 0 x 0 y\n", 500));
}

TEST(PortOwner, HiddenProcessIsNamedByUid) {
  EXPECT_EQ(to_string(PortOwner{.uid = 107}), "a process of uid 107 whose pid is hidden");
}

TEST(PortOwner, OwnSocketIsOurs) {
  const auto socket = UdpSocket::open({.port = 0, .coupled = false});
  ASSERT_TRUE(socket) << socket.error().text;
  const auto owner = find_port_owner(Family::v4, socket->port());
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->pid, getpid());
  EXPECT_EQ(to_string(*owner), this_program());
}

}  // namespace
}  // namespace iked::net
