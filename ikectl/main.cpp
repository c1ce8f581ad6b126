// SPDX-License-Identifier: ISC
// ikectl: asks a running iked and prints the answer.
#include <string_view>
#include <vector>

#include "ikectl/complete.h"
#include "ikectl/run.h"

int main(int argc, char** argv) {
  // Before anything else: what follows are words of an unfinished command line.
  if (argc > 1 && std::string_view(argv[1]) == "--complete") {
    const std::vector<std::string_view> words(argv + 2, argv + argc);
    return iked::ikectl::run_complete(words);
  }
  return iked::ikectl::run(argc, argv);
}
