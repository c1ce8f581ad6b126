// SPDX-License-Identifier: ISC
#include "crypto/system_rng.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "crypto/test_hex.h"

namespace iked::crypto {
namespace {

TEST(SystemRng, FillsAllOfWhatItIsGivenAndNoMore) {
  SystemRng rng;
  for (size_t length : {0, 1, 7, 32, 256, 4096}) {
    // An octet that stays what it was, eight times over, is no accident.
    Bytes buffer(length + 2, 0xa5);
    Bytes changed(length);
    for (int round = 0; round < 8; ++round) {
      std::fill(buffer.begin(), buffer.end(), uint8_t{0xa5});
      rng.fill(std::span(buffer).subspan(1, length));
      EXPECT_EQ(buffer.front(), 0xa5);
      EXPECT_EQ(buffer.back(), 0xa5);
      for (size_t i = 0; i < length; ++i) changed[i] |= buffer[i + 1] != 0xa5;
    }
    EXPECT_EQ(changed, Bytes(length, 1));
  }
}

TEST(SystemRng, DoesNotRepeatItself) {
  SystemRng one;
  SystemRng two;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    Bytes octets(16);
    (i % 2 == 0 ? one : two).fill(octets);
    EXPECT_TRUE(seen.insert(to_hex(octets)).second);
  }
}

}  // namespace
}  // namespace iked::crypto
