// SPDX-License-Identifier: ISC
// The actions in the code and in the file that polkit reads.
#include "dbus/actions.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "daemon/process.h"

namespace iked::dbus {
namespace {

/// What stands in the first group, at each place.
std::vector<std::string> all(const std::string& text, const std::string& pattern) {
  std::vector<std::string> found;
  const std::regex regex(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    found.push_back((*at)[1]);
  }
  return found;
}

TEST(Actions, AreThoseOfThePolkitFile) {
  const std::string policy = test::read_file(IKED_SOURCE_DIR "/data/polkit/org.iked1.policy");
  std::vector<std::string> ids;
  for (const Action action : all_actions) ids.emplace_back(id_of(action));
  EXPECT_EQ(all(policy, "<action id=\"([^\"]*)\">"), ids);
  // Each with everything that polkit needs; without the owner it would not answer an iked that is
  // not root.
  EXPECT_EQ(all(policy, "(<message>[^<]+</message>)").size(), ids.size());
  EXPECT_EQ(all(policy, "(<description>[^<]+</description>)").size(), ids.size());
  EXPECT_EQ(all(policy, "policykit.owner\">(unix-user:_iked)<").size(), ids.size());
}

TEST(Actions, NobodyElsesSessionMayDoAnythingWithoutAPassword) {
  const std::string policy = test::read_file(IKED_SOURCE_DIR "/data/polkit/org.iked1.policy");
  for (const std::string& who : all(policy, "<allow_any>([^<]*)<")) {
    EXPECT_TRUE(who == "no" || who == "auth_admin") << who;
  }
  EXPECT_EQ(all(policy, "<allow_any>([^<]*)<").size(), all_actions.size());
}

TEST(Actions, OfTheExampleRuleExist) {
  const std::string rule = test::read_file(IKED_SOURCE_DIR "/docs/examples/iked.rules");
  const std::vector<std::string> named = all(rule, "\"(org\\.iked1\\.[^\"]*)\"");
  EXPECT_FALSE(named.empty());
  for (const std::string& name : named) {
    EXPECT_TRUE(std::ranges::any_of(all_actions, [&](const Action action) {
      return id_of(action) == name;
    })) << name;
  }
}

}  // namespace
}  // namespace iked::dbus
