// SPDX-License-Identifier: ISC
// What polkit is asked about. data/polkit/org.iked1.policy has the same list, with who may by
// default; a test compares them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace iked::dbus {

enum class Action : uint8_t { read, connect, control, reload, reset, create_policy, token };

inline constexpr std::array all_actions = {Action::read,   Action::connect, Action::control,
                                           Action::reload, Action::reset,   Action::create_policy,
                                           Action::token};

/// "org.iked1.read"
std::string_view id_of(Action action);

}  // namespace iked::dbus
