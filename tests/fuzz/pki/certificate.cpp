// SPDX-License-Identifier: ISC
// A certificate that a stranger sends: it is read or refused, and what was read can be asked.

#include "pki/certificate.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iked;
  const auto read = pki::Certificate::parse({data, size});
  if (!read) {
    if (read.error().text.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  for (const Identity& name : read->names()) {
    if (!read->covers(name) || name.octets.empty()) std::abort();
  }
  if (read->public_key_hash().size() != 20 || read->public_key().empty()) std::abort();
  (void)read->is_self_signed();
  return 0;
}
