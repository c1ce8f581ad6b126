// SPDX-License-Identifier: ISC
#include "ike/lingering.h"

#include <algorithm>
#include <utility>

namespace iked::ike {
namespace {

// Longer than IkeSa waits with sending on the newer child.
constexpr Duration linger = 5s;

}  // namespace

void Lingering::add(Reqid reqid, ChildRemoval sas, Time now) {
  const Time due = now + linger;
  if (!sas.outbound.spi) {
    for (Entry& entry : entries_) {
      if (entry.reqid == reqid && entry.sas.outbound.spi) entry.due = due;
    }
  }
  entries_.push_back({due, reqid, std::move(sas)});
}

template <typename Condition>
void Lingering::remove_if(Kernel& kernel, const Condition& condition) {
  std::erase_if(entries_, [&](const Entry& entry) {
    if (!condition(entry)) return false;
    kernel.remove(entry.sas);
    return true;
  });
}

void Lingering::on_deadline(Kernel& kernel, Time now) {
  remove_if(kernel, [&](const Entry& entry) { return entry.due <= now; });
}

void Lingering::end_all(Kernel& kernel) {
  remove_if(kernel, [](const Entry&) { return true; });
}

std::optional<Time> Lingering::next_deadline() const {
  const auto first = std::min_element(entries_.begin(), entries_.end(),
                                      [](const Entry& a, const Entry& b) { return a.due < b.due; });
  if (first == entries_.end()) return std::nullopt;
  return first->due;
}

void Lingering::end(Kernel& kernel, Reqid reqid) {
  remove_if(kernel, [&](const Entry& entry) { return entry.reqid == reqid; });
}

}  // namespace iked::ike
