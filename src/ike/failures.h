// SPDX-License-Identifier: ISC
// What went wrong last, for `ikectl why`: of each policy one failure as the caller and one as the
// called side, and of peers for whom there is no policy the latest few. It decides nothing.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/time.h"
#include "ike/sa_state.h"
#include "model/failure_kind.h"

namespace iked::ike {

struct Failure {
  FailureKind kind = FailureKind::other;
  std::string text;  // cause and cure
  std::string peer;  // endpoint; empty when nobody was called yet
  Time at;
};

class Failures {
 public:
  /// Strangers' messages end up here as well: what they can make us keep is bounded.
  static constexpr size_t most_strangers = 64;
  static constexpr size_t longest_text = 2048;

  void note(PolicyId policy, Role role, Failure failure);
  /// No policy was found for the peer at this address.
  void note_stranger(const IpAddress& peer, Failure failure);
  void forget(PolicyId policy);

  /// Null when nothing went wrong yet.
  const Failure* of(PolicyId policy, Role role) const;
  const Failure* of_stranger(const IpAddress& peer) const;

 private:
  struct Stranger {
    IpAddress peer;
    Failure failure;
  };
  std::map<std::pair<PolicyId, Role>, Failure> of_policies_;
  std::deque<Stranger> strangers_;  // the latest first
};

/// What a notify that ended a negotiation stands for.
FailureKind kind_of(NotifyType notify);

}  // namespace iked::ike
