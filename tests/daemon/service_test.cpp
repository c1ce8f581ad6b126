// SPDX-License-Identifier: ISC
// The program as a process: how it starts, serves, reloads and ends. Each test has a network
// namespace of its own and `set decouple`, so no kernel needs to know IPsec.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <optional>
#include <set>

#include "daemon/network.h"

namespace iked::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* decoupled = "set decouple\n";
constexpr const char* west =
    "ikev2 \"west\" esp from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2 psk \"2fXq8vTn5Lw0\"\n";

class Service : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_make_networks()) GTEST_SKIP() << "needs root, for network namespaces";
    network.emplace();
    config = folder.write("iked.conf", std::string(decoupled) + west);
  }

  SpawnOptions inside() const {
    SpawnOptions options;
    options.network_of = network->holder();
    return options;
  }
  std::vector<std::string> command(std::vector<std::string> more) const {
    std::vector<std::string> words{IKED_PROGRAM, "-f", config, "-s", folder / "iked.sock"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  int ikectl(std::vector<std::string> words) {
    words.insert(words.begin(), {IKECTL_PROGRAM, "-s", folder / "iked.sock"});
    return run(std::move(words), &output, inside());
  }

  Folder folder;
  std::optional<Network> network;
  std::string config;
  std::string output;
};

TEST_F(Service, ServesIkectlAndEndsOnSigtermWithNothingLeft) {
  Process iked(command({"-d"}), inside());
  iked.wait_for("iked started with 1 policy");
  EXPECT_EQ(ikectl({"show", "sa"}), 0) << output;
  EXPECT_EQ(read_file(folder / "iked.pid"), std::to_string(iked.pid()) + "\n");
  iked.signal(SIGTERM);
  EXPECT_EQ(iked.wait(), 0) << iked.output();
  EXPECT_FALSE(std::filesystem::exists(folder / "iked.sock"));
  EXPECT_FALSE(std::filesystem::exists(folder / "iked.pid"));
}

TEST_F(Service, SigintEndsItToo) {
  Process iked(command({"-d"}), inside());
  iked.wait_for("iked started");
  iked.signal(SIGINT);
  EXPECT_EQ(iked.wait(), 0) << iked.output();
}

TEST_F(Service, SecondInstanceIsRefusedWithTheFirstOnesPid) {
  Process first(command({"-d"}), inside());
  first.wait_for("iked started");
  EXPECT_EQ(run(command({"-d"}), &output, inside()), 1);
  EXPECT_THAT(output, HasSubstr("already running with pid " + std::to_string(first.pid())));
  EXPECT_EQ(ikectl({"show", "sa"}), 0) << "the first one must still serve: " << output;
}

TEST_F(Service, StartsAgainAfterSigkill) {
  {
    Process killed(command({"-d"}), inside());
    killed.wait_for("iked started");
    killed.signal(SIGKILL);
    EXPECT_EQ(killed.wait(), 128 + SIGKILL);
  }
  Process iked(command({"-d"}), inside());
  iked.wait_for("iked started");
  EXPECT_EQ(ikectl({"show", "sa"}), 0) << output;
}

TEST_F(Service, PortInUseIsAnErrorThatNamesItsOwner) {
  Process holder({"python3", "-c",
                  "import socket, time\n"
                  "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                  "s.bind(('0.0.0.0', 500))\n"
                  "print('bound', flush=True)\n"
                  "time.sleep(1e9)\n"},
                 inside());
  holder.wait_for("bound");
  EXPECT_EQ(run(command({"-d"}), &output, inside()), 1);
  EXPECT_THAT(output, AllOf(HasSubstr("500"), HasSubstr("uid 0"),
                            HasSubstr("pid " + std::to_string(holder.pid()))));
  EXPECT_FALSE(std::filesystem::exists(folder / "iked.pid"));
}

TEST_F(Service, WithoutNatTraversalOnlyPort500IsOpen) {
  Process iked(command({"-dT"}), inside());
  iked.wait_for("iked started");
  ASSERT_EQ(run({"ss", "-Huln"}, &output, inside()), 0);
  EXPECT_THAT(output, AllOf(HasSubstr(":500 "), Not(HasSubstr(":4500 "))));
}

TEST_F(Service, WithNatTraversalEnforcedOnlyPort4500IsOpen) {
  Process iked(command({"-dt"}), inside());
  iked.wait_for("iked started");
  ASSERT_EQ(run({"ss", "-Huln"}, &output, inside()), 0);
  EXPECT_THAT(output, AllOf(HasSubstr(":4500 "), Not(HasSubstr(":500 "))));
}

TEST_F(Service, MissingFileIsAnErrorWithItsCure) {
  EXPECT_EQ(run({IKED_PROGRAM, "-d", "-f", folder / "missing.conf"}, &output, inside()), 1);
  EXPECT_THAT(output, HasSubstr("error: not started: there is no " + folder / "missing.conf" +
                                ": write it, iked.conf(5) has a first example, or name another "
                                "file with -f FILE\n"));
}

TEST_F(Service, WarningOfTheConfigurationIsLoggedAtStartOnceAsAWarning) {
  folder.write("iked.conf", std::string(decoupled) +
                                "ikev2 actve from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2 "
                                "psk \"2fXq8vTn5Lw0\"\n");
  Process iked(command({"-d"}), inside());
  iked.wait_for("iked started");
  iked.signal(SIGTERM);
  EXPECT_EQ(iked.wait(), 0);
  const std::string& log = iked.output();
  EXPECT_THAT(log, HasSubstr(" warning: " + config +
                             ":2:7: 'actve' is no keyword, so it is taken for the policy's name; "
                             "did you mean 'active'?\n"));
  EXPECT_EQ(log.find("'actve'"), log.rfind("'actve'")) << log;
}

TEST_F(Service, SighupWithABrokenFileKeepsTheOldOne) {
  Process iked(command({"-d"}), inside());
  iked.wait_for("iked started");
  folder.write("iked.conf", std::string(decoupled) + "ikev2 nonsense\n");
  iked.signal(SIGHUP);
  iked.wait_for(config + ":2:");
  iked.wait_for("the configuration in use stays");
  EXPECT_NE(ikectl({"reload"}), 0);
  EXPECT_THAT(output, HasSubstr(config + ":2:"));

  folder.write("iked.conf", std::string(decoupled) + west);
  iked.signal(SIGHUP);
  iked.wait_for("policies: 1 kept, 0 added, 0 removed");
  iked.signal(SIGTERM);
  EXPECT_EQ(iked.wait(), 0) << iked.output();
}

TEST_F(Service, ReloadSaysWhatChanged) {
  Process iked(command({"-d"}), inside());
  iked.wait_for("iked started");
  folder.write("iked.conf", std::string(decoupled) + west +
                                "ikev2 \"north\" esp from 10.1.0.0/24 to 10.3.0.0/24 "
                                "peer 192.0.2.3 psk \"7hRb1cKs9Zm4\"\n");
  EXPECT_EQ(ikectl({"reload"}), 0) << output;
  EXPECT_THAT(output, HasSubstr("1 kept, 1 added, 0 removed"));
}

TEST_F(Service, IgnoresSigusr1) {
  Process iked(command({"-d"}), inside());
  iked.wait_for("iked started");
  iked.signal(SIGUSR1);
  iked.signal(SIGHUP);
  iked.wait_for("reloaded");
  EXPECT_EQ(ikectl({"show", "sa"}), 0) << output;
}

TEST_F(Service, GoesIntoTheBackgroundWhenItServes) {
  ASSERT_EQ(run(command({}), &output, inside()), 0) << output;
  EXPECT_EQ(ikectl({"show", "sa"}), 0) << output;
  const pid_t pid = std::stoi(read_file(folder / "iked.pid"));
  EXPECT_EQ(std::filesystem::read_symlink(fmt::format("/proc/{}/fd/2", pid)), "/dev/null");
  ASSERT_EQ(kill(pid, SIGTERM), 0);
  // Not our child: its lock file goes last.
  while (kill(pid, 0) == 0 && std::filesystem::exists(folder / "iked.pid")) usleep(1000);
  EXPECT_FALSE(std::filesystem::exists(folder / "iked.pid"));
}

TEST_F(Service, FailureOnTheWayIntoTheBackgroundIsToldOnTheTerminal) {
  folder.write("iked.conf", "ikev2 nonsense\n");
  EXPECT_EQ(run(command({}), &output, inside()), 1);
  EXPECT_THAT(output, HasSubstr(config + ":1:"));
  EXPECT_THAT(output, HasSubstr("not started"));
}

TEST_F(Service, SmallSWithoutPathWarns) {
  Process iked({IKED_PROGRAM, "-d", "-f", folder / "missing.conf", "-s"}, inside());
  EXPECT_EQ(iked.wait(), 1);
  EXPECT_THAT(iked.output(), HasSubstr("taken as -S"));
}

TEST_F(Service, MakesNoCoreFilesAndCannotBeTraced) {
  Process iked(command({"-d"}), inside());
  iked.wait_for("iked started");
  const std::string proc = fmt::format("/proc/{}/", iked.pid());
  EXPECT_THAT(read_file(proc + "limits"), testing::ContainsRegex("Max core file size +0 +0 "));
  EXPECT_THAT(read_file(proc + "status"), HasSubstr("Umask:\t0077"));
  // What cannot be dumped belongs to root, whoever runs it.
  struct stat st {};
  ASSERT_EQ(stat((proc + "mem").c_str(), &st), 0);
  EXPECT_EQ(st.st_uid, 0U);
}

TEST_F(Service, ClosedStandardStreamsDoNotGetSockets) {
  Process iked({"sh", "-c", "exec \"$0\" -d -f \"$1\" -s \"$2\" 0<&- 1>&-", IKED_PROGRAM, config,
                folder / "iked.sock"},
               inside());
  iked.wait_for("iked started");
  for (const int stream : {0, 1}) {
    EXPECT_EQ(std::filesystem::read_symlink(fmt::format("/proc/{}/fd/{}", iked.pid(), stream)),
              "/dev/null");
  }
}

TEST_F(Service, WithoutPermissionItSaysWhatIsMissing) {
  folder.write("iked.conf", west);
  ASSERT_EQ(chown(config.c_str(), 65534, 65534), 0);
  Folder own;
  std::filesystem::permissions(own / "", std::filesystem::perms::all);
  SpawnOptions options = inside();
  options.uid = 65534;
  // Looking for leaks at the end is tracing, which iked forbids to all but root.
  options.environment["ASAN_OPTIONS"] = "detect_leaks=0";
  EXPECT_EQ(run({IKED_PROGRAM, "-d", "-f", config, "-s", own / "iked.sock"}, &output, options), 1);
  EXPECT_THAT(output, AllOf(HasSubstr("no permission"), HasSubstr("CAP_NET_ADMIN"),
                            HasSubstr("start iked as root")));
}

/// What a service manager listens to.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path)
      : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  /// The next message. What it says of descriptors to keep is done, and the one after it returned.
  std::string next() {
    char text[1024];
    iovec vector{text, sizeof text};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 16)];
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
    const std::string state(text, size > 0 ? static_cast<size_t>(size) : 0);
    if (state.starts_with("FDSTOREREMOVE=1\nFDNAME=iked-udp")) {
      kept.clear();
      return next();
    }
    if (!state.starts_with("FDSTORE=1\nFDNAME=iked-udp\nFDPOLL=0")) return state;
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    EXPECT_NE(header, nullptr);
    if (header == nullptr) return state;
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    int descriptors[16];
    memcpy(descriptors, CMSG_DATA(header), count * sizeof(int));
    for (size_t i = 0; i < count; ++i) kept.emplace_back(descriptors[i]);
    return next();
  }

  std::vector<Descriptor> kept;

 private:
  Descriptor socket_;
};

