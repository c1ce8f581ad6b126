// SPDX-License-Identifier: ISC
// Any octets as the body of a Notify payload whose SPI and data are read, too.
#include "wire/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (const auto parsed = iked::wire::parse_notify({data, size}))
    iked::wire::check_notify_data(*parsed);
  return 0;
}
