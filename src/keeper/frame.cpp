// SPDX-License-Identifier: ISC
#include "keeper/frame.h"

#include <algorithm>
#include <cstring>

#include "base/reader.h"

namespace iked::keeper {
namespace {

constexpr size_t small = 4096;
// Two IKE_SA_INIT messages with all that is signed with them, or a step of TLS.
constexpr size_t large = size_t{256} << 10;
// A configuration: the text may have 64 MiB.
constexpr size_t huge = size_t{256} << 20;

bool is_request(MessageType type) {
  return static_cast<uint16_t>(type) < 0x100;
}

void put_be(SecretBuffer& to, uint64_t value, int octets) {
  for (int i = octets - 1; i >= 0; --i) to.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

}  // namespace

std::optional<size_t> largest_body(MessageType type) {
  switch (type) {
    case MessageType::commit:
    case MessageType::list_public:
    case MessageType::take_secret:
    case MessageType::wipe_users:
    case MessageType::done:
      return 0;
    case MessageType::load:
    case MessageType::log_in:
    case MessageType::log_out:
    case MessageType::psk_values:
    case MessageType::secret_taken:
    case MessageType::users_wiped:
    case MessageType::refused:
    case MessageType::hello:
    case MessageType::log:
      return small;
    case MessageType::psk_auth:
    case MessageType::eap:
    case MessageType::sign:
    case MessageType::eap_values:
    case MessageType::signature:
      return large;
    case MessageType::loaded:
    case MessageType::public_parts:
      return huge;
  }
  return std::nullopt;
}

SecretBuffer encode(const Frame& frame) {
  SecretBuffer octets;
  append_frame(octets, frame.type, frame.id, frame.body);
  return octets;
}

void append_frame(SecretBuffer& to, MessageType type, uint64_t id, ByteView body) {
  const size_t end = to.size() + frame_header_size + body.size();
  // Little by little, each message would move all that are there.
  if (to.capacity() < end) to.reserve(std::max(end, 2 * to.capacity()));
  put_be(to, body.size(), 4);
  put_be(to, static_cast<uint16_t>(type), 2);
  put_be(to, 0, 2);
  put_be(to, id, 8);
  to.insert(to.end(), body.begin(), body.end());
}

void FrameReader::add(ByteView octets) {
  if (taken_ == octets_.size()) {
    octets_.clear();
    taken_ = 0;
  }
  octets_.insert(octets_.end(), octets.begin(), octets.end());
}

Result<std::optional<Frame>> FrameReader::next() {
  const ByteView waiting = ByteView(octets_).subspan(taken_);
  if (waiting.size() < frame_header_size) return std::nullopt;
  Reader header(waiting.first(frame_header_size));
  const size_t size = header.u32();
  Frame frame;
  frame.type = MessageType{header.u16()};
  const uint16_t reserved = header.u16();
  frame.id = header.u64();
  const std::optional<size_t> most = largest_body(frame.type);
  if (!most || reserved != 0 || is_request(frame.type) != (side_ == Side::keeper)) {
    return fail("a message of type {:#x} has no business here", static_cast<uint16_t>(frame.type));
  }
  if (size > *most) {
    return fail("a message of type {:#x} with {} octets, at most {} are allowed",
                static_cast<uint16_t>(frame.type), size, *most);
  }
  if (waiting.size() < frame_header_size + size) return std::nullopt;
  const ByteView body = waiting.subspan(frame_header_size, size);
  frame.body.assign(body.begin(), body.end());
  explicit_bzero(octets_.data() + taken_, frame_header_size + size);
  taken_ += frame_header_size + size;
  if (taken_ > large) {
    octets_.erase(octets_.begin(), octets_.begin() + static_cast<ptrdiff_t>(taken_));
    taken_ = 0;
  }
  return frame;
}

}  // namespace iked::keeper
