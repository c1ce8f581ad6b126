// SPDX-License-Identifier: ISC
#include "control/listener.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <sys/stat.h>

#include <fstream>

#include "control/address.h"
#include "control/scratch.h"

namespace iked::control {
namespace {

using testing::HasSubstr;

std::string error_of(const Result<Listener>& result) {
  return result ? "no error" : result.error().text;
}

/// What a daemon leaves behind that was killed.
void leave_dead_socket(const std::string& path) {
  const Descriptor fd(socket(AF_UNIX, SOCK_STREAM, 0));
  const sockaddr_un address = unix_address(path).value();
  ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

TEST(Listener, SocketIsForItsOwnerAndGroupAlone) {
  const Scratch scratch;
  const mode_t before = umask(0);  // the worst a caller may have
  const auto listener = Listener::create(scratch / "sock");
  EXPECT_EQ(umask(before), 0U);
  ASSERT_TRUE(listener) << listener.error().text;
  struct stat info {};
  ASSERT_EQ(stat((scratch / "sock").c_str(), &info), 0);
  EXPECT_TRUE(S_ISSOCK(info.st_mode));
  EXPECT_EQ(info.st_mode & 07777, 0660U);
  EXPECT_EQ(info.st_uid, geteuid());
  const group* iked = getgrnam("iked");
  EXPECT_EQ(info.st_gid, iked != nullptr ? iked->gr_gid : getegid());
}

TEST(Listener, FileGoesAwayWithIt) {
  const Scratch scratch;
  { ASSERT_TRUE(Listener::create(scratch / "sock")); }
  EXPECT_FALSE(std::filesystem::exists(scratch / "sock"));
}

TEST(Listener, FileOfASuccessorStays) {
  const Scratch scratch;
  {
    const auto listener = Listener::create(scratch / "sock");
    ASSERT_TRUE(listener);
    std::filesystem::rename(scratch / "sock", scratch / "old");
    std::ofstream(scratch / "sock") << "a successor's";
  }
  EXPECT_TRUE(std::filesystem::exists(scratch / "sock"));
}

TEST(Listener, DeadSocketIsReplaced) {
  const Scratch scratch;
  leave_dead_socket(scratch / "sock");
  const auto listener = Listener::create(scratch / "sock");
  EXPECT_TRUE(listener) << listener.error().text;
}

TEST(Listener, LivingOneIsNamedByPidAndLeftAlone) {
  const Scratch scratch;
  const auto first = Listener::create(scratch / "sock");
  ASSERT_TRUE(first);
  EXPECT_EQ(error_of(Listener::create(scratch / "sock")),
            fmt::format("another iked is running (pid {} listens on {}): stop it first", getpid(),
                        scratch / "sock"));
  EXPECT_TRUE(std::filesystem::exists(scratch / "sock"));
}

TEST(Listener, OtherFilesAreNeverRemoved) {
  const Scratch scratch;
  std::ofstream(scratch / "sock") << "precious";
  EXPECT_EQ(error_of(Listener::create(scratch / "sock")),
            fmt::format("{} exists and is not a socket: remove it, or choose another path with -s",
                        scratch / "sock"));
  EXPECT_TRUE(std::filesystem::exists(scratch / "sock"));
}

TEST(Listener, MissingDirectoryAndLongPathAreSaid) {
  const Scratch scratch;
  EXPECT_EQ(error_of(Listener::create(scratch / "no/sock")),
            fmt::format("cannot make the control socket {}: No such file or directory",
                        scratch / "no/sock"));
  EXPECT_THAT(error_of(Listener::create("/" + std::string(200, 'x'))),
              HasSubstr("cannot be the path of a socket"));
  EXPECT_THAT(error_of(Listener::create("")), HasSubstr("cannot be the path of a socket"));
}

TEST(Listener, SocketThatWasHandedInIsUsedAndItsFileStays) {
  const Scratch scratch;
  leave_dead_socket(scratch / "unused");
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM, 0));
  const sockaddr_un address = unix_address(scratch / "sock").value();
  ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(fd.get(), 1), 0);
  {
    const auto listener = Listener::adopt(std::move(fd));
    ASSERT_TRUE(listener) << listener.error().text;
    EXPECT_NE(fcntl(listener->descriptor(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(fcntl(listener->descriptor(), F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_TRUE(std::filesystem::exists(scratch / "sock"));
}

TEST(Listener, DescriptorThatDoesNotListenIsRefused) {
  const char* refusal = "the control socket that was handed in is no listening Unix stream socket";
  EXPECT_EQ(error_of(Listener::adopt(Descriptor(socket(AF_UNIX, SOCK_STREAM, 0)))), refusal);
  EXPECT_EQ(error_of(Listener::adopt(Descriptor(socket(AF_UNIX, SOCK_DGRAM, 0)))), refusal);
  EXPECT_EQ(error_of(Listener::adopt(Descriptor(open("/dev/null", O_RDONLY)))), refusal);
}

}  // namespace
}  // namespace iked::control
