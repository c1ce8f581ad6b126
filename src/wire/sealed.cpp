// SPDX-License-Identifier: ISC
// The SK payload (RFC7296 3.14, RFC5282 3): IV | payloads, padding, Pad Length | ICV. The figure is
// here, the cryptography in crypto/message_cipher.h.
#include "wire/sealed.h"

#include "base/check.h"
#include "wire/encode.h"

namespace iked::wire {
namespace {

constexpr size_t pad_length_octet = 1;

// IV and ICV are there, and the text between them has room for its Pad Length and ends with a
// block.
bool size_fits(size_t body, const crypto::SealLayout& layout) {
  const size_t around = layout.iv + layout.icv;
  return body >= around + pad_length_octet && (body - around) % layout.block == 0;
}

}  // namespace

Parsed<SealedPayload> find_sealed(PayloadType first, ByteView datagram) {
  Reader r{datagram.subspan(Header::size)};
  PayloadType type = first;
  for (size_t count = 0; count < max_payloads && type != PayloadType::NONE; ++count) {
    const RawPayload raw = read_payload(r);
    if (!r.ok()) return invalid_syntax("the length of the {} payload is wrong", to_string(type));
    if (type == PayloadType::SK || type == PayloadType::SKF) {
      // RFC7296 3.14: "The Encrypted payload, if present in a message, MUST be the last payload in
      // the message." RFC7383 2.5 says the same of SKF.
      if (!r.at_end())
        return invalid_syntax("{} octets follow the {} payload", r.left(), to_string(type));
      return SealedPayload{type, raw.next, datagram.size() - raw.body.size()};
    }
    type = raw.next;
  }
  return invalid_syntax("there is no SK payload");
}

std::expected<ByteView, OpenFailure> open_text(std::span<uint8_t> datagram, size_t iv_offset,
                                               const crypto::MessageKeys& keys) {
  const auto layout = crypto::seal_layout(keys.encr, keys.integ);
  IKED_CHECK(layout && iv_offset <= datagram.size());
  const size_t size = datagram.size() - iv_offset;
  if (!size_fits(size, *layout)) {
    return unauthentic(invalid_syntax("{} sealed octets", size).error());
  }
  // RFC7296 2.21: nothing in a message is believed before its ICV is known to be right.
  if (!crypto::open_in_place(keys, datagram, iv_offset)) {
    return unauthentic(invalid_syntax("the ICV is wrong").error());
  }

  const ByteView text = datagram.subspan(iv_offset + layout->iv, size - layout->iv - layout->icv);
  // RFC7296 3.14: "the recipient MUST accept any length that results in proper alignment"; what the
  // padding holds is the sender's choice.
  const size_t padding = text.back() + pad_length_octet;
  if (padding > text.size()) {
    return authentic(
        invalid_syntax("{} octets of padding in {} octets", text.back(), text.size()).error());
  }
  return text.first(text.size() - padding);
}

Bytes seal_text(Header header, PayloadType type, PayloadType first, ByteView fields, ByteView text,
                const crypto::MessageKeys& keys, ByteView iv) {
  const auto layout = crypto::seal_layout(keys.encr, keys.integ);
  IKED_CHECK(layout && iv.size() == layout->iv);

  header.next_payload = type;
  Bytes message;
  encode_header(header, message);
  const size_t begin = message.size();
  // RFC7296 3.14: Next Payload is the type of the first payload inside.
  message.push_back(static_cast<uint8_t>(first));
  put_zeros(message, 1);
  const LengthField length(message, begin);
  append(message, fields);
  const size_t iv_offset = message.size();
  append(message, iv);
  append(message, text);
  // RFC7296 3.14: the minimum that makes payloads, Padding and Pad Length a multiple of the block.
  const size_t block = layout->block;
  const size_t padding = (block - (text.size() + pad_length_octet) % block) % block;
  put_zeros(message, padding);
  put_u8(message, padding);
  put_zeros(message, layout->icv);
  length.fill(message);
  fill_message_length(message);
  crypto::seal_in_place(keys, message, iv_offset);
  return message;
}

std::expected<Message, OpenFailure> open_message(const Header& header, std::span<uint8_t> datagram,
                                                 const crypto::MessageKeys& keys) {
  IKED_CHECK(datagram.size() >= Header::size);
  auto sk = find_sealed(header.next_payload, datagram);
  if (!sk) return unauthentic(std::move(sk.error()));
  if (sk->type != PayloadType::SK) {
    return unauthentic(invalid_syntax("a fragment where a whole message is wanted").error());
  }
  const auto text = open_text(datagram, sk->body, keys);
  if (!text) return std::unexpected(text.error());
  auto payloads = parse_chain(sk->first, *text);
  if (!payloads) return authentic(std::move(payloads.error()));
  return Message{header, std::move(*payloads)};
}

Bytes seal_message(Header header, const Payloads& payloads, const crypto::MessageKeys& keys,
                   ByteView iv) {
  Bytes text;
  encode_chain(payloads, text);
  return seal_text(header, PayloadType::SK, first_type(payloads), {}, text, keys, iv);
}

}  // namespace iked::wire
