// SPDX-License-Identifier: ISC
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {

Result<NotifyPayload> parse_notify(ByteView body) {  // RFC7296 3.10
  Reader r{body};
  NotifyPayload n;
  n.protocol = ProtocolId{r.u8()};
  const uint8_t spi_size = r.u8();
  n.notify = NotifyType{r.u16()};
  n.spi = to_bytes(r.take(spi_size));
  n.data = r.rest_copy();
  // RFC7296 3.10: "If the SPI field is empty, this field MUST be sent as zero and MUST be ignored
  // on receipt."
  if (n.spi.empty()) n.protocol = ProtocolId::NONE;
  return r.finish(std::move(n), "Notify payload");
}

void encode(const NotifyPayload& n, Bytes& out) {
  const ProtocolId protocol = n.spi.empty() ? ProtocolId::NONE : n.protocol;
  out.push_back(static_cast<uint8_t>(protocol));
  put_u8(out, n.spi.size());
  put_u16(out, static_cast<uint16_t>(n.notify));
  append(out, n.spi);
  append(out, n.data);
}

}  // namespace iked::wire
