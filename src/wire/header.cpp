// SPDX-License-Identifier: ISC
#include "wire/header.h"

#include "wire/reader.h"

namespace iked::wire {
namespace {

constexpr uint8_t flag_initiator = 0x08;
constexpr uint8_t flag_response = 0x20;

}  // namespace

Result<Header> parse_header(ByteView datagram) {  // RFC7296 3.1
  Reader r{datagram};
  Header header;
  header.spi_i = IkeSpi{r.u64()};
  header.spi_r = IkeSpi{r.u64()};
  header.next_payload = PayloadType{r.u8()};
  const uint8_t version = r.u8();
  header.major = version >> 4;
  header.minor = version & 0x0f;
  header.exchange = ExchangeType{r.u8()};
  // RFC7296 3.1: the version flag and the flags marked X are ignored.
  const uint8_t flags = r.u8();
  header.from_initiator = (flags & flag_initiator) != 0;
  header.response = (flags & flag_response) != 0;
  header.message_id = MessageId{r.u32()};
  header.length = r.u32();
  if (!r.ok()) return fail("{} octets are too few for an IKE header", datagram.size());
  if (header.length != datagram.size()) {
    return fail("the IKE header announces {} octets, the datagram has {}", header.length,
                datagram.size());
  }
  // RFC7296 3.1: the initiator's SPI "MUST NOT be zero".
  if (!header.spi_i) return fail("the initiator's SPI is zero");
  return header;
}

void encode_header(const Header& header, Bytes& out) {
  put_u64(out, header.spi_i.value);
  put_u64(out, header.spi_r.value);
  out.push_back(static_cast<uint8_t>(header.next_payload));
  out.push_back(static_cast<uint8_t>(header.major << 4 | (header.minor & 0x0f)));
  out.push_back(static_cast<uint8_t>(header.exchange));
  // RFC7296 3.1: every other flag is clear when sending.
  uint8_t flags = 0;
  if (header.from_initiator) flags |= flag_initiator;
  if (header.response) flags |= flag_response;
  out.push_back(flags);
  put_u32(out, header.message_id.value);
  put_u32(out, header.length);
}

}  // namespace iked::wire
