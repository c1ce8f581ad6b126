// SPDX-License-Identifier: ISC
#include "base/check.h"

#include <cstdlib>

#include "base/log.h"

namespace iked {

void check_failed(const char* condition, const char* file, int line) {
  log::error("internal error: {} does not hold at {}:{}; please report this", condition, file,
             line);
  std::abort();
}

}  // namespace iked
