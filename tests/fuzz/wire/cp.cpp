// SPDX-License-Identifier: ISC
// Any octets as the body of a CP payload.
#include "wire/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const iked::ByteView body{data, size};
  if (const auto parsed = iked::wire::parse_cp(body))
    check_round_trip(*parsed, iked::wire::parse_cp);
  return 0;
}
