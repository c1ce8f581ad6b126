// SPDX-License-Identifier: ISC
// Any octets as a whole message in clear; its length is made right, so that the payloads are
// reached.
#include "wire/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iked::wire;
  if (size < Header::size || size > 0xffff) return 0;
  iked::Bytes datagram(data, data + size);
  datagram[24] = datagram[25] = 0;
  datagram[26] = static_cast<uint8_t>(size >> 8);
  datagram[27] = static_cast<uint8_t>(size);
  const auto header = parse_header(datagram);
  if (!header) return 0;
  const auto message = parse_message(*header, datagram);
  if (message) {
    IKED_CHECK(message->payloads.size() <= max_payloads);
    check_round_trip(*message);
  } else {
    const bool critical = message.error().notify == iked::NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD;
    IKED_CHECK(message.error().data.size() == (critical ? 1 : 0));
    IKED_CHECK(!message.error().why.empty());
  }
  return 0;
}
