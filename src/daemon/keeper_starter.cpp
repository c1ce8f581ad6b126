// SPDX-License-Identifier: ISC
#include "daemon/keeper_starter.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "keeper/protocol.h"

namespace iked::daemon {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr int keeper_connection = 3;  // as iked-keeper wants it
constexpr milliseconds first_pause = 100ms;
constexpr milliseconds longest_pause = 2s;
constexpr auto good_life = 5s;
constexpr int patience_at_end = 3000;  // milliseconds

/// A file by name, and whether the name still leads to it.
struct File {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;
};

/// All that the starter is, once it is a process of its own.
class Starter {
 public:
  Starter(const KeeperStart& start, Descriptor channel)
      : start_(start), channel_(std::move(channel)) {
    for (const std::string& path : start.files) {
      struct stat info {};
      if (lstat(path.c_str(), &info) == 0) files_.push_back({path, info.st_dev, info.st_ino});
    }
  }

  [[noreturn]] void run() {
    prepare();
    milliseconds pause = 0ms;
    while (wait_for_iked(pause)) {
      const Clock::time_point begun = Clock::now();
      start_keeper();
      if (!wait_for_keeper()) break;
      const bool lasted = Clock::now() - begun >= good_life;
      pause = lasted ? 0ms : std::clamp(pause * 2, first_pause, longest_pause);
    }
    end_keeper();
    for (const File& file : files_) remove(file);
    _exit(EXIT_SUCCESS);
  }

 private:
  void prepare() {
    prctl(PR_SET_NAME, "iked-starter", 0, 0, 0);
    // We end when iked does, and the keeper when we say so or iked does.
    for (const int ignored : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2}) {
      std::signal(ignored, SIG_IGN);
    }
    const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (start_.request.path != "-") dup2(null.get(), STDIN_FILENO);
    dup2(null.get(), STDOUT_FILENO);
    if (!start_.on_terminal) dup2(null.get(), STDERR_FILENO);
    close_others();
    // The last to remove files in folders of other users, when started by hand.
    sandbox::drop_capabilities_except({CAP_SETUID, CAP_SETGID, CAP_DAC_OVERRIDE});
    if (getrandom(index_key_.data(), index_key_.size(), 0) !=
        static_cast<ssize_t>(index_key_.size())) {
      _exit(EXIT_FAILURE);
    }
  }

  void close_others() {
    const int channel = channel_.get();
    const int low = std::min(channel, start_.lock);
    const int high = std::max(channel, start_.lock);
    close_range(static_cast<unsigned>(high) + 1, ~0U, 0);
    if (low < 0) {
      if (high > 3) close_range(3, static_cast<unsigned>(high) - 1, 0);
      return;
    }
    if (low > 3) close_range(3, static_cast<unsigned>(low) - 1, 0);
    if (high - low > 1) {
      close_range(static_cast<unsigned>(low) + 1, static_cast<unsigned>(high) - 1, 0);
    }
  }

