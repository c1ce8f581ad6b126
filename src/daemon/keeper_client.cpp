// SPDX-License-Identifier: ISC
#include "daemon/keeper_client.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "base/reader.h"
#include "crypto/prf.h"
#include "daemon/control.h"
#include "keeper/protocol.h"

namespace iked::daemon {
namespace {

using keeper::Frame;
using keeper::MessageType;
using keeper::SecretBuffer;

constexpr size_t most_unsent = size_t{1} << 20;  // octets
constexpr size_t read_at_once = size_t{64} << 10;
constexpr unsigned most_deaths = 2;
constexpr unsigned turns_without_others = 16;

Descriptor passed_with(msghdr& message) {
  Descriptor passed;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(c), sizeof fd);
    passed.reset(fd);
  }
  return passed;
}

}  // namespace

Result<std::unique_ptr<KeeperClient>> KeeperClient::make(int channel, LoadRequest request,
                                                         Clock clock) {
  std::unique_ptr<KeeperClient> client(new KeeperClient(  // NOLINT: the constructor is private
      channel, std::move(request), std::move(clock)));
  client->epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
  client->wake_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!client->epoll_ || !client->wake_) {
    return fail("cannot wait for iked-keeper: {}", strerror(errno));
  }
  for (const int fd : {channel, client->wake_.get()}) {
    if (auto watched = client->watch(fd, EPOLLIN, EPOLL_CTL_ADD); !watched) return fail(watched);
  }
  return client;
}

KeeperClient::KeeperClient(int channel, LoadRequest request, Clock clock)
    : channel_(channel), request_(std::move(request)), clock_(std::move(clock)) {}

KeeperClient::~KeeperClient() = default;

Result<void> KeeperClient::watch(int descriptor, uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  if (epoll_ctl(epoll_.get(), operation, descriptor, &event) == 0) return {};
  return fail("cannot wait for iked-keeper: {}", strerror(errno));
}

// ---- time
// ----------------------------------------------------------------------------------------

void KeeperClient::on_ready() {
  // As a rule it is one answer, and nothing else need be looked at. What else there is will be
  // told again, and a keeper that says much cannot keep us from it.
  if (++turns_ % turns_without_others != 0 && out_.empty() && read()) return pump();
  std::array<epoll_event, 4> events{};
  const int count = epoll_wait(epoll_.get(), events.data(), events.size(), 0);
  for (int i = 0; i < count; ++i) {
    const int fd = events[static_cast<size_t>(i)].data.fd;
    // The connection first, if both: what a keeper said before it died counts.
    if (fd == connection_.get()) {
      write();
      read();
    }
  }
  for (int i = 0; i < count; ++i) {
    const int fd = events[static_cast<size_t>(i)].data.fd;
    if (fd == channel_) on_channel();
    if (fd == wake_.get()) run_outcomes();
  }
  pump();
}

std::optional<Time> KeeperClient::next_deadline() const {
  std::optional<Time> first;
  const auto consider = [&](Time time) { first = first ? std::min(*first, time) : time; };
  if (state_ == State::greeting) consider(greeting_since_ + longest_work);
  for (const Call& call : calls_) {
    if (call.take) consider(call.give_up);
    if (call.id == working_on_) {
      consider(working_since_ + (call.type == MessageType::load ? longest_load : longest_work));
    }
  }
  return first;
}

void KeeperClient::on_deadline() {
  const Time now = clock_();
  for (Call& call : calls_) {
    if (!call.take || now < call.give_up) continue;
    later(std::exchange(call.take, {}), "iked-keeper does not answer");
  }
  // The answers of the others may come yet.
  std::erase_if(calls_, [](const Call& call) { return !call.take && !call.sent && !call.own; });
  if (state_ == State::greeting && now >= greeting_since_ + longest_work) {
    log::error("iked-keeper does not begin: it is ended and started again");
    return end_keeper();
  }
  for (const Call& call : calls_) {
    if (call.id != working_on_) continue;
    const Duration limit = call.type == MessageType::load ? longest_load : longest_work;
    if (now < working_since_ + limit) return;
    log::error(
        "iked-keeper (pid {}) has been at one request for {} s: it is ended and started again",
        pid_, in_seconds(limit));
    end_keeper();
    return;
  }
}

