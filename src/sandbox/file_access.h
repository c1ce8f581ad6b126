// SPDX-License-Identifier: ISC
// Which files this process may still open, by Landlock, where the kernel has it. The rest of what
// it may do is syscall_filter.h.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace iked::sandbox {

/// Paths of files, or of folders with everything below. One that does not exist is left out.
struct FileAccess {
  bool read_everything = false;    // what the user's own permissions allow; then `read` is not used
  std::vector<std::string> read;   // read and list
  std::vector<std::string> write;  // open existing files for reading and writing
  std::vector<std::string> remove;  // folders in which files may be removed
};

/// From now on no file is executed, made, changed or removed, none but those of `access` is opened,
/// and no TCP port is bound or connected to. For good, for this thread and those it starts; needs
/// PR_SET_NO_NEW_PRIVS (user.h). What is open stays open. False when the kernel cannot do it.
Result<bool> restrict_files(const FileAccess& access);

}  // namespace iked::sandbox
