// SPDX-License-Identifier: ISC
#include "daemon/instance_lock.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

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
