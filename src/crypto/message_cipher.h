// SPDX-License-Identifier: ISC
// Encryption and integrity of one direction of an IKE SA, on the octets of a whole message. No
// handle is kept: a cipher context is made for each message, which costs under a microsecond and
// keeps an idle IKE SA small. The layout of the SK payload is wire/'s.
#pragma once

#include <span>

#include "base/secret.h"
#include "model/proposal.h"

namespace iked::crypto {

/// Keys of one direction. With an AEAD `integ` is NONE, `integ_key` empty and `encr_key` ends with
/// the salt.
struct MessageKeys {
  Encr encr;
  IntegId integ = IntegId::NONE;
  ByteView encr_key;
  ByteView integ_key;
};

/// How many octets stand where in the body of an SK payload: IV | text and padding | ICV.
struct SealLayout {
  size_t iv = 0;
  size_t icv = 0;
  size_t block = 1;  // text and padding together are a multiple of this
};
/// Fails when the catalogue does not know the algorithms.
Result<SealLayout> seal_layout(Encr encr, IntegId integ);

/// `message` is the whole message: everything up to the SK payload's body, IV (already filled in:
/// unique for an AEAD, unpredictable for CBC), padded plain text, room for the ICV. Encrypts in
/// place and fills the ICV. RFC 5282 3: the AEAD's associated data are the octets before
/// `iv_offset`; otherwise the ICV covers all before it.
void seal_in_place(const MessageKeys& keys, std::span<uint8_t> message, size_t iv_offset);

/// The reverse: checks the ICV in constant time and only then decrypts in place. False: forged or
/// damaged, and the text must not be looked at. RFC7296 3.14.
[[nodiscard]] bool open_in_place(const MessageKeys& keys, std::span<uint8_t> message,
                                 size_t iv_offset);

}  // namespace iked::crypto
