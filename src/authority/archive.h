// SPDX-License-Identifier: ISC
// Files packed for transport: a tar archive in a gzip envelope, not compressed, since keys and
// certificates do not get smaller. Nothing is read here.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/secret.h"

namespace iked::authority {

class Archive {
 public:
  /// `mtime` is that of all entries, in seconds since 1970.
  explicit Archive(int64_t mtime) : mtime_(mtime) {}

  /// `path` is relative. Directories that lead to it are made by whoever unpacks.
  void add(const std::string& path, ByteView content, unsigned mode);
  /// What follows is for this group, if the system where root unpacks has one of this name; else
  /// for root's.
  void set_group(std::string name) { group_ = std::move(name); }
  void add_directory(const std::string& path, unsigned mode);
  /// The whole .tgz.
  SecretBytes finish() const;

 private:
  using Octets = std::vector<uint8_t, ZeroingAllocator<uint8_t>>;
  void put(ByteView octets);
  void header(std::string path, size_t size, unsigned mode, char type);

  int64_t mtime_;
  std::string group_;  // at most 31 octets
  Octets tar_;
};

}  // namespace iked::authority
