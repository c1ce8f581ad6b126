// SPDX-License-Identifier: ISC
// Whole messages: the chain of payloads in clear, and sealed into an SK payload (RFC7296 3.14).
#pragma once

#include <algorithm>
#include <expected>

#include "crypto/message_cipher.h"
#include "wire/header.h"
#include "wire/payloads.h"

namespace iked::wire {

/// A parsed message. Payloads stand in the order in which they came; those that RFC 7296 does not
/// know and whose critical bit is clear are gone (RFC7296 2.5).
struct Message {
  Header header;
  Payloads payloads;

  /// The first payload of type P, or null.
  template <typename P>
  const P* find() const {
    for (const Payload& payload : payloads) {
      if (const P* found = std::get_if<P>(&payload)) return found;
    }
    return nullptr;
  }
  /// The first notify of this type, or null.
  const NotifyPayload* find_notify(NotifyType type) const;
  /// The first notify that tells of an error, or null.
  const NotifyPayload* find_error() const;
  size_t count(PayloadType type) const;
};

/// Why a message cannot be used, and what its sender may be told of it where that is allowed:
/// INVALID_SYNTAX without data, or UNSUPPORTED_CRITICAL_PAYLOAD with the payload type as its one
/// octet (RFC7296 2.5).
struct ParseFailure {
  NotifyType notify = NotifyType::INVALID_SYNTAX;
  Bytes data;
  std::string why;
};
template <typename T>
using Parsed = std::expected<T, ParseFailure>;

/// How many payloads one message may have; more is INVALID_SYNTAX.
constexpr size_t max_payloads = 64;

/// Parses a message in clear (IKE_SA_INIT). `header` is what parse_header made of the same octets.
/// An SK or SKF payload in it is an error here.
Parsed<Message> parse_message(const Header& header, ByteView datagram);

/// Whether an opened message failed on its ICV (drop it, it may be anybody's) or only afterwards
/// (the authenticated peer sent nonsense and is told so). RFC7296 2.21.
struct OpenFailure {
  bool authentic = false;
  ParseFailure failure;
};

/// Checks and opens the SK payload, then parses what was in it. Nothing is looked at before the ICV
/// is right, except the payload headers in front of SK, which must only lead to it: payloads in
/// clear beside SK are dropped (RFC7296 1.2: they are not believed). `datagram` is decrypted in
/// place.
std::expected<Message, OpenFailure> open_message(const Header& header, std::span<uint8_t> datagram,
                                                 const crypto::MessageKeys& keys);

/// Encodes a message in clear. The header's `next_payload` and `length` are filled in.
Bytes encode_message(Header header, const Payloads& payloads);

/// Encodes and seals, with the least padding. `iv` has the length that crypto::seal_layout gives,
/// and must be unpredictable or unique as crypto::seal_in_place says. The message must fit the 64
/// KiB of an SK payload.
Bytes seal_message(Header header, const Payloads& payloads, const crypto::MessageKeys& keys,
                   ByteView iv);

}  // namespace iked::wire
