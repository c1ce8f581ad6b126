// SPDX-License-Identifier: ISC
// Names and addresses that every host knows without a network.
#include "daemon/resolve.h"

#include <gmock/gmock.h>

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

}  // namespace
}  // namespace iked::daemon
