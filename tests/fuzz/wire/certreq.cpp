// SPDX-License-Identifier: ISC
// Any octets as the body of a CERTREQ payload.
#include "wire/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const iked::ByteView body{data, size};
  if (const auto parsed = iked::wire::parse_certreq(body))
    check_round_trip(*parsed, iked::wire::parse_certreq);
  return 0;
}
