// SPDX-License-Identifier: ISC
// INFORMATIONAL: deletes, signs of life, notifies. RFC7296 1.4, 2.4
#pragma once

#include "ike/exchange.h"
#include "model/ids.h"

namespace iked::ike {

/// Answers whatever comes: a request always gets a response (RFC7296 1.4).
class InformationalResponder final : public PeerExchange {
 public:
  ExchangeType type() const override { return ExchangeType::INFORMATIONAL; }
  std::string_view name() const override { return "INFORMATIONAL answer"; }
  Step on_request(Context& ctx, IkeSa& sa, const wire::Message& message) override;
};

/// Ends the IKE SA: HDR, SK {[N(why)], D} -->
class DeleteIkeSa final : public OwnExchange {
 public:
  explicit DeleteIkeSa(std::string why, std::optional<NotifyType> notify = std::nullopt)
      : why_(std::move(why)), notify_(notify) {}
  ExchangeType type() const override { return ExchangeType::INFORMATIONAL; }
  std::string_view name() const override { return "Delete of the IKE SA"; }
  Step start(Context& ctx, IkeSa& sa) override;
  Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  std::string on_no_answer(const IkeSa& sa) const override;

 private:
  std::string why_;
  std::optional<NotifyType> notify_;
};

/// Ends a child: HDR, SK {D(SPI in)} --> What there is of it here goes with the answer.
class DeleteChild final : public OwnExchange {
 public:
  /// One whose SAs here are gone already, or were never made.
  DeleteChild(ProtocolId protocol, ChildSpi inbound) : protocol_(protocol), inbound_(inbound) {}
  /// One that is still here: it receives until the peer has answered.
  explicit DeleteChild(const SaKey& child)
      : protocol_(child.protocol), inbound_(child.spi), child_(child) {}
  OwnWork work() const override { return {Doing::delete_child, child_}; }
  ExchangeType type() const override { return ExchangeType::INFORMATIONAL; }
  std::string_view name() const override { return "Delete of a child SA"; }
  Step start(Context& ctx, IkeSa& sa) override;
  Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  std::string on_no_answer(const IkeSa& sa) const override;

 private:
  ProtocolId protocol_;
  ChildSpi inbound_;
  SaKey child_;
};

/// Are you there? HDR, SK {} -->
class Liveness final : public OwnExchange {
 public:
  ExchangeType type() const override { return ExchangeType::INFORMATIONAL; }
  std::string_view name() const override { return "liveness check"; }
  Step start(Context& ctx, IkeSa& sa) override;
  Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  std::string on_no_answer(const IkeSa& sa) const override;
};

}  // namespace iked::ike
