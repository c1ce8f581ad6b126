// SPDX-License-Identifier: ISC
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {

Result<KePayload> parse_ke(ByteView body) {  // RFC7296 3.4
  Reader r{body};
  KePayload ke;
  ke.group = KeId{r.u16()};
  r.skip(2);  // RESERVED
  ke.data = r.rest_copy();
  return r.finish(std::move(ke), "KE payload");
}

void encode(const KePayload& ke, Bytes& out) {
  put_u16(out, static_cast<uint16_t>(ke.group));
  put_zeros(out, 2);
  append(out, ke.data);
}

}  // namespace iked::wire
