// SPDX-License-Identifier: ISC
#include "dbus/service.h"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "dbus/authorizer.h"
#include "dbus/log_control.h"
#include "dbus/manager.h"

namespace iked::dbus {
namespace {

constexpr int messages_per_turn = 64;
constexpr std::chrono::seconds bus_patience{5};  // of the few calls to the bus itself that wait

constexpr const char* clients_that_leave =
    "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
    "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''";

void sooner(std::optional<Time>& a, std::optional<Time> b) {
  if (b && (!a || *b < *a)) a = b;
}

uint32_t to_epoll(short events) {
  return ((events & POLLIN) != 0 ? uint32_t{EPOLLIN} : 0) |
         ((events & POLLOUT) != 0 ? uint32_t{EPOLLOUT} : 0);
}

}  // namespace

// The members refer to the ones above them.
struct Service::Session {
  std::unique_ptr<sdbus::IConnection> connection;
  sdbus::Slot leavers;
  std::optional<Authorizer> authorizer;
  std::optional<Manager> manager;
  std::optional<LogControl> log_control;
};

Result<std::unique_ptr<Service>> Service::make(Control& control, ServicePorts ports) {
  Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (epoll.get() < 0) return fail("cannot wait for D-Bus: {}", strerror(errno));
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  return std::unique_ptr<Service>(new Service(std::move(epoll), control, std::move(ports)));
}

Service::Service(Descriptor epoll, Control& control, ServicePorts ports)
    : epoll_(std::move(epoll)),
      control_(control),
      ports_(std::move(ports)),
      told_(control.run_state()),
      retry_at_(ports_.now()) {}

Service::~Service() {
  calls_.clear();
}

void Service::watch(int descriptor, uint32_t events) {
  if (descriptor == watched_ && events == watched_events_) return;
  if (watched_ >= 0 && watched_ != descriptor) {
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, watched_, nullptr);
  }
  if (descriptor >= 0) {
    epoll_event event{.events = events, .data = {.fd = descriptor}};
    const int operation = watched_ == descriptor ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(epoll_.get(), operation, descriptor, &event) != 0) {
      log::error("cannot wait for D-Bus: {}", strerror(errno));
    }
  }
  watched_ = descriptor;
  watched_events_ = events;
}

// ---- coming and going

void Service::connect() {
  Result<Probe> probe = Probe::start(system_bus_address());
  if (!probe) return try_again_later(probe.error().text);
  if (!probe->needed()) return open_session();
  probe_.emplace(std::move(*probe));
  watch(probe_->descriptor(), EPOLLIN);
  retry_at_ = ports_.now() + probe_patience;
}

void Service::on_probe() {
  const Result<void> alive = probe_->finish();
  watch(-1, 0);
  probe_.reset();
  if (!alive) return try_again_later(alive.error().text);
  open_session();
}

void Service::open_session() {
  retry_at_.reset();
  auto session = std::make_unique<Session>();
  try {
    session->connection = sdbus::createSystemBusConnection();
    sdbus::IConnection& connection = *session->connection;
    connection.setMethodCallTimeout(bus_patience);
    session->leavers = connection.addMatch(clients_that_leave, [this](sdbus::Message& message) {
      std::string client;
      message >> client;
      forget_client(client);
    });
    session->authorizer.emplace(connection, ports_.now);
    session->manager.emplace(connection, control_, calls_, *session->authorizer, ports_.version,
                             ports_.listeners_changed);
    session->log_control.emplace(connection, ports_.log_target);
    connection.requestName(name);
  } catch (const sdbus::Error& error) {
    calls_.clear();
    session.reset();
    return try_again_later(error.getMessage());
  }
  session_ = std::move(session);
  told_ = control_.run_state();
  next_retry_ = first_retry;
  complained_ = false;
  log::info("D-Bus: serving as {}", name);
  process();
}

void Service::lost(std::string why) {
  calls_.clear();
  watch(-1, 0);
  session_.reset();
  broken_.reset();
  log::info("D-Bus: the connection broke: {}; trying again", why);
  complained_ = true;
  retry_at_ = ports_.now() + first_retry;
}

void Service::try_again_later(const std::string& why) {
  watch(-1, 0);
  probe_.reset();
  if (complained_) {
    log::debug("D-Bus: {}", why);
  } else {
    log::info("D-Bus: no {} for now, ikectl uses the control socket: {}", name, why);
  }
  complained_ = true;
  retry_at_ = ports_.now() + next_retry_;
  next_retry_ = std::min(next_retry_ * 2, longest_retry);
}

// ---- the loop

void Service::on_ready() {
  if (probe_) {
    on_probe();
  } else if (session_) {
    process();
  }
}

void Service::process() {
  if (!broken_) {
    try {
      for (int i = 0; i < messages_per_turn && session_->connection->processPendingRequest(); ++i) {
      }
    } catch (const sdbus::Error& error) {
      broken_ = error.getMessage();
    }
  }
  if (broken_) return lost(std::move(*broken_));
  settle();
}

template <typename Call>
void Service::guarded(Call&& call) {
  if (!session_ || broken_) return;
  try {
    call(*session_);
  } catch (const sdbus::Error& error) {
    broken_ = error.getMessage();
  }
}

void Service::settle() {
  const RunState now = control_.run_state();
  guarded([&](Session& session) {
    session.manager->tell(told_, now);
    const auto poll = session.connection->getEventLoopPollData();
    watch(poll.fd, to_epoll(poll.events));
  });
  told_ = now;
}

std::optional<Time> Service::next_deadline() const {
  std::optional<Time> next = retry_at_;
  if (!session_) return next;
  if (broken_) return ports_.now();
  sooner(next, session_->authorizer->next_deadline());
  sooner(next, limit_.next_deadline());
  try {
    // A timeout that is far away is asked for again.
    constexpr Duration longest = 1h;
    if (const auto wait = session_->connection->getEventLoopPollData().getRelativeTimeout()) {
      sooner(next, ports_.now() + std::min<Duration>(*wait, longest));
    }
  } catch (const sdbus::Error&) {
    return ports_.now();
  }
  return next;
}

void Service::on_deadline() {
  const Time now = ports_.now();
  if (retry_at_ && now >= *retry_at_) {
    retry_at_.reset();
    if (probe_) return try_again_later("the bus does not answer");
    if (!session_) return connect();
  }
  if (!session_) return;
  session_->authorizer->on_deadline();
  if (const std::optional<uint64_t> changes = limit_.take_sum(now)) {
    guarded([&](Session& session) { session.manager->tell_count(*changes); });
  }
  process();
}

void Service::tell(const SaChange& change) {
  guarded([&](Session& session) {
    if (!session.manager->has_subscribers()) return;
    if (limit_.admit(ports_.now())) session.manager->tell(change);
  });
}

void Service::tell(const EventRow& event) {
  guarded([&](Session& session) { session.manager->tell(event); });
}

bool Service::has_listeners() const {
  return session_ && !broken_ && session_->manager->has_listeners();
}

void Service::forget_client(const std::string& client) {
  // Authorizer first: nobody shall be asked for a password for a call that is no more.
  if (!session_) return;
  session_->authorizer->forget(client);
  session_->manager->forget(client);
  calls_.forget(client);
}

}  // namespace iked::dbus
