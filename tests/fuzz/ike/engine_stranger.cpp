// SPDX-License-Identifier: ISC
// A stranger sends whatever it likes to a host with a tunnel: datagrams, each behind two octets of
// length. Their two high bits ask for what a stranger may well know: the tunnel's SPIs, and the
// true length for the header. The tunnel stays as it is.
#include "support/log_capture.h"
#include "support/pair.h"

using namespace iked;

namespace {

void overwrite(Bytes& octets, size_t at, uint64_t value, size_t size) {
  for (size_t i = 0; i < size && at + i < octets.size(); ++i) {
    octets[at + i] = static_cast<uint8_t>(value >> 8 * (size - 1 - i));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return -1;
  test::LogCapture log(log::Level::error);
  test::Pair pair;
  pair.policy_b().peer = AnyHost{};
  pair.world.keep_sent = false;
  pair.connect();
  const auto before = pair.b->established();
  if (before.size() != 1) abort();
  ByteView rest(data, size);
  for (int i = 0; i < 16 && rest.size() > 2; ++i) {
    const uint8_t wishes = rest[0] >> 6;
    const size_t length = std::min<size_t>((rest[0] & 0x3f) << 8 | rest[1], rest.size() - 2);
    Datagram datagram;
    datagram.local = {pair.b->address, i % 2 == 0 ? uint16_t{500} : uint16_t{4500}};
    datagram.remote = {*IpAddress::parse("198.51.100.7"), 500};
    datagram.octets = to_bytes(rest.subspan(2, length));
    if ((wishes & 1) != 0) {
      overwrite(datagram.octets, 0, before[0].spi_i, 8);
      overwrite(datagram.octets, 8, before[0].spi_r, 8);
    }
    if ((wishes & 2) != 0) overwrite(datagram.octets, 24, datagram.octets.size(), 4);
    rest = rest.subspan(2 + length);
    pair.world.inject(std::move(datagram));
    pair.world.settle();
  }
  pair.world.advance(40s);
  const auto after = pair.b->established();
  if (after.size() != 1 || after[0].spi_r != before[0].spi_r) abort();
  if (pair.b->engine->sa_count() != 1 || pair.b->kernel.sas.size() != 2) abort();
  return 0;
}
