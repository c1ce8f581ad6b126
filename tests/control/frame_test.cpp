// SPDX-License-Identifier: ISC
#include "control/frame.h"

#include <gtest/gtest.h>

namespace iked::control {
namespace {

TEST(FrameBuffer, FrameHasLengthVersionAndType) {
  EXPECT_EQ(to_hex(encode(Frame{0x0102, {0xaa, 0xbb, 0xcc}})), "0000000302000102aabbcc");
}

TEST(FrameBuffer, FramesComeOutHoweverTheyAreCut) {
  Bytes stream = encode(Frame{1, {0xaa}});
  append(stream, encode(Frame{2, {}}));
  append(stream, encode(Frame{3, {0xbb, 0xcc}}));
  for (size_t cut = 1; cut <= stream.size(); ++cut) {
    FrameBuffer buffer(100);
    std::vector<uint16_t> types;
    for (size_t at = 0; at < stream.size(); at += cut) {
      buffer.add(ByteView(stream).subspan(at, std::min(cut, stream.size() - at)));
      while (true) {
        const auto frame = buffer.next();
        ASSERT_TRUE(frame);
        if (!*frame) break;
        types.push_back((*frame)->type);
      }
    }
    EXPECT_EQ(types, (std::vector<uint16_t>{1, 2, 3})) << "in pieces of " << cut;
  }
}

TEST(FrameBuffer, LengthThatIsTooLargeIsAnErrorBeforeTheBodyArrives) {
  FrameBuffer buffer(4);
  buffer.add(from_hex("00000005 02 00 0001").value());
  const auto frame = buffer.next();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().text, "a control message of 5 octets is too long");
}

TEST(FrameBuffer, OtherVersionIsAnError) {
  for (const char* header : {"00000000 03 00 0001", "00000000 02 01 0001"}) {
    FrameBuffer buffer(4);
    buffer.add(from_hex(header).value());
    EXPECT_FALSE(buffer.next());
  }
}

}  // namespace
}  // namespace iked::control
