// SPDX-License-Identifier: ISC
// org.iked1 on a private bus, with a Control and a polkit that do as the test says.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <optional>

#include "control/fake_control.h"
#include "dbus/private_bus.h"
#include "dbus/service.h"
#include "support/log_capture.h"

namespace iked::test {

class BusTest : public testing::Test {
 protected:
  BusTest() {
    control.add_sas(3);
    control.policies.push_back(control::policy_row());
    control.state.config_file = "/etc/iked.conf";
    control.state.config_loaded = 1'700'000'000'000'000;
    auto made = dbus::Service::make(
        control, {.now = [this] { return now; }, .version = "1.2.3", .log_target = "console"});
    EXPECT_TRUE(made);
    service = std::move(*made);
    drive.add(
        service->descriptor(), [this] { service->on_ready(); },
        [this] {
          const std::optional<Time> deadline = service->next_deadline();
          if (deadline && *deadline <= now) service->on_deadline();
        });
  }

  /// The bus, polkit and the service are there.
  void start() {
    bus.start();
    polkit.emplace(drive);
    drive.until([&] { return service->connected(); });
  }

  LogCapture log;
  PrivateBus bus;
  Time now{1h};
  control::FakeControl control;
  std::unique_ptr<dbus::Service> service;
  Drive drive;
  std::optional<FakePolkit> polkit;
};

}  // namespace iked::test
