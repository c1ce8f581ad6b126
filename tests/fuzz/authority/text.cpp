// SPDX-License-Identifier: ISC
// Names from a command line, and index.txt, which another program may have written.
#include <string_view>

#include "authority/ledger.h"
#include "authority/names.h"
#include "base/check.h"

using namespace iked;
using namespace iked::authority;

namespace {

/// A name that passes is a file of its own in the folder it is used in, and stays the same name.
void check_file_name(std::string_view name, size_t longest) {
  IKED_CHECK(!name.empty() && name.size() <= longest);
  IKED_CHECK(name.find('/') == name.npos && name.find('\0') == name.npos);
  IKED_CHECK(name.front() != '.' && name.front() != '-');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = as_text({data, size});
  if (const auto host = Host::parse(text)) {
    check_file_name(host->text(), Host::longest);
    IKED_CHECK(host->common_name().size() <= 64);
    const auto again = Host::parse(host->text());
    IKED_CHECK(again && again->text() == host->text() && again->kind() == host->kind());
  }
  if (const auto name = CaName::parse(text)) check_file_name(name->text(), 64);
  Ledger ledger = Ledger::parse(text);
  const std::string written = ledger.text();
  IKED_CHECK(Ledger::parse(written).text() == written);
  const size_t revoked = ledger.revoked().size();
  for (const Bytes& serial : ledger.live("a.crt", "a")) ledger.revoke(serial, 1795420639);
  IKED_CHECK(ledger.revoked().size() >= revoked);
  IKED_CHECK(ledger.live("a.crt", "a").empty());
  return 0;
}
