// SPDX-License-Identifier: ISC
// A control server with a loop of its own, for clients that block.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <memory>
#include <string>
#include <thread>

#include "control/server.h"

namespace iked::control {

class BackgroundServer {
 public:
  /// The control is used by the server's thread for as long as a client waits for an answer.
  BackgroundServer(const std::string& path, Control& control)
      : server_(std::move(Server::start(Listener::create(path).value(), control).value())),
        stop_(eventfd(0, EFD_CLOEXEC)),
        thread_([this] { run(); }) {}
  ~BackgroundServer() {
    const uint64_t one = 1;
    EXPECT_EQ(write(stop_.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
    thread_.join();
  }

  /// From within a call of the control, which is on the server's thread.
  void tell(const EventRow& event) { server_->tell(event); }

 private:
  void run() {
    pollfd entries[2] = {{server_->descriptor(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    while (poll(entries, 2, -1) >= 0 && entries[1].revents == 0) server_->on_ready();
  }

  std::unique_ptr<Server> server_;
  Descriptor stop_;
  std::thread thread_;
};

}  // namespace iked::control
