// SPDX-License-Identifier: ISC
#include "host/interface_groups.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "host/namespace.h"
#include "host/resolver.h"

namespace iked::host {
namespace {

using testing::ElementsAre;
using testing::Optional;

class InterfaceGroups : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    path_ = std::filesystem::temp_directory_path() / fmt::format("groups.{}", getpid());
    std::ofstream(path_) << "# device group names\n0\tdefault\n7 uplinks\n0x2a hex\nx7 odd\n8\n"
                            "99999999999 large\n";
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::vector<std::string> files() const { return {"/nonexistent", path_.string()}; }

 private:
  std::filesystem::path path_;
};

TEST_F(InterfaceGroups, NumbersComeFromTheFirstFileThatHasTheName) {
  EXPECT_EQ(group_number("uplinks", files()), 7U);
  EXPECT_EQ(group_number("hex", files()), 42U);
  EXPECT_EQ(group_number("default", files()), 0U);
  for (const char* name : {"odd", "large", "8", "device", "nobody", ""}) {
    EXPECT_FALSE(group_number(name, files())) << name;
  }
}

TEST_F(InterfaceGroups, AGroupIsTheInterfacesThatAreInIt) {
  ASSERT_EQ(std::system("ip link set dev inside group 7"), 0);
  EXPECT_THAT(interfaces_of_group("uplinks", files()).value(), Optional(ElementsAre("inside")));
  EXPECT_THAT(interfaces_of_group("hex", files()).value(), Optional(ElementsAre()));
  EXPECT_FALSE(interfaces_of_group("nobody", files()).value());
}

TEST_F(InterfaceGroups, EgressIsWhereDefaultRoutesLeave) {
  EXPECT_THAT(interfaces_of_group("egress", files()).value(), Optional(ElementsAre()));
  EXPECT_EQ(look_up("egress", {}).error().text, "interface group egress has no address");
  ASSERT_EQ(std::system("ip route add default via 192.0.2.9 dev inside"), 0);
  EXPECT_THAT(interfaces_of_group("egress", files()).value(), Optional(ElementsAre("inside")));
  const auto found = look_up("egress", Family::v4);
  ASSERT_TRUE(found) << found.error().text;
  EXPECT_EQ(fmt::format("{}", fmt::join(*found, " ")), "192.0.2.1 192.0.2.2");
  EXPECT_EQ(std::system("ip route del default"), 0);
}

}  // namespace
}  // namespace iked::host
