// SPDX-License-Identifier: ISC
// Who a process is: becoming another user for good, with few capabilities left. What it may do as
// that user is syscall_filter.h and file_access.h.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "base/result.h"

namespace iked::sandbox {

struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// From the system's user database; nothing when it has no user of that name.
std::optional<User> find_user(const std::string& name);

/// Whether this process may become any user of any group: root, or who has CAP_SETUID and
/// CAP_SETGID.
bool may_become_others();

/// Numbers as in <linux/capability.h>, all below 64.
using Capabilities = std::initializer_list<int>;

/// Becomes `user`, with its primary group and no other, and keeps of the capabilities only those of
/// `keep` that the process has. There is no way back, not by executing a set-user-ID program
/// either. Of the calling thread only: to be called before others are started.
Result<void> become(const User& user, Capabilities keep);

/// The same without becoming anybody else.
Result<void> drop_capabilities_except(Capabilities keep);

}  // namespace iked::sandbox
