// SPDX-License-Identifier: ISC
#include "control/server.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "base/overloaded.h"
#include "control/address.h"
#include "control/fit.h"

namespace iked::control {
namespace {

constexpr uint64_t listener_id = 0;

bool changes_something(const Request& request) {
  return !std::holds_alternative<ShowSas>(request) &&
         !std::holds_alternative<ShowPolicies>(request) &&
         !std::holds_alternative<ShowStatistics>(request) &&
         !std::holds_alternative<ShowFailures>(request) &&
         !std::holds_alternative<ShowCertificates>(request) &&
         !std::holds_alternative<Monitor>(request);
}

void pass_on(Control& control, const Reload&, Control::Done done) {
  control.reload(std::move(done));
}
void pass_on(Control& control, const Reset& request, Control::Done done) {
  control.reset(request.what, std::move(done));
}
void pass_on(Control& control, const SetPassive& request, Control::Done done) {
  control.set_passive(request.passive, std::move(done));
}
void pass_on(Control& control, const SetCoupled& request, Control::Done done) {
  control.set_coupled(request.coupled, std::move(done));
}
void pass_on(Control& control, const SetVerbosity& request, Control::Done done) {
  control.set_verbosity(request.level, std::move(done));
}

void pass_on(Control& control, const ShowCertificates&, Control::Done done) {
  control.list_certificates(std::move(done));
}
void pass_on(Control& control, const Load& request, Control::Ended ended) {
  control.load(request.path, std::move(ended));
}
void pass_on(Control& control, const Connect& request, Control::Ended ended) {
  control.connect(request.policy, std::move(ended));
}
void pass_on(Control& control, const Disconnect& request, Control::Ended ended) {
  control.disconnect(request.policy, std::move(ended));
}

template <typename Asked>
constexpr bool may_take_its_time = std::is_same_v<Asked, Load> || std::is_same_v<Asked, Connect> ||
                                   std::is_same_v<Asked, Disconnect>;

Control::Outcome reset_id(Control& control, const std::string& identity) {
  const size_t count = control.reset_id(identity);
  if (count == 0) {
    return std::unexpected(
        ControlError{FailureKind::no_such_sa,
                     fmt::format("no peer '{}' has an IKE SA: name it with its type, as 'show sa' "
                                 "does: FQDN/host.example.com",
                                 identity)});
  }
  return fmt::format("{} IKE {} being ended", count, count == 1 ? "SA is" : "SAs are");
}

StatisticRows statistics_of(const Control& control) {
  StatisticRows all;
  for (const auto& [name, value] : control.counters()) all.rows.push_back({name, value});
  return all;
}

Response failures_of(Control& control, const std::string& name) {
  auto rows = control.failures(name);
  if (!rows) {
    return Failed{fmt::format("there is no policy '{}', and nothing is known of such a peer: 'show "
                              "policy' lists the policies",
                              name),
                  FailureKind::no_such_policy};
  }
  FailureRows answer{{}, std::move(*rows)};
  if (auto policy = control.find_policy(name)) answer.policy.push_back(std::move(*policy));
  return answer;
}

Descriptor open_reserve() {
  return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Listener listener, Control& control,
                                              std::function<void()> listeners_changed) {
  Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return fail("control socket: epoll: {}", strerror(errno));
  epoll_event event{.events = EPOLLIN, .data = {.u64 = listener_id}};
  if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, listener.descriptor(), &event) != 0) {
    return fail("control socket: epoll: {}", strerror(errno));
  }
  return std::unique_ptr<Server>(
      new Server(std::move(listener), std::move(epoll), control, std::move(listeners_changed)));
}

Server::Server(Listener listener, Descriptor epoll, Control& control,
               std::function<void()> listeners_changed)
    : listener_(std::move(listener)),
      epoll_(std::move(epoll)),
      reserve_(open_reserve()),
      control_(control),
      listeners_changed_(listeners_changed ? std::move(listeners_changed) : [] {}) {}

Server::~Server() = default;

void Server::on_ready() {
  std::array<epoll_event, 16> events{};
  const int count = epoll_wait(epoll_.get(), events.data(), events.size(), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.u64 == listener_id) {
      accept_clients();
    } else {
      on_client(event.data.u64, event.events);
    }
  }
  std::erase_if(clients_, [](const auto& entry) { return entry.second.dead; });
  listeners_changed_();
}

void Server::accept_clients() {
  while (true) {
    Descriptor fd(accept4(listener_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      admit(std::move(fd));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno != EMFILE && errno != ENFILE) return;
    // Left alone, the waiting client would keep us awake for ever.
    log::warn("control socket: {}; a client is turned away", strerror(errno));
    reserve_.reset();
    const Descriptor turned_away(accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!turned_away) return;
    reserve_ = open_reserve();
  }
}

void Server::admit(Descriptor fd) {
  const ucred peer = peer_of(fd.get());
  if (clients_.size() >= max_clients) {
    log::warn("control socket: {} clients are connected; pid {} of uid {} is turned away",
              clients_.size(), peer.pid, peer.uid);
    const Bytes refusal = encode(to_frame(Response(Failed{"iked has too many control clients"})));
    send(fd.get(), refusal.data(), refusal.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  const ClientId id = next_id_++;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = id}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) {
    log::warn("control socket: epoll: {}", strerror(errno));
    return;
  }
  Client& client = clients_[id];
  client.fd = std::move(fd);
  client.pid = peer.pid;
  client.uid = peer.uid;
}

void Server::on_client(ClientId id, uint32_t events) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || found->second.dead) return;
  Client& client = found->second;
  if ((events & EPOLLIN) != 0) read(client);
  // Both directions are closed: nobody will read an answer. Requests that have arrived still count.
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) client.end_of_input = true;
  flush(client);
  serve(id, client);
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) client.dead = true;
  watch(id, client);
}

