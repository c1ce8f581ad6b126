// SPDX-License-Identifier: ISC
#include "ike/exchanges.h"

#include <array>

#include "ike/exchange/auth_responder.h"
#include "ike/exchange/create_child_responder.h"
#include "ike/exchange/informational.h"
#include "ike/exchange/rekey_ike.h"
#include "ike/exchange/sa_init_responder.h"

namespace iked::ike {
namespace {

template <typename X>
std::unique_ptr<PeerExchange> make() {
  return std::make_unique<X>();
}

constexpr PayloadType init_payloads[] = {PayloadType::SA, PayloadType::KE, PayloadType::NONCE};
constexpr PayloadType auth_payloads[] = {PayloadType::IDi, PayloadType::SA, PayloadType::TSi,
                                         PayloadType::TSr};
constexpr PayloadType child_payloads[] = {PayloadType::SA, PayloadType::NONCE, PayloadType::TSi,
                                          PayloadType::TSr};
constexpr PayloadType rekey_payloads[] = {PayloadType::SA, PayloadType::NONCE, PayloadType::KE};

// RFC7296 1.3.2: the proposals of a request to rekey the IKE SA are for IKE.
bool rekeys_ike(const wire::Message& request) {
  const auto* offer = request.find<wire::SaPayload>();
  return offer != nullptr && !offer->proposals.empty() &&
         offer->proposals[0].protocol == ProtocolId::IKE;
}

// Every request that we answer. RFC7296 1.2: before IKE_AUTH is through nothing but IKE_AUTH is
// heard, and CREATE_CHILD_SA or INFORMATIONAL only afterwards. RFC7296 2.15: the two sides of
// IKE_AUTH prove themselves over different octets, so that no proof works the other way round; that
// holds as long as only the one that called may ask.
const ResponderRow rows[] = {
    {ExchangeType::IKE_SA_INIT, Phase::connecting, Requester::initiator, init_payloads,
     make<SaInitResponder>},
    {ExchangeType::IKE_AUTH, Phase::connecting, Requester::initiator, auth_payloads,
     make<AuthResponder>},
    {ExchangeType::CREATE_CHILD_SA, Phase::established, Requester::either, rekey_payloads,
     make<RekeyIkeResponder>, rekeys_ike},
    {ExchangeType::CREATE_CHILD_SA, Phase::established, Requester::either, child_payloads,
     make<CreateChildResponder>},
    {ExchangeType::INFORMATIONAL,
     Phase::established,
     Requester::either,
     {},
     make<InformationalResponder>},
};

// Payloads that a message has at most one of (RFC7296 1.2 to 1.4).
constexpr std::array single = {PayloadType::SA,  PayloadType::KE,   PayloadType::IDi,
                               PayloadType::IDr, PayloadType::AUTH, PayloadType::NONCE,
                               PayloadType::TSi, PayloadType::TSr};

}  // namespace

const ResponderRow* responder_for(const wire::Message& request, Phase phase, Role peer) {
  for (const ResponderRow& row : rows) {
    if (row.exchange != request.header.exchange) continue;
    if (row.fits != nullptr && !row.fits(request)) continue;
    if (row.requester == Requester::initiator && peer != Role::initiator) continue;
    const bool fits =
        row.phase == phase || (row.phase == Phase::established && phase == Phase::closing);
    if (fits) return &row;
  }
  return nullptr;
}

std::optional<Reject> check_payloads(std::span<const PayloadType> required,
                                     const wire::Message& message) {
  for (PayloadType type : required) {
    if (message.count(type) == 0) {
      return Reject{
          NotifyType::INVALID_SYNTAX,
          {},
          fmt::format("{} request without {}", to_string(message.header.exchange), to_string(type)),
          true};
    }
  }
  for (PayloadType type : single) {
    if (message.count(type) > 1) {
      return Reject{NotifyType::INVALID_SYNTAX,
                    {},
                    fmt::format("{} twice in one message", to_string(type)),
                    true};
    }
  }
  return std::nullopt;
}

}  // namespace iked::ike
