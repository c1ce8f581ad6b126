// SPDX-License-Identifier: ISC
#include "sandbox/syscall_filter.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <span>

namespace iked::sandbox {
namespace {

#if defined(__x86_64__)
constexpr uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t architecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr uint32_t architecture = AUDIT_ARCH_RISCV64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr uint32_t architecture = AUDIT_ARCH_PPC64LE;
#else
#error \
    "sandbox: name this processor's AUDIT_ARCH_ here; its system calls must be 64-bit and little endian"
#endif

constexpr uint32_t refused = SECCOMP_RET_ERRNO | EPERM;
constexpr uint32_t unknown = SECCOMP_RET_ERRNO | ENOSYS;

// What any program of ours needs to run at all: memory, time, threads, its own files and signals.
constexpr long for_everybody[] = {
    SYS_read,
    SYS_readv,
    SYS_pread64,
    SYS_write,
    SYS_writev,
    SYS_close,
    SYS_close_range,
    SYS_lseek,
    SYS_fstat,
    SYS_newfstatat,
    SYS_statx,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_readlinkat,
    SYS_getdents64,
    SYS_getcwd,
    SYS_fcntl,
    SYS_dup,
    SYS_dup3,
    SYS_ppoll,
    SYS_sendto,
    SYS_sendmsg,
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_shutdown,
    SYS_brk,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_mlock,
    SYS_munlock,
    SYS_futex,
    SYS_set_robust_list,
    SYS_set_tid_address,
    SYS_rseq,
    SYS_membarrier,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_exit,
    SYS_exit_group,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_restart_syscall,
    SYS_getpid,
    SYS_gettid,
    SYS_getppid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getgroups,
    SYS_capget,
    SYS_getrandom,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_getrusage,
    SYS_getrlimit,
    SYS_uname,
    SYS_sysinfo,
    SYS_umask,
#ifdef SYS_open  // the older processors have the older calls as well
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_poll,
    SYS_dup2,
    SYS_time,
#endif
};

constexpr long for_iked[] = {
    SYS_pwrite64,        SYS_ftruncate,    SYS_fchmod,         SYS_fchmodat,
    SYS_unlinkat,        SYS_flock,        SYS_pipe2,          SYS_bind,
    SYS_connect,         SYS_listen,       SYS_accept,         SYS_accept4,
    SYS_getsockname,     SYS_getpeername,  SYS_setsockopt,     SYS_getsockopt,
    SYS_socketpair,      SYS_sendmmsg,     SYS_recvmmsg,       SYS_pselect6,
    SYS_epoll_create1,   SYS_epoll_ctl,    SYS_epoll_pwait,    SYS_epoll_pwait2,
    SYS_eventfd2,        SYS_signalfd4,    SYS_timerfd_create, SYS_timerfd_settime,
    SYS_timerfd_gettime, SYS_memfd_create, SYS_wait4,          SYS_waitid,
#ifdef SYS_open
    SYS_unlink,          SYS_pipe,         SYS_select,         SYS_epoll_wait,
    SYS_chmod,
#endif
};

/// Collects the instructions of a filter.
class Filter {
 public:
  void load(size_t offset) {
    add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)));
  }
  void load_number() { load(offsetof(seccomp_data, nr)); }
  /// The lower half of an argument; the upper one does not count for a C int.
  void load_argument(size_t index) {
    load(offsetof(seccomp_data, args) + index * sizeof(uint64_t));
  }
  void mask(uint32_t bits) { add(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits)); }
  void answer(uint32_t action) { add(BPF_STMT(BPF_RET | BPF_K, action)); }
  /// Ends with `action` when the loaded value is `value`, else goes on.
  void answer_if(uint32_t value, uint32_t action) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    answer(action);
  }
  void answer_unless(uint32_t value, uint32_t action) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0));
    answer(action);
  }
  /// What `body` adds counts for the call `number` alone, and has to end with an answer.
  template <typename Body>
  void on_call(long number, Body&& body) {
    const size_t jump = code_.size();
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 0));
    body();
    code_[jump].jf = static_cast<uint8_t>(code_.size() - jump - 1);
  }
  void allow(std::span<const long> calls) {
    for (const long call : calls) answer_if(static_cast<uint32_t>(call), SECCOMP_RET_ALLOW);
  }
  std::vector<sock_filter> take() { return std::move(code_); }

 private:
  void add(sock_filter instruction) { code_.push_back(instruction); }
  std::vector<sock_filter> code_;
};

void begin(Filter& filter) {
  filter.load(offsetof(seccomp_data, arch));
  filter.answer_unless(architecture, SECCOMP_RET_KILL_PROCESS);
  filter.load_number();
}

/// Memory that is both written and executed is what an intruder would want.
void limit_executable_memory(Filter& filter) {
  filter.on_call(SYS_mmap, [&] {
    filter.load_argument(2);
    filter.mask(PROT_WRITE | PROT_EXEC);
    filter.answer_if(PROT_WRITE | PROT_EXEC, refused);
    filter.answer(SECCOMP_RET_ALLOW);
  });
  filter.on_call(SYS_mprotect, [&] {
    filter.load_argument(2);
    filter.mask(PROT_EXEC);
    filter.answer_if(PROT_EXEC, refused);
    filter.answer(SECCOMP_RET_ALLOW);
  });
}

