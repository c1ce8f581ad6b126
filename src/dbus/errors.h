// SPDX-License-Identifier: ISC
// The named errors that clients get. docs/dbus.md lists them.
#pragma once

#include <string>

namespace iked::dbus::errors {

inline const std::string failed = "org.iked1.Error.Failed";
inline const std::string no_such_sa = "org.iked1.Error.NoSuchSa";
inline const std::string config_invalid = "org.iked1.Error.ConfigInvalid";
inline const std::string too_many_calls = "org.iked1.Error.TooManyCalls";

// What every service on the bus says in these cases.
inline const std::string access_denied = "org.freedesktop.DBus.Error.AccessDenied";
inline const std::string interaction_required =
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";
inline const std::string invalid_arguments = "org.freedesktop.DBus.Error.InvalidArgs";

}  // namespace iked::dbus::errors
