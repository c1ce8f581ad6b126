// SPDX-License-Identifier: ISC
#include "daemon/instance_lock.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace iked::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class InstanceLockTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "iked-lock-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  static std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder;
};

TEST_F(InstanceLockTest, HoldsOurPidWhileItLives) {
  const std::string path = folder + "/iked.pid";
  {
    const Result<InstanceLock> lock = InstanceLock::acquire({path});
    ASSERT_TRUE(lock) << lock.error().text;
    EXPECT_EQ(lock->path(), path);
    EXPECT_EQ(content(path), fmt::format("{}\n", getpid()));
    struct stat st {};
    ASSERT_EQ(stat(path.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 07777, 0644U);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(InstanceLockTest, SecondIsRefusedWithTheFirstOnesPid) {
  const std::string path = folder + "/iked.pid";
  const Result<InstanceLock> first = InstanceLock::acquire({path});
  ASSERT_TRUE(first);
  const Result<InstanceLock> second = InstanceLock::acquire({path, folder + "/other.pid"});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().text, HasSubstr(fmt::format("already running with pid {}", getpid())));
  EXPECT_THAT(second.error().text, HasSubstr("stop it first"));
  EXPECT_TRUE(std::filesystem::exists(path)) << "the loser must leave the file alone";
}

TEST_F(InstanceLockTest, FileOfACrashedProcessIsTakenOver) {
  const std::string path = folder + "/iked.pid";
  std::ofstream(path) << "123456789 and more\n";
  const Result<InstanceLock> lock = InstanceLock::acquire({path});
  ASSERT_TRUE(lock) << lock.error().text;
  EXPECT_EQ(content(path), fmt::format("{}\n", getpid()));
}

// After SIGKILL its starter holds the lock for a moment, until it has cleared up: a restart waits.
TEST_F(InstanceLockTest, LockThatAKilledProcessLeavesToItsStarterIsWaitedFor) {
  const std::string path = folder + "/iked.pid";
  const pid_t killed = fork();
  if (killed == 0) _exit(0);
  siginfo_t ended{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(killed), &ended, WEXITED | WNOWAIT), 0);
  for (const bool reaped : {false, true}) {
    if (reaped) ASSERT_EQ(waitpid(killed, nullptr, 0), killed);
    std::ofstream(path) << killed << '\n';
    int held[2];
    ASSERT_EQ(pipe2(held, O_CLOEXEC), 0);
    const pid_t starter = fork();
    if (starter == 0) {
      const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
      const bool locked = flock(file, LOCK_EX) == 0 && write(held[1], "x", 1) == 1;
      usleep(200000);
      unlink(path.c_str());
      _exit(locked ? 0 : 1);
    }
    char octet = 0;
    ASSERT_EQ(read(held[0], &octet, 1), 1);
    const Result<InstanceLock> lock = InstanceLock::acquire({path});
    EXPECT_TRUE(lock) << lock.error().text;
    EXPECT_EQ(content(path), fmt::format("{}\n", getpid()));
    int status = -1;
    EXPECT_EQ(waitpid(starter, &status, 0), starter);
    EXPECT_EQ(status, 0);
    close(held[0]);
    close(held[1]);
  }
}

TEST_F(InstanceLockTest, UnwritablePlaceFallsBackToTheNext) {
  const Result<InstanceLock> lock =
      InstanceLock::acquire({folder + "/missing/iked.pid", folder + "/iked.pid"});
  ASSERT_TRUE(lock) << lock.error().text;
  EXPECT_EQ(lock->path(), folder + "/iked.pid");
}

TEST_F(InstanceLockTest, NoPlaceAtAllSaysWhyAndWhatToDo) {
  const Result<InstanceLock> lock = InstanceLock::acquire({folder + "/missing/iked.pid"});
  ASSERT_FALSE(lock);
  EXPECT_THAT(lock.error().text, HasSubstr("/missing/iked.pid: No such file or directory"));
  EXPECT_THAT(lock.error().text, HasSubstr("-s"));
}

TEST_F(InstanceLockTest, SymbolicLinkIsNotFollowed) {
  std::ofstream(folder + "/precious") << "x";
  std::filesystem::create_symlink(folder + "/precious", folder + "/iked.pid");
  EXPECT_FALSE(InstanceLock::acquire({folder + "/iked.pid"}));
  EXPECT_EQ(content(folder + "/precious"), "x");
}

TEST(LockPaths, LieBesideTheControlSocket) {
  EXPECT_THAT(lock_paths("/tmp/a/b.sock", "/run/iked", "/run/user/1"), ElementsAre("/tmp/a/b.pid"));
  EXPECT_THAT(lock_paths("/tmp/control", "", ""), ElementsAre("/tmp/control.pid"));
}

TEST(LockPaths, OfTheDefaultSocketHaveFallbacks) {
  EXPECT_THAT(lock_paths("/run/iked.sock", "/run/iked", "/run/user/1"),
              ElementsAre("/run/iked.pid", "/run/iked/iked.pid", "/run/user/1/iked.pid"));
  EXPECT_THAT(lock_paths("/run/iked.sock", "", ""), ElementsAre("/run/iked.pid"));
}

}  // namespace
}  // namespace iked::daemon
