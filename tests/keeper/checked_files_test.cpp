// SPDX-License-Identifier: ISC
#include "keeper/checked_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>

#include "keeper/temporary_folder.h"

namespace iked::keeper {
namespace {

using testing::HasSubstr;

std::string error_of(const Result<void>& result) {
  return result ? "" : result.error().text;
}

TEST(CheckOwnership, OwnerIsRootOrCaller) {
  EXPECT_TRUE(check_ownership("f", 0, 0100600, 1000));
  EXPECT_TRUE(check_ownership("f", 1000, 0100600, 1000));
  EXPECT_EQ(error_of(check_ownership("/etc/x", 1001, 0100600, 1000)),
            "belongs to uid 1001, not to root or uid 1000; 'chown root /etc/x' mends it");
}

TEST(CheckOwnership, GroupMayReadAtMostAndOthersNothing) {
  for (unsigned good : {0600u, 0640u, 0400u, 0700u, 0440u, 0200u}) {
    EXPECT_TRUE(check_ownership("f", 0, 0100000 | good, 0)) << std::oct << good;
  }
  for (unsigned bad : {0644u, 0660u, 0650u, 0604u, 0601u, 0602u, 0666u, 0610u, 0620u}) {
    EXPECT_FALSE(check_ownership("f", 0, 0100000 | bad, 0)) << std::oct << bad;
  }
}

TEST(CheckOwnership, NamesModeReasonAndCure) {
  EXPECT_EQ(error_of(check_ownership("/etc/iked.conf", 0, 0100644, 0)),
            "mode 0644: everybody may read it, and it holds secrets; 'chmod 600 /etc/iked.conf' "
            "mends it");
  EXPECT_THAT(error_of(check_ownership("f", 0, 0100660, 0)), HasSubstr("others may write to it"));
  EXPECT_THAT(error_of(check_ownership("f", 0, 0100610, 0)), HasSubstr("execute"));
}

TEST(CheckedFiles, ReadsAFile) {
  const test::TemporaryFolder folder;
  CheckedFiles files;
  const auto file = files.read(folder.write("a", "some text"));
  ASSERT_TRUE(file) << file.error().text;
  EXPECT_EQ(file->text, "some text");
  EXPECT_TRUE(files.read(folder.write("empty", ""))->text.empty());
}

TEST(CheckedFiles, TextsStayWhileMoreIsRead) {
  const test::TemporaryFolder folder;
  CheckedFiles files;
  const auto first = files.read(folder.write("a", "first"));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(files.read(folder.write("b", std::string(10000, 'b'))));
  EXPECT_EQ(first->text, "first");
}

TEST(CheckedFiles, ReadsMoreThanTheSizeSays) {
  CheckedFiles files;
  const auto proc = files.read("/proc/self/stat");  // mode 0444, so refused, but only for its mode
  ASSERT_FALSE(proc);
  EXPECT_THAT(proc.error().text, HasSubstr("everybody may read it"));
}

TEST(CheckedFiles, RefusesAFileReadableByOthers) {
  const test::TemporaryFolder folder;
  CheckedFiles files;
  const std::string path = folder.write("a", "x", 0644);
  const auto file = files.read(path);
  ASSERT_FALSE(file);
  EXPECT_EQ(
      file.error().text,
      "mode 0644: everybody may read it, and it holds secrets; 'chmod 600 " + path + "' mends it");
}

TEST(CheckedFiles, RefusesWhatIsNoRegularFile) {
  const test::TemporaryFolder folder;
  CheckedFiles files;
  EXPECT_THAT(files.read(folder.path(".")).error().text, HasSubstr("is a directory"));
  ASSERT_EQ(mkfifo(folder.path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(files.read(folder.path("fifo")).error().text, "is not a regular file");
  EXPECT_THAT(files.read("/dev/null").error().text, HasSubstr("not a regular file"));
  EXPECT_EQ(files.read(folder.path("none")).error().text,
            "cannot be opened: No such file or directory");
}

// Somebody exchanges the file for a FIFO or a directory again and again, also between whatever we
// look at and whatever we open: it is the file, or it is refused, and nothing waits for a writer.
TEST(CheckedFiles, AFileThatIsSwappedAllTheTimeIsReadOrRefused) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("secret");
  const std::string aside = folder.path("aside");
  folder.write("secret", "x");
  chmod(path.c_str(), 0600);
  ASSERT_EQ(mkfifo(folder.path("fifo").c_str(), 0600), 0);
  ASSERT_EQ(mkdir(folder.path("folder").c_str(), 0700), 0);
  const pid_t swapper = fork();
  if (swapper == 0) {
    for (;;) {
      for (const char* other : {"fifo", "folder"}) {
        rename(path.c_str(), aside.c_str());
        rename(folder.path(other).c_str(), path.c_str());
        rename(path.c_str(), folder.path(other).c_str());
        rename(aside.c_str(), path.c_str());
      }
    }
  }
  std::map<std::string, int> seen;
  const auto read = [&] {
    CheckedFiles files;
    const auto text = files.read(path);
    if (text) {
      EXPECT_EQ(text->text, "x");
    }
    ++seen[text ? "read" : text.error().text];
  };
  const auto all = [&] {
    return seen["read"] > 0 && seen["is not a regular file"] > 0 &&
           seen["is a directory, not a file"] > 0;
  };
  for (int i = 0; i < 2000 || !all(); ++i) read();
  kill(swapper, SIGKILL);
  waitpid(swapper, nullptr, 0);
  seen.erase("cannot be opened: No such file or directory");
  EXPECT_EQ(seen.size(), 3U);
}

TEST(CheckedFiles, SameFileHasSameIdentity) {
  const test::TemporaryFolder folder;
  CheckedFiles files;
  folder.write("a", "x");
  folder.write("b", "x");
  ASSERT_EQ(symlink(folder.path("a").c_str(), folder.path("link").c_str()), 0);
  const auto a = files.read(folder.path("a"));
  EXPECT_EQ(a->identity, files.read(folder.path("./a"))->identity);
  EXPECT_EQ(a->identity, files.read(folder.path("link"))->identity);
  EXPECT_NE(a->identity, files.read(folder.path("b"))->identity);
}

TEST(CheckedFiles, LooksUpServicesAndProtocols) {
  CheckedFiles files;
  EXPECT_FALSE(files.service_port("no-such-service-here"));
  EXPECT_FALSE(files.protocol_number("no-such-protocol-here"));
  if (!files.service_port("ssh")) GTEST_SKIP() << "no /etc/services";
  EXPECT_EQ(files.service_port("ssh"), 22);
  EXPECT_EQ(files.service_port("tftp"), 69);  // of udp only
  EXPECT_EQ(files.protocol_number("tcp"), 6);
}

}  // namespace
}  // namespace iked::keeper
