// SPDX-License-Identifier: ISC
#include "dbus/change_limit.h"

#include <gtest/gtest.h>

namespace iked::dbus {
namespace {

constexpr Time start{1h};

TEST(ChangeLimit, FewChangesAreToldAtOnce) {
  ChangeLimit limit;
  for (uint64_t i = 0; i < ChangeLimit::burst; ++i) EXPECT_TRUE(limit.admit(start));
  EXPECT_FALSE(limit.next_deadline());
}

TEST(ChangeLimit, StormBecomesANumber) {
  ChangeLimit limit;
  uint64_t told = 0;
  for (int i = 0; i < 10'000; ++i) told += limit.admit(start) ? 1 : 0;
  EXPECT_EQ(told, ChangeLimit::burst);
  ASSERT_TRUE(limit.next_deadline());
  EXPECT_FALSE(limit.take_sum(start));
  EXPECT_EQ(limit.take_sum(*limit.next_deadline()), 10'000 - ChangeLimit::burst);
  EXPECT_FALSE(limit.next_deadline());
}

TEST(ChangeLimit, RefillsWithTime) {
  ChangeLimit limit;
  while (limit.admit(start)) {
  }
  const Time later = *limit.next_deadline();
  EXPECT_TRUE(limit.take_sum(later));
  uint64_t told = 0;
  while (limit.admit(later)) ++told;
  EXPECT_EQ(told, ChangeLimit::sum_interval / ChangeLimit::refill);
}

// A change that is told by itself after others that are still to be told as a number would make the
// number look like news.
TEST(ChangeLimit, NothingOvertakesTheNumber) {
  ChangeLimit limit;
  while (limit.admit(start)) {
  }
  EXPECT_FALSE(limit.admit(start + ChangeLimit::refill * 3));
  EXPECT_EQ(limit.take_sum(start + ChangeLimit::sum_interval), 2U);
  EXPECT_TRUE(limit.admit(start + ChangeLimit::sum_interval));
}

}  // namespace
}  // namespace iked::dbus
