// SPDX-License-Identifier: ISC
#include "host/addresses.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "host/namespace.h"

namespace iked::host {
namespace {

using testing::Contains;
using testing::HasSubstr;

class AddressesTest : public HostTest {
 protected:
  static IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }
  static std::string source_towards(const char* remote, uint32_t scope = 0) {
    const auto source = default_source(ip(remote), scope);
    return source ? to_string(*source) : source.error().text;
  }
};

TEST_F(AddressesTest, ListsThemWithTheirInterfaces) {
  const auto all = interface_addresses();
  ASSERT_TRUE(all) << all.error().text;
  std::vector<std::string> texts;
  for (const auto& a : *all)
    texts.push_back(fmt::format("{} {} {}", a.interface, a.address, a.scope));
  EXPECT_THAT(texts, Contains("lo 127.0.0.1 0"));
  EXPECT_THAT(texts, Contains("inside 192.0.2.1 0"));
  EXPECT_THAT(texts, Contains("inside 192.0.2.2 0"));
  EXPECT_THAT(texts, Contains("inside 2001:db8::1 0"));
  EXPECT_THAT(texts, Contains(fmt::format("inside fe80::5 {}", if_nametoindex("inside"))));
}

TEST_F(AddressesTest, SourceIsTheOneTheKernelWouldUse) {
  EXPECT_EQ(source_towards("192.0.2.77"), "192.0.2.1");
  EXPECT_EQ(source_towards("127.0.0.5"), "127.0.0.1");
  EXPECT_EQ(source_towards("2001:db8::77"), "2001:db8::1");
}

TEST_F(AddressesTest, SourceOfALinkLocalAddressNeedsItsInterface) {
  EXPECT_THAT(source_towards("fe80::77", if_nametoindex("inside")), HasSubstr("fe80::"));
  EXPECT_EQ(source_towards("fe80::77"), "no route to fe80::77: Invalid argument");
}

TEST_F(AddressesTest, NoRouteIsAnError) {
  EXPECT_EQ(source_towards("203.0.113.1"), "no route to 203.0.113.1: Network is unreachable");
}

TEST_F(AddressesTest, HostNameIsThatOfTheKernel) {
  char name[256] = "";
  ASSERT_EQ(gethostname(name, sizeof name), 0);
  EXPECT_EQ(host_name().value(), name);
}

}  // namespace
}  // namespace iked::host
