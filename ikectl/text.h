// SPDX-License-Identifier: ISC
// Text that came from elsewhere, such as a peer's ID, made fit for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace iked::ikectl {

/// Control characters become '?', so that nothing can move the cursor or forge a line. With
/// `keep_lines` line ends and tabs stay.
std::string clean(std::string_view text, bool keep_lines = false);

/// "42s", "1m15s", "2h3m", "3d4h": two units at most.
std::string duration(uint64_t seconds);

}  // namespace iked::ikectl
