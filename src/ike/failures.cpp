// SPDX-License-Identifier: ISC
#include "ike/failures.h"

#include <algorithm>

namespace iked::ike {

namespace {

void shorten(Failure& failure) {
  if (failure.text.size() > Failures::longest_text) {
    failure.text.resize(Failures::longest_text);
    failure.text += " ...";
  }
}

}  // namespace

void Failures::note(PolicyId policy, Role role, Failure failure) {
  shorten(failure);
  of_policies_[{policy, role}] = std::move(failure);
}

void Failures::note_stranger(const IpAddress& peer, Failure failure) {
  shorten(failure);
  std::erase_if(strangers_, [&](const Stranger& known) { return known.peer == peer; });
  if (strangers_.size() == most_strangers) strangers_.pop_back();
  strangers_.push_front({peer, std::move(failure)});
}

void Failures::forget(PolicyId policy) {
  of_policies_.erase({policy, Role::initiator});
  of_policies_.erase({policy, Role::responder});
}

const Failure* Failures::of(PolicyId policy, Role role) const {
  const auto found = of_policies_.find({policy, role});
  return found == of_policies_.end() ? nullptr : &found->second;
}

const Failure* Failures::of_stranger(const IpAddress& peer) const {
  const auto found = std::ranges::find(strangers_, peer, &Stranger::peer);
  return found == strangers_.end() ? nullptr : &found->failure;
}

FailureKind kind_of(NotifyType notify) {
  switch (notify) {
    case NotifyType::AUTHENTICATION_FAILED:
      return FailureKind::authentication;
    case NotifyType::NO_PROPOSAL_CHOSEN:
    case NotifyType::INVALID_KE_PAYLOAD:
      return FailureKind::proposal;
    case NotifyType::TS_UNACCEPTABLE:
    case NotifyType::SINGLE_PAIR_REQUIRED:
      return FailureKind::selectors;
    default:
      return FailureKind::other;
  }
}

}  // namespace iked::ike
