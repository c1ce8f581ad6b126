// SPDX-License-Identifier: ISC
// One keyed digest in use, for prf.cpp and message_cipher.cpp. Outside of this folder use prf.h.
#pragma once

#include <memory>
#include <span>
#include <variant>

#include "base/secret.h"
#include "crypto/xcbc.h"

struct hmac_hd_st;  // GnuTLS's

namespace iked::crypto {

/// What a keyed digest is made of. A new one is a name here and a row in mac.cpp.
enum class MacAlgorithm : uint8_t {
  HMAC_MD5,
  HMAC_SHA1,
  HMAC_SHA2_256,
  HMAC_SHA2_384,
  HMAC_SHA2_512,
  AES128_CMAC,
  AES128_XCBC,
};

/// The longest output of any of them, in octets.
inline constexpr size_t max_mac_output = 64;

/// Keyed once, used for any number of messages one after the other.
class Mac {
 public:
  /// Keys of HMAC have any length, those of AES 16 octets.
  Mac(MacAlgorithm algorithm, ByteView key);

  /// Octets of the whole output.
  size_t output() const { return output_; }
  void add(ByteView octets);
  /// The digest of what was added, into the first output() octets of `out`; the next add() begins a
  /// new message.
  void finish(std::span<uint8_t> out);

  /// Whether the library has it. Everything else here takes that for granted.
  static bool available(MacAlgorithm algorithm);

 private:
  struct Deleter {
    void operator()(hmac_hd_st* handle) const;
  };
  using Handle = std::unique_ptr<hmac_hd_st, Deleter>;
  std::variant<Handle, Xcbc> state_;
  size_t output_ = 0;
};

}  // namespace iked::crypto
