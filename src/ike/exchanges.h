// SPDX-License-Identifier: ISC
// Every request that we answer: one row each in exchanges.cpp.
#pragma once

#include <memory>
#include <span>

#include "ike/exchange.h"
#include "ike/sa_state.h"

namespace iked::ike {

/// Whose request it may be.
enum class Requester : uint8_t {
  initiator,  // the side that sent the first IKE_SA_INIT
  either,
};

struct ResponderRow {
  ExchangeType exchange;
  Phase phase;  // connecting, or established (which includes closing)
  Requester requester;
  std::span<const PayloadType> required;
  std::unique_ptr<PeerExchange> (*make)();
  /// Which requests of this exchange it is; null: all.
  bool (*fits)(const wire::Message& request) = nullptr;
};

/// Null where this request is not welcome; `peer` is the role of the side that sends it.
const ResponderRow* responder_for(const wire::Message& request, Phase phase, Role peer);

/// Whether the payloads are all there and none is there twice that may not be; their order is no
/// matter (RFC7296 2.5). What is wrong goes into the Reject, INVALID_SYNTAX.
std::optional<Reject> check_payloads(std::span<const PayloadType> required,
                                     const wire::Message& message);

}  // namespace iked::ike
