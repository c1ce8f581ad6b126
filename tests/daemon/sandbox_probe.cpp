// SPDX-License-Identifier: ISC
// Tries, from within the real sandbox, what somebody who took over a process would try. Prints a
// line for each: "open-config refused EACCES" or "open-config ALLOWED".
//
//   sandbox_probe iked CONFIGURATION SOCKET       as iked after arrange()
//   sandbox_probe keeper CONFIGURATION            as iked-keeper after confine()
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>

#include "daemon/arrangement.h"
#include "keeper/confine.h"
#include "sandbox/process.h"

namespace {

using namespace iked;  // NOLINT: this is a program

/// `call` fails by returning a negative number.
void attempt(const char* name, const std::function<long()>& call) {
  errno = 0;
  const long result = call();
  const int error = errno;
  fmt::print("{} {}\n", name,
             result >= 0 ? "ALLOWED" : fmt::format("refused {}", strerrorname_np(error)));
}

void must_work(const char* name, const std::function<long()>& call) {
  errno = 0;
  fmt::print("{} {}\n", name,
             call() >= 0 ? "works" : fmt::format("BROKEN {}", strerrorname_np(errno)));
}

long connect_tcp() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(9);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Even being turned away would mean that the call was made.
  return connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ||
                 errno == ECONNREFUSED || errno == ENETUNREACH
             ? 0
             : -1;
}

long run_program() {
  char name[] = "/bin/true";
  char* const argv[] = {name, nullptr};
  char* const envp[] = {nullptr};
  return execve(name, argv, envp);
}

long fork_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  return child;
}

void attempt_what_neither_may(pid_t parent) {
  attempt("execve", run_program);
  attempt("fork", fork_process);
  attempt("ptrace", [&] { return ptrace(PTRACE_ATTACH, parent, nullptr, nullptr); });
  attempt("process-vm-readv", [&] {
    char octet = 0;
    iovec local{&octet, 1};
    iovec remote{&octet, 1};
    return process_vm_readv(parent, &local, 1, &remote, 1, 0);
  });
  attempt("kill", [&] { return kill(parent, 0); });
  attempt("setuid", [] {
    return setresuid(0, 0, 0) == 0 && geteuid() != 0 ? 0 : syscall(SYS_setresuid, 0, 0, 0);
  });
  attempt("mount", [] { return syscall(SYS_mount, "x", "/tmp", "tmpfs", 0, nullptr); });
  attempt("unshare", [] { return syscall(SYS_unshare, 0x10000000); });
  attempt("bpf", [] { return syscall(SYS_bpf, 0, nullptr, 0); });
  attempt("io-uring", [] { return syscall(SYS_io_uring_setup, 1, nullptr); });
  attempt("tcp-connect", connect_tcp);
  attempt("raw-socket", [] { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); });
  attempt("packet-socket", [] { return socket(AF_PACKET, SOCK_RAW, 0); });
  attempt("vsock", [] { return socket(AF_VSOCK, SOCK_STREAM, 0); });
  attempt("make-file", [] { return open("/tmp/iked-probe", O_WRONLY | O_CREAT, 0600); });
  attempt("write-and-execute-memory", [] {
    return mmap(nullptr, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED
               ? -1L
               : 0L;
  });
}

int probe_iked(const std::string& config, const std::string& socket_path) {
  daemon::Options options;
  options.config_path = config;
  options.socket_path = socket_path;
  Result<daemon::Arrangement> made = daemon::arrange(options, /*on_terminal=*/true);
  if (!made) {
    fmt::print("BROKEN {}\n", made.error().text);
    return 1;
  }
  fmt::print("uid {}\n", geteuid());
  attempt("open-config", [&] { return open(config.c_str(), O_RDONLY); });
  attempt("open-shadow", [] { return open("/etc/shadow", O_RDONLY); });
  attempt_what_neither_may(getppid());
  must_work("udp-socket", [] { return socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0); });
  must_work("netlink-socket", [] { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0); });
  must_work("unix-socket", [] { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); });
  must_work("resolv-conf", [] {
    const int fd = open("/etc/resolv.conf", O_RDONLY);
    return fd < 0 && errno != ENOENT ? -1 : 0;
  });
  return 0;
}

int probe_keeper(const std::string& config) {
  if (!sandbox::harden_process() || !keeper::confine()) return 1;
  attempt_what_neither_may(getppid());
  for (const auto& [name, family] : std::map<const char*, int>{
           {"unix-socket", AF_UNIX}, {"udp-socket", AF_INET}, {"netlink-socket", AF_NETLINK}}) {
    attempt(name, [f = family] { return socket(f, SOCK_DGRAM, 0); });
  }
  attempt("socketpair", [] {
    int ends[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  });
  attempt("connect", [] { return connect(0, nullptr, 0); });
  attempt("bind", [] { return bind(0, nullptr, 0); });
  attempt("open-for-writing", [&] { return open(config.c_str(), O_RDWR); });
  must_work("open-config", [&] { return open(config.c_str(), O_RDONLY); });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string who = argc > 1 ? argv[1] : "";
  setvbuf(stdout, nullptr, _IOLBF, 0);
  if (who == "iked" && argc == 4) return probe_iked(argv[2], argv[3]);
  if (who == "keeper" && argc == 3) return probe_keeper(argv[2]);
  fmt::print(stderr, "usage: sandbox_probe iked CONFIGURATION SOCKET | keeper CONFIGURATION\n");
  return 2;
}
