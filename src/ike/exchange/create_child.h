// SPDX-License-Identifier: ISC
// CREATE_CHILD_SA for a child, as initiator: a new one, or one in the place of another.
// HDR, SK {[N(REKEY_SA)], [N(USE_TRANSPORT_MODE)], SA, Ni, [KEi], TSi, TSr} -->
// RFC7296 1.3.1, 1.3.3
#pragma once

#include "ike/exchange.h"
#include "ike/narrow.h"
#include "ike/sa_state.h"

namespace iked::ike {

class CreateChild final : public OwnExchange {
 public:
  /// One in the place of `old`.
  explicit CreateChild(const ChildSa& old);
  /// One beside the others.
  explicit CreateChild(WantedChild wanted);

  ExchangeType type() const override { return ExchangeType::CREATE_CHILD_SA; }
  std::string_view name() const override {
    return old_ ? "rekey of a child SA" : "request of a child SA";
  }
  OwnWork work() const override;

  Step start(Context& ctx, IkeSa& sa) override;
  Step on_public_value(Context& ctx, IkeSa& sa, KeyExchangeOutcome result);
  Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  Step on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result);
  std::string on_no_answer(const IkeSa& sa) const override;
  void abandon(Context& ctx, IkeSa& sa) override;

 private:
  bool is_wanted(const Context& ctx, IkeSa& sa) const;
  Step make_key_pair(Context& ctx);
  Step send(Context& ctx, IkeSa& sa);
  Step on_invalid_ke(Context& ctx, IkeSa& sa, const wire::NotifyPayload& notify);
  Step on_refused(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error);
  bool keeps_selectors(const wire::Message& answer) const;
  Step try_without_pfs(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error);
  Step try_with_pfs(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error);
  Step fail_as_told(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error);
  Step on_not_found(Context& ctx, IkeSa& sa);
  Step put_off(Context& ctx, IkeSa& sa);
  Step fail(Context& ctx, IkeSa& sa, std::string why);
  Step finish(Context& ctx, IkeSa& sa, const SecretBytes* shared);

  std::optional<SaKey> old_;  // the inbound SA of the child to be replaced
  KeId old_group_ = KeId::NONE;
  WantedChild wanted_;
  ProtocolId protocol_ = ProtocolId::ESP;
  std::vector<FlowPair> flows_;
  ChildSpi spi_in_;
  Bytes nonce_;
  std::vector<Proposal> offer_;
  KeId group_ = KeId::NONE;  // of KEi; NONE: without
  SecretBytes private_;
  Bytes public_;
  unsigned rounds_ = 0;  // INVALID_KE_PAYLOAD
  wire::Message response_;
};

}  // namespace iked::ike
