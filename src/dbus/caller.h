// SPDX-License-Identifier: ISC
// Who called. sdbus-c++ 1.2 does not say whether the caller lets polkit ask for a password, so this
// looks into sd-bus's message below it.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <string>

namespace iked::dbus {

struct Caller {
  std::string name;          // the unique name on the bus, ":1.42"
  bool interactive = false;  // ALLOW_INTERACTIVE_AUTHORIZATION
};

Caller caller_of(const sdbus::Message& message);

}  // namespace iked::dbus
