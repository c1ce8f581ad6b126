// SPDX-License-Identifier: ISC
#include "ike/exchange/auth_initiator.h"

#include "crypto/signature.h"
#include "ike/child_negotiation.h"
#include "ike/exchange/informational.h"
#include "ike/mobility.h"
#include "ike/proof.h"
#include "ike/sa_table.h"

namespace iked::ike {
namespace {

// RFC7296 2.21.2
Reject refuse(std::string why) {
  return {NotifyType::AUTHENTICATION_FAILED, {}, std::move(why), true};
}

SecretId psk_of(const Policy& policy) {
  return std::get<PskAuth>(policy.auth).secret;
}

// What the responder signs: its first message, our nonce, its ID.
Bytes peer_octets(const IkeSa& sa, const Transcript& transcript, ByteView id_body) {
  const SaState& state = sa.state();
  return crypto::signed_octets(state.suite.prf, transcript.init_response, transcript.nonce_i,
                               state.keys.sk_pr(), id_body);
}

}  // namespace

Step AuthInitiator::start(Context& ctx, IkeSa& sa) {
  SaState& state = sa.state();
  const Policy& policy = sa.policy(ctx).policy;
  const Transcript& transcript = sa.transcript();
  state.local_id = policy.local_id.value_or(ctx.default_id);
  if (signature_auth(policy) != nullptr) return start_signature(ctx, sa);
  PskAuthRequest request{.secret = psk_of(policy), .prf = state.suite.prf, .policy = policy.name};
  request.own_octets =
      crypto::signed_octets(state.suite.prf, transcript.init_request, transcript.nonce_r,
                            state.keys.sk_pi(), wire::id_body(state.local_id));
  // What the peer will have to prove is known by now, if it is who we want: one question to the
  // keeper for both.
  if (policy.peer_id) {
    expected_id_ = wire::id_body(*policy.peer_id);
    request.peer_octets = peer_octets(sa, transcript, expected_id_);
  }
  return await<&AuthInitiator::on_own_auth>(PskAuthJob{std::move(request)});
}

Step AuthInitiator::on_own_auth(Context& ctx, IkeSa& sa, Result<PskAuthValues> result) {
  if (!result) return refuse(result.error().text);
  expected_proof_ = std::move(result->peer);
  return send_request(ctx, sa, {AuthMethod::SHARED_KEY_MIC, to_bytes(result->own.reveal())});
}

Step AuthInitiator::start_signature(Context& ctx, IkeSa& sa) {
  const SaState& state = sa.state();
  const Transcript& transcript = sa.transcript();
  Result<SigningChoice> choice =
      plan_signature(ctx.credentials, sa.policy(ctx).policy, transcript.peer_hashes);
  if (!choice) return refuse(choice.error().text);
  signing_ = *choice;
  return await<&AuthInitiator::on_signature>(
      SignJob{{ctx.credentials.own_key, signing_.scheme,
               crypto::signed_octets(state.suite.prf, transcript.init_request, transcript.nonce_r,
                                     state.keys.sk_pi(), wire::id_body(state.local_id))}});
}

Step AuthInitiator::on_signature(Context& ctx, IkeSa& sa, Result<Bytes> result) {
  if (!result) return refuse(result.error().text);
  return send_request(
      ctx, sa,
      {signing_.method, crypto::write_auth_data(signing_.method, signing_.scheme, *result)});
}

// HDR, SK {IDi, [CERT,] [CERTREQ,] [N(INITIAL_CONTACT)], [IDr], AUTH, SAi2, TSi, TSr} -->
Step AuthInitiator::send_request(Context& ctx, IkeSa& sa, wire::AuthPayload auth) {
  const SaState& state = sa.state();
  const Policy& policy = sa.policy(ctx).policy;
  flows_ = flows_for(sa.policy(ctx), state.path);
  if (flows_.empty()) {
    return Reject{NotifyType::TS_UNACCEPTABLE,
                  {},
                  fmt::format("{} has no flow between {} and {}", sa.policy(ctx).written_at,
                              state.path.local.address, state.path.remote.address),
                  true};
  }
  auto spi = reserve_spi(ctx, sa, policy.child_protocol);
  if (!spi) return Reject{NotifyType::NO_ADDITIONAL_SAS, {}, spi.error().text, true};
  spi_in_ = *spi;

  wire::Payloads payloads;
  payloads.push_back(wire::IdiPayload{state.local_id, {}});
  if (signature_auth(policy) != nullptr) {
    for (auto& payload : certificate_payloads(ctx.credentials, state.local_id,
                                              sa.transcript().wanted_authorities)) {
      payloads.push_back(std::move(payload));
    }
    if (auto request = certificate_request(ctx.credentials)) {
      payloads.push_back(std::move(*request));
    }
  }
  // RFC7296 2.4: only when no other SA with this peer may live on our side.
  if (!ctx.sas.has_established(state.policy)) {
    payloads.push_back(wire::NotifyPayload{NotifyType::INITIAL_CONTACT, ProtocolId::NONE, {}, {}});
  }
  if (policy.peer_id) payloads.push_back(wire::IdrPayload{*policy.peer_id, {}});
  payloads.push_back(std::move(auth));
  if (policy.mode == Mode::transport) {
    payloads.push_back(
        wire::NotifyPayload{NotifyType::USE_TRANSPORT_MODE, ProtocolId::NONE, {}, {}});
  }
  if (may_move(ctx, sa.policy(ctx))) {
    for (auto& payload : mobility_offer(ctx, state, sa.policy(ctx))) {
      payloads.push_back(std::move(payload));
    }
  }
  payloads.push_back(build_first_child_offer(policy.child_proposals, spi_in_));
  payloads.push_back(wire::TsiPayload{local_selectors(flows_), 0});
  payloads.push_back(wire::TsrPayload{remote_selectors(flows_), 0});
  return Send{std::move(payloads)};
}

Step AuthInitiator::on_response(Context& ctx, IkeSa& sa, const wire::Message& message) {
  const auto* id = message.find<wire::IdrPayload>();
  const auto* auth = message.find<wire::AuthPayload>();
  if (id == nullptr || auth == nullptr) {
    if (const auto* error = message.find_error()) return on_refused(ctx, sa, *error);
    return Reject{NotifyType::AUTHENTICATION_FAILED,
                  {},
                  "the peer did not prove who it is: no IDr or AUTH in its answer",
                  true};
  }
  if (auto refusal = check_peer_id(ctx, sa, id->identity)) return std::move(*refusal);
  if (const auto* wanted = signature_auth(sa.policy(ctx).policy)) {
    if (!may_accept(wanted->kind, auth->method)) {
      return refuse(fmt::format("the peer proves itself by {}, policy \"{}\" ({}) wants {}",
                                to_string(auth->method), sa.policy(ctx).policy.name,
                                sa.policy(ctx).written_at, describe(wanted->kind)));
    }
    response_ = message;
    return await<&AuthInitiator::on_verified>(verify_job(
        ctx.credentials, id->identity, message, peer_octets(sa, sa.transcript(), id->body)));
  }
  // RFC7296 2.15, R123: what the policy does not ask for is not a proof.
  if (auth->method != AuthMethod::SHARED_KEY_MIC) {
    return Reject{NotifyType::AUTHENTICATION_FAILED,
                  {},
                  fmt::format("the peer proves itself by {}, policy \"{}\" wants a pre-shared key",
                              to_string(auth->method), sa.policy(ctx).policy.name),
                  true};
  }
  response_ = message;
  if (!expected_id_.empty() && id->body == expected_id_) {
    return judge_proof(ctx, sa, expected_proof_);
  }
  Bytes octets = peer_octets(sa, sa.transcript(), id->body);
  const Policy& policy = sa.policy(ctx).policy;
  return await<&AuthInitiator::on_peer_auth>(
      PskAuthJob{{psk_of(policy), sa.state().suite.prf, {}, std::move(octets), policy.name}});
}

Step AuthInitiator::on_peer_auth(Context& ctx, IkeSa& sa, Result<PskAuthValues> result) {
  if (!result) return Reject{NotifyType::AUTHENTICATION_FAILED, {}, result.error().text, true};
  return judge_proof(ctx, sa, result->peer);
}

Step AuthInitiator::judge_proof(Context& ctx, IkeSa& sa, const SecretBytes& expected) {
  const Identity& peer = response_.find<wire::IdrPayload>()->identity;
  const Bytes& proof = response_.find<wire::AuthPayload>()->data;
  // RFC7296 2.15: nothing of the answer counts before this.
  if (!equal_constant_time(expected.reveal(), proof)) {
    return Reject{
        NotifyType::AUTHENTICATION_FAILED,
        {},
        fmt::format("wrong pre-shared key: {} at {} does not have the one of policy \"{}\" "
                    "({}): write the same psk on both sides",
                    to_string(peer), sa.state().path.remote, sa.policy(ctx).policy.name,
                    sa.policy(ctx).written_at),
        true};
  }
  return accept_peer(ctx, sa);
}

Step AuthInitiator::on_verified(Context& ctx, IkeSa& sa, Result<Verified> result) {
  const auto* wanted = signature_auth(sa.policy(ctx).policy);
  const Identity& peer = response_.find<wire::IdrPayload>()->identity;
  const Result<void> judged = judge_signature(wanted, sa.policy(ctx).policy, peer,
                                              response_.find<wire::AuthPayload>()->method, result);
  if (!judged) {
    return refuse(fmt::format("{} (policy \"{}\", {})", judged.error().text,
                              sa.policy(ctx).policy.name, sa.policy(ctx).written_at));
  }
  log::info(sa, "{} has proven itself by {}, {}", to_string(peer), to_string(result->scheme),
            result->how);
  return accept_peer(ctx, sa);
}

// RFC7296 2.15: nothing of the answer counts before this.
Step AuthInitiator::accept_peer(Context& ctx, IkeSa& sa) {
  sa.state().peer_id = response_.find<wire::IdrPayload>()->identity;
  if (may_move(ctx, sa.policy(ctx)) && response_.find_notify(NotifyType::MOBIKE_SUPPORTED)) {
    Mobility& mobility = sa.state().mobility;
    mobility.agreed = mobility.decides = true;
    mobility.peer_addresses =
        read_additional_addresses(response_).value_or(std::vector<IpAddress>());
  }
  sa.set_established(ctx);
  if (std::string why = first_child(ctx, sa); !why.empty()) {
    log::About about = sa.about(log::Event::child_sa_refused);
    about.exchange = to_string(ExchangeType::IKE_AUTH);
    log::warn(about, "child SA not made: {}", why);
    sa.note_failure(std::move(why), child_trouble_);
    sa.child_failed = true;
  }
  return Done{};
}

// The child of the answer, now that the answer is known to be the peer's. Empty when it is up;
// otherwise why not, and the IKE SA stays (RFC7296 1.2).
std::string AuthInitiator::first_child(Context& ctx, IkeSa& sa) {
  const PolicyEntry& entry = sa.policy(ctx);
  const ProtocolId protocol = entry.policy.child_protocol;
  const auto give_up = [&](std::string why) {
    release_spi(ctx, sa, protocol, std::exchange(spi_in_, ChildSpi{}));
    return why;
  };
  auto agreement = read_child_answer(ctx, sa, response_, flows_, entry.policy.child_proposals,
                                     ChildExchange::first);
  if (!agreement) {
    // The peer has installed it: tell it to take it out again.
    child_trouble_ = agreement.error().kind;
    if (agreement.error().peer_has_it) {
      sa.start(ctx, std::make_unique<DeleteChild>(protocol, spi_in_));
    }
    if (want_one_by_one(ctx, sa, response_, flows_)) {
      sa.first_child_due = true;
      return give_up({});
    }
    return give_up(std::move(agreement.error().why));
  }
  agreement->spi_in = spi_in_;
  const ChildSpi spi_in = std::exchange(spi_in_, ChildSpi{});  // install_child's from here on
  const ChildKeying keying{Role::initiator, sa.transcript().nonce_i, sa.transcript().nonce_r};
  auto made = install_child(ctx, sa, *agreement, keying);
  if (!made) {
    child_trouble_ = kind_of(made.error());
    sa.start(ctx, std::make_unique<DeleteChild>(protocol, spi_in));
    return made.error().why;
  }
  want_other_flows(ctx, sa, flows_);
  return {};
}

std::optional<Reject> AuthInitiator::check_peer_id(Context& ctx, IkeSa& sa,
                                                   const Identity& peer) const {
  const PolicyEntry& entry = sa.policy(ctx);
  if (!entry.policy.peer_id || *entry.policy.peer_id == peer) return std::nullopt;
  return Reject{
      NotifyType::AUTHENTICATION_FAILED,
      {},
      fmt::format("the peer says it is {}, {} wants dstid {}: write dstid {} if that is the right "
                  "one",
                  to_string(peer), entry.written_at, to_string(*entry.policy.peer_id),
                  value_of(peer)),
      true};
}

Step AuthInitiator::on_refused(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error) {
  const PolicyEntry& entry = sa.policy(ctx);
  std::string why =
      fmt::format("{} refuses us: {}", sa.state().path.remote, to_string(error.notify));
  if (error.notify == NotifyType::AUTHENTICATION_FAILED) {
    const bool signs = signature_auth(entry.policy) != nullptr;
    why += fmt::format(
        "; we said srcid {}, dstid {} and proved it by {} ({}): check that {}, that the peer's "
        "dstid is {}, and look into the peer's log",
        to_string(sa.state().local_id),
        entry.policy.peer_id ? to_string(*entry.policy.peer_id) : "any",
        signs ? to_string(signing_.scheme) : "pre-shared key", entry.written_at,
        signs ? "the peer has our public key or trusts our certificate"
              : "the psk is the same on both sides",
        to_string(sa.state().local_id));
  }
  sa.blame(kind_of(error.notify));
  // The peer has forgotten the SA already; there is nobody to send a Delete to.
  sa.die(ctx, std::move(why));
  return Ignore{"refused"};
}

void AuthInitiator::abandon(Context& ctx, IkeSa& sa) {
  if (!spi_in_) return;
  release_spi(ctx, sa, sa.policy(ctx).policy.child_protocol, std::exchange(spi_in_, ChildSpi{}));
}

std::string AuthInitiator::on_no_answer(const IkeSa& sa) const {
  return fmt::format(
      "no answer from {} to IKE_AUTH, though it answered IKE_SA_INIT: {}", sa.state().path.remote,
      sa.state().path.natt ? "does a firewall let UDP 4500 through both ways?"
                           : "did it go away, or do large packets get lost on the way?");
}

}  // namespace iked::ike
