// SPDX-License-Identifier: ISC
// The SK payload (RFC7296 3.14, RFC5282 3): IV | payloads, padding, Pad Length | ICV. The figure is
// here, the cryptography in crypto/message_cipher.h.
#include "base/check.h"
#include "wire/chain.h"
#include "wire/encode.h"

namespace iked::wire {
namespace {

constexpr size_t pad_length_octet = 1;

/// Where the way through the clear payloads ends.
struct SkPayload {
  PayloadType first = PayloadType::NONE;  // of those inside
  size_t body = 0;                        // offset in the datagram; it goes on to the end
};

Parsed<SkPayload> find_sk(PayloadType first, ByteView datagram) {
  Reader r{datagram.subspan(Header::size)};
  PayloadType type = first;
  for (size_t count = 0; count < max_payloads && type != PayloadType::NONE; ++count) {
    const RawPayload raw = read_payload(r);
    if (!r.ok()) return invalid_syntax("the length of the {} payload is wrong", to_string(type));
    if (type == PayloadType::SK) {
      // RFC7296 3.14: "The Encrypted payload, if present in a message, MUST be the last payload in
      // the message."
      if (!r.at_end()) return invalid_syntax("{} octets follow the SK payload", r.left());
      return SkPayload{raw.next, datagram.size() - raw.body.size()};
    }
    type = raw.next;
  }
  return invalid_syntax("there is no SK payload");
}

// IV and ICV are there, and the text between them has room for its Pad Length and ends with a
// block.
bool size_fits(size_t body, const crypto::SealLayout& layout) {
  const size_t around = layout.iv + layout.icv;
  return body >= around + pad_length_octet && (body - around) % layout.block == 0;
}

std::unexpected<OpenFailure> unauthentic(ParseFailure failure) {
  return std::unexpected(OpenFailure{false, std::move(failure)});
}
std::unexpected<OpenFailure> authentic(ParseFailure failure) {
  return std::unexpected(OpenFailure{true, std::move(failure)});
}

}  // namespace

std::expected<Message, OpenFailure> open_message(const Header& header, std::span<uint8_t> datagram,
                                                 const crypto::MessageKeys& keys) {
  IKED_CHECK(datagram.size() >= Header::size);
  const auto layout = crypto::seal_layout(keys.encr, keys.integ);
  IKED_CHECK(layout);

  auto sk = find_sk(header.next_payload, datagram);
  if (!sk) return unauthentic(std::move(sk.error()));
  const size_t body_size = datagram.size() - sk->body;
  if (!size_fits(body_size, *layout)) {
    return unauthentic(invalid_syntax("an SK payload of {} octets", body_size).error());
  }
  // RFC7296 2.21: nothing in a message is believed before its ICV is known to be right.
  if (!crypto::open_in_place(keys, datagram, sk->body)) {
    return unauthentic(invalid_syntax("the ICV is wrong").error());
  }

  const ByteView text =
      datagram.subspan(sk->body + layout->iv, body_size - layout->iv - layout->icv);
  // RFC7296 3.14: "the recipient MUST accept any length that results in proper alignment"; what the
  // padding holds is the sender's choice.
  const size_t padding = text.back() + pad_length_octet;
  if (padding > text.size()) {
    return authentic(
        invalid_syntax("{} octets of padding in {} octets", text.back(), text.size()).error());
  }
  auto payloads = parse_chain(sk->first, text.first(text.size() - padding));
  if (!payloads) return authentic(std::move(payloads.error()));
  return Message{header, std::move(*payloads)};
}

Bytes seal_message(Header header, const Payloads& payloads, const crypto::MessageKeys& keys,
                   ByteView iv) {
  const auto layout = crypto::seal_layout(keys.encr, keys.integ);
  IKED_CHECK(layout && iv.size() == layout->iv);

  header.next_payload = PayloadType::SK;
  Bytes message;
  encode_header(header, message);
  const size_t begin = message.size();
  // RFC7296 3.14: Next Payload is the type of the first payload inside.
  message.push_back(static_cast<uint8_t>(first_type(payloads)));
  put_zeros(message, 1);
  const LengthField length(message, begin);
  const size_t body = message.size();
  append(message, iv);
  encode_chain(payloads, message);
  // RFC7296 3.14: the minimum that makes payloads, Padding and Pad Length a multiple of the block.
  const size_t text = message.size() - body - iv.size() + pad_length_octet;
  const size_t padding = (layout->block - text % layout->block) % layout->block;
  put_zeros(message, padding);
  put_u8(message, padding);
  put_zeros(message, layout->icv);
  length.fill(message);
  fill_message_length(message);
  crypto::seal_in_place(keys, message, body);
  return message;
}

}  // namespace iked::wire
