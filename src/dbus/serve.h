// SPDX-License-Identifier: ISC
// How every method begins: the call is noted, polkit is asked, and only then something happens.
#pragma once

#include <functional>
#include <type_traits>

#include "base/log.h"
#include "dbus/authorizer.h"
#include "dbus/calls.h"

namespace iked::dbus {

template <typename... Results>
using Work = std::function<void(const Calls::Answer<Results...>&)>;

/// Runs `work` when polkit allows `action` to the caller.
template <typename... Results>
void serve(Calls& calls, Authorizer& authorizer, const Caller& who, Action action,
           sdbus::Result<Results...>&& result, std::type_identity_t<Work<Results...>> work) {
  const Calls::Answer<Results...> answer = calls.open(std::move(result), who.name);
  if (!answer.wanted()) return;  // there were too many
  log::debug("D-Bus: {} wants {}", who.name, id_of(action));
  authorizer.require(action, who, [answer, work = std::move(work)](const auto& refusal) {
    if (refusal) return answer.fail(refusal->error, refusal->text);
    work(answer);
  });
}

}  // namespace iked::dbus
