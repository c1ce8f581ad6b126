// SPDX-License-Identifier: ISC
#include "keeper/checked_files.h"

#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace iked::keeper {
namespace {

std::string reason(int error) {
  std::array<char, 128> text{};
  return strerror_r(error, text.data(), text.size());
}

/// Everything up to the end, at most `most` octets. `hint` is how much is likely there.
Result<SecretBytes> read_all(int fd, size_t hint, size_t most) {
  SecretBytes content(hint + 1);
  size_t filled = 0;
  for (;;) {
    if (filled == content.size()) {
      SecretBytes larger(filled * 2);
      std::memcpy(larger.reveal_writable().data(), content.reveal().data(), filled);
      content = std::move(larger);
    }
    const auto room = content.reveal_writable().subspan(filled);
    const ssize_t got = ::read(fd, room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("cannot be read: {}", reason(errno));
    if (got == 0) return SecretBytes(content.reveal().first(filled));
    filled += static_cast<size_t>(got);
    if (filled > most) return fail("is larger than {} MiB", most >> 20);
  }
}

/// Mostly a file of root's, read by a keeper that is not root.
std::string no_access(const std::string& path) {
  group entry{};
  group* found = nullptr;
  std::array<char, 4096> buffer{};
  getgrgid_r(getegid(), &entry, buffer.data(), buffer.size(), &found);
  const std::string own_group = found != nullptr ? found->gr_name : std::to_string(getegid());
  const std::string shown = printable(as_bytes(path), 1024);
  return fmt::format(
      "cannot be opened: {}; it is read as uid {} with the group {}: 'chgrp {} {}' and 'chmod 640 "
      "{}' mend it, if the folders that lead to it let that user pass",
      reason(EACCES), geteuid(), own_group, own_group, shown, shown);
}

}  // namespace

Result<void> check_ownership(const std::string& path, unsigned owner, unsigned mode,
                             unsigned own_uid) {
  const std::string shown = printable(as_bytes(path), 1024);
  if (owner != 0 && owner != own_uid) {
    return fail("belongs to uid {}, not to root or uid {}; 'chown root {}' mends it", owner,
                own_uid, shown);
  }
  const unsigned bits = mode & 07777;
  std::string_view wrong;
  if ((bits & (S_IWGRP | S_IWOTH)) != 0)
    wrong = "others may write to it";
  else if ((bits & S_IROTH) != 0)
    wrong = "everybody may read it, and it holds secrets";
  else if ((bits & (S_IXGRP | S_IXOTH)) != 0)
    wrong = "its group or others may execute it";
  if (wrong.empty()) return {};
  // Somebody else's file reaches us through its group.
  return fail("mode {:04o}: {}; 'chmod {} {}' mends it", bits, wrong, owner == own_uid ? 600 : 640,
              shown);
}

Result<conf::FileText> CheckedFiles::read(const std::string& path) {
  const bool standard_input = path == "-";
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  Descriptor file(standard_input
                      ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                      : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file && errno == EACCES && geteuid() != 0) return fail("{}", no_access(path));
  if (!file) return fail("cannot be opened: {}", reason(errno));
  // What is checked is what was opened, not what the path leads to a moment later.
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return fail("cannot be looked at: {}", reason(errno));
  if (!standard_input) {
    if (S_ISDIR(status.st_mode)) return fail("is a directory, not a file");
    if (!S_ISREG(status.st_mode)) return fail("is not a regular file");
    if (auto good = check_ownership(path, status.st_uid, status.st_mode, geteuid()); !good) {
      return fail(good);
    }
  }
  const bool sized = S_ISREG(status.st_mode) && status.st_size >= 0 &&
                     static_cast<size_t>(status.st_size) <= largest_file;
  auto content =
      read_all(file.get(), sized ? static_cast<size_t>(status.st_size) : 4096, largest_file);
  if (!content) return fail(content);
  contents_.push_back(std::move(*content));
  return conf::FileText{as_text(contents_.back().reveal()),
                        fmt::format("{}:{}", status.st_dev, status.st_ino)};
}

std::optional<uint16_t> CheckedFiles::service_port(const std::string& name) {
  for (const char* protocol : {"tcp", "udp"}) {
    servent entry{};
    servent* found = nullptr;
    std::array<char, 4096> buffer{};
    if (getservbyname_r(name.c_str(), protocol, &entry, buffer.data(), buffer.size(), &found) ==
            0 &&
        found != nullptr) {
      return ntohs(static_cast<uint16_t>(found->s_port));
    }
  }
  return std::nullopt;
}

std::optional<uint8_t> CheckedFiles::protocol_number(const std::string& name) {
  protoent entry{};
  protoent* found = nullptr;
  std::array<char, 4096> buffer{};
  if (getprotobyname_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr || found->p_proto < 0 || found->p_proto > 255) {
    return std::nullopt;
  }
  return static_cast<uint8_t>(found->p_proto);
}

}  // namespace iked::keeper