void limit_odd_calls(Filter& filter, uint32_t own_pid) {
  filter.on_call(SYS_prctl, [&] {
    filter.load_argument(0);
    for (const uint32_t option : {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE}) {
      filter.answer_if(option, SECCOMP_RET_ALLOW);
    }
    filter.answer(refused);
  });
  // abort() is a signal to oneself.
  filter.on_call(SYS_tgkill, [&] {
    filter.load_argument(0);
    filter.answer_if(own_pid, SECCOMP_RET_ALLOW);
    filter.answer(refused);
  });
  // Asking for a limit, with no new one.
  filter.on_call(SYS_prlimit64, [&] {
    filter.load_argument(2);
    filter.answer_unless(0, refused);
    filter.load(offsetof(seccomp_data, args) + 2 * sizeof(uint64_t) + sizeof(uint32_t));
    filter.answer_unless(0, refused);
    filter.answer(SECCOMP_RET_ALLOW);
  });
}

/// Unix sockets, netlink, and UDP.
void limit_sockets(Filter& filter, uint32_t otherwise) {
  filter.on_call(SYS_socket, [&] {
    filter.load_argument(0);
    filter.answer_if(AF_UNIX, SECCOMP_RET_ALLOW);
    filter.answer_if(AF_NETLINK, SECCOMP_RET_ALLOW);
    // Of the others only the Internet's.
    filter.on_call(AF_INET, [&] {
      filter.load_argument(1);
      filter.mask(0xf);  // without SOCK_CLOEXEC and SOCK_NONBLOCK
      filter.answer_if(SOCK_DGRAM, SECCOMP_RET_ALLOW);
      filter.answer(refused);
    });
    filter.on_call(AF_INET6, [&] {
      filter.load_argument(1);
      filter.mask(0xf);
      filter.answer_if(SOCK_DGRAM, SECCOMP_RET_ALLOW);
      filter.answer(refused);
    });
    filter.answer(otherwise);
  });
}

/// Threads, but no processes. clone3 hides its flags from a filter; libraries then take clone.
void limit_clone(Filter& filter) {
  filter.answer_if(SYS_clone3, unknown);
  filter.on_call(SYS_clone, [&] {
    filter.load_argument(0);
    filter.mask(CLONE_THREAD);
    filter.answer_if(CLONE_THREAD, SECCOMP_RET_ALLOW);
    filter.answer(refused);
  });
}

void limit_terminals(Filter& filter) {
  filter.on_call(SYS_ioctl, [&] {
    filter.load_argument(1);
    filter.answer_if(TIOCSTI, refused);  // types on the terminal that we were started from
    filter.answer(SECCOMP_RET_ALLOW);
  });
}

/// Opening a file, without any of the `forbidden` flags. The newer call hides its flags: libraries
/// then take this one.
void limit_open(Filter& filter, uint32_t forbidden) {
  const auto limit = [&](long call, size_t flags) {
    filter.on_call(call, [&] {
      filter.load_argument(flags);
      filter.mask(forbidden);
      filter.answer_if(0, SECCOMP_RET_ALLOW);
      filter.answer(refused);
    });
  };
  limit(SYS_openat, 2);
#ifdef SYS_open
  limit(SYS_open, 1);
#endif
  filter.answer_if(SYS_openat2, unknown);
}

#ifdef IKED_LENIENT_SANDBOX
constexpr bool is_instrumented = true;
#else
constexpr bool is_instrumented = false;
#endif

/// For builds whose instrumentation needs who knows what: looking for leaks, for one, is tracing.
std::vector<sock_filter> lenient(Program program) {
  Filter filter;
  begin(filter);
  for (const long call : {SYS_execve, SYS_execveat, SYS_process_vm_readv, SYS_process_vm_writev}) {
    filter.answer_if(static_cast<uint32_t>(call), refused);
  }
  if (program == Program::iked) {
    limit_sockets(filter, refused);
  } else {
    filter.answer_if(SYS_socket, refused);
    filter.answer_if(SYS_socketpair, refused);
  }
  filter.answer(SECCOMP_RET_ALLOW);
  return filter.take();
}

std::vector<sock_filter> strict(Program program, uint32_t own_pid) {
  Filter filter;
  begin(filter);
  filter.allow(for_everybody);
  if (program == Program::iked) filter.allow(for_iked);
  limit_executable_memory(filter);
  limit_odd_calls(filter, own_pid);
  if (program == Program::iked) {
    limit_sockets(filter, refused);
    limit_clone(filter);
    limit_terminals(filter);
    limit_open(filter, O_CREAT | O_TRUNC);
  } else {
    static_assert(O_RDONLY == 0);
    limit_open(filter, O_ACCMODE | O_CREAT | O_TRUNC);
  }
  filter.answer(refused);
  return filter.take();
}

}  // namespace

std::vector<sock_filter> make_filter(Program program, uint32_t own_pid) {
  return is_instrumented ? lenient(program) : strict(program, own_pid);
}

Result<void> filter_system_calls(Program program) {
  std::vector<sock_filter> code = make_filter(program, static_cast<uint32_t>(getpid()));
  const sock_fprog filter{static_cast<unsigned short>(code.size()), code.data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0) return {};
  return fail("cannot limit the system calls: {}", strerror(errno));
}

}  // namespace iked::sandbox
