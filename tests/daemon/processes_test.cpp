// SPDX-License-Identifier: ISC
// iked, iked-keeper and the starter as processes: what they may not do, and what becomes of the
// others when one of them dies.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "daemon/network.h"

namespace iked::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr const char* policy =
    "ikev2 \"west\" esp from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2 psk \"2fXq8vTn5Lw0\"\n";

std::string name_of(pid_t pid) {
  std::string name = read_file(fmt::format("/proc/{}/comm", pid));
  if (!name.empty()) name.pop_back();
  return name;
}

/// Those that live; a zombie does not.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string stat = read_file(entry.path() / "stat");
    const size_t end = stat.rfind(')');
    if (end == std::string::npos) continue;
    std::istringstream rest(stat.substr(end + 2));
    char state = 0;
    pid_t of = 0;
    rest >> state >> of;
    if (of == parent && state != 'Z') found.push_back(static_cast<pid_t>(std::stol(name)));
  }
  return found;
}

bool lives(pid_t pid) {
  return kill(pid, 0) == 0;
}

void wait_until_dead(pid_t pid) {
  while (lives(pid)) usleep(10'000);
}

class Processes : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_make_networks()) GTEST_SKIP() << "needs root, for network namespaces";
    network.emplace();
    config = folder.write("iked.conf", std::string("set decouple\n") + policy);
  }
  SpawnOptions inside() const {
    SpawnOptions options;
    options.network_of = network->holder();
    return options;
  }
  std::vector<std::string> command(const std::string& flags = "-dv") const {
    return {IKED_PROGRAM, flags, "-f", config, "-s", folder / "iked.sock"};
  }
  int ikectl(std::vector<std::string> words) {
    words.insert(words.begin(), {IKECTL_PROGRAM, "-s", folder / "iked.sock"});
    return run(std::move(words), &output, inside());
  }
  static pid_t starter_of(const Process& iked) {
    const auto children = children_of(iked.pid());
    return children.size() == 1 ? children[0] : -1;
  }
  static pid_t keeper_of(const Process& iked) {
    const auto children = children_of(starter_of(iked));
    return children.size() == 1 ? children[0] : -1;
  }

  Folder folder;
  std::optional<Network> network;
  std::string config;
  std::string output;
};

TEST_F(Processes, AreThree) {
  Process iked(command(), inside());
  iked.wait_for("iked started");
  EXPECT_EQ(name_of(starter_of(iked)), "iked-starter");
  EXPECT_EQ(name_of(keeper_of(iked)), "iked-keeper");
  for (const pid_t pid : {iked.pid(), keeper_of(iked)}) {
    const std::string status = read_file(fmt::format("/proc/{}/status", pid));
    EXPECT_THAT(status, ContainsRegex("NoNewPrivs:[[:space:]]1"));
    EXPECT_THAT(status, ContainsRegex("Seccomp:[[:space:]]2"));
    EXPECT_THAT(status, ContainsRegex(pid == iked.pid() ? "CapPrm:[[:space:]]0*1400\n"
                                                        : "CapPrm:[[:space:]]0*0\n"));
  }
}

TEST_F(Processes, KeeperThatIsKilledComesBackAndKnowsTheSecretsByTheSameIds) {
  Process iked(command(), inside());
  iked.wait_for("iked started");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(kill(keeper_of(iked), SIGKILL), 0);
    iked.wait_for("has ended: tunnels stay up");
    iked.wait_for("iked-keeper is back");
  }
  EXPECT_EQ(ikectl({"reload"}), 0) << output;
  EXPECT_THAT(output, HasSubstr("policies: 1 kept, 0 added, 0 removed"));
}

TEST_F(Processes, ReloadWhileThereIsNoKeeperWaitsForIt) {
  Process iked(command(), inside());
  iked.wait_for("iked started");
  ASSERT_EQ(kill(keeper_of(iked), SIGKILL), 0);
  EXPECT_EQ(ikectl({"reload"}), 0) << output;
  EXPECT_THAT(output, HasSubstr("policies: 1 kept"));
}

TEST_F(Processes, KeeperThatHangsHangsNobodyElse) {
  Process iked(command(), inside());
  iked.wait_for("iked started");
  const pid_t hung = keeper_of(iked);
  ASSERT_EQ(kill(hung, SIGSTOP), 0);
  Process reload({IKECTL_PROGRAM, "-s", folder / "iked.sock", "reload"}, inside());
  iked.wait_for("asks: reload");
  EXPECT_EQ(ikectl({"show", "sa"}), 0) << output;
  ASSERT_EQ(kill(hung, SIGKILL), 0);
  EXPECT_EQ(reload.wait(), 0) << "the next keeper did it";
}

// The number of descriptors that a process may have from now on; those it has stay.
void limit_descriptors(pid_t pid, rlim_t most) {
  const rlimit limit{most, 1024};
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &limit, nullptr), 0);
}

TEST_F(Processes, KeeperWithoutDescriptorsSaysSoAndServesOn) {
  Process iked(command(), inside());
  iked.wait_for("iked started");
  const pid_t keeper = keeper_of(iked);
  limit_descriptors(keeper, 4);
  EXPECT_NE(ikectl({"reload"}), 0);
  EXPECT_THAT(output, HasSubstr("Too many open files"));
  limit_descriptors(keeper, 1024);
  EXPECT_EQ(ikectl({"reload"}), 0) << output;
  EXPECT_THAT(output, HasSubstr("policies: 1 kept"));
  EXPECT_EQ(keeper_of(iked), keeper) << "it is the same";
}

