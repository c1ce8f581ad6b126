// SPDX-License-Identifier: ISC
// org.iked1 on the system bus: connects, serves what manager.h and log_control.h offer, and
// connects again when the bus was away. iked works without any bus. Nothing here waits. It has no
// loop of its own: it gathers its descriptors in one, which the event loop watches.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"
#include "base/time.h"
#include "dbus/calls.h"
#include "dbus/change_limit.h"
#include "dbus/probe.h"
#include "model/control.h"

namespace iked::dbus {

struct ServicePorts {
  std::function<Time()> now;
  std::string version;     // of iked
  std::string log_target;  // "journal", "console" or "syslog"
  /// has_listeners() may have changed.
  std::function<void()> listeners_changed = [] {};
};

class Service {
 public:
  static constexpr const char* name = "org.iked1";
  static constexpr Duration first_retry = 1s;
  static constexpr Duration longest_retry = 30s;
  static constexpr Duration probe_patience = 20s;

  /// `control` must outlive the service, and call no Done of its any more once that is gone. The
  /// first try to connect comes with the first on_deadline().
  static Result<std::unique_ptr<Service>> make(Control& control, ServicePorts ports);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Call `on_ready` whenever this one is readable (level-triggered).
  int descriptor() const { return epoll_.get(); }
  void on_ready();
  /// To be asked after every call of anything here, and of Control.
  std::optional<Time> next_deadline() const;
  void on_deadline();

  /// Tells subscribers.
  void tell(const SaChange& change);
  /// Tells those who wait for a policy to be connected what happens.
  void tell(const EventRow& event);
  bool has_listeners() const;
  /// After every input of the daemon: tells what became different in Control.
  void settle();

  bool connected() const { return session_ != nullptr; }
  /// Calls that have not been answered.
  size_t open_calls() const { return calls_.size(); }

 private:
  struct Session;

  Service(Descriptor epoll, Control& control, ServicePorts ports);
  void connect();
  void on_probe();
  void open_session();
  void process();
  void lost(std::string why);
  void try_again_later(const std::string& why);
  void watch(int descriptor, uint32_t events);
  void forget_client(const std::string& client);
  /// What can fail because the bus went: it is noted, and dealt with from the loop, because the
  /// caller may stand in a call of the session.
  template <typename Call>
  void guarded(Call&& call);

  Descriptor epoll_;
  Control& control_;
  const ServicePorts ports_;
  Calls calls_;
  ChangeLimit limit_;
  RunState told_;
  std::optional<Probe> probe_;
  std::unique_ptr<Session> session_;
  std::optional<Time> retry_at_;  // and for the probe: when to give up
  Duration next_retry_ = first_retry;
  bool complained_ = false;            // that there is no bus
  std::optional<std::string> broken_;  // why the session has to end
  int watched_ = -1;                   // in epoll_
  uint32_t watched_events_ = 0;
};

}  // namespace iked::dbus
