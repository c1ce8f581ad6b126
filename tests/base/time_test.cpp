// SPDX-License-Identifier: ISC
#include "base/time.h"

#include <gtest/gtest.h>

namespace iked {
namespace {

TEST(Time, SecondsAreRoundedDown) {
  EXPECT_EQ(in_seconds(0s), 0);
  EXPECT_EQ(in_seconds(999ms), 0);
  EXPECT_EQ(in_seconds(1s), 1);
  EXPECT_EQ(in_seconds(2min + 1999ms), 121);
  EXPECT_EQ(in_seconds(-1ms), -1);
}

TEST(Time, NanosecondsSuffice) {
  EXPECT_EQ(Time{} + 24h * 365 * 100 - Time{}, 24h * 36500);
}

}  // namespace
}  // namespace iked
