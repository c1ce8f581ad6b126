// SPDX-License-Identifier: ISC
#include "base/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>

namespace iked {
namespace {

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) != -1;
}

class DescriptorTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0); }
  int fd() const { return ends_[0]; }
  void TearDown() override {
    for (int end : ends_) {
      if (is_open(end)) close(end);
    }
  }
  std::array<int, 2> ends_{};
};

TEST_F(DescriptorTest, ClosesWhenItGoes) {
  {
    const Descriptor owner(fd());
    EXPECT_TRUE(owner);
    EXPECT_EQ(owner.get(), fd());
    EXPECT_TRUE(is_open(fd()));
  }
  EXPECT_FALSE(is_open(fd()));
}

TEST_F(DescriptorTest, MovingLeavesNothingBehind) {
  Descriptor first(fd());
  Descriptor second(std::move(first));
  EXPECT_FALSE(first);  // NOLINT: that is what is tested
  EXPECT_EQ(second.get(), fd());
  Descriptor third(ends_[1]);
  third = std::move(second);
  EXPECT_FALSE(is_open(ends_[1]));
  EXPECT_TRUE(is_open(fd()));
  Descriptor& same = third;
  third = std::move(same);
  EXPECT_EQ(third.get(), fd());
  EXPECT_TRUE(is_open(fd()));
}

TEST_F(DescriptorTest, ReleaseGivesItAway) {
  Descriptor owner(fd());
  EXPECT_EQ(owner.release(), fd());
  EXPECT_FALSE(owner);
  owner.reset();
  EXPECT_TRUE(is_open(fd()));
}

TEST(Descriptor, NoneByDefault) {
  const Descriptor none;
  EXPECT_FALSE(none);
  EXPECT_LT(none.get(), 0);
}

}  // namespace
}  // namespace iked
