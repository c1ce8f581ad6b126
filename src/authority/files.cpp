// SPDX-License-Identifier: ISC
#include "authority/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace iked::authority {
namespace {

using Kind = Failure::Kind;

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

std::string name_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

/// Signals that would end the process wait until what was begun is done or undone.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t ending;
    sigemptyset(&ending);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&ending, signal);
    sigprocmask(SIG_BLOCK, &ending, &before_);
  }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  ~SignalsHeld() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

/// The error of the system, 0 when all is written and on the disk.
int fill(int fd, ByteView content, const FileMode& mode) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content = content.subspan(static_cast<size_t>(written));
  }
  if (mode.group && fchown(fd, static_cast<uid_t>(-1), *mode.group) != 0) return errno;
  if (fchmod(fd, mode.mode) != 0) return errno;
  return fsync(fd) == 0 ? 0 : errno;
}

int flush_directory(const std::string& path) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno;
  // Some file systems cannot flush a directory, and need not.
  return fsync(directory.get()) == 0 || errno == EINVAL ? 0 : errno;
}

int move(const std::string& from, const std::string& to, Existing existing) {
  const unsigned flags = existing == Existing::keep ? RENAME_NOREPLACE : 0;
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) return 0;
  if (errno != EINVAL || flags == 0) return errno;
  // A file system without that flag. The lock of the authority keeps other ikectls away.
  if (exists(to)) return EEXIST;
  return rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

std::unexpected<Failure> system_failure(const std::string& path, const char* what, int error) {
  const std::string shown = printable(as_bytes(path), 1024);
  std::array<char, 128> buffer{};
  const std::string reason = strerror_r(error, buffer.data(), buffer.size());
  switch (error) {
    case ENOENT:
      return fail_as(Kind::not_found, "{} {}: {}", shown, what, reason);
    case EACCES:
    case EPERM:
      return fail_as(Kind::denied, "{} {}: {}; run ikectl as root, or as the owner of the folder",
                     shown, what, reason);
    case EROFS:
      return fail_as(Kind::denied, "{} {}: {}", shown, what, reason);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return fail_as(Kind::failed, "{} {}: {}; nothing was changed: make room and try again", shown,
                     what, reason);
    default:
      return fail_as(Kind::failed, "{} {}: {}", shown, what, reason);
  }
}

Outcome<SecretBytes> read_secret_file(const std::string& path) {
  // Not blocking, for somebody may have put a pipe there.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return system_failure(path, "cannot be read", errno);
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return system_failure(path, "cannot be read", errno);
  const std::string shown = printable(as_bytes(path), 1024);
  if (!S_ISREG(info.st_mode)) return fail("{} is not a regular file", shown);
  if (info.st_size > static_cast<off_t>(largest_file)) {
    return fail("{} is larger than {} MiB", shown, largest_file >> 20);
  }
  SecretBytes content(static_cast<size_t>(info.st_size));
  size_t filled = 0;
  while (filled < content.size()) {
    const auto room = content.reveal_writable().subspan(filled);
    const ssize_t got = read(file.get(), room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(path, "cannot be read", errno);
    if (got == 0) return SecretBytes(content.reveal().first(filled));
    filled += static_cast<size_t>(got);
  }
  return content;
}

Outcome<Bytes> read_file(const std::string& path) {
  auto content = read_secret_file(path);
  if (!content) return pass(content);
  return to_bytes(content->reveal());
}

bool exists(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

Outcome<void> write_file(const std::string& path, ByteView content, FileMode mode,
                         Existing existing) {
  const SignalsHeld held;
  std::string draft = parent_of(path) + "/." + name_of(path) + ".XXXXXX";
  const Descriptor file(mkostemp(draft.data(), O_CLOEXEC));  // mode 0600
  if (!file) return system_failure(path, "cannot be written", errno);
  int error = fill(file.get(), content, mode);
  if (error == 0) error = move(draft, path, existing);
  if (error == 0) {
    error = flush_directory(parent_of(path));
    if (error == 0) return {};
  } else {
    unlink(draft.c_str());
  }
  if (error == EEXIST) return fail("{} exists already", printable(as_bytes(path), 1024));
  return system_failure(path, "cannot be written", error);
}

Outcome<void> make_directory(const std::string& path, FileMode mode) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return {};
    return fail("{} is not a directory", printable(as_bytes(path), 1024));
  }
  const std::string parent = parent_of(path);
  if (parent != path && !exists(parent)) {
    if (auto made = make_directory(parent, {.mode = 0755}); !made) return pass(made);
  }
  if (mkdir(path.c_str(), 0700) != 0) return system_failure(path, "cannot be made", errno);
  if ((mode.group && chown(path.c_str(), static_cast<uid_t>(-1), *mode.group) != 0) ||
      chmod(path.c_str(), mode.mode) != 0) {
    return system_failure(path, "cannot be given its owner and mode", errno);
  }
  return {};
}

