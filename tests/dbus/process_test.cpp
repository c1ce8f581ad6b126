// SPDX-License-Identifier: ISC
// The daemon itself on a bus, in its sandbox; and the real polkitd with our policy file.
#include <signal.h>

#include <tuple>

#include "daemon/network.h"
#include "dbus/private_bus.h"

#include <gmock/gmock.h>

namespace iked::test {
namespace {

using testing::HasSubstr;
using Verdict = FakePolkit::Verdict;

constexpr const char* polkitd = "/usr/lib/polkit-1/polkitd";
constexpr const char* call = "busctl call org.iked1 /org/iked1 org.iked1.Manager ";
constexpr uid_t nobody = 65534;

class BusProcess : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_make_networks()) GTEST_SKIP() << "needs root, for network namespaces";
    network.emplace();
    config = folder.write("iked.conf",
                          "set decouple\n"
                          "ikev2 \"west\" esp from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2 "
                          "psk \"2fXq8vTn5Lw0\"\n");
    bus.start();
  }

  void start_iked() {
    SpawnOptions inside;
    inside.network_of = network->holder();
    iked.emplace(
        std::vector<std::string>{IKED_PROGRAM, "-d", "-f", config, "-s", folder / "iked.sock"},
        inside);
    ASSERT_NE(iked->wait_for("D-Bus: serving as org.iked1"), "") << iked->output();
  }
  void stop_iked() {
    iked->signal(SIGTERM);
    EXPECT_EQ(iked->wait(), 0) << iked->output();
  }

  Folder folder;
  PrivateBus bus;
  Drive drive;
  std::optional<Network> network;
  std::optional<Process> iked;
  std::string config;
  int status = 0;
  std::string said;
};

TEST_F(BusProcess, ServesWithinItsSandbox) {
  FakePolkit polkit(drive);
  polkit.otherwise = Verdict::yes;
  start_iked();
  std::tie(status, said) = drive.run(std::string(call) + "ListPolicies tu 0 100", nobody);
  EXPECT_EQ(status, 0) << said;
  EXPECT_THAT(said, HasSubstr("\"Name\" s \"west\""));
  std::tie(status, said) = drive.run(std::string(call) + "Reload", nobody);
  EXPECT_EQ(status, 0) << said;
  EXPECT_EQ(said, "s \"policies: 1 kept, 0 added, 0 removed\"\n");
  std::tie(status, said) = drive.run(std::string(call) + "CheckConfig");
  EXPECT_EQ(said, "ba(sss) true 0\n");
  std::tie(status, said) = drive.run(std::string(call) + "Passive");
  EXPECT_EQ(status, 0) << said;
  std::tie(status, said) =
      drive.run("busctl get-property org.iked1 /org/iked1 org.iked1.Manager IsActive IsCoupled");
  EXPECT_EQ(said, "b false\nb false\n");
  folder.write("iked.conf", "nonsense\n");
  std::tie(status, said) = drive.run(std::string(call) + "CheckConfig");
  EXPECT_THAT(said, HasSubstr("ba(sss) false 1 \"error\""));
  EXPECT_THAT(said, HasSubstr("iked.conf:1:1\""));
  stop_iked();
}

TEST_F(BusProcess, OutlivesItsBus) {
  {
    FakePolkit polkit(drive);
    start_iked();
  }
  bus.stop();
  ASSERT_NE(iked->wait_for("the connection broke"), "");
  bus.start();
  FakePolkit polkit(drive);
  polkit.otherwise = Verdict::yes;
  ASSERT_NE(iked->wait_for("D-Bus: serving as org.iked1"), "") << iked->output();
  std::tie(status, said) = drive.run(std::string(call) + "GetStatistics");
  EXPECT_EQ(status, 0) << said;
  stop_iked();
}

TEST_F(BusProcess, RealPolkitdAllowsAndRefuses) {
  if (access(polkitd, X_OK) != 0) GTEST_SKIP() << "needs polkitd";
  ASSERT_EQ(run({"mkdir", "-m", "755", folder / "actions", folder / "rules"}), 0);
  ASSERT_EQ(run({"cp", IKED_SOURCE_DIR "/data/polkit/org.iked1.policy", folder / "actions"}), 0);
  folder.write("rules/50-test.rules",
               "polkit.addRule(function (action, subject) {\n"
               "  if (action.id === 'org.iked1.read' && subject.user === 'nobody')\n"
               "    return polkit.Result.YES;\n"
               "  return polkit.Result.NOT_HANDLED;\n"
               "});\n");
  ASSERT_EQ(run({"chmod", "-R", "a+rX", folder / "actions", folder / "rules"}), 0);
  ASSERT_EQ(run({"chmod", "755", folder / "."}), 0);
  // In a view of the files of its own: nothing of the machine's is touched.
  const Process authority(
      {"unshare", "--mount", "sh", "-c",
       "mount --bind " + (folder / "actions") + " /usr/share/polkit-1/actions && mount --bind " +
           (folder / "rules") + " /etc/polkit-1/rules.d && exec " + polkitd + " --no-debug"});
  start_iked();
  std::tie(status, said) = drive.run(
      "until busctl status org.freedesktop.PolicyKit1; do sleep 0.05; done >/dev/null 2>&1");
  ASSERT_EQ(status, 0) << said;

  std::tie(status, said) = drive.run(std::string(call) + "Reload");
  EXPECT_EQ(status, 0) << said;  // root
  std::tie(status, said) = drive.run(std::string(call) + "ListIkeSas tu 0 100", nobody);
  EXPECT_EQ(status, 0) << said;  // the rule
  std::tie(status, said) = drive.run(std::string(call) + "Reload", nobody);
  EXPECT_NE(status, 0);
  EXPECT_THAT(said, HasSubstr("Access denied"));
  std::tie(status, said) = drive.run(
      "busctl --allow-interactive-authorization=no call org.iked1 /org/iked1 org.iked1.Manager "
      "Reload",
      nobody);
  EXPECT_NE(status, 0);
  EXPECT_THAT(said, HasSubstr("org.iked1.reload needs a password"));
  stop_iked();
}

}  // namespace
}  // namespace iked::test
