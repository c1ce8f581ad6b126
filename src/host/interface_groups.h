// SPDX-License-Identifier: ISC
// Groups of network interfaces, as `ip link set DEV group NAME` makes them and /etc/iproute2/group
// names them; and `egress`, which OpenBSD's files use, for the interfaces of default routes. Reads
// only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace iked::host {

/// Where numbers of groups get their names, the first file that has the name counts.
inline constexpr const char* kGroupFiles[] = {"/etc/iproute2/group", "/usr/share/iproute2/group"};

/// The number of group `name` by one of `files`, whose lines are "NUMBER NAME"; nothing when no
/// file has it. Lines that are not of that form are skipped.
std::optional<uint32_t> group_number(const std::string& name,
                                     const std::vector<std::string>& files);

/// The interfaces of the group `name`; nothing when there is no such group. `egress` always is one,
/// unless a file gives the name to another.
Result<std::optional<std::vector<std::string>>> interfaces_of_group(
    const std::string& name, const std::vector<std::string>& files);

}  // namespace iked::host
