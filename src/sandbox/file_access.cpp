// SPDX-License-Identifier: ISC
#include "sandbox/file_access.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace iked::sandbox {
namespace {

// Younger than the headers of Debian 12 (<linux/landlock.h> of Linux 6.1).
constexpr uint64_t access_fs_truncate = uint64_t{1} << 14;   // ABI 3, Linux 6.2
constexpr uint64_t access_fs_ioctl_dev = uint64_t{1} << 15;  // ABI 5, Linux 6.10
constexpr uint64_t access_net_bind_tcp = 1;                  // ABI 4, Linux 6.7
constexpr uint64_t access_net_connect_tcp = 2;

/// landlock_ruleset_attr as of ABI 4; older kernels take the first member alone.
struct RulesetAttributes {
  uint64_t handled_access_fs = 0;
  uint64_t handled_access_net = 0;
};

constexpr uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE;
constexpr uint64_t making = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                            LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                            LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                            LANDLOCK_ACCESS_FS_MAKE_SYM;
constexpr uint64_t removing = LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR;
constexpr uint64_t of_files_alone =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE;

uint64_t handled(long abi) {
  uint64_t all = LANDLOCK_ACCESS_FS_EXECUTE | reading | writing | making | removing;
  if (abi >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) all |= access_fs_truncate;
  if (abi >= 5) all |= access_fs_ioctl_dev;
  return all;
}

Result<void> allow(const Descriptor& ruleset, const std::string& path, uint64_t access) {
  const Descriptor place(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) return {};  // nothing there, nothing to allow
  struct stat info {};
  if (fstat(place.get(), &info) != 0) return fail("{}: {}", path, strerror(errno));
  landlock_path_beneath_attr rule{};
  rule.allowed_access = S_ISDIR(info.st_mode) ? access : access & of_files_alone;
  rule.parent_fd = place.get();
  if (rule.allowed_access == 0 ||
      syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0) {
    return {};
  }
  return fail("cannot allow access to {}: {}", path, strerror(errno));
}

Result<void> allow_all(const Descriptor& ruleset, const std::vector<std::string>& paths,
                       uint64_t access) {
  for (const std::string& path : paths) {
    if (auto allowed = allow(ruleset, path, access); !allowed) return allowed;
  }
  return {};
}

}  // namespace

Result<bool> restrict_files(const FileAccess& access) {
#ifdef IKED_LENIENT_SANDBOX
  return false;
#endif
  const long abi =
      syscall(SYS_landlock_create_ruleset, nullptr, size_t{0}, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return false;
  RulesetAttributes attributes;
  attributes.handled_access_fs = handled(abi) & ~(access.read_everything ? reading : uint64_t{0});
  attributes.handled_access_net = abi >= 4 ? access_net_bind_tcp | access_net_connect_tcp : 0;
  const size_t size = abi >= 4 ? sizeof attributes : sizeof attributes.handled_access_fs;
  const Descriptor ruleset(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!ruleset) return fail("cannot make a Landlock ruleset: {}", strerror(errno));
  const uint64_t read = access.read_everything ? 0 : reading;
  if (auto r = allow_all(ruleset, access.read, read); !r) return fail(r);
  if (auto r = allow_all(ruleset, access.write, read | writing); !r) return fail(r);
  if (auto r = allow_all(ruleset, access.remove, LANDLOCK_ACCESS_FS_REMOVE_FILE); !r)
    return fail(r);
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return fail("cannot restrict access to files: {}", strerror(errno));
  }
  return true;
}

}  // namespace iked::sandbox
