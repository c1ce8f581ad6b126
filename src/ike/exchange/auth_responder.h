// SPDX-License-Identifier: ISC
// IKE_AUTH as responder: <-- HDR, SK {IDr, AUTH, SAr2, TSi, TSr}. The one place that decides
// whether a peer that came to us is who it says it is. RFC7296 1.2, 2.15, 2.21.2
#pragma once

#include "ike/exchange.h"
#include "ike/policy_set.h"
#include "model/identity.h"

namespace iked::ike {

class AuthResponder final : public PeerExchange {
 public:
  ExchangeType type() const override { return ExchangeType::IKE_AUTH; }
  std::string_view name() const override { return "IKE_AUTH answer"; }

  Step on_request(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  Step on_auth_values(Context& ctx, IkeSa& sa, Result<PskAuthValues> result);
  Step on_verified(Context& ctx, IkeSa& sa, Result<Verified> result);
  Step on_signature(Context& ctx, IkeSa& sa, Result<Bytes> result);

 private:
  Step start_psk(Context& ctx, IkeSa& sa);
  Step accept_peer(Context& ctx, IkeSa& sa, wire::AuthPayload auth);

  wire::Message request_;
  Identity own_id_;
  SigningChoice signing_;  // where the policy wants signatures
};

}  // namespace iked::ike
