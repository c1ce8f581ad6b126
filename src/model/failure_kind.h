// SPDX-License-Identifier: ISC
// What failures are told apart by machines: exit codes, errors on D-Bus, JSON.
#pragma once

#include <cstdint>

namespace iked {

/// Of what kind a failure is, for machines; its text has cause and cure.
enum class FailureKind : uint8_t {
  other,
  no_such_policy,
  no_such_sa,
  in_progress,
  not_active,  // iked is passive
  config_invalid,
  authentication,
  proposal,   // no common algorithms
  selectors,  // no common flows
  timeout,    // the peer does not answer
  unreachable,
  kernel,
  ended,      // somebody ended it, here or there
  denied,     // to whoever asked
  no_daemon,  // nobody is there to be asked
};
/// "authentication"
constexpr const char* to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::other:
      return "other";
    case FailureKind::no_such_policy:
      return "no-such-policy";
    case FailureKind::no_such_sa:
      return "no-such-sa";
    case FailureKind::in_progress:
      return "in-progress";
    case FailureKind::not_active:
      return "not-active";
    case FailureKind::config_invalid:
      return "config-invalid";
    case FailureKind::authentication:
      return "authentication";
    case FailureKind::proposal:
      return "proposal";
    case FailureKind::selectors:
      return "selectors";
    case FailureKind::timeout:
      return "timeout";
    case FailureKind::unreachable:
      return "unreachable";
    case FailureKind::kernel:
      return "kernel";
    case FailureKind::ended:
      return "ended";
    case FailureKind::denied:
      return "denied";
    case FailureKind::no_daemon:
      return "no-daemon";
  }
  return "other";
}

}  // namespace iked