// Neither can iked take a connection, nor the starter make one: all is well again when they can.
TEST_F(Processes, WithoutDescriptorsForTheNextKeeperIkedServesOn) {
  for (const bool starter : {false, true}) {
    Process iked(command(), inside());
    iked.wait_for("iked started");
    const pid_t poor = starter ? starter_of(iked) : iked.pid();
    const pid_t first = keeper_of(iked);
    limit_descriptors(poor, starter ? 3 : 4);
    ASSERT_EQ(kill(first, SIGKILL), 0);
    iked.wait_for("has ended: tunnels stay up");
    if (!starter) iked.wait_for("no descriptor is free for the connection to iked-keeper");
    limit_descriptors(poor, 1024);
    iked.wait_for("iked-keeper is back");
    EXPECT_EQ(ikectl({"reload"}), 0) << output;
  }
}

TEST_F(Processes, EndWithIkedHoweverItEnds) {
  for (const int signal : {SIGTERM, SIGKILL}) {
    Process iked(command(), inside());
    iked.wait_for("iked started");
    const pid_t starter = starter_of(iked);
    const pid_t keeper = keeper_of(iked);
    iked.signal(signal);
    iked.wait();
    wait_until_dead(keeper);
    wait_until_dead(starter);
    EXPECT_FALSE(std::filesystem::exists(folder / "iked.sock")) << signal;
    EXPECT_FALSE(std::filesystem::exists(folder / "iked.pid")) << signal;
  }
}

TEST_F(Processes, SignalsForTheGroupDoNotKillTheKeeperFirst) {
  Process iked(command(), inside());
  iked.wait_for("iked started");
  const pid_t keeper = keeper_of(iked);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ASSERT_EQ(kill(keeper, signal), 0);
  EXPECT_EQ(ikectl({"reload"}), 0) << output;
  EXPECT_EQ(keeper_of(iked), keeper);
}

TEST_F(Processes, DeadStarterIsSaidAndTheKeeperServesOn) {
  Process iked(command(), inside());
  iked.wait_for("iked started");
  const pid_t keeper = keeper_of(iked);
  ASSERT_EQ(kill(starter_of(iked), SIGKILL), 0);
  iked.wait_for("the process that starts iked-keeper has ended: restart iked soon");
  EXPECT_EQ(ikectl({"reload"}), 0) << output;
  iked.signal(SIGTERM);
  EXPECT_EQ(iked.wait(), 0) << iked.output();
  wait_until_dead(keeper);
}

TEST_F(Processes, ConfigurationFromStandardInputIsReadOnce) {
  Process iked(
      {"sh", "-c",
       fmt::format("exec {} -dv -f - -s {} <{}", IKED_PROGRAM, folder / "iked.sock", config)},
      inside());
  iked.wait_for("iked started with 1 policy from -");
  ASSERT_EQ(kill(keeper_of(iked), SIGKILL), 0);
  iked.wait_for("came from standard input and cannot be read again");
  iked.wait_for("iked-keeper is back");
  EXPECT_EQ(ikectl({"show", "sa"}), 0) << output;
}

TEST_F(Processes, KeepersProgramThatIsNotThereIsSaid) {
  const std::string alone = folder / "iked";
  std::filesystem::copy_file(IKED_PROGRAM, alone);
  if (std::filesystem::exists("/usr/libexec/iked/iked-keeper")) GTEST_SKIP() << "iked is installed";
  EXPECT_EQ(run({alone, "-d", "-f", config, "-s", folder / "iked.sock"}, &output, inside()), 1);
  EXPECT_THAT(output, HasSubstr("iked-keeper: it cannot be started: "));
  EXPECT_THAT(output, HasSubstr("No such file or directory"));
  EXPECT_THAT(output, HasSubstr("not started: iked-keeper, the process that reads the "
                                "configuration, ended at once"));
}

TEST_F(Processes, KeeperIsOfNoUseToAnybodyElse) {
  EXPECT_EQ(run({KEEPER_PROGRAM, config}, &output), 1);
  EXPECT_THAT(output, HasSubstr("iked(8) starts this program"));
  EXPECT_THAT(output, Not(HasSubstr("2fXq8vTn5Lw0")));
}

// ---- the sandbox
// ---------------------------------------------------------------------------------

/// What was allowed, and what does not work that has to.
std::string wrong_in(const std::string& output) {
  std::istringstream in(output);
  std::string wrong;
  for (std::string line; std::getline(in, line);) {
    if (line.find("ALLOWED") != std::string::npos || line.find("BROKEN") != std::string::npos) {
      wrong += line + "\n";
    }
  }
  return wrong;
}

TEST_F(Processes, IkedIsConfined) {
  if (LENIENT_SANDBOX) GTEST_SKIP() << "instrumented builds forbid less";
  ASSERT_EQ(run({SANDBOX_PROBE, "iked", config, folder / "probe.sock"}, &output, inside()), 0)
      << output;
  EXPECT_EQ(wrong_in(output), "");
  for (const char* what : {"open-config", "execve", "ptrace", "tcp-connect", "fork", "kill"}) {
    EXPECT_THAT(output, HasSubstr(std::string("\n") + what + " refused E"));
  }
  EXPECT_THAT(output, HasSubstr("\nudp-socket works\n"));
}

TEST_F(Processes, KeeperIsConfined) {
  if (LENIENT_SANDBOX) GTEST_SKIP() << "instrumented builds forbid less";
  ASSERT_EQ(run({SANDBOX_PROBE, "keeper", config}, &output, inside()), 0) << output;
  EXPECT_EQ(wrong_in(output), "");
  for (const char* what : {"unix-socket", "udp-socket", "netlink-socket", "socketpair", "connect",
                           "ptrace", "open-for-writing"}) {
    EXPECT_THAT("\n" + output, HasSubstr(std::string("\n") + what + " refused E"));
  }
  EXPECT_THAT(output, HasSubstr("\nopen-config works\n"));
}

}  // namespace
}  // namespace iked::test
