// SPDX-License-Identifier: ISC
#include "ike/exchange/sa_init_responder.h"

#include "crypto/algorithms.h"
#include "ike/ike_sa.h"
#include "ike/nat_detection.h"
#include "ike/proof.h"
#include "ike/vendor_id.h"
#include "wire/notify_data.h"

namespace iked::ike {
namespace {

struct Selected {
  const PolicyEntry* entry;
  IkeChoice choice;
};

// The first policy, in the order of choice, whose ikesa the offer can meet.
std::optional<Selected> select(const std::vector<const PolicyEntry*>& candidates,
                               const wire::SaPayload& offer, KeId guess) {
  for (const PolicyEntry* entry : candidates) {
    if (auto choice = choose_ike(entry->policy.ike_proposals, offer, guess)) {
      return Selected{entry, std::move(*choice)};
    }
  }
  return std::nullopt;
}

Reject refuse(const std::vector<const PolicyEntry*>& candidates, const wire::SaPayload& offer) {
  if (candidates.empty()) {
    return {NotifyType::NO_PROPOSAL_CHOSEN, {}, "no policy is for a peer at this address", true};
  }
  const PolicyEntry& closest = *candidates.front();
  return {NotifyType::NO_PROPOSAL_CHOSEN,
          {},
          fmt::format("policy \"{}\": no common ikesa: {} ({})", closest.policy.name,
                      explain_no_ike(closest.policy.ike_proposals, offer), closest.written_at),
          true};
}

}  // namespace

Step SaInitResponder::on_request(Context& ctx, IkeSa& sa, const wire::Message& message) {
  const auto& offer = *message.find<wire::SaPayload>();
  const auto& ke = *message.find<wire::KePayload>();
  const AddressPair addresses{sa.state().path.local.address, sa.state().path.remote.address};

  const auto candidates = ctx.policies.for_first_message(addresses);
  auto selected = select(candidates, offer, ke.group);
  if (!selected) {
    // It fails for that one: who looks for the reason asks by its name.
    if (!candidates.empty()) sa.set_policy(ctx, *ctx.policies.find(candidates.front()->id));
    return refuse(candidates, offer);
  }
  choice_ = std::move(selected->choice);
  sa.set_policy(ctx, *ctx.policies.find(selected->entry->id));

  // RFC7296 1.2: "... the responder must reject the message and indicate its preferred group in the
  // INVALID_KE_PAYLOAD Notify payload"
  const KeId group = choice_.suite.ke;
  if (ke.group != group) {
    Bytes wanted;
    put_u16(wanted, static_cast<uint16_t>(group));
    return Reject{
        NotifyType::INVALID_KE_PAYLOAD, std::move(wanted),
        fmt::format("KE is for group {}, asked for {}", to_string(ke.group), to_string(group)),
        true};
  }
  if (ke.data.size() != crypto::ike_ke(group)->public_value) {
    return Reject{NotifyType::INVALID_SYNTAX, {}, "the KE value has a wrong length", true};
  }
  sa.transcript().nonce_i = message.find<wire::NoncePayload>()->nonce;
  sa.transcript().nonce_r = ctx.random(32);
  noise_ = ctx.random(20);
  // RFC7383 2.3: in use when both have said so.
  fragments_ = ctx.settings.fragmentation &&
               message.find_notify(NotifyType::FRAGMENTATION_SUPPORTED) != nullptr;
  sa.transcript().peer_hashes = read_hashes(message);
  if (!ctx.options.no_natt) {
    sa.state().nat = read_nat_detection(message, sa.state().path.local, sa.state().path.remote);
  }
  return await<&SaInitResponder::on_shared_secret>(
      KeyExchangeJob{group, ctx.random_secret(crypto::ike_ke(group)->random), ke.data});
}

// <-- HDR(A,B), SAr1, KEr, Nr, N(NAT_DETECTION_SOURCE_IP), N(NAT_DETECTION_DESTINATION_IP)
Step SaInitResponder::on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result) {
  if (!result && result.error().fault == KeyExchangeFailure::Fault::ours) {
    // Nothing is wrong with the request: it will come again, and has to show a cookie by then.
    ctx.gate.overloaded(ctx.now);
    return Ignore{std::move(result.error().why)};
  }
  if (!result) return Reject{NotifyType::INVALID_SYNTAX, {}, result.error().why, true};
  SaState& state = sa.state();
  const Transcript& transcript = sa.transcript();
  state.suite = choice_.suite;
  state.keys = crypto::derive_ike_keys(state.suite, result->shared, transcript.nonce_i,
                                       transcript.nonce_r, state.spi_i, state.spi_r);
  wire::Payloads payloads;
  payloads.push_back(std::move(choice_.answer));
  payloads.push_back(wire::KePayload{state.suite.ke, std::move(result->public_value)});
  payloads.push_back(wire::NoncePayload{transcript.nonce_r});
  if (!ctx.options.no_natt && state.nat.supported) {
    const bool pretend = ctx.options.force_natt || sa.policy(ctx).policy.force_udp_encap;
    for (wire::Payload& notify : nat_detection_payloads(state.spi_i, state.spi_r, state.path.local,
                                                        state.path.remote, pretend, noise_)) {
      payloads.push_back(std::move(notify));
    }
  }
  if (fragments_) {
    payloads.push_back(wire::make_notify(NotifyType::FRAGMENTATION_SUPPORTED));
    state.fragment_mtu = ctx.settings.fragmentation_mtu;
  }
  if (auto request = certificate_request(ctx.credentials)) payloads.push_back(std::move(*request));
  // RFC7427 4: which policy it will be is not known yet.
  if (!transcript.peer_hashes.empty()) {
    payloads.push_back(wire::make_notify(NotifyType::SIGNATURE_HASH_ALGORITHMS, own_hashes()));
  }
  if (ctx.settings.vendor_id) payloads.push_back(own_vendor_id());
  log::info(sa, "IKE_SA_INIT answered: {}{}", to_string(state.suite),
            state.nat.any() ? ", NAT detected" : "");
  return Done{std::move(payloads), nullptr};
}

}  // namespace iked::ike
