// SPDX-License-Identifier: ISC
#include "daemon/event_loop.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <systemd/sd-event.h>
#include <time.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace iked::daemon {
namespace {

constexpr uint64_t timer_accuracy_us = 1000;  // sd-event would otherwise be late by up to 250 ms

uint64_t to_microseconds(Time time) {
  const auto since = std::chrono::ceil<std::chrono::microseconds>(time.time_since_epoch());
  // 0 would be "never armed" to timerfd.
  return static_cast<uint64_t>(std::max<int64_t>(since.count(), 1));
}

}  // namespace

struct EventLoop::Source {
  ~Source() { sd_event_source_disable_unref(source); }
  sd_event_source* source = nullptr;
  IoHandler io;
  Handler handler;
};

Result<std::unique_ptr<EventLoop>> EventLoop::make() {
  std::unique_ptr<EventLoop> loop(new EventLoop);  // NOLINT: the constructor is private
  if (const int r = sd_event_new(&loop->event_); r < 0) {
    return fail("cannot make an event loop: {}", strerror(-r));
  }
  const auto fire = [](sd_event_source*, uint64_t, void* self) {
    const Handler& handler = static_cast<EventLoop*>(self)->deadline_handler_;
    if (handler) handler();
    return 0;
  };
  const int r = sd_event_add_time(loop->event_, &loop->timer_, CLOCK_BOOTTIME, UINT64_MAX,
                                  timer_accuracy_us, fire, loop.get());
  if (r < 0) return fail("cannot make a timer: {}", strerror(-r));
  sd_event_source_set_enabled(loop->timer_, SD_EVENT_OFF);
  return loop;
}

EventLoop::~EventLoop() {
  descriptors_.clear();
  signals_.clear();
  forgotten_.clear();
  sd_event_source_disable_unref(timer_);
  sd_event_unref(event_);
}

Time EventLoop::now() const {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Time(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

Result<void> EventLoop::watch(int fd, uint32_t events, IoHandler handler) {
  forget(fd);
  auto source = std::make_unique<Source>();
  source->io = std::move(handler);
  const auto fire = [](sd_event_source*, int, uint32_t revents, void* self) {
    static_cast<Source*>(self)->io(revents);
    return 0;
  };
  const int r = sd_event_add_io(event_, &source->source, fd, events, fire, source.get());
  if (r < 0) return fail("cannot wait for descriptor {}: {}", fd, strerror(-r));
  descriptors_.insert_or_assign(fd, std::move(source));
  return {};
}

void EventLoop::forget(int fd) {
  const auto found = descriptors_.find(fd);
  if (found == descriptors_.end()) return;
  forget(std::move(found->second));
  descriptors_.erase(found);
}

void EventLoop::forget(std::unique_ptr<Source> source) {
  source->source = sd_event_source_disable_unref(source->source);
  forgotten_.push_back(std::move(source));
}

Result<void> EventLoop::on_signal(int signal, Handler handler) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  if (pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) {
    return fail("cannot block signal {}", signal);
  }
  auto source = std::make_unique<Source>();
  source->handler = std::move(handler);
  const auto fire = [](sd_event_source*, const signalfd_siginfo*, void* self) {
    static_cast<Source*>(self)->handler();
    return 0;
  };
  const int r = sd_event_add_signal(event_, &source->source, signal, fire, source.get());
  if (r < 0) return fail("cannot wait for signal {}: {}", signal, strerror(-r));
  signals_.insert_or_assign(signal, std::move(source));
  return {};
}

void EventLoop::set_deadline(std::optional<Time> deadline) {
  if (!deadline) {
    sd_event_source_set_enabled(timer_, SD_EVENT_OFF);
    return;
  }
  sd_event_source_set_time(timer_, to_microseconds(*deadline));
  sd_event_source_set_enabled(timer_, SD_EVENT_ONESHOT);
}

bool EventLoop::feed_watchdog() {
  return sd_event_set_watchdog(event_, true) > 0;
}

void EventLoop::run_deferred() {
  // What they defer themselves waits for the next round, so that descriptors get their turn.
  std::vector<Handler> now;
  now.swap(deferred_);
  for (Handler& handler : now) handler();
}

Result<int> EventLoop::run() {
  exit_code_.reset();
  while (!exit_code_) {
    const int r = sd_event_run(event_, deferred_.empty() ? UINT64_MAX : 0);
    if (r < 0) return fail("the event loop broke: {}", strerror(-r));
    forgotten_.clear();
    run_deferred();
  }
  return *exit_code_;
}

}  // namespace iked::daemon
