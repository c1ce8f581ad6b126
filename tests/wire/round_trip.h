// SPDX-License-Identifier: ISC
// The property that every payload must have: what was parsed encodes, and parses back to the same.
// A broken one aborts, so that fuzz targets and tests can share it.
#pragma once

#include "base/check.h"
#include "wire/message.h"
#include "wire/notify_data.h"

namespace iked::wire {

/// A payload without what a parser reports but no encoder writes.
template <typename P>
P canonical(P payload) {
  return payload;
}
inline SaPayload canonical(SaPayload sa) {
  for (ProposalPayload& proposal : sa.proposals) {
    for (Transform& transform : proposal.transforms) transform.unknown_attribute = false;
  }
  return sa;
}
template <PayloadType kType>
IdPayload<kType> canonical(IdPayload<kType> id) {
  id.body = id_body(id.identity);
  return id;
}
template <PayloadType kType>
TsPayload<kType> canonical(TsPayload<kType> ts) {
  ts.skipped = 0;
  return ts;
}
inline Payload canonical(const Payload& payload) {
  return std::visit([](const auto& p) -> Payload { return canonical(p); }, payload);
}

/// Selectors of unknown types only: there is nothing that we could encode.
inline bool is_encodable(const Payload& payload) {
  const auto* tsi = std::get_if<TsiPayload>(&payload);
  const auto* tsr = std::get_if<TsrPayload>(&payload);
  return !(tsi && tsi->selectors.empty()) && !(tsr && tsr->selectors.empty());
}
inline Payloads canonical(const Payloads& payloads) {
  Payloads all;
  for (const Payload& payload : payloads) {
    if (is_encodable(payload)) all.push_back(canonical(payload));
  }
  return all;
}

template <typename P>
void check_round_trip(const P& parsed, Result<P> (*parse)(ByteView)) {
  if (!is_encodable(parsed)) return;
  const P expected = canonical(parsed);
  Bytes body;
  encode_body(expected, body);
  const auto again = parse(body);
  IKED_CHECK(again && *again == expected);
}

/// What the data of a notify says must not be lost, or there is a reason why it says nothing.
inline void check_notify_data(const NotifyPayload& notify) {
  const auto data = parse_notify_data(notify);
  if (!data) {
    IKED_CHECK(!data.error().text.empty());
    return;
  }
  const auto again = parse_notify_data(make_notify(notify.notify, *data));
  IKED_CHECK(again && *again == *data);
}

/// The same for a whole message in clear.
inline void check_round_trip(const Message& message) {
  for (const Payload& payload : message.payloads) {
    if (const auto* notify = std::get_if<NotifyPayload>(&payload)) check_notify_data(*notify);
  }
  const Payloads expected = canonical(message.payloads);
  const Bytes datagram = encode_message(message.header, expected);
  const auto header = parse_header(datagram);
  IKED_CHECK(header);
  const auto again = parse_message(*header, datagram);
  IKED_CHECK(again && again->payloads == expected);
  IKED_CHECK(encode_message(again->header, again->payloads) == datagram);
}

}  // namespace iked::wire
