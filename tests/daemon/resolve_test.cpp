// SPDX-License-Identifier: ISC
// Names and addresses that every host knows without a network.
#include "daemon/resolve.h"

#include <gmock/gmock.h>

#include "base/sockaddr.h"
#include "support/netns.h"

namespace iked::daemon {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const IpAddress loopback = IpAddress::v4({127, 0, 0, 1});

TEST(Resolve, NamesBecomeAddressesOfTheFamily) {
  const Result<ike::ResolveResult> result =
      resolve({.names = {"lo"}, .family = Family::v4, .peer = AnyHost{}});
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_THAT(result->addresses.at("lo"), Contains(IpPrefix::host(loopback)));
  EXPECT_EQ(result->source, std::nullopt);
}

TEST(Resolve, SourceIsTheOneTowardsANumericPeer) {
  const Result<ike::ResolveResult> result =
      resolve({.names = {}, .family = {}, .peer = IpPrefix::host(loopback)});
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(result->source, loopback);
  EXPECT_THAT(result->addresses, IsEmpty());
}

TEST(Resolve, PeersNameIsLookedUpToo) {
  const Result<ike::ResolveResult> result =
      resolve({.names = {}, .family = Family::v4, .peer = HostName{"127.0.0.1", {}}});
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(result->source, loopback);
  EXPECT_THAT(result->addresses.at("127.0.0.1"), UnorderedElementsAre(IpPrefix::host(loopback)));
}

TEST(Resolve, NetworkAsPeerHasNoSource) {
  const Result<ike::ResolveResult> result =
      resolve({.names = {}, .family = {}, .peer = IpPrefix::any(Family::v4)});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->source, std::nullopt);
}

TEST(Resolve, UnknownNameIsAnErrorThatNamesIt) {
  // RFC6761 6.4: nobody has a name below "invalid".
  const Result<ike::ResolveResult> result =
      resolve({.names = {"lo", "gateway.invalid"}, .family = Family::v4, .peer = AnyHost{}});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().text, HasSubstr("gateway.invalid"));
}

/// As `ip -6 address add ADDRESS/64 dev lo` does.
bool add_to_loopback(const IpAddress& address) {
  struct {
    in6_addr address;
    uint32_t prefix_length;
    int interface;
  } request{to_in6_addr(address), 64, 1};
  const Descriptor fd(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return ioctl(fd.get(), SIOCSIFADDR, &request) == 0;
}

TEST(Resolve, ZoneOfThePeerIsKept) {
  if (const std::string why = test::enter_network_namespace(); !why.empty()) GTEST_SKIP() << why;
  ASSERT_TRUE(add_to_loopback(*IpAddress::parse("fe80::5")));
  const Result<ike::ResolveResult> result =
      resolve({.names = {}, .family = Family::v6, .peer = HostName{"fe80::1%lo", {}}});
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(result->scope, 1u);  // loopback is the first interface of every namespace
  EXPECT_TRUE(result->source);   // which one hangs on how fast the new address is usable
}

}  // namespace
}  // namespace iked::daemon
