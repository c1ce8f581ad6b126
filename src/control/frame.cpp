// SPDX-License-Identifier: ISC
#include "control/frame.h"

#include "base/check.h"
#include "base/reader.h"

namespace iked::control {

Bytes encode(const Frame& frame) {
  IKED_CHECK(frame.body.size() <= UINT32_MAX);
  Bytes octets;
  octets.reserve(frame_header_size + frame.body.size());
  put_u32(octets, static_cast<uint32_t>(frame.body.size()));
  octets.push_back(protocol_version);
  octets.push_back(0);
  put_u16(octets, frame.type);
  append(octets, frame.body);
  return octets;
}

Result<std::optional<Frame>> FrameBuffer::next() {
  if (octets_.size() < frame_header_size) return std::nullopt;
  Reader reader(octets_);
  const size_t length = reader.u32();
  const uint8_t version = reader.u8();
  const uint8_t reserved = reader.u8();
  if (version != protocol_version || reserved != 0) {
    return fail("the other side speaks another control protocol: restart iked after an update");
  }
  if (length > max_body_) return fail("a control message of {} octets is too long", length);
  Frame frame;
  frame.type = reader.u16();
  if (reader.left() < length) return std::nullopt;
  frame.body = to_bytes(reader.take(length));
  octets_.erase(octets_.begin(), octets_.end() - static_cast<ptrdiff_t>(reader.left()));
  return frame;
}

}  // namespace iked::control
