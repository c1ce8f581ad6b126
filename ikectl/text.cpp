// SPDX-License-Identifier: ISC
#include "ikectl/text.h"

#include <fmt/format.h>

namespace iked::ikectl {

std::string clean(std::string_view text, bool keep_lines) {
  std::string cleaned;
  cleaned.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<uint8_t>(text[i + 1]) : uint8_t{0};
    if (keep_lines && (c == '\n' || c == '\t')) {
      cleaned += text[i];
    } else if (c < 0x20 || c == 0x7f) {
      cleaned += '?';
    } else if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
      cleaned += '?';  // U+0080 to U+009F in UTF-8 command some terminals
      ++i;
    } else {
      cleaned += text[i];
    }
  }
  return cleaned;
}

std::string duration(uint64_t seconds) {
  const uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  if (days != 0) return fmt::format("{}d{}h", days, hours % 24);
  if (hours != 0) return fmt::format("{}h{}m", hours, minutes % 60);
  if (minutes != 0) return fmt::format("{}m{}s", minutes, seconds % 60);
  return fmt::format("{}s", seconds);
}

}  // namespace iked::ikectl
