// SPDX-License-Identifier: ISC
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {
namespace {

// RFC7296 3.11: the SPI Size "MUST be zero for IKE (SPI is in message header) or four for AH and
// ESP"; there is no other protocol, and for IKE there are no SPIs to count.
bool sizes_fit(ProtocolId protocol, uint8_t spi_size, uint16_t count) {
  switch (protocol) {
    case ProtocolId::IKE:
      return spi_size == 0 && count == 0;
    case ProtocolId::AH:
    case ProtocolId::ESP:
      return spi_size == 4;
    default:
      return false;
  }
}

}  // namespace

Result<DeletePayload> parse_delete(ByteView body) {  // RFC7296 3.11
  Reader r{body};
  DeletePayload d;
  d.protocol = ProtocolId{r.u8()};
  const uint8_t spi_size = r.u8();
  const uint16_t count = r.u16();
  if (r.ok() && !sizes_fit(d.protocol, spi_size, count)) {
    return fail("a Delete for {} with {} SPIs of {} octets", to_string(d.protocol), count,
                spi_size);
  }
  for (unsigned i = 0; i < count && r.ok(); ++i) d.spis.push_back(ChildSpi{r.u32()});
  return r.finish(std::move(d), "Delete payload");
}

void encode(const DeletePayload& d, Bytes& out) {
  IKED_CHECK(d.spis.size() <= 0xffff);
  out.push_back(static_cast<uint8_t>(d.protocol));
  put_u8(out, d.protocol == ProtocolId::IKE ? 0 : 4);
  put_u16(out, static_cast<uint16_t>(d.spis.size()));
  for (const ChildSpi& spi : d.spis) put_u32(out, spi.value);
}

}  // namespace iked::wire
