// SPDX-License-Identifier: ISC
// The whole parser on arbitrary bytes. The input is cut at bytes 0xfe into files: the first is the
// top file, the others can be included as "1", "2" and so on. What parses must print to something
// that parses to the same.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/log.h"
#include "conf/support.h"
#include "conf/to_text.h"

namespace {

using namespace iked;
using namespace iked::conf;

std::map<std::string, std::string> cut(std::string_view input) {
  std::map<std::string, std::string> files;
  for (int number = 0;; ++number) {
    const size_t end = input.find('\xfe');
    files[number == 0 ? "c" : std::to_string(number)] = std::string(input.substr(0, end));
    if (end == std::string_view::npos) return files;
    input.remove_prefix(end + 1);
  }
}

void check(bool condition, const char* what, const std::string& text) {
  if (condition) return;
  std::fprintf(stderr, "%s\n%s\n", what, text.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  log::set_level(log::Level::error);
  test::MemoryEnvironment environment;
  environment.files = cut(as_text({data, size}));
  test::MemorySecrets secrets;
  const LoadResult first =
      parse({"c", {{"d", "from any to any"}}, "h"}, environment, secrets, test::some_catalogue());
  bool errors = false;
  for (const Diagnostic& d : first.diagnostics) errors |= d.severity == Severity::error;
  check(errors != first.config.has_value(), "errors and a configuration, or neither", "");
  if (!first.config) return 0;

  const std::string text = to_text(*first.config, secrets.words());
  environment.files = {{"c", text}};
  const LoadResult again = parse({"c", {}, "h"}, environment, secrets, test::some_catalogue());
  for (const Diagnostic& d : again.diagnostics) {
    check(d.severity == Severity::warning, d.text.c_str(), text);
  }
  check(test::same_meaning(*first.config, *again.config), "not the same", text);
  return 0;
}
