// SPDX-License-Identifier: ISC
// Where the text of tokens and macros lives while a configuration is parsed. Some of it is secret,
// so all of it is zeroed in the end; nothing is freed before.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace iked::conf {

/// Text that may be secret while it is put together.
using SecretText = std::vector<char, ZeroingAllocator<char>>;

inline std::string_view view(const SecretText& text) {
  return {text.data(), text.size()};
}

class TextArena {
 public:
  /// A copy of `text` that lasts as long as the arena.
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < text.size()) {
      blocks_.emplace_back().reserve(std::max(block_size, text.size()));
    }
    SecretText& block = blocks_.back();  // never grows beyond what was reserved: views stay valid
    const size_t begin = block.size();
    block.insert(block.end(), text.begin(), text.end());
    return {block.data() + begin, text.size()};
  }

 private:
  static constexpr size_t block_size = 16384;
  std::vector<SecretText> blocks_;
};

}  // namespace iked::conf
