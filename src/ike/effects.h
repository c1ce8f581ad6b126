// SPDX-License-Identifier: ISC
// What the protocol wants done in the world, as values: the daemon applies them after each input,
// in order; tests look at them.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ike/job.h"
#include "model/datagram.h"
#include "model/failure_kind.h"
#include "model/ids.h"

namespace iked::ike {

struct SendDatagram {
  Datagram datagram;
};

/// One octet from port 4500, so that a NAT in front of us keeps its mapping (RFC 3948 2.3).
struct SendKeepalive {
  Endpoint local;
  Endpoint remote;
};

struct StartJob {
  JobId id;
  Job job;
};

/// Something for those who watch (monitor, D-Bus): an IKE SA came up or went away, a try failed,
/// perhaps before there was an SA (0).
enum class SaEvent : uint8_t { up, down, failed };
struct Publish {
  SaEvent event = SaEvent::up;
  SaId sa;
  std::string policy;
  std::string peer;
  std::string reason;  // of up: why the first child was refused, else empty
  FailureKind kind = FailureKind::other;
};

using Effect = std::variant<SendDatagram, SendKeepalive, StartJob, Publish>;

class Effects {
 public:
  template <typename E>
  void add(E effect) {
    list_.emplace_back(std::move(effect));
  }
  bool empty() const { return list_.empty(); }
  /// Hands over everything so far, in order.
  std::vector<Effect> take() { return std::exchange(list_, {}); }

 private:
  std::vector<Effect> list_;
};

}  // namespace iked::ike
