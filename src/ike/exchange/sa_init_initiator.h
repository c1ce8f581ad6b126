// SPDX-License-Identifier: ISC
// IKE_SA_INIT as initiator: HDR, SAi1, KEi, Ni --> and the rounds that a COOKIE or another group
// cost. RFC7296 1.2, 2.6, 2.7
#pragma once

#include "ike/exchange.h"
#include "model/failure_kind.h"

namespace iked::ike {

class SaInitInitiator final : public OwnExchange {
 public:
  ExchangeType type() const override { return ExchangeType::IKE_SA_INIT; }
  std::string_view name() const override { return "IKE_SA_INIT request"; }

  Step start(Context& ctx, IkeSa& sa) override;
  Step on_public_value(Context& ctx, IkeSa& sa, KeyExchangeOutcome result);
  Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  Step on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result);
  std::string on_no_answer(const IkeSa& sa) const override;

 private:
  /// RFC7296 2.6: a limit on COOKIE and INVALID_KE_PAYLOAD rounds together.
  static constexpr unsigned max_rounds = 5;

  Step make_key_pair(Context& ctx);
  Step send_request(Context& ctx, IkeSa& sa);
  Step on_cookie(Context& ctx, IkeSa& sa, const wire::NotifyPayload& cookie);
  Step on_invalid_ke(Context& ctx, IkeSa& sa, const wire::NotifyPayload& notify);
  Step on_error(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error);
  void note_refusal(Context& ctx, IkeSa& sa, FailureKind kind, std::string why);

  KeId group_ = KeId::NONE;
  SecretBytes private_;
  Bytes public_;
  Bytes cookie_;
  Bytes noise_;  // of a pretended NAT, the same in each round
  unsigned rounds_ = 0;
  std::string refused_;  // an unprotected error notify, perhaps not the peer's

  // Of the response that we believe, until the shared secret is there.
  IkeSuite suite_;
  IkeSpi spi_r_;
  Bytes nonce_r_;
  bool fragments_ = false;
};

}  // namespace iked::ike
