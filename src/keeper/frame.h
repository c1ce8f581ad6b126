// SPDX-License-Identifier: ISC
// How messages are cut out of the stream between iked and iked-keeper: a header of sixteen octets
// and a body. Each side takes the other for hostile. What the bodies mean is protocol.h.
//
//    0               4       6       8                              16
//   +---------------+-------+-------+-------------------------------+------
//   | body's length | type  |   0   |           request id          | body ...
//   +---------------+-------+-------+-------------------------------+------
//
// Numbers are big-endian. An answer has the id of its request; what nobody asked for has 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace iked::keeper {

enum class MessageType : uint16_t {
  // Requests, from iked.
  load = 1,
  commit = 2,
  psk_auth = 3,
  eap = 4,
  sign = 5,
  log_in = 6,
  log_out = 7,
  list_public = 8,
  take_secret = 9,  // with a descriptor beside it: a pipe with the secret
  wipe_users = 10,
  // Answers.
  loaded = 0x101,
  done = 0x102,
  psk_values = 0x103,
  eap_values = 0x104,
  signature = 0x105,
  public_parts = 0x108,
  secret_taken = 0x109,
  users_wiped = 0x10a,
  refused = 0x1ff,  // to any request
  // Not asked for.
  hello = 0x201,  // the first message of the keeper
  log = 0x202,
};

/// Octets that may hold secrets: zeroed when they go.
using SecretBuffer = std::vector<uint8_t, ZeroingAllocator<uint8_t>>;

inline constexpr size_t frame_header_size = 16;

struct Frame {
  MessageType type{};
  uint64_t id = 0;
  SecretBuffer body;
};

/// The most that a body of this type may have; nothing for a type that does not exist.
std::optional<size_t> largest_body(MessageType type);

/// Header and body.
SecretBuffer encode(const Frame& frame);
/// The same behind what is in `to` already.
void append_frame(SecretBuffer& to, MessageType type, uint64_t id, ByteView body);

/// Who reads: each side takes the other's messages only.
enum class Side : uint8_t { iked, keeper };

/// Collects octets as they come and gives out whole frames. Holds little more than one frame.
class FrameReader {
 public:
  explicit FrameReader(Side side) : side_(side) {}

  void add(ByteView octets);
  /// The next whole frame, or nothing yet. After an error the stream is of no more use: a type that
  /// this side does not take, or a body that is too long for its type.
  Result<std::optional<Frame>> next();

 private:
  Side side_;
  SecretBuffer octets_;
  size_t taken_ = 0;  // of them
};

}  // namespace iked::keeper