Result<LoadResult> KeeperClient::first_load() {
  std::optional<Result<LoadResult>> outcome;
  load([&outcome](Result<LoadResult> result) { outcome = std::move(result); });
  while (!outcome) {
    pollfd waiting{epoll_.get(), POLLIN, 0};
    const Duration left = next_deadline().value_or(clock_() + 1s) - clock_();
    const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    poll(&waiting, 1, static_cast<int>(std::max<decltype(rounded)>(rounded, 0)));
    on_ready();
    on_deadline();
    if (!outcome && (deaths_ > 0 || starter_gone_)) {
      calls_.clear();
      return fail("iked-keeper, the process that reads the configuration, ended at once");
    }
  }
  return std::move(*outcome);
}

// ---- the port
// ------------------------------------------------------------------------------------

template <typename T>
void KeeperClient::call(MessageType type, SecretBuffer body, MessageType answer,
                        Result<T> (*parse)(ByteView), Done<T> done, Descriptor passed) {
  Call made;
  made.type = type;
  made.answer = answer;
  made.body = std::move(body);
  made.passed = std::move(passed);
  made.take = [this, parse, done = std::move(done)](Answer frame) {
    if (!frame) return done(fail(frame));
    Result<T> value = parse(frame->body);
    if (!value) {
      misbehaved(value.error().text);
      return done(fail("iked-keeper gave an answer that makes no sense"));
    }
    done(std::move(value));
  };
  enqueue(std::move(made));
}

void KeeperClient::call_for_done(MessageType type, SecretBuffer body, Done<void> done) {
  Call made;
  made.type = type;
  made.answer = MessageType::done;
  made.body = std::move(body);
  made.take = [done = std::move(done)](Answer frame) {
    if (frame) return done({});
    done(fail(frame));
  };
  enqueue(std::move(made));
}

void KeeperClient::load_file(const std::string& path, Done<LoadResult> done) {
  Call made;
  made.type = MessageType::load;
  made.answer = MessageType::loaded;
  if (!path.empty()) made.body = keeper::encode(path);
  made.take = [this, path, done = std::move(done)](Answer frame) {
    if (!frame) return done(fail(frame));
    Result<LoadResult> result = keeper::parse_load_result(frame->body);
    if (!result) {
      misbehaved(result.error().text);
      return done(fail("iked-keeper gave a configuration that makes no sense"));
    }
    loaded_ = crypto::keyed_digest({}, {frame->body});
    loaded_path_ = path;
    done(std::move(result));
  };
  enqueue(std::move(made));
}

void KeeperClient::commit() {
  used_ = loaded_;
  used_path_ = loaded_path_;
  in_use_ = true;
  call_for_done(MessageType::commit, {}, [](const Result<void>&) {});
}

void KeeperClient::psk_auth(const PskAuthRequest& request, Done<PskAuthValues> done) {
  call(MessageType::psk_auth, keeper::encode(request), MessageType::psk_values,
       keeper::parse_psk_auth_values, std::move(done));
}

void KeeperClient::eap(const EapRequest& request, Done<EapValues> done) {
  call(MessageType::eap, keeper::encode(request), MessageType::eap_values, keeper::parse_eap_values,
       std::move(done));
}

void KeeperClient::sign(const SignRequest& request, Done<Bytes> done) {
  call(MessageType::sign, keeper::encode(request), MessageType::signature, keeper::parse_signature,
       std::move(done));
}

void KeeperClient::log_in(const TokenLogin& login, Done<void> done) {
  call_for_done(MessageType::log_in, keeper::encode(login), std::move(done));
}