TEST_F(Service, TellsTheServiceManagerHowItIs) {
  NotifySocket manager(folder / "notify");
  SpawnOptions options = inside();
  options.environment["NOTIFY_SOCKET"] = folder / "notify";
  Process iked(command({}), options);  // stays in the foreground
  EXPECT_THAT(manager.next(), HasSubstr("READY=1"));
  iked.signal(SIGHUP);
  EXPECT_THAT(manager.next(), AllOf(HasSubstr("RELOADING=1"), HasSubstr("MONOTONIC_USEC=")));
  EXPECT_THAT(manager.next(), HasSubstr("READY=1"));
  iked.signal(SIGTERM);
  EXPECT_THAT(manager.next(), HasSubstr("STOPPING=1"));
  EXPECT_EQ(iked.wait(), 0) << iked.output();
}

TEST_F(Service, Sigusr2LeavesTheSocketsToTheNext) {
  NotifySocket manager(folder / "notify");
  SpawnOptions options = inside();
  options.environment["NOTIFY_SOCKET"] = folder / "notify";
  Process iked(command({}), options);
  EXPECT_THAT(manager.next(), HasSubstr("READY=1"));
  iked.signal(SIGUSR2);
  EXPECT_THAT(manager.next(), HasSubstr("Handing over"));
  EXPECT_EQ(iked.wait(), 0) << iked.output();
  std::set<uint16_t> ports;
  for (const Descriptor& one : manager.kept) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    ASSERT_EQ(getsockname(one.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
    // The port is at the same place in both families.
    ports.insert(ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port));
  }
  EXPECT_THAT(ports, testing::ElementsAre(500, 4500));
}

TEST_F(Service, AnswersTheWatchdog) {
  NotifySocket manager(folder / "notify");
  SpawnOptions options = inside();
  options.environment["NOTIFY_SOCKET"] = folder / "notify";
  options.environment["WATCHDOG_USEC"] = "200000";
  Process iked(command({}), options);
  std::string heard;
  while (heard.find("WATCHDOG=1") == std::string::npos) heard += manager.next() + "\n";
  SUCCEED();
}

TEST_F(Service, LogBriefAndVerboseChangeTheLevel) {
  Process iked(command({"-d"}), inside());
  iked.wait_for("iked started");
  EXPECT_EQ(ikectl({"log", "brief"}), 0) << output;
  iked.signal(SIGHUP);
  iked.wait_for("reloaded");
  iked.signal(SIGTERM);
  EXPECT_EQ(iked.wait(), 0);
  EXPECT_THAT(iked.output(), Not(HasSubstr("info: SIGHUP")));
}

}  // namespace
}  // namespace iked::test
