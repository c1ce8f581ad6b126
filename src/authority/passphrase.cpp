// SPDX-License-Identifier: ISC
#include "authority/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "authority/files.h"
#include "base/descriptor.h"

namespace iked::authority {
namespace {

void say(int fd, std::string_view text) {
  // A terminal that is gone is noticed when the answer is read.
  [[maybe_unused]] const auto written = write(fd, text.data(), text.size());
}

/// A terminal that shows nothing and hands over each key at once, Control-C included, so that no
/// signal can leave it like that.
class SilentTerminal {
 public:
  explicit SilentTerminal(int fd) : fd_(fd), changed_(tcgetattr(fd, &before_) == 0) {
    sigset_t ending;
    sigemptyset(&ending);
    for (const int s : {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP}) sigaddset(&ending, s);
    sigprocmask(SIG_BLOCK, &ending, &signals_);
    if (!changed_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    tcsetattr(fd, TCSAFLUSH, &silent);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (changed_) tcsetattr(fd_, TCSANOW, &before_);
    sigprocmask(SIG_SETMASK, &signals_, nullptr);
  }

 private:
  int fd_;
  termios before_{};
  sigset_t signals_{};
  bool changed_;
};

enum class Key { control_c = 3, control_d = 4, backspace = 8, control_u = 21, erase = 127 };

Outcome<SecretBytes> typed_line(int fd) {
  const SilentTerminal silent(fd);
  SecretBytes typed(Passphrase::longest + 1);
  const auto octets = typed.reveal_writable();
  size_t length = 0;
  for (;;) {
    uint8_t key = 0;
    const ssize_t got = read(fd, &key, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail("the terminal was closed");
    if (key == '\n' || key == '\r') return SecretBytes(typed.reveal().first(length));
    switch (Key{key}) {
      case Key::control_c:
      case Key::control_d:
        return fail("interrupted; nothing was changed");
      case Key::backspace:
      case Key::erase:
        // A character of UTF-8 goes as a whole.
        while (length > 0 && (octets[--length] & 0xc0) == 0x80) {
        }
        break;
      case Key::control_u:
        length = 0;
        break;
      default:
        if (length < octets.size()) octets[length++] = key;
    }
  }
}

Outcome<Passphrase> ask(int fd, const std::string& prompt) {
  say(fd, prompt);
  auto line = typed_line(fd);
  say(fd, "\n");
  if (!line) return pass(line);
  return Passphrase::make(line->reveal());
}

Outcome<SecretBytes> first_line(int fd, const std::string& shown) {
  SecretBytes read_so_far(Passphrase::longest + 2);
  const auto octets = read_so_far.reveal_writable();
  size_t length = 0;
  // Octet by octet: what follows on standard input is another's.
  while (length < octets.size()) {
    const ssize_t got = read(fd, octets.data() + length, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(shown, "cannot be read", errno);
    if (got == 0 || octets[length] == '\n') break;
    ++length;
  }
  if (length > 0 && octets[length - 1] == '\r') --length;
  return SecretBytes(read_so_far.reveal().first(length));
}

}  // namespace

Outcome<Passphrase> Passphrase::make(ByteView octets) {
  if (octets.size() > longest) {
    return fail("the passphrase is longer than {} octets", longest);
  }
  if (std::ranges::find(octets, 0) != octets.end()) {
    return fail("the passphrase has a NUL in it; use letters, digits and signs");
  }
  Passphrase passphrase;
  passphrase.with_nul_ = SecretBytes(octets.size() + 1);
  std::ranges::copy(octets, passphrase.with_nul_.reveal_writable().begin());
  return passphrase;
}

const char* Passphrase::c_str() const {
  if (with_nul_.empty()) return "";
  return reinterpret_cast<const char*>(with_nul_.reveal().data());
}

Outcome<Passphrase> passphrase_from_file(const std::string& path) {
  const bool standard_input = path == "-";
  const Descriptor file(standard_input ? dup(STDIN_FILENO)
                                       : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  const std::string shown = standard_input ? "standard input" : path;
  if (!file) return system_failure(shown, "cannot be read", errno);
  auto line = first_line(file.get(), shown);
  if (!line) return pass(line);
  if (line->empty()) {
    return fail("{}: the first line, which should be the passphrase, is empty", shown);
  }
  return Passphrase::make(line->reveal());
}

Outcome<Passphrase> passphrase_from_terminal(const std::string& prompt, bool is_new,
                                             const char* terminal) {
  const Descriptor tty(open(terminal, O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!tty) {
    return fail(
        "there is no terminal to ask for a passphrase on; name a file that has it with "
        "--password-file");
  }
  auto first = ask(tty.get(), prompt + ": ");
  if (!first || !is_new || first->empty()) return first;
  auto second = ask(tty.get(), "Retype " + prompt + ": ");
  if (second && *first != *second) return fail("passphrase does not match!");
  return second;
}

}  // namespace iked::authority
