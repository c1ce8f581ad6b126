// SPDX-License-Identifier: ISC
#include "sandbox/user.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace iked::sandbox {
namespace {

using CapabilityData = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

Result<void> never_gain_privileges() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) return {};
  return fail("cannot give up privileges for good: {}", strerror(errno));
}

Result<void> set_capabilities(Capabilities keep) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  CapabilityData data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) {
    return fail("cannot read the capabilities: {}", strerror(errno));
  }
  std::array<uint32_t, 2> wanted{};
  for (const int capability : keep) {
    const auto number = static_cast<unsigned>(capability);
    wanted[number / 32] |= uint32_t{1} << number % 32;
  }
  for (size_t i = 0; i < data.size(); ++i) {
    data[i].permitted &= wanted[i];
    data[i].effective = data[i].permitted;
    data[i].inheritable = 0;
  }
  // First, because a permitted capability may be an ambient one.
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (syscall(SYS_capset, &header, data.data()) != 0) {
    return fail("cannot give up capabilities: {}", strerror(errno));
  }
  return {};
}

}  // namespace

std::optional<User> find_user(const std::string& name) {
  std::vector<char> buffer(4096);
  passwd entry{};
  passwd* found = nullptr;
  while (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
         buffer.size() < (1U << 20)) {
    buffer.resize(buffer.size() * 2);
  }
  if (found == nullptr) return std::nullopt;
  return User{name, entry.pw_uid, entry.pw_gid};
}

bool may_become_others() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  CapabilityData data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return false;
  constexpr uint32_t needed = (1U << CAP_SETUID) | (1U << CAP_SETGID);
  return (data[0].effective & needed) == needed;
}

Result<void> become(const User& user, Capabilities keep) {
  // Otherwise all capabilities go when root becomes somebody else.
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) {
    return fail("cannot keep capabilities: {}", strerror(errno));
  }
  if (setgroups(0, nullptr) != 0 || setresgid(user.gid, user.gid, user.gid) != 0 ||
      setresuid(user.uid, user.uid, user.uid) != 0) {
    return fail("cannot become the user {} (uid {}): {}", user.name, user.uid, strerror(errno));
  }
  prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
  return drop_capabilities_except(keep);
}

Result<void> drop_capabilities_except(Capabilities keep) {
  if (auto done = never_gain_privileges(); !done) return done;
  return set_capabilities(keep);
}

}  // namespace iked::sandbox
