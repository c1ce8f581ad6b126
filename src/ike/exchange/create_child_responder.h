// SPDX-License-Identifier: ISC
// CREATE_CHILD_SA requests. One child per IKE SA, made in IKE_AUTH: every other is declined with
// NO_ADDITIONAL_SAS, which RFC7296 4 allows a small implementation, and the IKE SA is none the
// worse.
#pragma once

#include "ike/exchange.h"

namespace iked::ike {

class CreateChildResponder final : public PeerExchange {
 public:
  ExchangeType type() const override { return ExchangeType::CREATE_CHILD_SA; }
  std::string_view name() const override { return "CREATE_CHILD_SA answer"; }
  Step on_request(Context& ctx, IkeSa& sa, const wire::Message& message) override;
};

}  // namespace iked::ike
