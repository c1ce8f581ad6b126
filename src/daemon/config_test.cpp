// SPDX-License-Identifier: ISC
#include "daemon/config_test.h"

#include <cstdio>
#include <cstdlib>

#include "conf/to_text.h"
#include "daemon/control.h"

namespace iked::daemon {

int run_config_test(const Options& options, Keeper& keeper) {
  const LoadResult loaded = keeper.load(load_request(options));
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    fmt::print(stderr, "{}\n", to_string(diagnostic));
  }
  if (!loaded.config) {
    const std::string cure = cure_for_missing_file(options);
    if (!cure.empty()) fmt::print(stderr, "{}\n", cure);
    return EXIT_FAILURE;
  }
  if (options.verbosity > 0) {
    conf::TextOptions text;
    text.places = options.verbosity > 1;
    fmt::print("{}", conf::to_text(*loaded.config, text));
  }
  if (loaded.config->policies_left_out > 0) {
    fmt::print(stderr, "configuration has errors: iked would run without {} of its policies\n",
               loaded.config->policies_left_out);
    return EXIT_FAILURE;
  }
  fmt::print(stderr, "configuration OK\n");
  return EXIT_SUCCESS;
}

}  // namespace iked::daemon
