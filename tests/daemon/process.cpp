// SPDX-License-Identifier: ISC
#include "daemon/process.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace iked::test {
namespace {

[[noreturn]] void become(std::vector<std::string>& command, const SpawnOptions& options) {
  if (options.network_of != 0) {
    const std::string path = "/proc/" + std::to_string(options.network_of) + "/ns/net";
    const int net = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (net < 0 || setns(net, CLONE_NEWNET) != 0) _exit(126);
  }
  if (options.uid != 0) {
    if (setgroups(0, nullptr) != 0 || setgid(options.uid) != 0 || setuid(options.uid) != 0) {
      _exit(126);
    }
  }
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

}  // namespace

Process::Process(std::vector<std::string> command, const SpawnOptions& options) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  pipe_.reset(ends[0]);
  const Descriptor writer(ends[1]);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(writer.get(), STDOUT_FILENO);
    dup2(writer.get(), STDERR_FILENO);
    become(command, options);
  }
  EXPECT_GT(pid_, 0);
}

Process::~Process() {
  if (status_ < 0 && pid_ > 0) {
    kill(pid_, SIGKILL);
    wait();
  }
}

void Process::signal(int number) const {
  EXPECT_EQ(kill(pid_, number), 0);
}

bool Process::read_more() {
  char buffer[4096];
  ssize_t got = 0;
  do {
    got = read(pipe_.get(), buffer, sizeof buffer);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  output_.append(buffer, static_cast<size_t>(got));
  return true;
}

std::string Process::wait_for(const std::string& text) {
  for (;;) {
    for (size_t end = 0; (end = output_.find('\n', searched_)) != std::string::npos;) {
      const std::string line = output_.substr(searched_, end - searched_);
      searched_ = end + 1;
      if (line.find(text) != std::string::npos) return line;
    }
    if (!read_more()) {
      ADD_FAILURE() << "the output ended without \"" << text << "\":\n" << output_;
      return {};
    }
  }
}

int Process::wait() {
  if (status_ >= 0) return status_;
  int raw = 0;
  while (waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
  }
  status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  return status_;
}

const std::string& Process::output() {
  while (read_more()) {
  }
  return output_;
}

int run(std::vector<std::string> command, std::string* output, const SpawnOptions& options) {
  Process process(std::move(command), options);
  const std::string all = process.output();
  if (output != nullptr) *output = all;
  return process.wait();
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "iked-test-XXXXXX").string();
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  path_ = name;
  chmod(path_.c_str(), 0755);
}

Folder::~Folder() {
  // The starter of a killed iked may clear up at the same time: what one of them looks at, the
  // other has removed.
  std::error_code error;
  do {
    std::filesystem::remove_all(path_, error);
  } while (error == std::errc::no_such_file_or_directory && std::filesystem::exists(path_));
}

std::string Folder::write(const std::string& name, const std::string& content) const {
  std::string path = *this / name;
  std::ofstream(path) << content;
  chmod(path.c_str(), 0600);
  return path;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace iked::test
