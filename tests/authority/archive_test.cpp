// SPDX-License-Identifier: ISC
#include "authority/archive.h"

#include <gmock/gmock.h>

#include "authority/fixture.h"

namespace iked::authority {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What the system's tar makes of it.
std::string with_tar(const Archive& archive, const Folder& folder, const std::string& options) {
  write_text(folder / "a.tgz", std::string(as_text(archive.finish().reveal())));
  const std::string command = "cd " + folder.path() + " && TZ=UTC tar " + options +
                              " -f a.tgz --no-same-owner >listing 2>&1";
  if (std::system(command.c_str()) != 0) return "failed: " + text_of(folder / "listing");
  return text_of(folder / "listing");
}

TEST(Archive, IsUnpackedByTar) {
  const Folder folder;
  Archive archive(test_now);
  const std::string large(200'000, 'x');  // more than one block of deflate
  archive.add_directory("private", 0700);
  archive.add("private/a.key", as_bytes("secret"), 0600);
  archive.add("large", as_bytes(large), 0644);
  archive.add("empty", {}, 0644);
  archive.add("exact", as_bytes(std::string(512, 'y')), 0644);
  EXPECT_EQ(with_tar(archive, folder, "-xpz"), "");
  EXPECT_THAT(tree_of(folder.path()), ElementsAre("a.tgz", "empty", "exact", "large", "listing",
                                                  "private", "private/a.key"));
  EXPECT_EQ(text_of(folder / "private/a.key"), "secret");
  EXPECT_EQ(text_of(folder / "large"), large);
  EXPECT_EQ(text_of(folder / "exact").size(), 512u);
  EXPECT_EQ(mode_of(folder / "private"), 0700u);
  EXPECT_EQ(mode_of(folder / "private/a.key"), 0600u);
}

TEST(Archive, LongNamesAreKept) {
  const Folder folder;
  Archive archive(test_now);
  const std::string name = std::string(240, 'n') + ".crt";
  archive.add(name, as_bytes("1"), 0644);
  archive.add("after", as_bytes("2"), 0644);
  EXPECT_EQ(with_tar(archive, folder, "-xz"), "");
  EXPECT_EQ(text_of(folder / name), "1");
  EXPECT_EQ(text_of(folder / "after"), "2");
}

TEST(Archive, KeysAreForTheKeepersGroup) {
  const Folder folder;
  Archive archive(test_now);
  archive.add("a", {}, 0644);
  archive.set_group("_iked-keeper");
  archive.add("b", {}, 0640);
  const std::string listing = with_tar(archive, folder, "-tvz");
  EXPECT_THAT(listing, HasSubstr("-rw-r--r-- 0/0 "));
  EXPECT_THAT(listing, HasSubstr("-rw-r----- 0/_iked-keeper "));
  EXPECT_THAT(listing, HasSubstr("2026-11-23 07:57"));
}

}  // namespace
}  // namespace iked::authority
