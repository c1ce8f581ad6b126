// SPDX-License-Identifier: ISC
// One thread that waits for descriptors, signals and a single deadline, and calls back. A thin coat
// over sd-event, which also feeds the service manager's watchdog. It knows nothing of IKE.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/time.h"

struct sd_event;
struct sd_event_source;

namespace iked::daemon {

class EventLoop {
 public:
  using Handler = std::function<void()>;
  /// Gets the EPOLL* bits that are set.
  using IoHandler = std::function<void(uint32_t events)>;

  static Result<std::unique_ptr<EventLoop>> make();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// CLOCK_BOOTTIME: goes on while the machine sleeps, as the peers' clocks do.
  Time now() const;

  /// Calls `handler` whenever one of `events` (EPOLLIN, EPOLLOUT) holds. The caller keeps owning
  /// `fd` and calls forget() before it closes it. A second watch of the same fd replaces the first.
  Result<void> watch(int fd, uint32_t events, IoHandler handler);
  /// Unknown descriptors are not an error. May be called from within the fd's own handler.
  void forget(int fd);

  /// Signals come through the loop instead of interrupting; this blocks `signal` for the calling
  /// thread and those it will start, so call it before any is started.
  Result<void> on_signal(int signal, Handler handler);

  /// There is one timer. What it calls, and when; nothing = never. A deadline in the past fires at
  /// once. It fires once and has to be set again.
  void on_deadline(Handler handler) { deadline_handler_ = std::move(handler); }
  void set_deadline(std::optional<Time> deadline);

  /// Runs `handler` after the present callback has returned, before the loop sleeps again.
  void defer(Handler handler) { deferred_.push_back(std::move(handler)); }

  /// Lets sd-event answer the service manager's watchdog, if that asked for it: a loop that hangs
  /// gets the process restarted. True when it did ask.
  bool feed_watchdog();

  /// Until stop(). Returns what stop() was given, or an error when the loop itself breaks.
  Result<int> run();
  void stop(int exit_code) { exit_code_ = exit_code; }

 private:
  struct Source;
  EventLoop() = default;
  void forget(std::unique_ptr<Source> source);
  void run_deferred();

  sd_event* event_ = nullptr;
  sd_event_source* timer_ = nullptr;
  Handler deadline_handler_;
  std::map<int, std::unique_ptr<Source>> descriptors_;
  std::map<int, std::unique_ptr<Source>> signals_;
  std::vector<std::unique_ptr<Source>>
      forgotten_;  // kept until no handler of theirs can be running
  std::vector<Handler> deferred_;
  std::optional<int> exit_code_;
};

}  // namespace iked::daemon
