// SPDX-License-Identifier: ISC
#include "base/result.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/overloaded.h"

namespace iked {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail("{} is odd", n);
  return n / 2;
}

Result<std::string> half_in_words(int n) {
  auto result = half(n);
  if (!result) return fail(result);
  return std::to_string(*result);
}

TEST(Result, CarriesTheValueOrTheReason) {
  EXPECT_EQ(half(4).value(), 2);
  EXPECT_EQ(half(3).error().text, "3 is odd");
}

TEST(Result, ReasonIsHandedOnToAnotherType) {
  EXPECT_EQ(half_in_words(4).value(), "2");
  EXPECT_EQ(half_in_words(5).error().text, "5 is odd");
}

TEST(Check, BrokenInvariantEndsTheProcessAndSaysWhere) {
  IKED_CHECK(1 + 1 == 2);
  EXPECT_DEATH(IKED_CHECK(1 + 1 == 3),
               "internal error: 1 \\+ 1 == 3 does not hold at .*result_test.cpp:[0-9]+");
}

TEST(Overloaded, PicksByType) {
  const auto kind =
      overloaded{[](int) { return "int"; }, [](const std::string&) { return "text"; }};
  EXPECT_STREQ(kind(1), "int");
  EXPECT_STREQ(kind(std::string("a")), "text");
}

}  // namespace
}  // namespace iked
