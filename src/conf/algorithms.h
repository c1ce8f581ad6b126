// SPDX-License-Identifier: ISC
// The words of iked.conf for algorithms. Names are exact: no prefixes, no case folding. What a
// number can be used for is the Catalogue's business.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "model/proposal.h"

namespace iked::conf {

template <typename Value>
struct AlgorithmWord {
  std::string_view word;
  Value value;
};

/// The first word of a value is the one that the normal form prints.
std::span<const AlgorithmWord<Encr>> encr_words();
std::span<const AlgorithmWord<PrfId>> prf_words();
std::span<const AlgorithmWord<IntegId>> integ_words();
std::span<const AlgorithmWord<KeId>> group_words();

template <typename Value>
std::optional<Value> find_algorithm(std::span<const AlgorithmWord<Value>> words,
                                    std::string_view word) {
  for (const AlgorithmWord<Value>& row : words) {
    if (row.word == word) return row.value;
  }
  return std::nullopt;
}

/// Algorithms that are there for weak peers only: they earn a warning when named.
bool is_weak(const Encr& encr);
bool is_weak(PrfId prf);
bool is_weak(IntegId integ);
bool is_weak(KeId group);

/// The words here that may be meant by a name that other programs use: "sha256", "x25519",
/// "aes-256-cbc". Empty for all others.
std::span<const std::string_view> words_for_foreign(std::string_view word);

/// Why a word that OpenIKED knows will not be had here, and what to use. Empty for all others.
std::string_view refusal_of_group(std::string_view word);

}  // namespace iked::conf
