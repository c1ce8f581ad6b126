// SPDX-License-Identifier: ISC
// The data of an AUTH payload: first octet the method, the rest a signature in its form. What can
// be read can be written again, and is read as the same then.

#include <cstdlib>

#include "crypto/signature.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iked;
  if (size == 0) return 0;
  const auto method = static_cast<AuthMethod>(data[0]);
  const auto read = crypto::read_auth_data(method, {data + 1, size - 1});
  if (!read) return 0;
  const Bytes written = crypto::write_auth_data(method, read->scheme, read->signature);
  const auto again = crypto::read_auth_data(method, written);
  if (!again || again->scheme != read->scheme || again->signature != read->signature) std::abort();
  return 0;
}
