// SPDX-License-Identifier: ISC
// The distinguished name that a peer sends, and the text of one in iked.conf. What is read and can
// be written is read the same again.

#include "model/distinguished_name.h"

#include <cstdlib>

namespace {

using namespace iked;

void check_text(std::string_view text) {
  const auto der = distinguished_name(text);
  if (!der) return;
  const auto again = distinguished_name_text(*der);
  if (!again || distinguished_name(*again) != *der) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView input(data, size);
  if (const auto text = distinguished_name_text(input)) check_text(*text);
  check_text(as_text(input));
  return 0;
}
