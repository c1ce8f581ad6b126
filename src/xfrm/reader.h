// SPDX-License-Identifier: ISC
// What the kernel sent, taken apart with every length checked: messages of a datagram, attributes
// of a message, structures copied out. Nothing here trusts or follows a length that it has not
// compared with what is really there.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>

#include "base/bytes.h"

namespace iked::xfrm {

/// One netlink message; `payload` points into the datagram.
struct Message {
  uint16_t type = 0;
  uint16_t flags = 0;
  uint32_t sequence = 0;
  ByteView payload;
};

/// Walks the messages of a datagram. Stops at the end and at the first header that lies.
class MessageReader {
 public:
  explicit MessageReader(ByteView datagram) : rest_(datagram) {}
  std::optional<Message> next();

 private:
  ByteView rest_;
};

struct Attribute {
  uint16_t type = 0;  // without the nesting and byte order bits
  ByteView value;
};

/// Walks attributes. Stops at the end and at the first length that lies.
class AttributeReader {
 public:
  explicit AttributeReader(ByteView attributes) : rest_(attributes) {}
  std::optional<Attribute> next();

 private:
  ByteView rest_;
};

/// The last attribute of this type, as the kernel itself reads repeated ones.
std::optional<ByteView> find_attribute(ByteView attributes, uint16_t type);

/// A copy of the structure at the start of `octets`; longer is fine, shorter is nothing. Newer
/// kernels append fields, and the octets need not be aligned.
template <typename T>
requires std::is_trivially_copyable_v<T> std::optional<T> read_struct(ByteView octets) {
  if (octets.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, octets.data(), sizeof value);
  return value;
}

/// What follows a T in a message: its attributes.
template <typename T>
ByteView after_struct(ByteView payload) {
  constexpr size_t aligned = (sizeof(T) + 3) & ~size_t{3};
  return payload.size() > aligned ? payload.subspan(aligned) : ByteView{};
}

/// How one request of ours ended: an errno (0 = well) and the kernel's own words, if it had any.
struct Outcome {
  int error = 0;
  std::string words;
  bool ok() const { return error == 0; }
};

/// "Requested AEAD algorithm not found (Function not implemented)"
std::string to_string(const Outcome& outcome);

/// Reads an NLMSG_ERROR message, which is also the acknowledgement.
std::optional<Outcome> parse_outcome(const Message& message);

}  // namespace iked::xfrm
