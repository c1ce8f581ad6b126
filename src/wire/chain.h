// SPDX-License-Identifier: ISC
// Payloads one after the other, each naming the type of the next (RFC7296 3.2): the part that clear
// and sealed messages have in common.
#pragma once

#include "wire/message.h"
#include "wire/reader.h"

namespace iked::wire {

/// One payload as it stands in a chain. `body` points into what was read.
struct RawPayload {
  PayloadType next = PayloadType::NONE;
  bool critical = false;
  ByteView body;
};

/// Reads a generic header and the body that it measures. `r` fails when there is less, or when the
/// length does not even cover its own header.
RawPayload read_payload(Reader& r);

/// Parses a chain that begins with type `first` and fills `octets` exactly. An SK or SKF payload
/// in it is an error.
Parsed<Payloads> parse_chain(PayloadType first, ByteView octets);

/// Appends the payloads with their generic headers.
void encode_chain(const Payloads& payloads, Bytes& out);

/// The type that whatever stands before these payloads must announce.
PayloadType first_type(const Payloads& payloads);

/// INVALID_SYNTAX with this reason.
template <typename... Args>
std::unexpected<ParseFailure> invalid_syntax(fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(ParseFailure{
      NotifyType::INVALID_SYNTAX, {}, fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace iked::wire
