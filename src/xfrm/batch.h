// SPDX-License-Identifier: ISC
// Netlink messages being written, one after the other, so that one send carries them all. It knows
// headers and attributes; what is in them is messages.h's business, sending is socket.h's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"

namespace iked::xfrm {

/// Octets that may contain keys: zeroed when they are given back, also when the batch grows.
using WipedOctets = std::vector<uint8_t, ZeroingAllocator<uint8_t>>;

class Batch {
 public:
  /// Begins a message with NLM_F_REQUEST and `flags`. The sequence number stays zero until
  /// number_from().
  void begin(uint16_t type, uint16_t flags);

  /// The fixed part of the message begun last, straight after begin().
  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void body(const T& value) { put(octets_of(value)); }

  void attribute(uint16_t type, ByteView value);

  template <typename T>
  requires(std::is_trivially_copyable_v<T> &&
           !std::is_convertible_v<T, ByteView>) void attribute(uint16_t type, const T& value) {
    attribute(type, octets_of(value));
  }

  /// An attribute whose value is `head` and then `tail`: the kernel's structures that end in an
  /// array, which C++ cannot have as members.
  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void attribute_with_tail(uint16_t type, const T& head, size_t head_size, ByteView tail) {
    attribute_of_parts(type, octets_of(head).first(head_size), tail);
  }

  /// Gives the messages the sequence numbers `first`, `first` + 1, ...
  void number_from(uint32_t first);

  size_t count() const { return starts_.size(); }
  bool empty() const { return starts_.empty(); }
  ByteView octets() const { return octets_; }
  /// Messages `from` up to and without `to`.
  ByteView messages(size_t from, size_t to) const;

 private:
  template <typename T>
  static ByteView octets_of(const T& value) {
    return {reinterpret_cast<const uint8_t*>(&value), sizeof value};
  }
  void put(ByteView more);
  void attribute_of_parts(uint16_t type, ByteView head, ByteView tail);

  WipedOctets octets_;
  std::vector<size_t> starts_;
};

}  // namespace iked::xfrm
