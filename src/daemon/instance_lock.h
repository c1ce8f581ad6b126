// SPDX-License-Identifier: ISC
// Makes sure that one iked serves one control socket: a lock on a file that also holds the pid. The
// lock dies with the process, so a file left behind by a crash is harmless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"

namespace iked::daemon {

/// Where the lock of the iked with this control socket may lie, best place first: beside the
/// socket; for the default socket also in the directories that a process without privileges may
/// write to (`runtime_directory` as systemd sets RUNTIME_DIRECTORY, then `user_directory` from
/// XDG_RUNTIME_DIR); empty ones are left out.
std::vector<std::string> lock_paths(std::string_view socket_path,
                                    std::string_view runtime_directory,
                                    std::string_view user_directory);

class InstanceLock {
 public:
  /// Takes the lock at the first of `paths` that can be written and puts our pid into the file.
  /// When another process holds the lock at any of them, that is an error, which names its pid.
  static Result<InstanceLock> acquire(const std::vector<std::string>& paths);

  /// Removes the file.
  ~InstanceLock();
  InstanceLock(InstanceLock&&) = default;
  InstanceLock& operator=(InstanceLock&&) = delete;

  const std::string& path() const { return path_; }
  /// Whoever has a duplicate of it holds the lock as well.
  int descriptor() const { return file_.get(); }

 private:
  InstanceLock(std::string path, Descriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  std::string path_;
  Descriptor file_;
};

}  // namespace iked::daemon
