// SPDX-License-Identifier: ISC
#include "dbus/actions.h"

#include "base/check.h"

namespace iked::dbus {

std::string_view id_of(Action action) {
  switch (action) {
    case Action::read:
      return "org.iked1.read";
    case Action::connect:
      return "org.iked1.connect";
    case Action::control:
      return "org.iked1.control";
    case Action::reload:
      return "org.iked1.reload";
    case Action::reset:
      return "org.iked1.reset";
    case Action::create_policy:
      return "org.iked1.create-policy";
    case Action::token:
      return "org.iked1.token";
  }
  IKED_CHECK(false);
}

}  // namespace iked::dbus
