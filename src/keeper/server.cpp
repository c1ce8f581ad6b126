// SPDX-License-Identifier: ISC
#include "keeper/server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "keeper/other_file.h"
#include "keeper/protocol.h"

namespace iked::keeper {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto pipe_limit = 30s;
constexpr size_t max_pipes = 8;
constexpr size_t max_passed = 4;
constexpr size_t most_unsent = size_t{64} << 10;
constexpr size_t longest_secret = 4096;
constexpr size_t longest_log_text = 3072;

/// The descriptors that came with a message; their owner is the caller now.
void collect(msghdr& message, std::deque<Descriptor>& into) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      into.emplace_back(fd);
    }
  }
}

}  // namespace

Server::Server(Keeper& keeper, LoadRequest request, Descriptor connection)
    : keeper_(keeper), load_(std::move(request)), connection_(std::move(connection)) {}

Result<void> Server::run() {
  Hello hello;
  hello.pid = static_cast<uint32_t>(getpid());
  hello.uid = geteuid();
  answer(0, MessageType::hello, encode(hello));
  while (!gone_) {
    flush();
    if (!pipes_.empty() && !wait_with_pipes()) continue;
    const Result<bool> more = receive();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    if (Result<void> handled = handle_frames(); !handled) {
      flush();
      return handled;
    }
  }
  return {};
}

/// True when iked has said something.
bool Server::wait_with_pipes() {
  std::vector<pollfd> waiting{{connection_.get(), POLLIN, 0}};
  for (const Pipe& pipe : pipes_) waiting.push_back({pipe.reader.get(), POLLIN, 0});
  const int ready = poll(waiting.data(), waiting.size(), pipe_patience());
  read_pipes();
  return ready > 0 && waiting.front().revents != 0;
}

// ---- requests ----------------------------------------------------------------------------------

/// False at the end of the stream.
Result<bool> Server::receive() {
  std::array<uint8_t, 65536> octets;  // NOLINT: recvmsg fills it
  iovec part{octets.data(), octets.size()};
  alignas(cmsghdr) std::array<uint8_t, CMSG_SPACE(max_passed * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = recvmsg(connection_.get(), &message, MSG_CMSG_CLOEXEC);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got < 0 && errno == ECONNRESET) return false;
  if (got < 0) return fail("cannot read from iked: {}", strerror(errno));
  collect(message, passed_);
  if (got == 0) return false;
  frames_.add(ByteView(octets).first(static_cast<size_t>(got)));
  return true;
}

Result<void> Server::handle_frames() {
  for (;;) {
    Result<std::optional<Frame>> frame = frames_.next();
    if (!frame) return fail(frame);
    if (!*frame) break;
    if (Result<void> handled = handle(**frame); !handled) return handled;
  }
  // Whoever passes descriptors without asking for anything gets them closed.
  while (passed_.size() > max_passed) passed_.pop_front();
  return {};
}

Result<void> Server::handle(const Frame& frame) {
  switch (frame.type) {
    case MessageType::load:
      return load(frame);
    case MessageType::commit:
      keeper_.commit();
      answer(frame.id, MessageType::done, {});
      return {};
    case MessageType::psk_auth: {
      const auto request = parse_psk_auth_request(frame.body);
      if (!request) return std::unexpected(request.error());
      answer_with(frame.id, MessageType::psk_values, keeper_.psk_auth(*request));
      return {};
    }
    case MessageType::eap: {
      const auto request = parse_eap_request(frame.body);
      if (!request) return std::unexpected(request.error());
      answer_with(frame.id, MessageType::eap_values, keeper_.eap(*request));
      return {};
    }
    case MessageType::sign: {
      const auto request = parse_sign_request(frame.body);
      if (!request) return std::unexpected(request.error());
      answer_with(frame.id, MessageType::signature, keeper_.sign(*request));
      return {};
    }
    case MessageType::log_in:
    case MessageType::log_out:
      return handle_token(frame);
    case MessageType::list_public:
      answer_with(frame.id, MessageType::public_parts, keeper_.list_public());
      return {};
    case MessageType::take_secret:
      take_secret(frame.id);
      return {};
    case MessageType::wipe_users:
      answer_with(frame.id, MessageType::users_wiped, keeper_.wipe_users());
      return {};
    default:
      return fail("a message of type {:#x} is no request", static_cast<uint16_t>(frame.type));
  }
}

Result<void> Server::load(const Frame& frame) {
  LoadRequest request = load_;
  if (!frame.body.empty()) {
    const auto wanted = parse_text(frame.body);
    if (!wanted) return std::unexpected(wanted.error());
    Result<std::string> path = other_file(load_.path, *wanted);
    if (!path) {
      refuse(frame.id, path.error().text);
      return {};
    }
    request.path = std::move(*path);
  }
  answer(frame.id, MessageType::loaded, encode(keeper_.load(request)));
  return {};
}

