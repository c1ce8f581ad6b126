// SPDX-License-Identifier: ISC
#include "wire/chain.h"

#include "wire/encode.h"

namespace iked::wire {
namespace {

constexpr size_t generic_header = 4;
constexpr uint8_t critical_bit = 0x80;

// RFC7296 2.5: "known" means the payload types of RFC 7296, and SKF of RFC 7383. Those below belong
// to IKEv1 and mean nothing here (3.2).
bool is_known(PayloadType type) {
  return (type >= PayloadType::SA && type <= PayloadType::EAP) || type == PayloadType::SKF;
}

Result<Payload> parse_body(PayloadType type, ByteView body) {
  switch (type) {
    case PayloadType::SA:
      return parse_sa(body);
    case PayloadType::KE:
      return parse_ke(body);
    case PayloadType::IDi:
      return parse_idi(body);
    case PayloadType::IDr:
      return parse_idr(body);
    case PayloadType::CERT:
      return parse_cert(body);
    case PayloadType::CERTREQ:
      return parse_certreq(body);
    case PayloadType::AUTH:
      return parse_auth(body);
    case PayloadType::NONCE:
      return parse_nonce(body);
    case PayloadType::NOTIFY:
      return parse_notify(body);
    case PayloadType::DELETE:
      return parse_delete(body);
    case PayloadType::VENDOR:
      return parse_vendor(body);
    case PayloadType::TSi:
      return parse_tsi(body);
    case PayloadType::TSr:
      return parse_tsr(body);
    case PayloadType::CP:
      return parse_cp(body);
    case PayloadType::EAP:
      return parse_eap(body);
    default:  // SK and SKF
      return fail("an {} payload where none may be", to_string(type));
  }
}

}  // namespace

RawPayload read_payload(Reader& r) {  // RFC7296 3.2
  RawPayload payload;
  payload.next = PayloadType{r.u8()};
  payload.critical = (r.u8() & critical_bit) != 0;  // the rest is RESERVED
  const uint16_t length = r.u16();
  if (length < generic_header) {
    r.set_failed();
    return payload;
  }
  payload.body = r.take(length - generic_header);
  return payload;
}

Parsed<Payloads> parse_chain(PayloadType first, ByteView octets) {
  Reader r{octets};
  Payloads payloads;
  PayloadType type = first;
  for (size_t count = 0; type != PayloadType::NONE; ++count) {
    if (count == max_payloads) return invalid_syntax("over {} payloads", max_payloads);
    const RawPayload raw = read_payload(r);
    if (!r.ok()) return invalid_syntax("the length of the {} payload is wrong", to_string(type));
    if (is_known(type)) {
      // RFC7296 3.2: the critical bit "MUST be ignored by the recipient if the recipient
      // understands the payload type code".
      auto payload = parse_body(type, raw.body);
      if (!payload) return invalid_syntax("{}", payload.error().text);
      payloads.push_back(std::move(*payload));
    } else if (raw.critical) {
      // RFC7296 2.5: "If the critical flag is set and the payload type is unrecognized, the message
      // MUST be rejected"; the notification carries the one-octet type.
      return std::unexpected(ParseFailure{
          NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD,
          {static_cast<uint8_t>(type)},
          fmt::format("the critical payload {} is not known", static_cast<unsigned>(type))});
    }
    type = raw.next;
  }
  if (!r.at_end()) return invalid_syntax("{} octets follow the last payload", r.left());
  return payloads;
}

PayloadType first_type(const Payloads& payloads) {
  return payloads.empty() ? PayloadType::NONE : type_of(payloads.front());
}

void encode_chain(const Payloads& payloads, Bytes& out) {
  for (size_t i = 0; i < payloads.size(); ++i) {
    const bool last = i + 1 == payloads.size();
    const size_t begin = out.size();
    out.push_back(static_cast<uint8_t>(last ? PayloadType::NONE : type_of(payloads[i + 1])));
    // RFC7296 3.2: the critical bit "MUST be set to zero for payload types defined in this
    // document".
    put_zeros(out, 1);
    const LengthField length(out, begin);
    encode_body(payloads[i], out);
    length.fill(out);
  }
}

}  // namespace iked::wire
