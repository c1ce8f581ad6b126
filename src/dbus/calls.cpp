// SPDX-License-Identifier: ISC
#include "dbus/calls.h"

#include <algorithm>

#include "dbus/errors.h"

namespace iked::dbus {

void Calls::forget(const std::string& caller) {
  std::erase_if(open_, [&](const auto& entry) { return entry.second->caller == caller; });
}

bool Calls::may_open(const std::string& caller) const {
  if (open_.size() >= most) return false;
  const auto own = std::ranges::count_if(
      open_, [&](const auto& entry) { return entry.second->caller == caller; });
  return static_cast<size_t>(own) < most_of_one_caller;
}

void Calls::refuse(const Call& call) {
  fail_quietly(call, errors::too_many_calls,
               "too many calls wait for their answers: wait for one of them first");
}

void Calls::fail_quietly(const Call& call, const std::string& name, const std::string& text) {
  try {
    call.fail(sdbus::Error(name, text));
  } catch (const sdbus::Error& broken) {
    // The connection broke; that is noticed where it is read.
    log::debug("D-Bus: {}", broken.getMessage());
  }
}

std::unique_ptr<Calls::Call> Calls::take(uint64_t id) {
  const auto found = open_.find(id);
  if (found == open_.end()) return nullptr;
  std::unique_ptr<Call> call = std::move(found->second);
  open_.erase(found);
  return call;
}

}  // namespace iked::dbus
