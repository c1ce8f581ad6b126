// SPDX-License-Identifier: ISC
#include "daemon/instance_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "daemon/options.h"

namespace iked::daemon {
namespace {

constexpr const char* not_yet_known = "not yet known";

std::string pid_in(int file) {
  char text[32];
  const ssize_t size = pread(file, text, sizeof text, 0);
  std::string pid;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i) pid += text[i];
  return pid.empty() ? not_yet_known : pid;
}

/// Whether the process whose pid is in the file has ended. Then its starter, which also holds the
/// lock, clears up after it, and is soon through.
bool owner_has_ended(int file) {
  const std::string pid = pid_in(file);
  const Descriptor stat(open(fmt::format("/proc/{}/stat", pid).c_str(), O_RDONLY | O_CLOEXEC));
  if (!stat) return errno == ENOENT && pid != not_yet_known;
  char text[512];
  const ssize_t size = read(stat.get(), text, sizeof text);
  // PID (NAME) STATE; a name may have parentheses in it.
  const std::string_view read(text, static_cast<size_t>(std::max<ssize_t>(size, 0)));
  const size_t state = read.rfind(") ");
  return state != std::string_view::npos && read.substr(state + 2, 1) == "Z";
}

bool lock(int file) {
  constexpr int tries = 1000;
  for (int i = 0; flock(file, LOCK_EX | LOCK_NB) != 0; ++i) {
    if (i == tries || !owner_has_ended(file)) return false;
    poll(nullptr, 0, 10);  // milliseconds
  }
  return true;
}

/// The name still leads to the file that we have open: nobody removed it between open and lock.
bool still_there(int file, const std::string& path) {
  struct stat ours {};
  struct stat named {};
  return fstat(file, &ours) == 0 && lstat(path.c_str(), &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

std::unexpected<Error> is_running(int file, const std::string& path) {
  return fail(
      "iked is already running with pid {} (lock {}): stop it first, or give this one a control "
      "socket of its own with -s",
      pid_in(file), path);
}

Result<void> write_pid(int file, const std::string& path) {
  const std::string text = fmt::format("{}\n", getpid());
  if (ftruncate(file, 0) != 0 ||
      pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return fail("cannot write {}: {}", path, strerror(errno));
  }
  return {};
}

/// Our umask is for secrets; whoever may see our pid in /proc may also read it here, and has to, to
/// find the lock taken.
constexpr mode_t readable_by_all = 0644;

/// An error when another process holds the file at `path`.
Result<void> check_free(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file && !lock(file.get())) return is_running(file.get(), path);
  return {};
}

/// The locked file, or nothing when `path` cannot be written (errno tells why).
Result<std::optional<Descriptor>> lock_at(const std::string& path) {
  for (;;) {
    Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return std::nullopt;
    if (!lock(file.get())) return is_running(file.get(), path);
    if (!still_there(file.get(), path)) continue;
    fchmod(file.get(), readable_by_all);
    if (Result<void> written = write_pid(file.get(), path); !written) return fail(written);
    return file;
  }
}

}  // namespace

std::vector<std::string> lock_paths(std::string_view socket_path,
                                    std::string_view runtime_directory,
                                    std::string_view user_directory) {
  std::string_view stem = socket_path;
  if (stem.ends_with(".sock")) stem.remove_suffix(5);
  std::vector<std::string> paths{fmt::format("{}.pid", stem)};
  if (socket_path == default_socket_path) {
    for (std::string_view directory : {runtime_directory, user_directory}) {
      if (!directory.empty()) paths.push_back(fmt::format("{}/iked.pid", directory));
    }
  }
  return paths;
}

Result<InstanceLock> InstanceLock::acquire(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (Result<void> free = check_free(path); !free) return fail(free);
  }
  std::string tried;
  for (const std::string& path : paths) {
    Result<std::optional<Descriptor>> file = lock_at(path);
    if (!file) return fail(file);
    if (*file) return InstanceLock(path, std::move(**file));
    tried += fmt::format("{}{}: {}", tried.empty() ? "" : ", ", path, strerror(errno));
  }
  return fail(
      "cannot write the pid file ({}): start iked as root or through its systemd unit, or give it "
      "a control socket in a directory of yours with -s",
      tried);
}

InstanceLock::~InstanceLock() {
  // While the lock is still held, so that it is not a successor's file.
  if (file_) unlink(path_.c_str());
}

}  // namespace iked::daemon
