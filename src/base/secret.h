// SPDX-License-Identifier: ISC
// Secrets as types: they cannot be copied, printed or compared in variable time by accident, and
// their memory is zeroed when they go. The only way to the octets is reveal(), a word to grep for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace iked {

/// std::allocator that zeroes what it gives back.
template <typename T>
struct ZeroingAllocator {
  using value_type = T;
  ZeroingAllocator() = default;
  template <typename U>
  ZeroingAllocator(const ZeroingAllocator<U>&) {}  // NOLINT: allocators convert

  T* allocate(size_t n) { return std::allocator<T>{}.allocate(n); }
  void deallocate(T* p, size_t n) {
    explicit_bzero(p, n * sizeof(T));
    std::allocator<T>{}.deallocate(p, n);
  }
  template <typename U>
  bool operator==(const ZeroingAllocator<U>&) const {
    return true;
  }
};

/// Octets equal, in time that depends on the lengths only.
inline bool equal_constant_time(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  volatile uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i)
    difference = static_cast<uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

/// Secret octets of a length known at run time. Move-only; the moved-from one is empty.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(size_t size) : octets_(size) {}
  explicit SecretBytes(ByteView copy_of) : octets_(copy_of.begin(), copy_of.end()) {}
  SecretBytes(SecretBytes&&) = default;
  SecretBytes& operator=(SecretBytes&&) = default;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  size_t size() const { return octets_.size(); }
  bool empty() const { return octets_.empty(); }
  ByteView reveal() const { return octets_; }
  std::span<uint8_t> reveal_writable() { return octets_; }

  /// A second holder of the same secret, asked for in so many words.
  SecretBytes duplicate() const { return SecretBytes(reveal()); }

  friend bool operator==(const SecretBytes& a, const SecretBytes& b) {
    return equal_constant_time(a.octets_, b.octets_);
  }

 private:
  std::vector<uint8_t, ZeroingAllocator<uint8_t>> octets_;
};

/// Secret octets of a fixed length without an allocation.
template <size_t N>
class SecretArray {
 public:
  SecretArray() = default;
  ~SecretArray() { explicit_bzero(octets_.data(), N); }
  SecretArray(SecretArray&& other) noexcept : octets_(other.octets_) { other.wipe(); }
  SecretArray& operator=(SecretArray&& other) noexcept {
    if (this != &other) {
      octets_ = other.octets_;
      other.wipe();
    }
    return *this;
  }
  SecretArray(const SecretArray&) = delete;
  SecretArray& operator=(const SecretArray&) = delete;

  static constexpr size_t size() { return N; }
  ByteView reveal() const { return octets_; }
  std::span<uint8_t> reveal_writable() { return octets_; }
  void wipe() { explicit_bzero(octets_.data(), N); }

  friend bool operator==(const SecretArray& a, const SecretArray& b) {
    return equal_constant_time(a.octets_, b.octets_);
  }

 private:
  std::array<uint8_t, N> octets_{};
};

}  // namespace iked