  /// False when iked is gone before the pause is over.
  bool wait_for_iked(milliseconds pause) {
    const Clock::time_point end = Clock::now() + pause;
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(end - Clock::now()).count();
      pollfd waiting{channel_.get(), POLLIN, 0};
      const int ready = poll(&waiting, 1, static_cast<int>(std::max<decltype(left)>(left, 0)));
      if (ready > 0 && !read_channel()) return false;
      if (ready == 0) return true;
    }
  }

  /// False at its end: iked is gone.
  bool read_channel() {
    char octet = 0;
    const ssize_t got = recv(channel_.get(), &octet, 1, MSG_DONTWAIT);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  }

  void start_keeper() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
    Descriptor for_keeper(ends[0]);
    const Descriptor for_iked(ends[1]);
    keeper_ = fork();
    if (keeper_ == 0) {
      channel_.reset();
      become_keeper(std::move(for_keeper));
    }
    for_keeper.reset();
    // Not of iked's knowledge: with the key it could try out guesses at the secrets.
    const ssize_t sent = ::send(for_iked.get(), index_key_.data(), index_key_.size(), MSG_NOSIGNAL);
    if (keeper_ > 0 && sent == static_cast<ssize_t>(index_key_.size())) pass(for_iked.get());
    // A second keeper would find standard input empty, and take that for a configuration.
    if (start_.request.path == "-") {
      const Descriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
      dup2(null.get(), STDIN_FILENO);
    }
  }

  void pass(int connection) {
    char octet = 'k';
    iovec part{&octet, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof connection);
    std::memcpy(CMSG_DATA(header), &connection, sizeof connection);
    sendmsg(channel_.get(), &message, MSG_NOSIGNAL);
  }

  /// In the child. It does not return; what went wrong reaches iked as a log line of the keeper.
  [[noreturn]] void become_keeper(Descriptor connection) {
    // By its descriptor: the new user may have no way through the folders to it.
    const Descriptor program(open(start_.program.c_str(), O_PATH | O_CLOEXEC));
    const int program_error = errno;
    dup2(connection.get(), keeper_connection);
    fcntl(keeper_connection, F_SETFD, 0);
    if (!program) give_up(fmt::format("{}: {}", start_.program, strerror(program_error)));
    const Result<void> became =
        start_.user ? sandbox::become(*start_.user, {}) : sandbox::drop_capabilities_except({});
    if (!became) give_up(became.error().text);

    std::vector<std::string> words{"iked-keeper", start_.request.path, start_.request.key_folder};
    for (const auto& [name, value] : start_.request.macros) words.push_back(name + "=" + value);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::vector<std::string> kept = environment();
    std::vector<char*> envp;
    for (std::string& variable : kept) envp.push_back(variable.data());
    envp.push_back(nullptr);
    fexecve(program.get(), argv.data(), envp.data());
    give_up(fmt::format("{}: {}", start_.program, strerror(errno)));
  }

  /// Nothing but the time zone, and what instrumented builds are told by.
  static std::vector<std::string> environment() {
    std::vector<std::string> kept;
    for (const char* name : {"TZ", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
                             "GCOV_PREFIX", "GCOV_PREFIX_STRIP"}) {
      if (const char* value = secure_getenv(name))
        kept.push_back(fmt::format("{}={}", name, value));
    }
    return kept;
  }

  [[noreturn]] static void give_up(const std::string& why) {
    const keeper::SecretBuffer octets = keeper::encode(keeper::Frame{
        keeper::MessageType::log, 0,
        keeper::encode(keeper::LogLine{log::Level::error, "", "it cannot be started: " + why})});
    [[maybe_unused]] const ssize_t sent =
        ::send(keeper_connection, octets.data(), octets.size(), MSG_NOSIGNAL);
    _exit(127);
  }

  /// True when the keeper has ended, false when iked has.
  bool wait_for_keeper() {
    if (keeper_ <= 0) return true;
    const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, keeper_, 0)));
    for (;;) {
      std::array<pollfd, 2> waiting{{{process.get(), POLLIN, 0}, {channel_.get(), POLLIN, 0}}};
      if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return false;
      if (waiting[0].revents != 0) {
        end_keeper();
        return true;
      }
      if (waiting[1].revents == 0) continue;
      if (!read_channel()) return false;
      kill_keeper();
    }
  }

  /// By the hand of one of its own user: so we need no power over processes of others.
  void kill_keeper() {
    const pid_t helper = start_.user ? fork() : -1;
    if (helper == 0) {
      if (sandbox::become(*start_.user, {})) kill(keeper_, SIGKILL);
      _exit(EXIT_SUCCESS);
    }
    if (helper < 0) kill(keeper_, SIGKILL);
    if (helper > 0) wait_for(helper);
  }

  static void wait_for(pid_t child) {
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  void end_keeper() {
    if (keeper_ <= 0) return;
    // Nobody else has its number before it was waited for.
    if (waitpid(keeper_, nullptr, WNOHANG) != keeper_) {
      kill_keeper();
      wait_for(keeper_);
    }
    keeper_ = -1;
  }

  static void remove(const File& file) {
    struct stat info {};
    if (lstat(file.path.c_str(), &info) != 0) return;
    if (info.st_dev == file.device && info.st_ino == file.inode) unlink(file.path.c_str());
  }

  KeeperStart start_;
  Descriptor channel_;
  std::vector<File> files_;
  std::array<uint8_t, 32> index_key_{};
  pid_t keeper_ = -1;
};

}  // namespace

std::string keeper_program() {
  std::array<char, 4096> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size() - 1);
  if (size > 0) {
    const std::string self(path.data(), static_cast<size_t>(size));
    const std::string folder = self.substr(0, self.rfind('/'));
    for (const char* place : {"/../libexec/iked/iked-keeper", "/iked-keeper"}) {
      if (access((folder + place).c_str(), X_OK) == 0) return folder + place;
    }
  }
  return "/usr/libexec/iked/iked-keeper";
}

Result<KeeperStarter> KeeperStarter::fork_child(const KeeperStart& start) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail("cannot make a socket for iked-keeper: {}", strerror(errno));
  }
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  const pid_t child = fork();
  if (child < 0) return fail("cannot make a process for iked-keeper: {}", strerror(errno));
  if (child == 0) {
    ours.reset();
    Starter(start, std::move(theirs)).run();
  }
  return KeeperStarter(std::move(ours), child);
}

KeeperStarter::KeeperStarter(KeeperStarter&& other) noexcept
    : channel_(std::move(other.channel_)), pid_(std::exchange(other.pid_, -1)) {}

KeeperStarter::~KeeperStarter() {
  end();
}

void KeeperStarter::end() {
  if (pid_ <= 0) return;
  shutdown(channel_.get(), SHUT_WR);
  // It closes its end when all is done; connections that it still passes are of no interest.
  for (;;) {
    pollfd waiting{channel_.get(), POLLIN, 0};
    const int ready = poll(&waiting, 1, patience_at_end);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    char octet = 0;
    const ssize_t got = recv(channel_.get(), &octet, 1, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
      while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
      }
      break;
    }
  }
  channel_.reset();
  pid_ = -1;
}

}  // namespace iked::daemon
