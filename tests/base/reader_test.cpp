// SPDX-License-Identifier: ISC
#include "base/reader.h"

#include <gtest/gtest.h>

namespace iked {
namespace {

TEST(Reader, ReadsBigEndianFields) {
  const Bytes octets = from_hex("01 0203 04050607 08090a0b0c0d0e0f aabb").value();
  Reader r{octets};
  EXPECT_EQ(r.u8(), 0x01);
  EXPECT_EQ(r.u16(), 0x0203);
  EXPECT_EQ(r.u32(), 0x04050607U);
  EXPECT_EQ(r.u64(), 0x08090a0b0c0d0e0fU);
  EXPECT_EQ(r.left(), 2U);
  EXPECT_EQ(r.rest_copy(), (Bytes{0xaa, 0xbb}));
  EXPECT_TRUE(r.at_end());
  EXPECT_EQ(r.finish(7, "test").value(), 7);
}

TEST(Reader, OverrunFailsForGood) {
  const Bytes octets = {1, 2, 3};
  Reader r{octets};
  EXPECT_EQ(r.u32(), 0U);
  EXPECT_FALSE(r.ok());
  // Also what would have fitted: a parser must not find its feet again.
  EXPECT_EQ(r.u8(), 0);
  EXPECT_TRUE(r.take(0).empty());
  EXPECT_TRUE(r.rest().empty());
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.finish(7, "test").error().text, "test is cut short");
}

TEST(Reader, EveryWidthFailsOnePastTheEnd) {
  for (size_t size = 0; size < 9; ++size) {
    const Bytes octets(size, 0xff);
    Reader one{octets}, two{octets}, four{octets}, eight{octets}, skipping{octets};
    one.u8();
    two.u16();
    four.u32();
    eight.u64();
    skipping.skip(size);
    EXPECT_EQ(one.ok(), size >= 1);
    EXPECT_EQ(two.ok(), size >= 2);
    EXPECT_EQ(four.ok(), size >= 4);
    EXPECT_EQ(eight.ok(), size >= 8);
    EXPECT_TRUE(skipping.ok());
    skipping.skip(1);
    EXPECT_FALSE(skipping.ok());
  }
  Reader r{ByteView{}};
  r.skip(SIZE_MAX);
  EXPECT_FALSE(r.ok());
}

TEST(Reader, WhatIsLeftOverFails) {
  const Bytes octets = {1, 2, 3};
  Reader r{octets};
  r.u8();
  EXPECT_EQ(r.finish(7, "test").error().text, "test has 2 octets too many");
}

TEST(Reader, PartOfItFailsOnItsOwn) {
  const Bytes octets = {1, 2, 3, 4};
  Reader r{octets};
  Reader part = r.sub(2);
  EXPECT_EQ(part.u32(), 0U);
  EXPECT_FALSE(part.ok());
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(r.u16(), 0x0304);
  r.sub(1);
  EXPECT_FALSE(r.ok());
}

TEST(Reader, CanBeToldThatItFailed) {
  Reader r{ByteView{}};
  EXPECT_TRUE(r.ok());
  r.set_failed();
  EXPECT_FALSE(r.finish(1, "test"));
}

}  // namespace
}  // namespace iked
