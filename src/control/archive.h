// SPDX-License-Identifier: ISC
// Writes and reads the fields of a struct in order. One list of fields per struct (fields.h) serves
// both directions, so that they cannot drift apart. Numbers are big-endian, texts and lists have a
// 32-bit count in front.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/reader.h"
#include "model/control.h"

namespace iked::control {

class Encoder {
 public:
  explicit Encoder(Bytes& out) : out_(out) {}

  template <typename... Fields>
  void operator()(const Fields&... all) {
    (write(all), ...);
  }

 private:
  void write(bool value) { out_.push_back(value ? 1 : 0); }
  void write(uint8_t value) { out_.push_back(value); }
  void write(uint32_t value) { put_u32(out_, value); }
  void write(uint64_t value) { put_u64(out_, value); }
  void write(ResetTarget value) { out_.push_back(static_cast<uint8_t>(value)); }
  void write(FailureKind value) { out_.push_back(static_cast<uint8_t>(value)); }
  void write(const std::string& text) {
    put_u32(out_, static_cast<uint32_t>(text.size()));
    append(out_, as_bytes(text));
  }
  template <typename T>
  void write(const std::vector<T>& list) {
    put_u32(out_, static_cast<uint32_t>(list.size()));
    for (const T& item : list) write(item);
  }
  template <typename Row>
  void write(const Row& row) {
    fields(*this, row);
  }

  Bytes& out_;
};

/// Fails through its Reader; what it has filled in by then is of no use.
class Decoder {
 public:
  explicit Decoder(Reader& in) : in_(in) {}

  template <typename... Fields>
  void operator()(Fields&... all) {
    (read(all), ...);
  }

 private:
  void read(bool& value) {
    const uint8_t octet = in_.u8();
    if (octet > 1) in_.set_failed();
    value = octet == 1;
  }
  void read(uint8_t& value) { value = in_.u8(); }
  void read(uint32_t& value) { value = in_.u32(); }
  void read(uint64_t& value) { value = in_.u64(); }
  void read(ResetTarget& value) {
    value = ResetTarget{in_.u8()};
    if (value > ResetTarget::user) in_.set_failed();
  }
  void read(FailureKind& value) {
    value = FailureKind{in_.u8()};
    if (value > FailureKind::no_daemon) in_.set_failed();
  }
  void read(std::string& text) {
    const uint32_t size = in_.u32();
    text = as_text(in_.take(size));
  }
  template <typename T>
  void read(std::vector<T>& list) {
    // The count is not believed: each item takes octets, so the list ends when they do.
    const uint32_t count = in_.u32();
    for (uint32_t i = 0; i < count && in_.ok(); ++i) read(list.emplace_back());
  }
  template <typename Row>
  void read(Row& row) {
    fields(*this, row);
  }

  Reader& in_;
};

}  // namespace iked::control
