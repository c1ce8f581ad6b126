// SPDX-License-Identifier: ISC
// Sealed messages, in two ways. The first octet chooses the suite, and whether the others are a
// datagram as a stranger would send it, or what an authenticated peer sealed: the type of the first
// payload, then payloads, padding and Pad Length.
#include "wire/reader.h"
#include "wire/round_trip.h"
#include "wire/test_keys.h"

namespace iked::wire {
namespace {

void from_stranger(const TestSuite& suite, Bytes datagram) {
  if (datagram.size() < Header::size) return;
  datagram[24] = datagram[25] = 0;
  datagram[26] = static_cast<uint8_t>(datagram.size() >> 8);
  datagram[27] = static_cast<uint8_t>(datagram.size());
  const auto header = parse_header(datagram);
  if (!header) return;
  const auto message = open_message(*header, datagram, test_keys(suite));
  IKED_CHECK(!message && !message.error().authentic);
}

Bytes sealed_by_peer(const TestSuite& suite, uint8_t first, ByteView text) {
  const crypto::SealLayout layout = test_layout(suite);
  const size_t sk = 4 + layout.iv + text.size() + layout.icv;
  Header header;
  header.spi_i = IkeSpi{1};
  header.next_payload = PayloadType::SK;
  header.length = static_cast<uint32_t>(Header::size + sk);
  Bytes datagram;
  encode_header(header, datagram);
  append(datagram, Bytes{first, 0, static_cast<uint8_t>(sk >> 8), static_cast<uint8_t>(sk)});
  const size_t iv = datagram.size();
  append(datagram, test_iv(suite));
  append(datagram, text);
  datagram.resize(datagram.size() + layout.icv);
  crypto::seal_in_place(test_keys(suite), datagram, iv);
  return datagram;
}

void from_peer(const TestSuite& suite, uint8_t first, ByteView text) {
  text = text.first(text.size() - text.size() % test_layout(suite).block);
  if (text.empty()) return;
  Bytes datagram = sealed_by_peer(suite, first, text);
  const auto header = parse_header(datagram);
  const auto message = open_message(*header, datagram, test_keys(suite));
  if (!message) {
    IKED_CHECK(message.error().authentic && !message.error().failure.why.empty());
    return;
  }
  const Payloads payloads = canonical(message->payloads);
  Bytes ours = seal_message(message->header, payloads, test_keys(suite), test_iv(suite));
  const auto again = open_message(*parse_header(ours), ours, test_keys(suite));
  IKED_CHECK(again && again->payloads == payloads);
}

}  // namespace
}  // namespace iked::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  iked::Reader r{{data, size}};
  const uint8_t choice = r.u8();
  if (size > 60000) return 0;
  const auto& suite = iked::wire::test_suites[choice % iked::wire::test_suites.size()];
  if ((choice & 0x80) != 0) {
    iked::wire::from_stranger(suite, r.rest_copy());
  } else {
    const uint8_t first = r.u8();
    iked::wire::from_peer(suite, first, r.rest());
  }
  return 0;
}
