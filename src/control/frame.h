// SPDX-License-Identifier: ISC
// How messages are cut out of the control socket's stream: a header of eight octets and a body.
//
//    0               4       5       6               8
//   +---------------+-------+-------+---------------+------
//   | body's length |version|   0   |     type      | body ...
//   +---------------+-------+-------+---------------+------
//
// Numbers are big-endian. What types and bodies mean is protocol.h.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace iked::control {

inline constexpr size_t frame_header_size = 8;
inline constexpr uint8_t protocol_version = 2;

struct Frame {
  uint16_t type = 0;
  Bytes body;
};

Bytes encode(const Frame& frame);

/// Collects octets as they come and gives out whole frames. Holds at most one header and
/// `max_body` octets more than what was added since the last `next`.
class FrameBuffer {
 public:
  explicit FrameBuffer(size_t max_body) : max_body_(max_body) {}

  void add(ByteView octets) { append(octets_, octets); }
  /// The next whole frame, or nothing yet. After an error the stream is of no more use: it was of
  /// another version, or a body would be longer than `max_body`.
  Result<std::optional<Frame>> next();

 private:
  size_t max_body_;
  Bytes octets_;
};

}  // namespace iked::control
