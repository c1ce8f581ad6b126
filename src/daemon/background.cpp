// SPDX-License-Identifier: ISC
#include "daemon/background.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace iked::daemon {
namespace {

/// The parent's remaining life.
[[noreturn]] void wait_for(pid_t child, int pipe) {
  char word = 0;
  ssize_t got = 0;
  do {
    got = read(pipe, &word, 1);
  } while (got < 0 && errno == EINTR);
  if (got == 1) _exit(EXIT_SUCCESS);

  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

}  // namespace

Result<Background> Background::fork_child() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail("cannot make a pipe: {}", strerror(errno));
  Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  const pid_t child = fork();
  if (child < 0) return fail("cannot go into the background: {}", strerror(errno));
  if (child > 0) {
    writer.reset();
    wait_for(child, reader.get());
  }
  setsid();
  return Background(std::move(writer));
}

void Background::ready() {
  if (!parent_) return;
  const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null) {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null.get(), stream);
  }
  const char word = 'r';
  // Nobody reads any more when the parent was killed; we serve all the same.
  [[maybe_unused]] const ssize_t written = write(parent_.get(), &word, 1);
  parent_.reset();
}

}  // namespace iked::daemon
