// SPDX-License-Identifier: ISC
#include "net/encapsulation.h"

#include <algorithm>

namespace iked::net {

std::optional<ByteView> find_ike_message(ByteView payload, bool natt) {
  // RFC3948 2.3: "The receiver SHOULD ignore a received NAT-keepalive packet."
  if (payload.size() == 1 && payload[0] == 0xff) return std::nullopt;
  if (!natt) return payload;
  // RFC7296 3.1: on port 4500 an IKE message is behind four octets of zero; anything else there is
  // ESP, which begins with an SPI that is never zero.
  if (payload.size() < non_esp_marker_size) return std::nullopt;
  const ByteView marker = payload.first(non_esp_marker_size);
  if (std::any_of(marker.begin(), marker.end(), [](uint8_t octet) { return octet != 0; })) {
    return std::nullopt;
  }
  return payload.subspan(non_esp_marker_size);
}

}  // namespace iked::net
