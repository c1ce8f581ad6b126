// SPDX-License-Identifier: ISC
// Reads big-endian fields from foreign octets. A read past the end makes the Reader fail for good:
// from then on everything reads as zero or empty, so that a parser needs one check, at its end.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace iked {

class Reader {
 public:
  explicit Reader(ByteView octets) : rest_(octets) {}

  uint8_t u8() {
    const ByteView octet = take(1);
    return octet.empty() ? uint8_t{0} : octet[0];
  }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  uint64_t u64() { return number(8); }

  /// The next `n` octets, or an empty view and failure when there are fewer.
  ByteView take(size_t n) {
    if (n > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView taken = rest_.first(n);
    rest_ = rest_.subspan(n);
    return taken;
  }
  void skip(size_t n) { take(n); }
  ByteView rest() { return take(rest_.size()); }
  Bytes rest_copy() { return to_bytes(rest()); }
  /// A Reader of the next `n` octets alone; it fails on its own, and this one if there are fewer.
  Reader sub(size_t n) { return Reader(take(n)); }

  size_t left() const { return rest_.size(); }
  bool at_end() const { return rest_.empty(); }
  bool ok() const { return ok_; }
  void set_failed() { ok_ = false; }

  /// `value` when everything was there and nothing is left over.
  template <typename T>
  Result<T> finish(T value, const char* what) const {
    if (!ok_) return fail("{} is cut short", what);
    if (!rest_.empty()) return fail("{} has {} octets too many", what, rest_.size());
    return value;
  }

 private:
  uint64_t number(size_t n) {
    uint64_t value = 0;
    for (uint8_t octet : take(n)) value = value << 8 | octet;
    return value;
  }

  ByteView rest_;
  bool ok_ = true;
};

}  // namespace iked
