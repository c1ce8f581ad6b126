// SPDX-License-Identifier: ISC
// Which files iked may have read instead of the one on the keeper's command line. Whoever took over
// iked must not have a file of keys read as a configuration, and see it quoted in a diagnostic.
#pragma once

#include <string>

#include "base/result.h"

namespace iked::keeper {

/// `wanted` if it is a configuration beside `configured`: "iked*.conf" in the same folder, or
/// "*.conf" in the folder "iked" there. Links are followed first; the real path comes back. Owner
/// and mode are looked at when it is read.
Result<std::string> other_file(const std::string& configured, const std::string& wanted);

}  // namespace iked::keeper
