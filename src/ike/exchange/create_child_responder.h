// SPDX-License-Identifier: ISC
// CREATE_CHILD_SA requests for a child: a new one, or one in the place of another.
// <-- HDR, SK {[N(USE_TRANSPORT_MODE)], SA, Nr, [KEr], TSi, TSr} RFC7296 1.3.1, 1.3.3
#pragma once

#include "ike/child_negotiation.h"
#include "ike/exchange.h"
#include "wire/notify_data.h"

namespace iked::ike {

class CreateChildResponder final : public PeerExchange {
 public:
  ExchangeType type() const override { return ExchangeType::CREATE_CHILD_SA; }
  std::string_view name() const override { return "answer to a request of a child SA"; }
  Step on_request(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  Step on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result);
  void abandon(Context& ctx, IkeSa& sa) override;

 private:
  std::optional<Step> refuse_by_collision(IkeSa& sa);
  Step refuse(Context& ctx, IkeSa& sa, const ChildFailure& failure);
  Step finish(Context& ctx, IkeSa& sa, KeyExchangeResult* exchanged);

  wire::Message request_;
  std::optional<wire::NamedChild> rekeyed_;  // as the peer names it: its inbound, our outbound SA
  std::optional<AgreedChild> agreed_;
  bool compare_ = false;
};

}  // namespace iked::ike
