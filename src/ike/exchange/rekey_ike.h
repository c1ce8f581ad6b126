// SPDX-License-Identifier: ISC
// CREATE_CHILD_SA that makes a new IKE SA in the place of this one.
// HDR, SK {SA, Ni, KEi} --> <-- HDR, SK {SA, Nr, KEr} RFC7296 1.3.2, 2.18
#pragma once

#include "ike/choose.h"
#include "ike/exchange.h"

namespace iked::ike {

class RekeyIke final : public OwnExchange {
 public:
  ExchangeType type() const override { return ExchangeType::CREATE_CHILD_SA; }
  std::string_view name() const override { return "rekey of the IKE SA"; }
  OwnWork work() const override { return {Doing::rekey_ike, {}}; }

  Step start(Context& ctx, IkeSa& sa) override;
  Step on_public_value(Context& ctx, IkeSa& sa, KeyExchangeOutcome result);
  Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  Step on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result);
  std::string on_no_answer(const IkeSa& sa) const override;

 private:
  Step make_key_pair(Context& ctx);
  Step on_invalid_ke(Context& ctx, IkeSa& sa, const wire::NotifyPayload& notify);
  Step put_off(Context& ctx, IkeSa& sa, std::string_view why);
  Step fail(Context& ctx, IkeSa& sa, std::string why);

  IkeSpi spi_;
  IkeSpi peer_spi_;
  Bytes nonce_;
  Bytes peer_nonce_;
  KeId group_ = KeId::NONE;
  SecretBytes private_;
  Bytes public_;
  IkeSuite suite_;
  unsigned rounds_ = 0;  // INVALID_KE_PAYLOAD
};

class RekeyIkeResponder final : public PeerExchange {
 public:
  ExchangeType type() const override { return ExchangeType::CREATE_CHILD_SA; }
  std::string_view name() const override { return "answer to a rekey of the IKE SA"; }
  Step on_request(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  Step on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result);

 private:
  std::optional<Step> refuse_by_collision(const IkeSa& sa);

  IkeChoice choice_;
  Bytes nonce_i_;
  bool compare_ = false;
};

}  // namespace iked::ike
