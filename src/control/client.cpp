// SPDX-License-Identifier: ISC
#include "control/client.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <variant>

#include "control/address.h"

namespace iked::control {
namespace {

const char* cure_for(int error) {
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      return "\nIs iked running? If it listens elsewhere, name its socket with -s.";
    case EACCES:
    case EPERM:
      return "\nOnly root and members of the socket's group may control iked.";
    default:
      return "";
  }
}

FailureKind kind_of(int error) {
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      return FailureKind::no_daemon;
    case EACCES:
    case EPERM:
      return FailureKind::denied;
    default:
      return FailureKind::other;
  }
}

/// The answer as the alternative that was asked for; a Failed becomes an error.
template <typename Wanted>
Result<Wanted> expect(Result<Response> response) {
  if (!response) return fail(response);
  if (auto* failed = std::get_if<Failed>(&*response)) return fail("{}", failed->text);
  if (auto* wanted = std::get_if<Wanted>(&*response)) return std::move(*wanted);
  return fail("iked answered something else than was asked");
}

/// `Ask` is the request for a page, `Page` its answer.
template <typename Ask, typename Page>
Result<void> for_each(Client& client, const auto& row) {
  Ask ask;
  while (true) {
    auto page = expect<Page>(client.ask(ask));
    if (!page) return fail(page);
    for (const auto& item : page->rows) row(item);
    if (page->next == 0) return {};
    if (page->next <= ask.from) return fail("iked's list does not end");
    ask.from = page->next;
  }
}

}  // namespace

std::expected<Client, ControlError> Client::connect(const std::string& path) {
  const auto failed = [](FailureKind kind, std::string text) {
    return std::unexpected(ControlError{kind, std::move(text)});
  };
  auto address = unix_address(path);
  if (!address) return failed(FailureKind::other, std::move(address.error().text));
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return failed(FailureKind::other, fmt::format("socket: {}", strerror(errno)));
  while (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    const int error = errno;
    if (error == EINTR) continue;
    return failed(kind_of(error),
                  fmt::format("connect: {}: {}{}", path, strerror(error), cure_for(error)));
  }
  return Client(std::move(fd));
}

Result<void> Client::send_all(ByteView octets) {
  while (!octets.empty()) {
    const ssize_t sent = send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    // EPIPE: iked has hung up, but why may still be there to be read.
    if (sent < 0 && errno == EPIPE) return {};
    if (sent < 0) return fail("send: {}", strerror(errno));
    octets = octets.subspan(static_cast<size_t>(sent));
  }
  return {};
}

Result<Frame> Client::receive() {
  std::array<uint8_t, 65536> octets;
  while (true) {
    auto frame = in_.next();
    if (!frame) return fail(frame);
    if (*frame) return std::move(**frame);
    const ssize_t got = recv(fd_.get(), octets.data(), octets.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("receive: {}", strerror(errno));
    if (got == 0) return fail("iked closed the connection: its log says why");
    in_.add(ByteView(octets).first(static_cast<size_t>(got)));
  }
}

Result<Response> Client::ask(const Request& request) {
  if (auto sent = send_all(encode(to_frame(request))); !sent) return fail(sent);
  auto frame = receive();
  if (!frame) return fail(frame);
  return parse_response(*frame);
}

Control::Outcome Client::command(const Request& request, const EventSink& event) {
  const auto broken = [](Error error) {
    return std::unexpected(ControlError{FailureKind::other, std::move(error.text)});
  };
  if (auto sent = send_all(encode(to_frame(request))); !sent) return broken(sent.error());
  while (true) {
    auto frame = receive();
    if (!frame) return broken(frame.error());
    auto response = parse_response(*frame);
    if (!response) return broken(response.error());
    if (const auto* row = std::get_if<EventRow>(&*response)) {
      if (event) event(*row);
      continue;
    }
    if (auto* failed = std::get_if<Failed>(&*response)) {
      return std::unexpected(ControlError{failed->kind, std::move(failed->text)});
    }
    if (auto* done = std::get_if<Succeeded>(&*response)) return std::move(done->text);
    return broken({"iked answered something else than was asked"});
  }
}

Result<void> Client::monitor(const std::function<bool(const EventRow&)>& event) {
  if (auto sent = send_all(encode(to_frame(Request(Monitor{})))); !sent) return fail(sent);
  while (true) {
    auto frame = receive();
    if (!frame) return fail(frame);
    const auto row = expect<EventRow>(parse_response(*frame));
    if (!row) return std::unexpected(row.error());
    if (!event(*row)) return {};
  }
}

Result<StatisticRows> Client::statistics() {
  return expect<StatisticRows>(ask(ShowStatistics{}));
}

std::expected<FailureRows, ControlError> Client::failures(const std::string& name) {
  auto response = ask(ShowFailures{name});
  if (!response) {
    return std::unexpected(ControlError{FailureKind::other, std::move(response.error().text)});
  }
  if (auto* failed = std::get_if<Failed>(&*response)) {
    return std::unexpected(ControlError{failed->kind, std::move(failed->text)});
  }
  auto rows = expect<FailureRows>(std::move(response));
  if (!rows) {
    return std::unexpected(ControlError{FailureKind::other, std::move(rows.error().text)});
  }
  return std::move(*rows);
}

Result<void> Client::for_each_sa(const std::function<void(const IkeSaRow&)>& row) {
  return for_each<ShowSas, SaPage>(*this, row);
}

Result<void> Client::for_each_policy(const std::function<void(const PolicyRow&)>& row) {
  return for_each<ShowPolicies, PolicyPage>(*this, row);
}

}  // namespace iked::control
