// SPDX-License-Identifier: ISC
// An exchange that is under way. The object is the state: it is there while the exchange lasts, and
// what must be remembered between its messages is a member that goes with it, secrets included.
#pragma once

#include <memory>
#include <string_view>

#include "ike/collision.h"
#include "ike/step.h"
#include "model/iana.h"
#include "model/kernel.h"

namespace iked::ike {

class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual ExchangeType type() const = 0;
  /// What `ikectl show sa` calls it while it lasts.
  virtual std::string_view name() const = 0;
};

/// What a request of ours is about, for the collisions with the peer's.
struct OwnWork {
  Doing doing = Doing::nothing;
  SaKey child;  // its inbound SA, where it is about one
};

/// One that we began.
class OwnExchange : public Exchange {
 public:
  virtual Step start(Context& ctx, IkeSa& sa) = 0;
  virtual OwnWork work() const { return {}; }
  /// `message` is authentic once the IKE SA has keys; in IKE_SA_INIT it may be anybody's.
  virtual Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) = 0;
  /// The peer never answered: what the administrator should look at.
  virtual std::string on_no_answer(const IkeSa& sa) const = 0;
  /// The SA ends before the exchange does: give back what the kernel has reserved for it.
  virtual void abandon(Context&, IkeSa&) {}
};

/// One that the peer began. Its payloads have passed the rules in exchanges.cpp.
class PeerExchange : public Exchange {
 public:
  virtual Step on_request(Context& ctx, IkeSa& sa, const wire::Message& message) = 0;
  /// The SA ends while a job is under way: as OwnExchange's.
  virtual void abandon(Context&, IkeSa&) {}
};

}  // namespace iked::ike
