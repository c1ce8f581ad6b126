// SPDX-License-Identifier: ISC
// The ciphers themselves, for message_cipher.cpp: which library computes which, on pieces of a
// message that are cut already. Lengths are what ike_encr() says.
#pragma once

#include <span>

#include "base/bytes.h"
#include "model/proposal.h"

namespace iked::crypto {

/// Whether there is a row for it and its library has it.
bool cipher_available(Encr encr);

enum class Direction : uint8_t { ENCRYPT, DECRYPT };

/// A cipher without integrity, in place. `iv` is a whole block with CBC and a whole first counter
/// block with CTR.
void crypt(Encr encr, Direction direction, ByteView key, ByteView iv, std::span<uint8_t> text);

/// What an AEAD works on. The nonce is whole: salt and IV.
struct AeadPieces {
  ByteView key;
  ByteView nonce;
  ByteView associated;
  std::span<uint8_t> text;
  std::span<uint8_t> tag;
};
void aead_seal(Encr encr, const AeadPieces& pieces);
/// False: the tag is wrong. The text is then whatever the library left there.
[[nodiscard]] bool aead_open(Encr encr, const AeadPieces& pieces);

}  // namespace iked::crypto
