// SPDX-License-Identifier: ISC
// What is said about addresses in INFORMATIONAL exchanges. RFC 4555. What follows from it for the
// SAs is IkeSa's.
#pragma once

#include "ike/exchange.h"

namespace iked::ike {

/// "I am here now", and the peer's SAs follow. From the side that decides about addresses:
/// HDR, SK {N(UPDATE_SA_ADDRESSES), [N(NAT_DETECTION_*)], [N(NO_NATS_ALLOWED)], [N(COOKIE2)]} -->
/// RFC4555 3.5
class UpdateAddresses final : public OwnExchange {
 public:
  ExchangeType type() const override { return ExchangeType::INFORMATIONAL; }
  std::string_view name() const override { return "address update"; }
  Step start(Context& ctx, IkeSa& sa) override;
  Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  std::string on_no_answer(const IkeSa& sa) const override;

 private:
  uint32_t changes_ = 0;  // of the path, when this was sent
  Bytes cookie_;          // empty: none was sent
};

/// "Are you there?", to an address that the peer has moved to: HDR, SK {N(COOKIE2)} --> RFC4555 3.7
class CheckRoutability final : public OwnExchange {
 public:
  ExchangeType type() const override { return ExchangeType::INFORMATIONAL; }
  std::string_view name() const override { return "return routability check"; }
  Step start(Context& ctx, IkeSa& sa) override;
  Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  std::string on_no_answer(const IkeSa& sa) const override;

 private:
  uint32_t changes_ = 0;
  Bytes cookie_;
};

/// "My address has changed", from the side that does not decide: the other one then updates.
/// HDR, SK {N(ADDITIONAL_*_ADDRESS)+ or N(NO_ADDITIONAL_ADDRESSES)} --> RFC4555 3.6
class AnnounceAddresses final : public OwnExchange {
 public:
  ExchangeType type() const override { return ExchangeType::INFORMATIONAL; }
  std::string_view name() const override { return "address announcement"; }
  Step start(Context& ctx, IkeSa& sa) override;
  Step on_response(Context& ctx, IkeSa& sa, const wire::Message& message) override;
  std::string on_no_answer(const IkeSa& sa) const override;
};

}  // namespace iked::ike
