// SPDX-License-Identifier: ISC
#include "net/encapsulation.h"

#include <gtest/gtest.h>

namespace iked::net {
namespace {

std::optional<Bytes> found_in(const char* hex, bool natt) {
  const Bytes payload = from_hex(hex).value();
  const auto message = find_ike_message(payload, natt);
  if (!message) return std::nullopt;
  return to_bytes(*message);
}

TEST(Encapsulation, MarkerIsTakenOff) {
  EXPECT_EQ(found_in("00 00 00 00 11 22 33", true), from_hex("11 22 33").value());
}

TEST(Encapsulation, MarkerAloneIsAnEmptyMessage) {
  EXPECT_EQ(found_in("00 00 00 00", true), Bytes{});
}

TEST(Encapsulation, WithoutMarkerOnPort500NothingIsTakenOff) {
  EXPECT_EQ(found_in("00 00 00 00 11", false), from_hex("00 00 00 00 11").value());
}

TEST(Encapsulation, EspIsNoMessage) {
  EXPECT_EQ(found_in("c0 a0 17 32 00 00 00 01", true), std::nullopt);
  EXPECT_EQ(found_in("00 00 00 01 00 00 00 01", true), std::nullopt);
}

TEST(Encapsulation, TooShortForAMarkerIsNoMessage) {
  EXPECT_EQ(found_in("00 00 00", true), std::nullopt);
  EXPECT_EQ(found_in("", true), std::nullopt);
}

TEST(Encapsulation, KeepaliveIsNoMessageOnEitherPort) {
  EXPECT_EQ(found_in("ff", true), std::nullopt);
  EXPECT_EQ(found_in("ff", false), std::nullopt);
}

}  // namespace
}  // namespace iked::net
