// SPDX-License-Identifier: ISC
// What SK and SKF payloads have in common: both stand last, and both are IV | text, padding, Pad
// Length | ICV (RFC7296 3.14, RFC7383 2.5).
#pragma once

#include "wire/chain.h"

namespace iked::wire {

/// Where the way through the clear payloads ends.
struct SealedPayload {
  PayloadType type = PayloadType::SK;     // or SKF
  PayloadType first = PayloadType::NONE;  // of those inside
  size_t body = 0;                        // offset in the datagram; it goes on to the end
};

/// Goes through the payload headers of a datagram to the SK or SKF payload at its end.
Parsed<SealedPayload> find_sealed(PayloadType first, ByteView datagram);

/// Checks the ICV, decrypts in place and takes the padding away. From `iv_offset`
/// on there are IV, text and ICV, up to the end.
std::expected<ByteView, OpenFailure> open_text(std::span<uint8_t> datagram, size_t iv_offset,
                                               const crypto::MessageKeys& keys);

/// A message of nothing but an SK or SKF payload. Its Next Payload is `first`; `fields` stand
/// between its generic header and the IV.
Bytes seal_text(Header header, PayloadType type, PayloadType first, ByteView fields, ByteView text,
                const crypto::MessageKeys& keys, ByteView iv);

inline std::unexpected<OpenFailure> unauthentic(ParseFailure failure) {
  return std::unexpected(OpenFailure{false, std::move(failure)});
}
inline std::unexpected<OpenFailure> authentic(ParseFailure failure) {
  return std::unexpected(OpenFailure{true, std::move(failure)});
}

}  // namespace iked::wire
