// SPDX-License-Identifier: ISC
// AES-XCBC-MAC (RFC 3566), for mac.cpp: none of our libraries has it by name, but nettle has its
// twin CMAC, which differs only in how the three keys come from the one.
#pragma once

#include <memory>
#include <span>

#include "base/bytes.h"

namespace iked::crypto {

class Xcbc {
 public:
  static constexpr size_t kKey = 16;     // octets
  static constexpr size_t kOutput = 16;  // octets

  /// `key` has kKey octets.
  explicit Xcbc(ByteView key);
  Xcbc(Xcbc&&) noexcept;
  Xcbc& operator=(Xcbc&&) noexcept;
  ~Xcbc();

  void add(ByteView octets);
  /// Into the first kOutput octets of `out`; the next add() begins a new message.
  void finish(std::span<uint8_t> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iked::crypto
