// SPDX-License-Identifier: ISC
#include "ike/exchange/sa_init_initiator.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/algorithms.h"
#include "ike/choose.h"
#include "ike/exchange/auth_initiator.h"
#include "ike/ike_sa.h"
#include "ike/mobility.h"
#include "ike/nat_detection.h"
#include "ike/proof.h"
#include "ike/vendor_id.h"
#include "wire/notify_data.h"

namespace iked::ike {
namespace {

constexpr size_t nonce_size = 32;  // RFC7296 2.10: at least half the key size of any PRF we have

bool offers_group(const std::vector<Proposal>& proposals, KeId group) {
  return std::any_of(proposals.begin(), proposals.end(), [&](const Proposal& p) {
    return std::find(p.ke.begin(), p.ke.end(), group) != p.ke.end();
  });
}

}  // namespace

Step SaInitInitiator::start(Context& ctx, IkeSa& sa) {
  const Policy& policy = sa.policy(ctx).policy;
  IKED_CHECK(!policy.ike_proposals.empty() && !policy.ike_proposals[0].ke.empty());
  group_ = policy.ike_proposals[0].ke[0];
  sa.transcript().nonce_i = ctx.random(nonce_size);
  noise_ = ctx.random(20);
  return make_key_pair(ctx);
}

Step SaInitInitiator::make_key_pair(Context& ctx) {
  private_ = ctx.random_secret(crypto::ike_ke(group_)->random);
  return await<&SaInitInitiator::on_public_value>(
      KeyExchangeJob{group_, private_.duplicate(), std::nullopt});
}

Step SaInitInitiator::on_public_value(Context& ctx, IkeSa& sa, KeyExchangeOutcome result) {
  if (!result) return Reject{NotifyType::INVALID_SYNTAX, {}, result.error().why, true};
  public_ = std::move(result->public_value);
  return send_request(ctx, sa);
}

// HDR(A,0), [N(COOKIE)], SAi1, KEi, Ni, N(NAT_DETECTION_SOURCE_IP), N(NAT_DETECTION_DESTINATION_IP)
// -->
Step SaInitInitiator::send_request(Context& ctx, IkeSa& sa) {
  const SaState& state = sa.state();
  wire::Payloads payloads;
  // RFC7296 2.6: "... include the N(COOKIE) notification ... as the first payload, and all other
  // payloads unchanged"
  if (!cookie_.empty()) {
    payloads.push_back(wire::NotifyPayload{NotifyType::COOKIE, ProtocolId::NONE, {}, cookie_});
  }
  payloads.push_back(build_offer(sa.policy(ctx).policy.ike_proposals, {}));
  payloads.push_back(wire::KePayload{group_, public_});
  payloads.push_back(wire::NoncePayload{sa.transcript().nonce_i});
  if (!ctx.options.no_natt) {
    const bool pretend = ctx.options.force_natt || sa.policy(ctx).policy.force_udp_encap;
    for (wire::Payload& notify : nat_detection_payloads(state.spi_i, IkeSpi{}, state.path.local,
                                                        state.path.remote, pretend, noise_)) {
      payloads.push_back(std::move(notify));
    }
  }
  if (ctx.settings.fragmentation) {
    payloads.push_back(wire::make_notify(NotifyType::FRAGMENTATION_SUPPORTED));
  }
  if (signature_auth(sa.policy(ctx).policy) != nullptr) {
    payloads.push_back(wire::make_notify(NotifyType::SIGNATURE_HASH_ALGORITHMS, own_hashes()));
  }
  if (ctx.settings.vendor_id) payloads.push_back(own_vendor_id());
  return Send{std::move(payloads)};
}

Step SaInitInitiator::on_response(Context& ctx, IkeSa& sa, const wire::Message& message) {
  if (const auto* cookie = message.find_notify(NotifyType::COOKIE)) {
    return on_cookie(ctx, sa, *cookie);
  }
  if (const auto* notify = message.find_notify(NotifyType::INVALID_KE_PAYLOAD)) {
    return on_invalid_ke(ctx, sa, *notify);
  }
  if (const auto* error = message.find_error()) return on_error(ctx, sa, *error);

  const auto* answer = message.find<wire::SaPayload>();
  const auto* ke = message.find<wire::KePayload>();
  const auto* nonce = message.find<wire::NoncePayload>();
  if (answer == nullptr || ke == nullptr || nonce == nullptr || !message.header.spi_r) {
    return Ignore{"IKE_SA_INIT response without SA, KE, nonce or responder SPI"};
  }
  // RFC7296 2.7: "the initiator ... MUST verify that the accepted offer is among those it sent"
  auto suite = check_ike_answer(sa.policy(ctx).policy.ike_proposals, *answer);
  if (!suite) return Ignore{suite.error().text};
  // RFC7296 3.4: the group of KE and the chosen one must agree.
  if (ke->group != group_ || suite->ke != group_) {
    return Ignore{fmt::format("answer for group {} to our KE of group {}", to_string(ke->group),
                              to_string(group_))};
  }
  suite_ = *suite;
  spi_r_ = message.header.spi_r;
  nonce_r_ = nonce->nonce;
  // RFC7383 2.3: in use when both have said so.
  fragments_ = ctx.settings.fragmentation &&
               message.find_notify(NotifyType::FRAGMENTATION_SUPPORTED) != nullptr;
  sa.transcript().peer_hashes = read_hashes(message);
  sa.transcript().wanted_authorities = wanted_authorities(message);
  sa.state().nat = ctx.options.no_natt
                       ? NatDetection{}
                       : read_nat_detection(message, sa.state().path.local, sa.state().path.remote);
  return await<&SaInitInitiator::on_shared_secret>(
      KeyExchangeJob{group_, private_.duplicate(), ke->data, false});
}

Step SaInitInitiator::on_cookie(Context& ctx, IkeSa& sa, const wire::NotifyPayload& cookie) {
  if (!wire::read_notify<Bytes>(cookie)) return Ignore{"COOKIE of a wrong length"};
  if (++rounds_ > max_rounds) return Ignore{"COOKIE and INVALID_KE_PAYLOAD without end"};
  cookie_ = cookie.data;
  return send_request(ctx, sa);
}

Step SaInitInitiator::on_invalid_ke(Context& ctx, IkeSa& sa, const wire::NotifyPayload& notify) {
  const Result<KeId> named = wire::read_notify<KeId>(notify);
  if (!named) return Ignore{"INVALID_KE_PAYLOAD without a group"};
  const KeId wanted = *named;
  // RFC7296 1.2: "the initiator MUST ... only if the group is one of those it proposed": else
  // anyone on the path could talk us into a weaker one.
  if (!offers_group(sa.policy(ctx).policy.ike_proposals, wanted)) {
    note_refusal(
        ctx, sa, FailureKind::proposal,
        fmt::format("the peer wants group {}, which {} does not have: write ikesa group {}",
                    to_string(wanted), sa.policy(ctx).written_at, to_string(wanted)));
    return Ignore{"INVALID_KE_PAYLOAD for a group that we do not offer"};
  }
  if (wanted == group_) return Ignore{"INVALID_KE_PAYLOAD for the group that we used"};
  if (++rounds_ > max_rounds) return Ignore{"COOKIE and INVALID_KE_PAYLOAD without end"};
  log::debug(sa, "peer wants group {} instead of {}", to_string(wanted), to_string(group_));
  group_ = wanted;
  return make_key_pair(ctx);
}

// RFC7296 2.21.1: anybody can have sent this, so the true answer may still come; it is only
// remembered.
Step SaInitInitiator::on_error(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error) {
  const PolicyEntry& entry = sa.policy(ctx);
  std::string why;
  if (error.notify == NotifyType::NO_PROPOSAL_CHOSEN) {
    why = fmt::format(
        "the peer answers NO_PROPOSAL_CHOSEN: none of our ikesa proposals suits it, or it has no "
        "policy "
        "for our address; we offer {} ({}): compare with its configuration",
        to_string(build_offer(entry.policy.ike_proposals, {})), entry.written_at);
  } else {
    why = fmt::format("the peer answers {}", to_string(error.notify));
  }
  note_refusal(ctx, sa, kind_of(error.notify), std::move(why));
  return Ignore{"unprotected error notify"};
}

void SaInitInitiator::note_refusal(Context& ctx, IkeSa& sa, FailureKind kind, std::string why) {
  // It answers our call, so it needs a look; but it may be anybody's, who could send many of them:
  // one warning is enough for one try.
  log::About about = sa.about(log::Event::ike_sa_failed);
  about.exchange = to_string(ExchangeType::IKE_SA_INIT);
  if (refused_.empty()) {
    log::warn(about, "{} (waiting for a better answer)", why);
  } else if (why != refused_ && ctx.gate.may_log(ctx.now)) {
    log::info(about, "{} (waiting for a better answer)", why);
  }
  sa.note_failure(why, kind);
  refused_ = std::move(why);
}

Step SaInitInitiator::on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result) {
  // Trouble of our own ends this try; the next one comes after a pause.
  if (!result && result.error().fault == KeyExchangeFailure::Fault::ours) {
    return Reject{NotifyType::INVALID_SYNTAX, {}, result.error().why, true};
  }
  // The value may be an attacker's: the true answer is still welcome.
  if (!result) return Ignore{result.error().why};
  SaState& state = sa.state();
  Transcript& transcript = sa.transcript();
  transcript.nonce_r = std::move(nonce_r_);
  state.spi_r = spi_r_;
  state.suite = suite_;
  state.fragment_mtu = fragments_ ? ctx.settings.fragmentation_mtu : 0;
  state.keys = crypto::derive_ike_keys(suite_, result->shared, transcript.nonce_i,
                                       transcript.nonce_r, state.spi_i, state.spi_r);
  // RFC7296 2.23: behind a NAT everything from here on goes to port 4500. RFC4555 3.3: also where
  // addresses may change, so that a NAT may be on a later way.
  const bool moves =
      state.nat.any() || sa.policy(ctx).policy.force_udp_encap || may_move(ctx, sa.policy(ctx));
  if (moves && !state.path.natt && state.nat.supported) {
    state.path.natt = true;
    state.path.local.port = ctx.options.natt_port;
    state.path.remote.port = 4500;
  }
  log::info(sa, "IKE_SA_INIT done: {}{}", to_string(suite_),
            state.nat.any()
                ? fmt::format(", NAT in front of {}{}{}", state.nat.we_are_behind ? "us" : "",
                              state.nat.we_are_behind && state.nat.peer_is_behind ? " and " : "",
                              state.nat.peer_is_behind ? "the peer" : "")
                : "");
  return Done{{}, std::make_unique<AuthInitiator>()};
}

std::string SaInitInitiator::on_no_answer(const IkeSa& sa) const {
  if (!refused_.empty()) return refused_;
  return fmt::format(
      "no answer from {} to IKE_SA_INIT: is the peer up, does it listen on that port, does a "
      "firewall let "
      "UDP 500 and 4500 through both ways?",
      sa.state().path.remote);
}

}  // namespace iked::ike