void KeeperClient::log_out(const std::string& uri, Done<void> done) {
  call_for_done(MessageType::log_out, keeper::encode(uri), std::move(done));
}

void KeeperClient::list_public(Done<std::vector<PublicPart>> done) {
  call(MessageType::list_public, {}, MessageType::public_parts, keeper::parse_public_parts,
       std::move(done));
}

void KeeperClient::wipe_users(Done<uint64_t> done) {
  call(MessageType::wipe_users, {}, MessageType::users_wiped, keeper::parse_number,
       std::move(done));
}

void KeeperClient::take_secret(Descriptor pipe, Done<SecretId> done) {
  call(MessageType::take_secret, {}, MessageType::secret_taken, keeper::parse_secret_id,
       std::move(done), std::move(pipe));
}

void KeeperClient::enqueue(Call call) {
  if (state_ == State::misfit) {
    return later(std::move(call.take), "iked-keeper is of another version than iked: restart iked");
  }
  if (calls_.size() >= most_waiting) {
    return later(std::move(call.take), "too many requests wait for iked-keeper");
  }
  if (call.body.size() > *keeper::largest_body(call.type)) {
    return later(std::move(call.take), "the request is too long for iked-keeper");
  }
  call.id = ++last_id_;
  call.give_up = clock_() + (call.type == MessageType::load ? load_patience : patience);
  calls_.push_back(std::move(call));
  pump();
}

/// Tells it from on_ready(), because a caller does not expect it before his call returns.
void KeeperClient::later(Take take, std::string why) {
  outcomes_.emplace_back(std::move(take), std::move(why));
  eventfd_write(wake_.get(), 1);
}

void KeeperClient::run_outcomes() {
  eventfd_t count = 0;
  eventfd_read(wake_.get(), &count);
  for (auto& [take, why] : std::exchange(outcomes_, {})) take(fail("{}", why));
}

// ---- connections
// ---------------------------------------------------------------------------------

