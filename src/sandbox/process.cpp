// SPDX-License-Identifier: ISC
#include "sandbox/process.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace iked::sandbox {

Result<void> harden_process() {
  // Started with a standard stream closed, a socket would get its number and be written log lines.
  for (int fd = 0; fd <= STDERR_FILENO;) {
    fd = open("/dev/null", O_RDWR);
    if (fd < 0) return fail("cannot open /dev/null: {}", strerror(errno));
    if (fd > STDERR_FILENO) close(fd);
  }
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) {
    return fail("cannot turn off core dumps: {}", strerror(errno));
  }
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return fail("cannot protect the process from being dumped: {}", strerror(errno));
  }
  umask(077);
  return {};
}

bool lock_memory() {
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  rlimit now{};
  if (getrlimit(RLIMIT_MEMLOCK, &now) != 0) return false;
  if (now.rlim_cur != RLIM_INFINITY && setrlimit(RLIMIT_MEMLOCK, &unlimited) != 0) return false;
  // Only what is used, when it is used: stacks and libraries are mostly address space.
  return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

bool has_net_admin() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  return (data[0].effective >> CAP_NET_ADMIN & 1) != 0;
}

}  // namespace iked::sandbox
