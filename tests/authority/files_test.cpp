// SPDX-License-Identifier: ISC
#include "authority/files.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "authority/fixture.h"

namespace iked::authority {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(WriteFile, HasContentAndModeWhateverTheUmask) {
  const Folder folder;
  const mode_t before = umask(0);
  ASSERT_TRUE(write_file(folder / "key", as_bytes("secret"), {.mode = 0600}, Existing::keep));
  umask(077);
  ASSERT_TRUE(write_file(folder / "crt", as_bytes("public"), {.mode = 0644}, Existing::keep));
  umask(before);
  EXPECT_EQ(text_of(folder / "key"), "secret");
  EXPECT_EQ(mode_of(folder / "key"), 0600u);
  EXPECT_EQ(mode_of(folder / "crt"), 0644u);
}

TEST(WriteFile, KeepsWhatIsThereUnlessToldToReplaceIt) {
  const Folder folder;
  write_text(folder / "a", "old");
  const auto kept = write_file(folder / "a", as_bytes("new"), {.mode = 0600}, Existing::keep);
  ASSERT_FALSE(kept);
  EXPECT_THAT(kept.error().text, HasSubstr("exists already"));
  EXPECT_EQ(text_of(folder / "a"), "old");
  ASSERT_TRUE(write_file(folder / "a", as_bytes("new"), {.mode = 0600}, Existing::replace));
  EXPECT_EQ(text_of(folder / "a"), "new");
  EXPECT_THAT(tree_of(folder.path()), ElementsAre("a"));
}

TEST(WriteFile, ReplacesALinkAndNotWhatItLeadsTo) {
  const Folder folder;
  write_text(folder / "elsewhere", "old");
  ASSERT_EQ(symlink((folder / "elsewhere").c_str(), (folder / "a").c_str()), 0);
  ASSERT_FALSE(write_file(folder / "a", as_bytes("new"), {.mode = 0600}, Existing::keep));
  ASSERT_TRUE(write_file(folder / "a", as_bytes("new"), {.mode = 0600}, Existing::replace));
  EXPECT_EQ(text_of(folder / "elsewhere"), "old");
  EXPECT_EQ(text_of(folder / "a"), "new");
}

TEST(WriteFile, WithoutRoomTheOldContentStaysAndNothingElse) {
  const Folder folder;
  write_text(folder / "a", "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 100, .rlim_max = before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const auto full = write_file(folder / "a", Bytes(1000), {.mode = 0600}, Existing::replace);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().text, HasSubstr("make room and try again"));
  EXPECT_EQ(text_of(folder / "a"), "old");
  EXPECT_THAT(tree_of(folder.path()), ElementsAre("a"));
}

TEST(WriteFile, FolderThatIsNotThereIsSaid) {
  const Folder folder;
  const auto done = write_file(folder / "no/a", as_bytes("x"), {.mode = 0600}, Existing::keep);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, Failure::Kind::not_found);
}

TEST(SystemFailure, KindFollowsFromTheError) {
  EXPECT_EQ(system_failure("f", "cannot be read", ENOENT).error().kind, Failure::Kind::not_found);
  EXPECT_EQ(system_failure("f", "cannot be read", EACCES).error().kind, Failure::Kind::denied);
  EXPECT_EQ(system_failure("f", "cannot be read", EROFS).error().kind, Failure::Kind::denied);
  EXPECT_EQ(system_failure("f", "cannot be read", EIO).error().kind, Failure::Kind::failed);
  EXPECT_EQ(system_failure("f", "cannot be written", ENOSPC).error().text,
            "f cannot be written: No space left on device; nothing was changed: make room and try "
            "again");
}

TEST(ReadFile, OnlyRegularFilesOfReasonableSize) {
  const Folder folder;
  EXPECT_THAT(read_file(folder.path()).error().text, HasSubstr("not a regular file"));
  EXPECT_THAT(read_file("/dev/zero").error().text, HasSubstr("not a regular file"));
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(read_file(folder / "pipe").error().text, HasSubstr("not a regular file"));
  write_text(folder / "large", "");
  ASSERT_EQ(truncate((folder / "large").c_str(), (4 << 20) + 1), 0);
  EXPECT_THAT(read_file(folder / "large").error().text, HasSubstr("larger than 4 MiB"));
  EXPECT_EQ(read_file(folder / "none").error().kind, Failure::Kind::not_found);
}

TEST(MakeDirectory, MakesTheWayAndKeepsWhatIsThere) {
  const Folder folder;
  ASSERT_TRUE(make_directory(folder / "a/b/c", {.mode = 0700}));
  EXPECT_EQ(mode_of(folder / "a/b/c"), 0700u);
  EXPECT_EQ(mode_of(folder / "a/b"), 0755u);
  ASSERT_TRUE(make_directory(folder / "a/b/c", {.mode = 0755}));
  EXPECT_EQ(mode_of(folder / "a/b/c"), 0700u);
  write_text(folder / "f", "");
  EXPECT_FALSE(make_directory(folder / "f", {.mode = 0755}));
  EXPECT_FALSE(make_directory(folder / "f/g", {.mode = 0755}));
}

TEST(DraftDirectory, LeavesNothingUnlessMovedIntoPlace) {
  const Folder folder;
  {
    auto draft = DraftDirectory::make_for(folder / "a", 0755);
    ASSERT_TRUE(draft);
    write_text(draft->path() + "/x", "1");
  }
  EXPECT_THAT(tree_of(folder.path()), IsEmpty());
  {
    auto draft = DraftDirectory::make_for(folder / "a", 0755);
    ASSERT_TRUE(draft);
    write_text(draft->path() + "/x", "1");
    ASSERT_TRUE(draft->move_into_place());
  }
  EXPECT_THAT(tree_of(folder.path()), ElementsAre("a", "a/x"));
  auto second = DraftDirectory::make_for(folder / "a", 0755);
  ASSERT_TRUE(second);
  EXPECT_THAT(second->move_into_place().error().text, HasSubstr("exists already"));
}

}  // namespace
}  // namespace iked::authority
