// SPDX-License-Identifier: ISC
// "Did you mean": which known words a mistyped one is close to.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iked::conf {

/// How many letters must be put in, left out, replaced or swapped with their neighbour to make `b`
/// of `a`; case counts.
size_t edit_distance(std::string_view a, std::string_view b);

/// The known words that `word` is likely meant to be, nearest first, at most three: few edits away
/// for its length, equal but for case, or `word` is the beginning of them.
std::vector<std::string_view> nearest(std::string_view word,
                                      std::span<const std::string_view> known);

/// "; did you mean 'a' or 'b'?", or nothing where no known word is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

/// "'a', 'b' or 'c'"
std::string list_of(std::span<const std::string_view> words);

}  // namespace iked::conf
