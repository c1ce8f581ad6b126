// SPDX-License-Identifier: ISC
#include "base/bytes.h"

#include <gtest/gtest.h>

namespace iked {
namespace {

TEST(Bytes, NumbersAreStoredBigEndian) {
  Bytes octets;
  put_u16(octets, 0x0102);
  put_u32(octets, 0x03040506);
  put_u64(octets, 0x0708090a0b0c0d0eU);
  EXPECT_EQ(to_hex(octets), "0102030405060708090a0b0c0d0e");
}

TEST(Bytes, AppendAndCopyKeepTheOctets) {
  Bytes octets = to_bytes(as_bytes("abc"));
  append(octets, as_bytes("d"));
  append(octets, {});
  EXPECT_EQ(as_text(octets), "abcd");
}

TEST(Bytes, SameOctetsComparesLengthAndContent) {
  EXPECT_TRUE(same_octets({}, {}));
  EXPECT_TRUE(same_octets(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(same_octets(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(same_octets(as_bytes("abc"), as_bytes("ab")));
}

TEST(Hex, EveryOctetGoesThereAndBack) {
  Bytes all;
  for (unsigned i = 0; i < 256; ++i) all.push_back(static_cast<uint8_t>(i));
  const std::string digits = to_hex(all);
  EXPECT_EQ(digits.size(), 512U);
  EXPECT_EQ(digits.substr(0, 4), "0001");
  EXPECT_EQ(digits.substr(508), "feff");
  EXPECT_EQ(from_hex(digits).value(), all);
}

TEST(Hex, EitherCaseAndSpacesBetweenOctets) {
  EXPECT_EQ(from_hex("0a FF  bC").value(), (Bytes{0x0a, 0xff, 0xbc}));
  EXPECT_EQ(from_hex("").value(), Bytes{});
  EXPECT_EQ(from_hex(" ").value(), Bytes{});
}

TEST(Hex, WhatIsNoHexIsRefused) {
  EXPECT_EQ(from_hex("0g").error().text, "'g' is not a hexadecimal digit");
  EXPECT_EQ(from_hex("0x10").error().text, "'x' is not a hexadecimal digit");
  EXPECT_EQ(from_hex("\n").error().text, "'\\x0a' is not a hexadecimal digit");
  // Not in the middle of an octet.
  EXPECT_FALSE(from_hex("0 1"));
  for (const char* odd : {"0", "012", "01 2"}) {
    EXPECT_EQ(from_hex(odd).error().text, "odd number of hexadecimal digits; each octet needs two");
  }
}

TEST(Printable, TextStaysAndTheRestIsEscaped) {
  EXPECT_EQ(printable(as_bytes("a b~!")), "a b~!");
  EXPECT_EQ(printable(as_bytes(std::string_view("\0\n\x1b[2J\x7f\xff", 8))),
            "\\x00\\x0a\\x1b[2J\\x7f\\xff");
  // Else an escape could be forged.
  EXPECT_EQ(printable(as_bytes("\\x41")), "\\x5cx41");
}

TEST(Printable, LongTextIsCutAndMarked) {
  const std::string text(130, 'a');
  EXPECT_EQ(printable(as_bytes(text)), std::string(128, 'a') + "...");
  EXPECT_EQ(printable(as_bytes(text), 130), text);
  EXPECT_EQ(printable(as_bytes("ab"), 1), "a...");
}

}  // namespace
}  // namespace iked
