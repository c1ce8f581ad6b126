// SPDX-License-Identifier: ISC
#include "control/listener.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "base/log.h"
#include "control/address.h"

namespace iked::control {
namespace {

constexpr const char* group_name = "iked";
constexpr int backlog = 16;

std::optional<gid_t> group_id() {
  group entry{};
  group* found = nullptr;
  std::vector<char> buffer(4096);
  while (getgrnam_r(group_name, &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
         buffer.size() < (1U << 20)) {
    buffer.resize(buffer.size() * 2);
  }
  if (found == nullptr) return std::nullopt;
  return entry.gr_gid;
}

Descriptor new_socket() {
  return Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// Error 0, or the errno of bind. For the moment between bind and chmod nobody else may connect.
int bind_privately(int fd, const sockaddr_un& address) {
  const mode_t before = umask(0177);
  const int result = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = result == 0 ? 0 : errno;
  umask(before);
  return error;
}

/// Removes a socket that nobody listens on.
Result<void> remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat info {};
  if (lstat(path.c_str(), &info) == 0 && !S_ISSOCK(info.st_mode)) {
    return fail("{} exists and is not a socket: remove it, or choose another path with -s", path);
  }
  const Descriptor probe = new_socket();
  const int result =
      connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  // EAGAIN: somebody listens whose queue is full.
  if (result == 0) {
    return fail("another iked is running (pid {} listens on {}): stop it first",
                peer_of(probe.get()).pid, path);
  }
  if (errno == EAGAIN) return fail("another iked is running and listens on {}", path);
  if (errno != ECONNREFUSED && errno != ENOENT) return fail("{}: {}", path, strerror(errno));
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return fail("cannot remove the dead socket {}: {}", path, strerror(errno));
  }
  return {};
}

/// Only logged: a socket that root alone can use is better than none.
void open_to_group(const std::string& path) {
  const auto group = group_id();
  if (group && lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
    log::warn("{}: cannot give it to the group {}: {}", path, group_name, strerror(errno));
    return;
  }
  if (chmod(path.c_str(), 0660) != 0) log::warn("{}: chmod: {}", path, strerror(errno));
}

}  // namespace

Listener::File::File(std::string path) : path_(std::move(path)) {
  struct stat info {};
  if (lstat(path_.c_str(), &info) == 0) {
    device_ = info.st_dev;
    inode_ = info.st_ino;
  }
}

Listener::File::~File() {
  struct stat info {};
  if (lstat(path_.c_str(), &info) != 0) return;
  if (info.st_dev != device_ || info.st_ino != inode_) return;
  if (unlink(path_.c_str()) != 0) log::debug("{}: cannot remove: {}", path_, strerror(errno));
}

Result<Listener> Listener::create(const std::string& path) {
  auto address = unix_address(path);
  if (!address) return fail(address);
  Descriptor fd = new_socket();
  if (!fd) return fail("control socket: {}", strerror(errno));
  int error = bind_privately(fd.get(), *address);
  if (error == EADDRINUSE) {
    if (auto removed = remove_stale(path, *address); !removed) return fail(removed);
    error = bind_privately(fd.get(), *address);
  }
  if (error != 0) {
    return fail("cannot make the control socket {}: {}", path, strerror(error));
  }
  Listener made(std::move(fd));
  made.file_ = std::make_unique<File>(path);
  open_to_group(path);
  if (listen(made.descriptor(), backlog) != 0) return fail("{}: listen: {}", path, strerror(errno));
  return made;
}

Result<Listener> Listener::adopt(Descriptor socket) {
  int domain = 0, type = 0, listening = 0;
  socklen_t size = sizeof(int);
  const bool known = getsockopt(socket.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
                     getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
                     getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0;
  if (!known || domain != AF_UNIX || type != SOCK_STREAM || listening == 0) {
    return fail("the control socket that was handed in is no listening Unix stream socket");
  }
  const int flags = fcntl(socket.get(), F_GETFL);
  if (flags < 0 || fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0 ||
      fcntl(socket.get(), F_SETFD, FD_CLOEXEC) != 0) {
    return fail("control socket: {}", strerror(errno));
  }
  return Listener(std::move(socket));
}

}  // namespace iked::control
