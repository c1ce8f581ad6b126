// SPDX-License-Identifier: ISC
// Any octets as the body of an EAP payload.
#include "wire/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const iked::ByteView body{data, size};
  if (const auto parsed = iked::wire::parse_eap(body))
    check_round_trip(*parsed, iked::wire::parse_eap);
  return 0;
}