void KeeperClient::on_channel() {
  char octet = 0;
  iovec part{&octet, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = recvmsg(channel_, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  Descriptor connection = passed_with(message);
  if (got > 0) {
    if (connection) return adopt(std::move(connection));
    log::error("no descriptor is free for the connection to iked-keeper: raise LimitNOFILE=");
    return end_keeper();
  }
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, channel_, nullptr);
  starter_gone_ = true;
  log::error(
      "the process that starts iked-keeper has ended: restart iked soon, without it no "
      "iked-keeper comes back");
}

void KeeperClient::adopt(Descriptor connection) {
  if (connection_) lost();
  connection_ = std::move(connection);
  frames_ = keeper::FrameReader(keeper::Side::iked);
  out_.clear();
  written_ = 0;
  state_ = State::greeting;
  greeting_since_ = clock_();
  watched_ = EPOLLIN;
  if (auto watched = watch(connection_.get(), EPOLLIN, EPOLL_CTL_ADD); !watched) {
    log::error("{}", watched.error().text);
    end_keeper();
  }
}

void KeeperClient::lost() {
  if (!connection_) return;
  const bool was_ready = state_ == State::serving || state_ == State::reloading;
  connection_.reset();
  state_ = State::away;
  ++deaths_;
  if (was_ready) {
    log::warn(log::About{.event = log::Event::keeper_lost},
              "iked-keeper (pid {}) has ended: tunnels stay up, new ones wait until it is back",
              pid_);
  }
  for (Call& call : calls_) {
    if (!call.sent) continue;
    call.sent = false;
    ++call.deaths;
    const bool again = call.deaths < most_deaths && call.type != MessageType::take_secret;
    if (!again && call.take) later(std::exchange(call.take, {}), "iked-keeper died over it");
  }
  std::erase_if(calls_, [](const Call& call) { return call.own || !call.take; });
  working_on_ = 0;
}

void KeeperClient::misbehaved(const std::string& what) {
  log::error("iked-keeper (pid {}) broke the protocol: {}; it is ended and started again", pid_,
             what);
  end_keeper();
}

void KeeperClient::end_keeper() {
  const char octet = 'e';
  // A starter that is gone has left a keeper that ends with its connection.
  [[maybe_unused]] const ssize_t sent = send(channel_, &octet, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  lost();
}

// ---- from the keeper
// -----------------------------------------------------------------------------

/// False when there was nothing.
bool KeeperClient::read() {
  if (!connection_) return false;
  const int from = connection_.get();
  received_.resize(read_at_once);
  const ssize_t got = recv(from, received_.data(), received_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    lost();
    return true;
  }
  frames_.add(ByteView(received_).first(static_cast<size_t>(got)));
  explicit_bzero(received_.data(), static_cast<size_t>(got));
  while (connection_.get() == from) {
    Result<std::optional<Frame>> frame = frames_.next();
    if (frame && !*frame) break;
    if (!frame) {
      misbehaved(frame.error().text);
    } else if (auto taken = take(std::move(**frame)); !taken) {
      misbehaved(taken.error().text);
    }
  }
  return true;
}

Result<void> KeeperClient::take(Frame frame) {
  if (frame.type == MessageType::log) {
    const auto line = keeper::parse_log_line(frame.body);
    if (!line) return std::unexpected(line.error());
    const std::string text = printable(as_bytes(line->text), 4096);
    const std::string policy = printable(as_bytes(line->policy), 256);
    log::at(line->level, log::About{.policy = policy}, "iked-keeper: {}", text);
    return {};
  }
  if (frame.type == MessageType::hello) return greet(frame);
  return take_answer(std::move(frame));
}

Result<void> KeeperClient::greet(const Frame& frame) {
  if (state_ != State::greeting) return fail("it said hello twice");
  // The version comes first in every version.
  Reader version(frame.body);
  if (version.u32() != keeper::protocol_version) {
    log::error(
        "iked-keeper is of another version than this iked: restart iked; until then no new tunnel "
        "comes up");
    state_ = State::misfit;
    for (Call& call : calls_) {
      if (call.take) later(std::move(call.take), "iked-keeper is of another version than iked");
    }
    calls_.clear();
    return {};
  }
  const auto hello = keeper::parse_hello(frame.body);
  if (!hello) return std::unexpected(hello.error());
  pid_ = hello->pid;
  log::debug("iked-keeper has pid {} and uid {}", pid_, hello->uid);
  if (in_use_ && request_.path != "-") {
    reload_secrets();
    return {};
  }
  if (in_use_) {
    log::error(
        "the configuration came from standard input and cannot be read again: iked-keeper has no "
        "key any more, restart iked");
  }
  begin_serving();
  return {};
}

Result<void> KeeperClient::take_answer(Frame frame) {
  const auto call =
      std::ranges::find_if(calls_, [&](const Call& c) { return c.sent && c.id == frame.id; });
  if (call == calls_.end()) return fail("an answer to what nobody asked");
  const bool refused = frame.type == MessageType::refused;
  if (!refused && frame.type != call->answer) {
    return fail("an answer of type {:#x} to a request of type {:#x}",
                static_cast<uint16_t>(frame.type), static_cast<uint16_t>(call->type));
  }
  Result<std::string> why;
  if (refused) {
    why = keeper::parse_text(frame.body);
    if (!why) return std::unexpected(why.error());
  }
  const Take take = std::move(call->take);
  calls_.erase(call);
  note_work();
  if (!take) return {};
  if (refused) {
    take(fail("{}", printable(as_bytes(*why), 1024)));
  } else {
    take(std::move(frame));
  }
  return {};
}

/// A keeper that was started again knows no secret yet.
void KeeperClient::reload_secrets() {
  state_ = State::reloading;
  Call load;
  load.id = ++last_id_;
  load.type = MessageType::load;
  load.answer = MessageType::loaded;
  load.own = true;
  if (!used_path_.empty()) load.body = keeper::encode(used_path_);
  load.give_up = clock_() + load_patience;
  load.take = [this](Answer frame) {
    if (!frame) return;  // the next keeper gets it anew
    const Result<LoadResult> result = keeper::parse_load_result(frame->body);
    if (!result) return misbehaved(result.error().text);
    const Bytes digest = crypto::keyed_digest({}, {frame->body});
    if (result->config && digest != used_) {
      log::notice("{} has changed since it was read: 'ikectl reload' uses it", request_.path);
    }
    on_secrets(*result);
  };
  calls_.push_front(std::move(load));
}

void KeeperClient::on_secrets(const LoadResult& result) {
  if (!result.config) {
    log_diagnostics(result.diagnostics);
    log::error(
        "iked-keeper was started again and cannot read {}: new authentications fail until it is "
        "right and 'ikectl reload' has read it",
        request_.path);
    return begin_serving();
  }
  Call commit;
  commit.id = ++last_id_;
  commit.type = MessageType::commit;
  commit.answer = MessageType::done;
  commit.own = true;
  commit.give_up = clock_() + patience;
  commit.take = [this](const Answer& frame) {
    if (frame) begin_serving();
  };
  calls_.push_front(std::move(commit));
}

void KeeperClient::begin_serving() {
  state_ = State::serving;
  if (deaths_ > 0)
    log::notice(log::About{.event = log::Event::keeper_back}, "iked-keeper is back, with pid {}",
                pid_);
}

// ---- to the keeper
// -------------------------------------------------------------------------------

bool KeeperClient::may_send(const Call& call) const {
  return state_ == State::serving || (state_ == State::reloading && call.own);
}

void KeeperClient::pump() {
  if (!connection_) return;
  for (Call& call : calls_) {
    if (call.sent) continue;
    if (!may_send(call) || out_.size() - written_ > most_unsent) break;
    if (call.passed) {
      // A descriptor travels with octets of its own.
      if (written_ < out_.size() || !send_with_descriptor(call)) break;
    } else {
      keeper::append_frame(out_, call.type, call.id, call.body);
    }
    call.sent = true;
  }
  note_work();
  write();
}

bool KeeperClient::send_with_descriptor(Call& call) {
  SecretBuffer octets = keeper::encode(Frame{call.type, call.id, {}});
  iovec part{octets.data(), octets.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = call.passed.get();
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  // Sixteen octets go whole or not at all.
  if (sendmsg(connection_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return false;
  call.passed.reset();
  return true;
}

void KeeperClient::write() {
  if (!connection_) return;
  while (written_ < out_.size()) {
    const ssize_t sent = send(connection_.get(), out_.data() + written_, out_.size() - written_,
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) break;  // full; or dead, which reading finds out
    written_ += static_cast<size_t>(sent);
  }
  const bool all = written_ == out_.size();
  if (all) {
    out_.clear();
    written_ = 0;
  }
  const bool more = !all || std::ranges::any_of(calls_, [this](const Call& call) {
    return !call.sent && call.passed && may_send(call);
  });
  const uint32_t events = more ? EPOLLIN | EPOLLOUT : EPOLLIN;
  if (std::exchange(watched_, events) == events) return;
  if (auto watched = watch(connection_.get(), events, EPOLL_CTL_MOD); !watched) {
    log::error("{}", watched.error().text);
  }
}

/// The keeper works on the oldest request that it has; only a secret may take its time.
void KeeperClient::note_work() {
  const auto oldest = std::ranges::find_if(
      calls_, [](const Call& call) { return call.sent && call.type != MessageType::take_secret; });
  const uint64_t now = oldest == calls_.end() ? 0 : oldest->id;
  if (std::exchange(working_on_, now) != now) working_since_ = clock_();
}

}  // namespace iked::daemon
