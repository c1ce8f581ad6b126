// SPDX-License-Identifier: ISC
#include "conf/suggest.h"

#include <algorithm>
#include <cctype>

namespace iked::conf {
namespace {

constexpr size_t longest_compared = 40;  // no known word is longer

std::string lower(std::string_view word) {
  std::string text(word);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: a swap looks back two rows.
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

std::vector<std::string_view> nearest(std::string_view word,
                                      std::span<const std::string_view> known) {
  struct Near {
    size_t distance;
    std::string_view word;
  };
  std::vector<Near> near;
  if (word.empty() || word.size() > longest_compared) return {};
  const std::string small = lower(word);
  const size_t allowed = word.size() <= 3 ? 1 : word.size() <= 7 ? 2 : 3;
  for (std::string_view candidate : known) {
    const size_t distance = edit_distance(small, lower(candidate));
    const bool beginning = word.size() >= 2 && candidate.starts_with(small);
    // Of a short word more than half must be right.
    if (beginning ||
        (distance <= allowed && distance * 2 <= std::max(candidate.size(), word.size()))) {
      near.push_back({beginning ? std::min<size_t>(distance, 2) : distance, candidate});
    }
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const Near& a, const Near& b) { return a.distance < b.distance; });
  std::vector<std::string_view> words;
  for (const Near& n : near) {
    // What is clearly further off than the best only distracts.
    if (words.size() == 3 || n.distance > near.front().distance + 1 ||
        (n.distance > 0 && near.front().distance == 0))
      break;
    if (std::find(words.begin(), words.end(), n.word) == words.end()) words.push_back(n.word);
  }
  return words;
}

std::string list_of(std::span<const std::string_view> words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += '\'';
    text += words[i];
    text += '\'';
  }
  return text;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::vector<std::string_view> near = nearest(word, known);
  if (near.empty()) return {};
  return "; did you mean " + list_of(near) + "?";
}

}  // namespace iked::conf
