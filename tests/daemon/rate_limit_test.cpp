// SPDX-License-Identifier: ISC
#include "daemon/rate_limit.h"

#include <gtest/gtest.h>

namespace iked::daemon {
namespace {

TEST(RateLimit, FirstPassesAndTheRestIsCounted) {
  RateLimit limit(10s);
  const Time start{100s};
  EXPECT_EQ(limit.admit(start), 0U);
  EXPECT_EQ(limit.admit(start), std::nullopt);
  EXPECT_EQ(limit.admit(start + 9s), std::nullopt);
  EXPECT_EQ(limit.admit(start + 10s), 2U);
  EXPECT_EQ(limit.admit(start + 11s), std::nullopt);
  EXPECT_EQ(limit.admit(start + 40s), 1U);
}

}  // namespace
}  // namespace iked::daemon
