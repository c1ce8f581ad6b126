// SPDX-License-Identifier: ISC
// Every request that we answer: one row each in exchanges.cpp.
#pragma once

#include <memory>
#include <span>

#include "ike/exchange.h"
#include "ike/sa_state.h"

namespace iked::ike {

struct ResponderRow {
  ExchangeType exchange;
  Phase phase;  // connecting, or established (which includes closing)
  std::span<const PayloadType> required;
  std::unique_ptr<PeerExchange> (*make)();
};

/// Null where this request is not welcome.
const ResponderRow* responder_for(ExchangeType exchange, Phase phase);

/// Whether the payloads are all there and none is there twice that may not be; their order is no
/// matter (RFC7296 2.5). What is wrong goes into the Reject, INVALID_SYNTAX.
std::optional<Reject> check_payloads(std::span<const PayloadType> required,
                                     const wire::Message& message);

}  // namespace iked::ike
