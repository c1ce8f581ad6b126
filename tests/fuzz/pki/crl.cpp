// SPDX-License-Identifier: ISC
// A revocation list, which may come from a server that nobody knows.

#include <cstdlib>

#include "pki/revocation_list.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iked;
  const auto list = pki::RevocationList::parse({data, size});
  if (!list) {
    if (list.error().text.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  if (list->issuer_dn().empty() || list->size() > size) std::abort();
  return 0;
}
