// SPDX-License-Identifier: ISC
// Why something of the authority did not work, with the kind of the reason, which becomes the exit
// code of ikectl.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/result.h"

namespace iked::authority {

struct Failure {
  enum class Kind { failed, usage, not_found, denied };

  Failure(Kind k, std::string t) : text(std::move(t)), kind(k) {}
  Failure(Error error) : text(std::move(error.text)) {}  // NOLINT: `return fail("...")` makes one

  std::string text;  // cause, then cure
  Kind kind = Kind::failed;
};

template <typename T>
using Outcome = std::expected<T, Failure>;

/// `return fail_as(Failure::Kind::not_found, "there is no {}", path);`
template <typename... Args>
[[nodiscard]] std::unexpected<Failure> fail_as(Failure::Kind kind,
                                               fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Failure(kind, fmt::format(format, std::forward<Args>(args)...)));
}

/// Hands on the failure of another Outcome: `if (!x) return pass(x);`
template <typename T>
[[nodiscard]] std::unexpected<Failure> pass(Outcome<T>& failed) {
  return std::unexpected(std::move(failed.error()));
}
template <typename T>
[[nodiscard]] std::unexpected<Failure> pass(Outcome<T>&& failed) {
  return std::unexpected(std::move(failed.error()));
}

}  // namespace iked::authority
