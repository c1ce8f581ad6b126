// SPDX-License-Identifier: ISC
#include "base/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <type_traits>

namespace iked {
namespace {

// What must not compile: copies by accident, and printing.
static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);
static_assert(!std::is_copy_constructible_v<SecretArray<32>>);
static_assert(!std::is_copy_assignable_v<SecretArray<32>>);
static_assert(!std::is_convertible_v<SecretBytes, ByteView>);
static_assert(!std::is_convertible_v<ByteView, SecretBytes>);
static_assert(!fmt::is_formattable<SecretBytes>::value);
static_assert(!fmt::is_formattable<SecretArray<32>>::value);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes>);

SecretBytes secret(std::string_view text) {
  return SecretBytes(as_bytes(text));
}

TEST(SecretBytes, HoldsACopyOfTheOctets) {
  Bytes source = {1, 2, 3};
  const SecretBytes copy{ByteView(source)};
  source[0] = 9;
  EXPECT_EQ(to_hex(copy.reveal()), "010203");
  EXPECT_EQ(copy.size(), 3U);
  EXPECT_FALSE(copy.empty());
  EXPECT_TRUE(SecretBytes().empty());
}

TEST(SecretBytes, MadeBySizeIsZeroAndWritable) {
  SecretBytes key(size_t{4});
  EXPECT_EQ(to_hex(key.reveal()), "00000000");
  key.reveal_writable()[3] = 7;
  EXPECT_EQ(to_hex(key.reveal()), "00000007");
}

TEST(SecretBytes, MovingEmptiesTheSource) {
  SecretBytes a = secret("key");
  const uint8_t* where = a.reveal().data();
  SecretBytes b = std::move(a);
  EXPECT_TRUE(a.empty());  // NOLINT: that is what is tested
  EXPECT_EQ(b.reveal().data(), where) << "no second copy may be made";
  SecretBytes c = secret("other");
  c = std::move(b);
  EXPECT_EQ(as_text(c.reveal()), "key");
  EXPECT_TRUE(b.empty());  // NOLINT
}

TEST(SecretBytes, EqualByLengthAndContent) {
  EXPECT_EQ(secret("key"), secret("key"));
  EXPECT_EQ(SecretBytes(), SecretBytes());
  EXPECT_FALSE(secret("key") == secret("kez"));
  EXPECT_FALSE(secret("key") == secret("Key"));
  EXPECT_FALSE(secret("key") == secret("ke"));
  EXPECT_EQ(secret("key").duplicate(), secret("key"));
}

TEST(SecretArray, MovingWipesTheSource) {
  SecretArray<4> a;
  EXPECT_EQ(to_hex(a.reveal()), "00000000");
  a.reveal_writable()[0] = 0xab;
  SecretArray<4> b = std::move(a);
  EXPECT_EQ(to_hex(a.reveal()), "00000000");  // NOLINT: that is what is tested
  EXPECT_EQ(to_hex(b.reveal()), "ab000000");
  a = std::move(b);
  EXPECT_EQ(to_hex(b.reveal()), "00000000");  // NOLINT
  EXPECT_FALSE(a == b);
  SecretArray<4>& same = a;
  a = std::move(same);
  EXPECT_EQ(to_hex(a.reveal()), "ab000000");
  a.wipe();
  EXPECT_TRUE(a == b);
}

TEST(EqualConstantTime, EveryPositionCounts) {
  const Bytes a(64, 0x5a);
  EXPECT_TRUE(equal_constant_time(a, a));
  EXPECT_TRUE(equal_constant_time({}, {}));
  for (size_t i = 0; i < a.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes b = a;
      b[i] = static_cast<uint8_t>(b[i] ^ (1U << bit));
      EXPECT_FALSE(equal_constant_time(a, b)) << i;
    }
  }
  EXPECT_FALSE(equal_constant_time(a, ByteView(a).first(63)));
}

}  // namespace
}  // namespace iked
