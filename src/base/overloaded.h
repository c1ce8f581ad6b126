// SPDX-License-Identifier: ISC
#pragma once

namespace iked {

/// `std::visit(overloaded{[](const A&) {...}, [](const B&) {...}}, variant)`
template <typename... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace iked
