// SPDX-License-Identifier: ISC
// Turns the names of iked.conf into addresses. It blocks for as long as DNS takes, so it runs on a
// worker, never on the event loop; it keeps no state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"

namespace iked::host {

/// The addresses behind `name`, each as a host (/32 or /128), without duplicates; at least one. It
/// is tried as the name of a network interface, whose IPv4 and non-link-local IPv6 addresses
/// count; then as that of a group of interfaces (interface_groups.h); then as a number; then as a
/// host name. With `family` only addresses of that family.
Result<std::vector<IpPrefix>> look_up(const std::string& name, std::optional<Family> family);

}  // namespace iked::host