Result<void> Server::handle_token(const Frame& frame) {
  Result<void> outcome;
  if (frame.type == MessageType::log_in) {
    const auto login = parse_token_login(frame.body);
    if (!login) return std::unexpected(login.error());
    outcome = keeper_.log_in(*login);
  } else {
    const auto uri = parse_text(frame.body);
    if (!uri) return std::unexpected(uri.error());
    outcome = keeper_.log_out(*uri);
  }
  if (outcome) {
    answer(frame.id, MessageType::done, {});
  } else {
    refuse(frame.id, outcome.error().text);
  }
  return {};
}

// ---- secrets through pipes
// -----------------------------------------------------------------------

void Server::take_secret(uint64_t request) {
  if (passed_.empty()) return refuse(request, "no descriptor came with the request");
  Pipe pipe{request, std::move(passed_.front()), Clock::now() + pipe_limit, {}};
  passed_.pop_front();
  struct stat info {};
  if (fstat(pipe.reader.get(), &info) != 0 || !S_ISFIFO(info.st_mode)) {
    return refuse(request, "a secret is taken from a pipe only");
  }
  if (pipes_.size() >= max_pipes) return refuse(request, "too many secrets are on their way");
  const int flags = fcntl(pipe.reader.get(), F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY ||
      fcntl(pipe.reader.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return refuse(request, "the pipe cannot be read");
  }
  pipes_.push_back(std::move(pipe));
}

/// False when this pipe is done with, one way or the other.
bool Server::read_pipe(Pipe& pipe) {
  std::array<uint8_t, 1024> octets;  // NOLINT: read fills it
  const ssize_t got = read(pipe.reader.get(), octets.data(), octets.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    if (Clock::now() < pipe.give_up) return true;
    refuse(pipe.request, "nobody wrote the secret to its end");
    return false;
  }
  if (got < 0) {
    refuse(pipe.request, "the pipe cannot be read");
    return false;
  }
  if (got == 0) {
    if (pipe.content.empty()) {
      refuse(pipe.request, "the secret is empty");
    } else {
      answer_with(pipe.request, MessageType::secret_taken,
                  keeper_.take_secret(SecretBytes(ByteView(pipe.content))));
    }
    return false;
  }
  pipe.content.insert(pipe.content.end(), octets.begin(), octets.begin() + got);
  explicit_bzero(octets.data(), octets.size());
  if (pipe.content.size() <= longest_secret) return true;
  refuse(pipe.request, "the secret is too long");
  return false;
}

void Server::read_pipes() {
  pipes_.remove_if([this](Pipe& pipe) { return !read_pipe(pipe); });
}

/// Milliseconds until the first pipe has had its time; -1 = for ever.
int Server::pipe_patience() const {
  if (pipes_.empty()) return -1;
  const auto first = std::ranges::min_element(pipes_, {}, &Pipe::give_up)->give_up;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - Clock::now()).count();
  return static_cast<int>(std::max<decltype(left)>(left, 0));
}

// ---- answers
// -------------------------------------------------------------------------------------

template <typename T>
void Server::answer_with(uint64_t request, MessageType type, const Result<T>& result) {
  if (result) {
    answer(request, type, encode(*result));
  } else {
    refuse(request, result.error().text);
  }
}

void Server::refuse(uint64_t request, const std::string& why) {
  answer(request, MessageType::refused, encode(why));
}

void Server::answer(uint64_t request, MessageType type, SecretBuffer body) {
  if (body.size() > largest_body(type).value_or(0)) {
    body = encode(std::string("the answer is too long"));
    type = MessageType::refused;
  }
  append_frame(out_, type, request, body);
  // Otherwise with the answers to whatever else has come in.
  if (out_.size() > most_unsent) flush();
}

void Server::log(const log::Record& record) {
  LogLine line{record.level, std::string(record.about.policy), std::string(record.text)};
  line.policy.resize(std::min<size_t>(line.policy.size(), 256));
  line.text.resize(std::min(line.text.size(), longest_log_text));
  answer(0, MessageType::log, encode(line));
}

/// Waits for iked to take the octets: whoever floods us waits for himself.
void Server::flush() {
  size_t sent = 0;
  while (!gone_ && sent < out_.size()) {
    const ssize_t n =
        ::send(connection_.get(), out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
    if (n >= 0) {
      sent += static_cast<size_t>(n);
    } else if (errno == EAGAIN) {
      pollfd room{connection_.get(), POLLOUT, 0};
      poll(&room, 1, -1);
    } else if (errno != EINTR) {
      gone_ = true;
    }
  }
  explicit_bzero(out_.data(), out_.size());
  out_.clear();
}

}  // namespace iked::keeper
