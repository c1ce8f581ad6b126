// SPDX-License-Identifier: ISC
#include "ike/fragment_queue.h"

#include "base/check.h"

namespace iked::ike {

bool FragmentQueue::wants(MessageId id, wire::FragmentNumber place) const {
  if (place.total > most_fragments) return false;
  if (parts_.empty() || id != id_ || place.total > parts_.size()) return true;
  // RFC7383 2.6: "If the Total Fragments field ... is smaller", it was sent before the parts that
  // we have; a part that is there already is a repetition.
  return place.total == parts_.size() && !parts_[place.number - 1U];
}

std::optional<std::vector<wire::Fragment>> FragmentQueue::add(MessageId id, wire::Fragment fragment,
                                                              size_t most, Time now) {
  IKED_CHECK(wants(id, fragment.place));
  if (parts_.empty() || id != id_ || fragment.place.total != parts_.size()) {
    clear();
    id_ = id;
    parts_.resize(fragment.place.total);
    since_ = now;
  }
  octets_ += fragment.text.size();
  if (octets_ > most) {
    clear();
    return std::nullopt;
  }
  const size_t at = fragment.place.number - 1U;
  parts_[at] = std::move(fragment);
  if (++there_ < parts_.size()) return std::nullopt;
  std::vector<wire::Fragment> whole;
  whole.reserve(parts_.size());
  for (auto& part : parts_) whole.push_back(std::move(*part));
  clear();
  return whole;
}

void FragmentQueue::clear() {
  *this = FragmentQueue();
}

std::optional<Time> FragmentQueue::give_up_at() const {
  if (parts_.empty()) return std::nullopt;
  return since_ + patience;
}

}  // namespace iked::ike