void Server::read(Client& client) {
  std::array<uint8_t, max_request_body> octets;
  const ssize_t got = recv(client.fd.get(), octets.data(), octets.size(), 0);
  if (got > 0) {
    client.in.add(ByteView(octets).first(static_cast<size_t>(got)));
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    client.end_of_input = true;
  }
}

void Server::serve(ClientId id, Client& client) {
  client.serving = true;
  while (!client.dead && !client.working && client.out.empty()) {
    auto frame = client.in.next();
    if (frame && !*frame) {
      client.dead = client.end_of_input;
      break;
    }
    auto request = frame ? parse_request(**frame) : fail(frame);
    if (!request) {
      log::warn("control: pid {} of uid {}: {}", client.pid, client.uid, request.error().text);
      client.dead = true;  // after one try to say why
      answer(client, outcome_that_fits(fail(request)));
      break;
    }
    handle(id, client, *request);
  }
  client.serving = false;
}

void Server::handle(ClientId id, Client& client, const Request& request) {
  // What the client has chosen must not forge a line of the log.
  const std::string words = printable(as_bytes(to_string(request)), 256);
  if (changes_something(request)) {
    log::notice(log::About{.event = log::Event::control_command},
                "control: uid {} (pid {}) asks: {}", client.uid, client.pid, words);
  } else {
    log::debug("control: uid {} (pid {}) asks: {}", client.uid, client.pid, words);
  }
  std::visit(
      overloaded{
          [&](const ShowSas& r) { answer(client, sas_that_fit(control_, r)); },
          [&](const ShowPolicies& r) { answer(client, policies_that_fit(control_, r)); },
          [&](const ShowStatistics&) {
            answer(client, to_frame(Response(statistics_of(control_))));
          },
          [&](const ShowFailures& r) {
            answer(client, failures_that_fit(failures_of(control_, r.name)));
          },
          [&](const ResetId& r) { answer(client, end_that_fits(reset_id(control_, r.identity))); },
          [&](const Monitor&) {
            client.monitoring = client.working = true;
            listeners_changed_();
          },
          [&]<typename Asked>(const Asked& r) {
            client.working = true;
            if constexpr (std::is_same_v<Asked, Connect> || std::is_same_v<Asked, Disconnect>)
              listen_to(client, r.policy);
            if constexpr (may_take_its_time<Asked>) {
              pass_on(control_, r,
                      [this, id](Control::Outcome outcome) { end(id, std::move(outcome)); });
            } else {
              pass_on(control_, r,
                      [this, id](Result<std::string> outcome) { finish(id, std::move(outcome)); });
            }
          }},
      request);
}

void Server::end(ClientId id, Control::Outcome outcome) {
  answer_finished(id, end_that_fits(std::move(outcome)));
}

void Server::finish(ClientId id, Result<std::string> outcome) {
  answer_finished(id, outcome_that_fits(std::move(outcome)));
}

void Server::answer_finished(ClientId id, const Frame& frame) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || !found->second.working) return;  // it did not wait
  Client& client = found->second;
  client.working = false;
  if (std::exchange(client.connecting, std::nullopt)) listeners_changed_();
  answer(client, frame);
  if (client.serving) return;  // the Control was done at once, within serve
  serve(id, client);
  watch(id, client);
  if (client.dead) clients_.erase(found);
}

void Server::answer(Client& client, const Frame& frame) {
  // Events may still be on their way.
  client.out.erase(client.out.begin(), client.out.begin() + static_cast<ptrdiff_t>(client.sent));
  client.sent = 0;
  append(client.out, encode(frame));
  flush(client);
}

void Server::listen_to(Client& client, const std::string& policy) {
  client.connecting = policy;
  listeners_changed_();
}

bool Server::has_listeners() const {
  return std::ranges::any_of(clients_, [](const auto& entry) {
    return !entry.second.dead && (entry.second.monitoring || entry.second.connecting);
  });
}

void Server::tell(const EventRow& event) {
  for (auto& [id, client] : clients_) {
    if (client.dead) continue;
    if (!client.monitoring && client.connecting != event.policy) continue;
    send_event(client, event);
    watch(id, client);
  }
}

void Server::send_event(Client& client, const EventRow& event) {
  if (client.out.size() - client.sent > max_events_waiting) {
    ++client.events_missed;
    return;
  }
  if (const uint64_t missed = std::exchange(client.events_missed, 0); missed > 0) {
    EventRow gap{.time = event.time, .level = "warning", .event = "events-missed"};
    gap.text =
        fmt::format("{} events were not shown: they came faster than they were read", missed);
    answer(client, to_frame(Response(std::move(gap))));
  }
  answer(client, to_frame(Response(event)));
}

void Server::flush(Client& client) {
  while (client.sent < client.out.size()) {
    const ByteView rest = ByteView(client.out).subspan(client.sent);
    const ssize_t sent = send(client.fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      if (errno != EAGAIN) client.dead = true;
      return;
    }
    client.sent += static_cast<size_t>(sent);
  }
  client.out = {};
  client.sent = 0;
}

void Server::watch(ClientId id, const Client& client) {
  uint32_t events = 0;  // a hang-up is always reported
  if (!client.out.empty()) {
    events = EPOLLOUT;
  } else if (!client.working && !client.end_of_input) {
    events = EPOLLIN;
  }
  epoll_event event{.events = events, .data = {.u64 = id}};
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, client.fd.get(), &event);
}

}  // namespace iked::control
