// SPDX-License-Identifier: ISC
// A child process whose output a test reads line by line, and a folder and network namespace for
// it.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/descriptor.h"

namespace iked::test {

struct SpawnOptions {
  std::map<std::string, std::string> environment;  // beside our own
  uid_t uid = 0;         // other than 0: becomes this user, losing all capabilities
  pid_t network_of = 0;  // other than 0: joins the network namespace of this process
};

/// Killed, if it still runs, when the object goes.
class Process {
 public:
  Process(std::vector<std::string> command, const SpawnOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;

  /// Reads standard output and error, which share one pipe, until a line holds `text`; returns that
  /// line. Empty when the output ended without one.
  std::string wait_for(const std::string& text);

  /// Waits for the end; the exit status, or 128 + the signal that killed it.
  int wait();

  /// All output until the end of the process, also what wait_for() has read.
  const std::string& output();

 private:
  bool read_more();

  pid_t pid_ = -1;
  Descriptor pipe_;
  std::string output_;
  size_t searched_ = 0;
  int status_ = -1;
};

/// Runs a command to its end. Its output goes to `output`, if given.
int run(std::vector<std::string> command, std::string* output = nullptr,
        const SpawnOptions& options = {});

/// A folder that goes away with everything in it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file with mode 0600 and returns its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

}  // namespace iked::test
