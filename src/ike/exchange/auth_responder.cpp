// SPDX-License-Identifier: ISC
#include "ike/exchange/auth_responder.h"

#include <algorithm>

#include "crypto/signature.h"
#include "ike/child_negotiation.h"
#include "ike/ike_sa.h"
#include "ike/mobility.h"
#include "ike/proof.h"

namespace iked::ike {
namespace {

// Looks at one selector for one flow: so many for one request. The peer has not proven anything
// yet, and 510 selectors against the flows of 10,000 policies would hold up everybody else for a
// tenth of a second. These take a millisecond or so, and are enough for 10,000 policies with one
// flow each when the peer names three selectors on either side, as peers do.
constexpr size_t most_comparisons = 65536;

// How well a policy fits what the peer asks for beyond its ID, the more the better: our ID that it
// names, its flows, its mode. The ID, the addresses and the algorithms of the IKE SA have to fit
// anyway.
constexpr int id_points = 4;
constexpr int flow_points = 2;
constexpr int mode_points = 1;

int fit_without_flows(const PolicyEntry& entry, const Context& ctx, const wire::Message& request) {
  int points = 0;
  const auto* wanted_id = request.find<wire::IdrPayload>();
  const Identity& own = entry.policy.local_id ? *entry.policy.local_id : ctx.default_id;
  if (wanted_id == nullptr || wanted_id->identity == own) points += id_points;
  const bool transport = request.find_notify(NotifyType::USE_TRANSPORT_MODE) != nullptr;
  if ((entry.policy.mode == Mode::transport) == transport) points += mode_points;
  return points;
}

PolicyEntry* best_policy(const std::vector<PolicyEntry*>& candidates, const IkeSa& sa,
                         const Context& ctx, const wire::Message& request) {
  const TrafficSelectors& theirs = request.find<wire::TsiPayload>()->selectors;
  const TrafficSelectors& ours = request.find<wire::TsrPayload>()->selectors;
  size_t comparisons = 0;
  PolicyEntry* best = nullptr;
  int best_fit = -1;
  for (PolicyEntry* entry : candidates) {
    if (!allows(entry->policy.ike_proposals, sa.state().suite)) continue;
    int points = fit_without_flows(*entry, ctx, request);
    // Flows are looked at only where they can make a difference.
    if (points + flow_points <= best_fit) continue;
    comparisons += entry->flows.size() * (theirs.size() + ours.size());
    if (comparisons <= most_comparisons &&
        meets(flows_for(*entry, sa.state().path), ours, theirs)) {
      points += flow_points;
    }
    if (points > best_fit) {
      best = entry;
      best_fit = points;
    }
  }
  return best;
}

// RFC7296 2.21.2: the peer learns that it failed, not why.
Reject refuse(std::string why) {
  return {NotifyType::AUTHENTICATION_FAILED, {}, std::move(why), true};
}

std::string unknown_id(const Identity& peer, const IkeSa& sa, const Context& ctx) {
  const PolicyEntry& entry = sa.policy(ctx);
  if (!entry.policy.peer_id) {
    return fmt::format("no policy takes peer {} at {} with {}", to_string(peer),
                       sa.state().path.remote, to_string(sa.state().suite));
  }
  return fmt::format(
      "no policy is for peer {} at {}: policy \"{}\" ({}) wants dstid {}: write dstid {} if that "
      "is the "
      "right one",
      to_string(peer), sa.state().path.remote, entry.policy.name, entry.written_at,
      to_string(*entry.policy.peer_id), value_of(peer));
}

}  // namespace

Step AuthResponder::on_request(Context& ctx, IkeSa& sa, const wire::Message& message) {
  const auto* auth = message.find<wire::AuthPayload>();
  const auto& id = *message.find<wire::IdiPayload>();
  sa.state().peer_id = id.identity;
  if (auth == nullptr) {
    return refuse(
        fmt::format("peer {} wants EAP, and no policy for it has that", to_string(id.identity)));
  }
  const AddressPair addresses{sa.state().path.local.address, sa.state().path.remote.address};
  PolicyEntry* entry =
      best_policy(ctx.policies.for_identity(addresses, id.identity), sa, ctx, message);
  if (entry == nullptr) return refuse(unknown_id(id.identity, sa, ctx));
  sa.set_policy(ctx, *entry);
  if (!nats_are_allowed(message, sa.state().path)) {
    return Reject{NotifyType::UNEXPECTED_NAT_DETECTED,
                  {},
                  fmt::format("peer {} at {} wants no NAT on the way, and there is one: start it "
                              "without -T",
                              to_string(id.identity), sa.state().path.remote),
                  true};
  }
  const auto* signature = signature_auth(entry->policy);
  const bool fits = signature != nullptr ? may_accept(signature->kind, auth->method)
                                         : auth->method == AuthMethod::SHARED_KEY_MIC;
  if (!fits) {
    return refuse(fmt::format(
        "peer {} proves itself by {}, policy \"{}\" ({}) wants {}", to_string(id.identity),
        to_string(auth->method), entry->policy.name, entry->written_at,
        signature != nullptr ? describe(signature->kind) : "a pre-shared key"));
  }
  own_id_ = entry->policy.local_id.value_or(ctx.default_id);
  request_ = message;
  if (signature == nullptr) return start_psk(ctx, sa);
  const SaState& state = sa.state();
  const Transcript& transcript = sa.transcript();
  return await<&AuthResponder::on_verified>(
      verify_job(ctx.credentials, id.identity, message,
                 crypto::signed_octets(state.suite.prf, transcript.init_request, transcript.nonce_r,
                                       state.keys.sk_pi(), id.body)));
}

Step AuthResponder::start_psk(Context& ctx, IkeSa& sa) {
  const SaState& state = sa.state();
  const Transcript& transcript = sa.transcript();
  const PrfId prf = state.suite.prf;
  const Bytes& peer_body = request_.find<wire::IdiPayload>()->body;
  PskAuthRequest request;
  request.policy = sa.policy(ctx).policy.name;
  request.secret = std::get<PskAuth>(sa.policy(ctx).policy.auth).secret;
  request.prf = prf;
  request.own_octets = crypto::signed_octets(prf, transcript.init_response, transcript.nonce_i,
                                             state.keys.sk_pr(), wire::id_body(own_id_));
  request.peer_octets = crypto::signed_octets(prf, transcript.init_request, transcript.nonce_r,
                                              state.keys.sk_pi(), peer_body);
  return await<&AuthResponder::on_auth_values>(PskAuthJob{std::move(request)});
}

Step AuthResponder::on_auth_values(Context& ctx, IkeSa& sa, Result<PskAuthValues> result) {
  if (!result) return refuse(result.error().text);
  const SaState& state = sa.state();
  const PolicyEntry& entry = sa.policy(ctx);
  const Bytes& proof = request_.find<wire::AuthPayload>()->data;
  // RFC7296 1.2: "each end ... MUST verify that all signatures and MACs are computed correctly"
  if (!equal_constant_time(result->peer.reveal(), proof)) {
    return refuse(fmt::format(
        "wrong pre-shared key: peer {} at {} does not have the one of policy \"{}\" "
        "({}): write the same psk on both sides",
        to_string(state.peer_id), state.path.remote, entry.policy.name, entry.written_at));
  }
  return accept_peer(ctx, sa, {AuthMethod::SHARED_KEY_MIC, to_bytes(result->own.reveal())});
}

Step AuthResponder::on_verified(Context& ctx, IkeSa& sa, Result<Verified> result) {
  const SaState& state = sa.state();
  const PolicyEntry& entry = sa.policy(ctx);
  const Result<void> judged =
      judge_signature(signature_auth(entry.policy), entry.policy, state.peer_id,
                      request_.find<wire::AuthPayload>()->method, result);
  if (!judged) {
    return refuse(fmt::format("{} (policy \"{}\", {})", judged.error().text, entry.policy.name,
                              entry.written_at));
  }
  log::info(sa, "{} has proven itself by {}, {}", to_string(state.peer_id),
            to_string(result->scheme), result->how);
  const Transcript& transcript = sa.transcript();
  Result<SigningChoice> choice =
      plan_signature(ctx.credentials, entry.policy, transcript.peer_hashes);
  if (!choice) return refuse(choice.error().text);
  signing_ = *choice;
  return await<&AuthResponder::on_signature>(
      SignJob{{ctx.credentials.own_key, signing_.scheme,
               crypto::signed_octets(state.suite.prf, transcript.init_response, transcript.nonce_i,
                                     state.keys.sk_pr(), wire::id_body(own_id_))}});
}

Step AuthResponder::on_signature(Context& ctx, IkeSa& sa, Result<Bytes> result) {
  if (!result) return refuse(result.error().text);
  return accept_peer(
      ctx, sa,
      {signing_.method, crypto::write_auth_data(signing_.method, signing_.scheme, *result)});
}

// <-- HDR, SK {IDr, [CERT,] AUTH, SAr2, TSi, TSr}
Step AuthResponder::accept_peer(Context& ctx, IkeSa& sa, wire::AuthPayload auth) {
  SaState& state = sa.state();
  const PolicyEntry& entry = sa.policy(ctx);
  state.local_id = own_id_;
  const bool mobile =
      may_move(ctx, entry) && request_.find_notify(NotifyType::MOBIKE_SUPPORTED) != nullptr;
  if (mobile) {
    state.mobility.agreed = true;
    state.mobility.peer_addresses =
        read_additional_addresses(request_).value_or(std::vector<IpAddress>());
  }
  sa.initial_contact_received = request_.find_notify(NotifyType::INITIAL_CONTACT) != nullptr;
  sa.set_established(ctx);

  wire::Payloads answer;
  answer.push_back(wire::IdrPayload{own_id_, {}});
  if (signature_auth(entry.policy) != nullptr) {
    for (auto& payload :
         certificate_payloads(ctx.credentials, own_id_, wanted_authorities(request_))) {
      answer.push_back(std::move(payload));
    }
  }
  answer.push_back(std::move(auth));
  if (mobile) {
    for (auto& payload : mobility_offer(ctx, state, entry)) answer.push_back(std::move(payload));
  }
  answer_child_request(ctx, sa, request_, sa.transcript().nonce_i, sa.transcript().nonce_r, answer);
  return Done{std::move(answer), nullptr};
}

}  // namespace iked::ike
