// SPDX-License-Identifier: ISC
#include "fuzz/control/stream.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iked::control;
  check_stream({data, size}, max_response_body, parse_response);
  return 0;
}
