// SPDX-License-Identifier: ISC
// How a function says that something outside is wrong: bad bytes, a bad file, a refusing kernel.
// What the peer must be told is not an Error but a Reject (ike/step.h); a broken invariant of our
// own is neither, it is IKED_CHECK (base/check.h).
#pragma once

#include <fmt/format.h>

#include <expected>
#include <string>
#include <utility>

namespace iked {

/// Why something did not work, in words for the administrator: the cause first, then the cure.
struct Error {
  std::string text;
};

template <typename T>
using Result = std::expected<T, Error>;

/// `return fail("no route to {}", peer);` makes the error side of any Result.
template <typename... Args>
[[nodiscard]] std::unexpected<Error> fail(fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{fmt::format(format, std::forward<Args>(args)...)});
}

/// Hands on the error of another Result: `if (!x) return fail(x);`
template <typename T>
[[nodiscard]] std::unexpected<Error> fail(std::expected<T, Error>& failed) {
  return std::unexpected(std::move(failed.error()));
}
template <typename T>
[[nodiscard]] std::unexpected<Error> fail(std::expected<T, Error>&& failed) {
  return std::unexpected(std::move(failed.error()));
}

}  // namespace iked
