// SPDX-License-Identifier: ISC
// Fragments, in three ways. The first octet chooses the suite and the way: a datagram as a stranger
// would send it; the fields and the text of a fragment that an authenticated peer sealed; a chain
// of payloads that comes in parts.
#include "wire/fragment.h"
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
  const auto place = read_fragment_number(*header, datagram);
  IKED_CHECK(!place || (place->number >= 1 && place->number <= place->total));
  IKED_CHECK(place ? is_fragment(*header, datagram) : !place.error().why.empty());
  const auto fragment = open_fragment(*header, datagram, test_keys(suite));
  IKED_CHECK(!fragment && !fragment.error().authentic);
}

Bytes sealed_by_peer(const TestSuite& suite, uint8_t next, ByteView numbers, ByteView text) {
  const crypto::SealLayout layout = test_layout(suite);
  const size_t skf = 4 + numbers.size() + layout.iv + text.size() + layout.icv;
  Header header;
  header.spi_i = IkeSpi{1};
  header.next_payload = PayloadType::SKF;
  header.length = static_cast<uint32_t>(Header::size + skf);
  Bytes datagram;
  encode_header(header, datagram);
  append(datagram, Bytes{next, 0, static_cast<uint8_t>(skf >> 8), static_cast<uint8_t>(skf)});
  append(datagram, numbers);
  const size_t iv = datagram.size();
  append(datagram, test_iv(suite));
  append(datagram, text);
  datagram.resize(datagram.size() + layout.icv);
  crypto::seal_in_place(test_keys(suite), datagram, iv);
  return datagram;
}

void from_peer(const TestSuite& suite, Reader r) {
  const uint8_t next = r.u8();
  const ByteView numbers = r.take(4);
  ByteView text = r.rest();
  text = text.first(text.size() - text.size() % test_layout(suite).block);
  if (!r.ok() || text.empty()) return;
  Bytes datagram = sealed_by_peer(suite, next, numbers, text);
  const auto header = parse_header(datagram);
  const auto fragment = open_fragment(*header, datagram, test_keys(suite));
  if (!fragment) {
    IKED_CHECK(!fragment.error().failure.why.empty());
    return;
  }
  Bytes ours = seal_fragment(*header, *fragment, test_keys(suite), test_iv(suite));
  const auto again = open_fragment(*parse_header(ours), ours, test_keys(suite));
  IKED_CHECK(again && *again == *fragment);
}

// The first octet is the size of a part, the second the type of the first payload.
void in_parts(const TestSuite& suite, Reader r) {
  const size_t most = r.u8() + size_t{1};
  const PayloadType first{r.u8()};
  const ByteView chain = r.rest();
  const size_t total = chain.size() / most + 1;
  std::vector<Fragment> parts;
  for (size_t i = 0; i < total; ++i) {
    Fragment part{{static_cast<uint16_t>(i + 1), static_cast<uint16_t>(total)},
                  i == 0 ? first : PayloadType::NONE,
                  to_bytes(chain.subspan(i * most, std::min(most, chain.size() - i * most)))};
    Header header;
    header.spi_i = IkeSpi{1};
    Bytes datagram = seal_fragment(header, part, test_keys(suite), test_iv(suite));
    const auto opened = open_fragment(*parse_header(datagram), datagram, test_keys(suite));
    IKED_CHECK(opened && *opened == part);
    parts.push_back(std::move(part));
  }
  Header header;
  header.spi_i = IkeSpi{1};
  const auto message = join_fragments(header, parts);
  if (!message) {
    IKED_CHECK(!message.error().why.empty());
    return;
  }
  check_round_trip(*message);
  const Payloads payloads = canonical(message->payloads);
  const auto again = join_fragments(header, split_payloads(payloads, most));
  IKED_CHECK(again && again->payloads == payloads);
}

}  // namespace
}  // namespace iked::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iked::wire;
  Reader r{{data, size}};
  const uint8_t choice = r.u8();
  if (size > 60000) return 0;
  const TestSuite& suite = test_suites[choice % test_suites.size()];
  if ((choice & 0x80) != 0) {
    from_stranger(suite, r.rest_copy());
  } else if ((choice & 0x40) != 0) {
    from_peer(suite, r);
  } else {
    in_parts(suite, r);
  }
  return 0;
}
