// SPDX-License-Identifier: ISC
// IKE_AUTH as initiator: HDR, SK {IDi, [N(INITIAL_CONTACT)], [IDr], AUTH, SAi2, TSi, TSr} -->
// RFC7296 1.2, 2.15
#pragma once

#include "ike/exchange.h"
#include "ike/narrow.h"
#include "model/failure_kind.h"
#include "model/identity.h"

namespace iked::ike {

class AuthInitiator final : public OwnExchange {
 public:
  ExchangeType type() const override { return ExchangeType::IKE_AUTH; }
  std::string_view name() const override { return "IKE_AUTH request"; }

  Step start(Context& ctx, IkeSa& sa) override;
  Step on_own_auth(Context& ctx, IkeSa& sa, Result<PskAuthValues> result);
  Step on_signature(Context& ctx, IkeSa& sa, Result<Bytes> result);
  Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  Step on_peer_auth(Context& ctx, IkeSa& sa, Result<PskAuthValues> result);
  Step on_verified(Context& ctx, IkeSa& sa, Result<Verified> result);
  std::string on_no_answer(const IkeSa& sa) const override;
  void abandon(Context& ctx, IkeSa& sa) override;

 private:
  Step start_signature(Context& ctx, IkeSa& sa);
  Step send_request(Context& ctx, IkeSa& sa, wire::AuthPayload auth);
  Step accept_peer(Context& ctx, IkeSa& sa);
  Step judge_proof(Context& ctx, IkeSa& sa, const SecretBytes& expected);
  Step on_refused(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error);
  std::string first_child(Context& ctx, IkeSa& sa);
  std::optional<Reject> check_peer_id(Context& ctx, IkeSa& sa, const Identity& peer) const;

  Bytes expected_id_;           // body of IDr, where the policy names the peer
  SecretBytes expected_proof_;  // and the AUTH value that goes with it
  FailureKind child_trouble_ = FailureKind::other;
  SigningChoice signing_;  // where the policy wants signatures
  ChildSpi spi_in_;
  std::vector<FlowPair> flows_;
  wire::Message response_;
};

}  // namespace iked::ike