Outcome<bool> open_directory_to(const std::string& path, gid_t group) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat info {};
  if (!directory || fstat(directory.get(), &info) != 0) {
    return system_failure(path, "cannot be opened", errno);
  }
  if ((info.st_mode & 077) != 0 || info.st_uid != geteuid()) return false;
  if (fchown(directory.get(), static_cast<uid_t>(-1), group) != 0 ||
      fchmod(directory.get(), 0750) != 0) {
    return system_failure(path, "cannot be given its owner and mode", errno);
  }
  return true;
}

DraftDirectory::DraftDirectory(std::string path, std::string final_path)
    : path_(std::move(path)), final_path_(std::move(final_path)) {}

DraftDirectory::DraftDirectory(DraftDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})), final_path_(std::move(other.final_path_)) {}

DraftDirectory::~DraftDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Outcome<DraftDirectory> DraftDirectory::make_for(const std::string& path, mode_t mode) {
  const std::string parent = parent_of(path);
  if (auto made = make_directory(parent, {.mode = 0755}); !made) return pass(made);
  std::string draft = parent + "/." + name_of(path) + ".XXXXXX";
  if (mkdtemp(draft.data()) == nullptr) return system_failure(path, "cannot be made", errno);
  DraftDirectory made(draft, path);
  if (chmod(draft.c_str(), mode) != 0) return system_failure(path, "cannot be made", errno);
  return made;
}

Outcome<void> DraftDirectory::move_into_place() {
  const SignalsHeld held;
  const int error = move(path_, final_path_, Existing::keep);
  if (error == EEXIST) return fail("{} exists already", printable(as_bytes(final_path_), 1024));
  if (error != 0) return system_failure(final_path_, "cannot be made", error);
  path_.clear();
  flush_directory(parent_of(final_path_));
  return {};
}

Outcome<std::vector<std::string>> list_directory(const std::string& path) {
  struct Close {
    void operator()(DIR* d) const { closedir(d); }
  };
  const std::unique_ptr<DIR, Close> directory(opendir(path.c_str()));
  if (!directory) return system_failure(path, "cannot be read", errno);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Outcome<bool> remove_file(const std::string& path) {
  if (unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return system_failure(path, "cannot be removed", errno);
}

Outcome<Descriptor> lock_directory(const std::string& path, const std::function<void()>& on_wait) {
  Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return system_failure(path, "cannot be opened", errno);
  if (flock(directory.get(), LOCK_EX | LOCK_NB) == 0) return directory;
  if (errno == EWOULDBLOCK) on_wait();
  if (flock(directory.get(), LOCK_EX) != 0) return system_failure(path, "cannot be locked", errno);
  return directory;
}

std::optional<gid_t> group_for_root(const std::string& name) {
  if (geteuid() != 0) return {};
  const group* found = getgrnam(name.c_str());
  if (found == nullptr) return {};
  return found->gr_gid;
}

}  // namespace iked::authority
