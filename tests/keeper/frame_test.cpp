// SPDX-License-Identifier: ISC
#include "keeper/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iked::keeper {
namespace {

using testing::HasSubstr;

Frame psk_request(uint64_t id, size_t size = 3) {
  return {MessageType::psk_auth, id, SecretBuffer(size, 0x5a)};
}

Bytes header(uint32_t size, uint16_t type, uint16_t reserved = 0) {
  Bytes octets;
  put_u32(octets, size);
  put_u16(octets, type);
  put_u16(octets, reserved);
  put_u64(octets, 7);
  return octets;
}

TEST(FrameReader, GivesWholeFramesHoweverTheyCome) {
  SecretBuffer octets = encode(psk_request(1));
  const SecretBuffer second = encode(psk_request(2, 0));
  octets.insert(octets.end(), second.begin(), second.end());
  for (size_t piece = 1; piece <= octets.size(); ++piece) {
    FrameReader reader(Side::keeper);
    std::vector<uint64_t> ids;
    for (size_t at = 0; at < octets.size(); at += piece) {
      reader.add(ByteView(octets).subspan(at, std::min(piece, octets.size() - at)));
      for (;;) {
        const auto frame = reader.next();
        ASSERT_TRUE(frame);
        if (!*frame) break;
        EXPECT_EQ((*frame)->type, MessageType::psk_auth);
        ids.push_back((*frame)->id);
      }
    }
    EXPECT_EQ(ids, (std::vector<uint64_t>{1, 2})) << piece;
  }
}

TEST(FrameReader, LengthOverTheTypesLimitIsAnErrorAtOnce) {
  for (const auto type : {MessageType::psk_auth, MessageType::load, MessageType::log_in}) {
    FrameReader reader(Side::keeper);
    const auto most = static_cast<uint32_t>(*largest_body(type));
    reader.add(header(most + 1, static_cast<uint16_t>(type)));
    const auto frame = reader.next();
    ASSERT_FALSE(frame);
    EXPECT_THAT(frame.error().text, HasSubstr("at most"));
  }
  FrameReader reader(Side::iked);
  reader.add(header(0xffffffff, static_cast<uint16_t>(MessageType::loaded)));
  EXPECT_FALSE(reader.next());
}

TEST(FrameReader, TypesOfTheOtherSideAreErrors) {
  for (const auto type : {MessageType::loaded, MessageType::hello, MessageType::refused}) {
    FrameReader reader(Side::keeper);
    reader.add(encode({type, 1, {}}));
    EXPECT_FALSE(reader.next()) << static_cast<int>(type);
  }
  for (const auto type : {MessageType::load, MessageType::take_secret}) {
    FrameReader reader(Side::iked);
    reader.add(encode({type, 1, {}}));
    EXPECT_FALSE(reader.next()) << static_cast<int>(type);
  }
}

TEST(FrameReader, UnknownTypesAndReservedBitsAreErrors) {
  for (const int number : {0, 11, 0xff, 0x106, 0x203, 0xffff}) {
    const auto type = static_cast<uint16_t>(number);
    FrameReader reader(type < 0x100 ? Side::keeper : Side::iked);
    reader.add(header(0, type));
    EXPECT_FALSE(reader.next()) << type;
  }
  FrameReader reader(Side::keeper);
  reader.add(header(0, static_cast<uint16_t>(MessageType::load), 1));
  EXPECT_FALSE(reader.next());
}

}  // namespace
}  // namespace iked::keeper
