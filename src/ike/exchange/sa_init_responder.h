// SPDX-License-Identifier: ISC
// IKE_SA_INIT as responder: <-- HDR, SAr1, KEr, Nr. What is refused here leaves no state behind.
// RFC7296 1.2, 2.7
#pragma once

#include "ike/choose.h"
#include "ike/exchange.h"

namespace iked::ike {

class SaInitResponder final : public PeerExchange {
 public:
  ExchangeType type() const override { return ExchangeType::IKE_SA_INIT; }
  std::string_view name() const override { return "IKE_SA_INIT answer"; }

  Step on_request(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  Step on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result);

 private:
  IkeChoice choice_;
  Bytes noise_;  // of a pretended NAT
  bool fragments_ = false;
};

}  // namespace iked::ike
