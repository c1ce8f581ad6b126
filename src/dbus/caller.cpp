// SPDX-License-Identifier: ISC
#include "dbus/caller.h"

#include <systemd/sd-bus.h>

namespace iked::dbus {
namespace {

struct Inside : sdbus::Message {
  static sd_bus_message* of(const sdbus::Message& message) {
    return static_cast<sd_bus_message*>(message.*(&Inside::msg_));
  }
};

}  // namespace

Caller caller_of(const sdbus::Message& message) {
  return {
      .name = message.getSender(),
      .interactive = sd_bus_message_get_allow_interactive_authorization(Inside::of(message)) > 0};
}

}  // namespace iked::dbus
