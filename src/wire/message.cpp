// SPDX-License-Identifier: ISC
#include "wire/message.h"

#include "base/check.h"
#include "wire/chain.h"
#include "wire/encode.h"

namespace iked::wire {

const NotifyPayload* Message::find_notify(NotifyType type) const {
  for (const Payload& payload : payloads) {
    const auto* notify = std::get_if<NotifyPayload>(&payload);
    if (notify && notify->notify == type) return notify;
  }
  return nullptr;
}

const NotifyPayload* Message::find_error() const {
  for (const Payload& payload : payloads) {
    const auto* notify = std::get_if<NotifyPayload>(&payload);
    if (notify && is_error(notify->notify)) return notify;
  }
  return nullptr;
}

size_t Message::count(PayloadType type) const {
  return static_cast<size_t>(
      std::ranges::count_if(payloads, [type](const Payload& p) { return type_of(p) == type; }));
}

Parsed<Message> parse_message(const Header& header, ByteView datagram) {
  IKED_CHECK(datagram.size() >= Header::size);
  auto payloads = parse_chain(header.next_payload, datagram.subspan(Header::size));
  if (!payloads) return std::unexpected(std::move(payloads.error()));
  return Message{header, std::move(*payloads)};
}

Bytes encode_message(Header header, const Payloads& payloads) {
  header.next_payload = first_type(payloads);
  Bytes message;
  encode_header(header, message);
  encode_chain(payloads, message);
  fill_message_length(message);
  return message;
}

}  // namespace iked::wire
