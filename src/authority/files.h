// SPDX-License-Identifier: ISC
// Files that are there whole or not at all: each is written under another name, flushed to the disk
// and then renamed. What is in them is for others to know.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "authority/failure.h"
#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/secret.h"

namespace iked::authority {

inline constexpr size_t largest_file = size_t{4} << 20;

/// errno as a failure with what would mend it: "FILE cannot be written: No space left on device;
/// ...".
std::unexpected<Failure> system_failure(const std::string& path, const char* what, int error);

/// Regular files only, at most `largest_file` octets. A missing file is Kind::not_found.
Outcome<SecretBytes> read_secret_file(const std::string& path);
Outcome<Bytes> read_file(const std::string& path);
bool exists(const std::string& path);  // of whatever kind, a dangling link too

struct FileMode {
  mode_t mode;
  std::optional<gid_t> group = {};  // else as the process makes it
};

enum class Existing { keep, replace };

/// With Existing::keep a file of this name is a failure, even one that appears at the last moment.
Outcome<void> write_file(const std::string& path, ByteView content, FileMode mode,
                         Existing existing);

/// Makes `path` and what leads to it. A directory that exists stays as it is.
Outcome<void> make_directory(const std::string& path, FileMode mode);

/// Lets a group into a directory of the process's own that is closed to all others. The answer says
/// whether that changed anything; one that is open already stays as it is.
Outcome<bool> open_directory_to(const std::string& path, gid_t group);

/// A new directory beside the one it is to become, so that it appears complete or not at all; it is
/// removed again unless it was moved into its place.
class DraftDirectory {
 public:
  static Outcome<DraftDirectory> make_for(const std::string& path, mode_t mode);
  DraftDirectory(DraftDirectory&&) noexcept;
  DraftDirectory& operator=(DraftDirectory&&) = delete;
  ~DraftDirectory();

  const std::string& path() const { return path_; }
  /// Fails if something is there already.
  Outcome<void> move_into_place();

 private:
  DraftDirectory(std::string path, std::string final_path);
  std::string path_;
  std::string final_path_;
};

/// Names in a directory, sorted. A missing directory is Kind::not_found.
Outcome<std::vector<std::string>> list_directory(const std::string& path);

/// Removes one file; that it is not there is no failure. The answer says whether it was.
Outcome<bool> remove_file(const std::string& path);

/// Keeps other processes that ask for the same lock out, as long as it lives. If another has it,
/// waits after a call of `on_wait`.
Outcome<Descriptor> lock_directory(const std::string& path, const std::function<void()>& on_wait);

/// The group of this name, if there is one and we are root: else it could not be given.
std::optional<gid_t> group_for_root(const std::string& name);

}  // namespace iked::authority
