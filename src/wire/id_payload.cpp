// SPDX-License-Identifier: ISC
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {
namespace {

// RFC7296 3.5: addresses are four or sixteen octets; everything else has any length.
bool length_fits(const Identity& identity) {
  switch (identity.type) {
    case IdType::IPV4_ADDR:
      return identity.octets.size() == 4;
    case IdType::IPV6_ADDR:
      return identity.octets.size() == 16;
    default:
      return true;
  }
}

template <PayloadType kType>
Result<IdPayload<kType>> parse_id(ByteView body) {  // RFC7296 3.5
  Reader r{body};
  IdPayload<kType> id;
  id.identity.type = IdType{r.u8()};
  r.skip(3);  // RESERVED, but covered by AUTH: see `body`
  id.identity.octets = r.rest_copy();
  id.body = to_bytes(body);
  if (r.ok() && !length_fits(id.identity)) {
    return fail("an ID of type {} with {} octets", to_string(id.identity.type),
                id.identity.octets.size());
  }
  return r.finish(std::move(id), "ID payload");
}

void encode_id(const Identity& identity, Bytes& out) {
  out.push_back(static_cast<uint8_t>(identity.type));
  put_zeros(out, 3);
  append(out, identity.octets);
}

}  // namespace

Result<IdiPayload> parse_idi(ByteView body) {
  return parse_id<PayloadType::IDi>(body);
}
Result<IdrPayload> parse_idr(ByteView body) {
  return parse_id<PayloadType::IDr>(body);
}

void encode(const IdiPayload& id, Bytes& out) {
  encode_id(id.identity, out);
}
void encode(const IdrPayload& id, Bytes& out) {
  encode_id(id.identity, out);
}

Bytes id_body(const Identity& identity) {
  Bytes body;
  encode_id(identity, body);
  return body;
}

}  // namespace iked::wire
