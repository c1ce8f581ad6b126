// SPDX-License-Identifier: ISC
// The named errors that clients get. docs/dbus.md lists them.
#pragma once

#include <string>

namespace iked::dbus::errors {

inline const std::string failed = "org.iked1.Error.Failed";
inline const std::string no_such_sa = "org.iked1.Error.NoSuchSa";
inline const std::string no_such_policy = "org.iked1.Error.NoSuchPolicy";
inline const std::string in_progress = "org.iked1.Error.InProgress";
inline const std::string not_active = "org.iked1.Error.NotActive";
inline const std::string authentication_failed = "org.iked1.Error.AuthenticationFailed";
inline const std::string no_proposal_chosen = "org.iked1.Error.NoProposalChosen";
inline const std::string no_common_flow = "org.iked1.Error.NoCommonFlow";
inline const std::string timeout = "org.iked1.Error.Timeout";
inline const std::string unreachable = "org.iked1.Error.Unreachable";
inline const std::string kernel_rejected = "org.iked1.Error.KernelRejected";
inline const std::string ended = "org.iked1.Error.Ended";
inline const std::string config_invalid = "org.iked1.Error.ConfigInvalid";
inline const std::string too_many_calls = "org.iked1.Error.TooManyCalls";

// What every service on the bus says in these cases.
inline const std::string access_denied = "org.freedesktop.DBus.Error.AccessDenied";
inline const std::string interaction_required =
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";
inline const std::string invalid_arguments = "org.freedesktop.DBus.Error.InvalidArgs";

}  // namespace iked::dbus::errors
