// SPDX-License-Identifier: ISC
// The listening end of the control socket: made here, or handed in by systemd. Who may connect is a
// matter of the file's owner, group and mode; what is said is server.h.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace iked::control {

class Listener {
 public:
  /// Makes the socket with mode 0660, group `iked` where that group exists. What a dead process
  /// left at `path` is replaced; a living one is an error that names its pid. The file goes away
  /// with the Listener. Sets the umask of the process for a moment: call it from the only thread.
  static Result<Listener> create(const std::string& path);

  /// Takes over a listening stream socket (systemd's socket activation). The file stays.
  static Result<Listener> adopt(Descriptor socket);

  int descriptor() const { return fd_.get(); }
  /// Empty when adopted.
  std::string path() const { return file_ ? file_->path() : ""; }

 private:
  /// Removes the file when it is still the one that we made.
  class File {
   public:
    explicit File(std::string path);
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File();
    const std::string& path() const { return path_; }

   private:
    std::string path_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
  };

  explicit Listener(Descriptor fd) : fd_(std::move(fd)) {}

  Descriptor fd_;
  std::unique_ptr<File> file_;  // none when adopted
};

}  // namespace iked::control
