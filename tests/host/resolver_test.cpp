// SPDX-License-Identifier: ISC
#include "host/resolver.h"

#include <gmock/gmock.h>

#include "host/namespace.h"

namespace iked::host {
namespace {

using testing::AnyOf;
using testing::StartsWith;

class ResolverTest : public HostTest {
 protected:
  static std::string found(const std::string& name, std::optional<Family> family = {}) {
    const auto addresses = look_up(name, family);
    if (!addresses) return addresses.error().text;
    return fmt::format("{}", fmt::join(*addresses, " "));
  }
};

TEST_F(ResolverTest, InterfaceStandsForItsAddressesButLinkLocalOnes) {
  EXPECT_EQ(found("inside"), "192.0.2.1 192.0.2.2 2001:db8::1");
}

TEST_F(ResolverTest, FamilySelectsAmongTheAddressesOfAnInterface) {
  EXPECT_EQ(found("inside", Family::v4), "192.0.2.1 192.0.2.2");
  EXPECT_EQ(found("inside", Family::v6), "2001:db8::1");
}

TEST_F(ResolverTest, InterfaceWithoutAddressIsSaidToBeOne) {
  EXPECT_EQ(found("outside", Family::v4), "interface outside has no IPv4 address");
}

TEST_F(ResolverTest, NumbersNeedNoNameServer) {
  EXPECT_EQ(found("198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(found("2001:db8::7"), "2001:db8::7");
}

TEST_F(ResolverTest, NumberOfTheOtherFamilyIsNotFound) {
  EXPECT_THAT(found("198.51.100.7", Family::v6), StartsWith("no IPv6 address for '198.51.100.7'"));
}

TEST_F(ResolverTest, NameIsLookedUpAndListedOnce) {
  EXPECT_EQ(found("localhost", Family::v4), "127.0.0.1");
}

TEST_F(ResolverTest, NameThatIsNotFoundSaysSo) {
  // Which of them depends on whether the host asks name servers, which cannot be reached here.
  EXPECT_THAT(found("no-such-name.invalid"),
              AnyOf("no address for 'no-such-name.invalid': there is no such name; is it spelt "
                    "right?",
                    "no address for 'no-such-name.invalid': no answer from the name servers"));
}

TEST_F(ResolverTest, NonsenseIsNoName) {
  EXPECT_EQ(found(""), "'' is not a name");
  EXPECT_EQ(found(std::string("a\0b", 3)), "'a\\x00b' is not a name");
}

}  // namespace
}  // namespace iked::host
