// SPDX-License-Identifier: ISC
#include "keeper/other_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "keeper/temporary_folder.h"

namespace iked::keeper {
namespace {

namespace fs = std::filesystem;

class OtherFile : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder / "iked/private");
    for (const char* name : {"iked.conf", "iked-night.conf", "other.conf", "iked/branch.conf",
                             "iked/private/local.key", "iked/private/x.conf", "iked.key"}) {
      std::ofstream(folder / name) << "\n";
    }
  }
  Result<std::string> ask(const std::string& wanted) const {
    return other_file(folder / "iked.conf", wanted);
  }
  bool may(const char* name) const { return ask(folder / name).has_value(); }

  const test::TemporaryFolder scratch;
  const fs::path folder = fs::canonical(scratch.path("."));
};

TEST_F(OtherFile, ConfigurationsBesideTheUsualOneMayBeRead) {
  EXPECT_TRUE(may("iked.conf"));
  EXPECT_TRUE(may("iked-night.conf"));
  EXPECT_TRUE(may("iked/branch.conf"));
  EXPECT_EQ(ask(folder / "iked/branch.conf").value_or(""), (folder / "iked/branch.conf").string());
}

TEST_F(OtherFile, NothingElseMay) {
  EXPECT_FALSE(may("other.conf"));
  EXPECT_FALSE(may("iked.key"));
  EXPECT_FALSE(may("iked/private/local.key"));
  EXPECT_FALSE(may("iked/private/x.conf"));
  EXPECT_FALSE(ask("/etc/shadow"));
  EXPECT_FALSE(ask("iked.conf"));
  EXPECT_FALSE(ask(""));
  EXPECT_NE(ask("/etc/shadow").error().text.find("/iked/*.conf may"), std::string::npos);
}

TEST_F(OtherFile, LinksAndDotsLeadNowhereElse) {
  fs::create_symlink(folder / "iked/private/local.key", folder / "iked/link.conf");
  EXPECT_FALSE(may("iked/link.conf"));
  EXPECT_FALSE(may("iked/../../../../../../etc/adduser.conf"));
  EXPECT_TRUE(may("iked/../iked-night.conf"));
}

TEST_F(OtherFile, FileThatIsNotThereIsSaid) {
  const auto missing = ask(folder / "iked-gone.conf");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().text.find("No such file"), std::string::npos);
  // But not elsewhere.
  EXPECT_EQ(ask("/var/x").error().text.find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace iked::keeper
