// SPDX-License-Identifier: ISC
// Any octets as a datagram of which only the header is read.
#include "wire/header.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto header = iked::wire::parse_header({data, size});
  if (!header) return 0;
  IKED_CHECK(header->length == size && header->spi_i);
  iked::Bytes encoded;
  encode_header(*header, encoded);
  IKED_CHECK(encoded.size() == iked::wire::Header::size);
  encoded.resize(size);
  const auto again = iked::wire::parse_header(encoded);
  IKED_CHECK(again && *again == *header);
  return 0;
}
