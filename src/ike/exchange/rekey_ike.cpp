// SPDX-License-Identifier: ISC
#include "ike/exchange/rekey_ike.h"

#include <algorithm>

#include "crypto/algorithms.h"
#include "crypto/keys.h"
#include "ike/ike_sa.h"
#include "ike/sa_table.h"
#include "wire/notify_data.h"

namespace iked::ike {
namespace {

constexpr size_t nonce_size = 32;
constexpr unsigned most_rounds = 2;

bool has_group(const std::vector<Proposal>& proposals, KeId group) {
  return std::any_of(proposals.begin(), proposals.end(), [&](const Proposal& p) {
    return std::find(p.ke.begin(), p.ke.end(), group) != p.ke.end();
  });
}

Bytes spi_octets(IkeSpi spi) {
  Bytes octets;
  put_u64(octets, spi.value);
  return octets;
}

}  // namespace

// ---- initiator

Step RekeyIke::start(Context& ctx, IkeSa& sa) {
  const std::vector<Proposal>& proposals = sa.policy(ctx).policy.ike_proposals;
  const KeId last = sa.state().suite.ke;
  group_ = has_group(proposals, last) ? last : proposals.at(0).ke.at(0);
  // RFC7296 1.3.2: "A new initiator SPI is supplied in the SPI field of the SA payload."
  spi_ = ctx.sas.unused_spi(ctx.rng);
  nonce_ = ctx.random(nonce_size);
  return make_key_pair(ctx);
}

Step RekeyIke::make_key_pair(Context& ctx) {
  private_ = ctx.random_secret(crypto::ike_ke(group_)->random);
  return await<&RekeyIke::on_public_value>(
      KeyExchangeJob{group_, private_.duplicate(), std::nullopt});
}

Step RekeyIke::on_public_value(Context& ctx, IkeSa& sa, KeyExchangeOutcome result) {
  if (!result) return put_off(ctx, sa, result.error().why);
  // The peer may have done it meanwhile, or somebody wants the IKE SA closed.
  if (sa.heir() || sa.own_work().doing == Doing::delete_ike) return Done{};
  if (sa.ike_rekey_failed(ctx)) return Done{};
  if (ctx.passive) return put_off(ctx, sa, "passive mode");
  public_ = std::move(result->public_value);
  // RFC7296 1.3.2: no traffic selectors.
  return Send{{build_offer(sa.policy(ctx).policy.ike_proposals, spi_octets(spi_)),
               wire::NoncePayload{nonce_}, wire::KePayload{group_, public_}}};
}

Step RekeyIke::on_response(Context& ctx, IkeSa& sa, const wire::Message& message) {
  if (const auto* notify = message.find_notify(NotifyType::INVALID_KE_PAYLOAD)) {
    return on_invalid_ke(ctx, sa, *notify);
  }
  const auto* answer = message.find<wire::SaPayload>();
  const auto* nonce = message.find<wire::NoncePayload>();
  const auto* ke = message.find<wire::KePayload>();
  if (answer == nullptr || nonce == nullptr || ke == nullptr) {
    const auto* error = message.find_error();
    if (error == nullptr) return fail(ctx, sa, "the answer lacks SA, nonce or KE");
    if (error->notify == NotifyType::TEMPORARY_FAILURE) {
      return put_off(ctx, sa, "the peer is busy with something that would collide");
    }
    const PolicyEntry& entry = sa.policy(ctx);
    return fail(
        ctx, sa,
        fmt::format("the peer answers {}: we offer {} ({}): compare with its configuration",
                    to_string(error->notify),
                    to_string(build_offer(entry.policy.ike_proposals, {})), entry.written_at));
  }
  auto chosen = check_rekeyed_ike_answer(sa.policy(ctx).policy.ike_proposals, *answer);
  if (!chosen) return fail(ctx, sa, chosen.error().text);
  // RFC7296 3.4: the group of KE and the chosen one must agree.
  if (ke->group != group_ || chosen->suite.ke != group_) {
    return fail(ctx, sa, "the answer's KE is of another group than the one that we sent");
  }
  suite_ = chosen->suite;
  peer_spi_ = chosen->peer_spi;
  peer_nonce_ = nonce->nonce;
  return await<&RekeyIke::on_shared_secret>(
      KeyExchangeJob{group_, private_.duplicate(), ke->data, false});
}

Step RekeyIke::on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result) {
  // The peer has a new IKE SA that we cannot have, so that no Delete of it is possible either.
  if (!result) return fail(ctx, sa, result.error().why);
  const SaState& state = sa.state();
  IkeSa& heir = sa.make_heir(
      ctx, Role::initiator, spi_, peer_spi_, suite_,
      crypto::derive_rekeyed_ike_keys(suite_, state.suite.prf, state.keys.sk_d(), result->shared,
                                      nonce_, peer_nonce_, spi_, peer_spi_));
  sa.ike_rekeyed_by_us(ctx, heir, lower_nonce(nonce_, peer_nonce_));
  return Done{};
}

Step RekeyIke::on_invalid_ke(Context& ctx, IkeSa& sa, const wire::NotifyPayload& notify) {
  const Result<KeId> wanted = wire::read_notify<KeId>(notify);
  const bool ours =
      wanted && *wanted != group_ && has_group(sa.policy(ctx).policy.ike_proposals, *wanted);
  if (!ours || ++rounds_ > most_rounds) {
    return fail(ctx, sa,
                fmt::format("the peer wants another group than {} has", sa.policy(ctx).written_at));
  }
  group_ = *wanted;
  return make_key_pair(ctx);
}

Step RekeyIke::put_off(Context& ctx, IkeSa& sa, std::string_view why) {
  log::info(sa, "rekey of the IKE SA put off: {}", why);
  sa.ike_rekey_put_off(ctx);
  return Done{};
}

// A whole new IKE SA is called for, where we can; this one stays as long as it lives.
Step RekeyIke::fail(Context& ctx, IkeSa& sa, std::string why) {
  if (sa.ike_rekey_failed(ctx)) return Done{};
  log::About about = sa.about(log::Event::rekey_failed);
  about.exchange = to_string(ExchangeType::CREATE_CHILD_SA);
  log::warn(about, "rekey of the IKE SA failed: {}", why);
  sa.note_failure(std::move(why));
  sa.wants_replacement = true;
  return Done{};
}

std::string RekeyIke::on_no_answer(const IkeSa& sa) const {
  return fmt::format("no answer from {} to the rekey of the IKE SA", sa.state().path.remote);
}

// ---- responder

Step RekeyIkeResponder::on_request(Context& ctx, IkeSa& sa, const wire::Message& message) {
  const auto& offer = *message.find<wire::SaPayload>();
  const auto& ke = *message.find<wire::KePayload>();
  if (auto refusal = refuse_by_collision(sa)) return std::move(*refusal);
  const PolicyEntry& entry = sa.policy(ctx);
  auto choice = choose_ike(entry.policy.ike_proposals, offer, ke.group, rekeyed_ike_spi_size);
  // RFC7296 2.6: zero means "not known yet".
  if (!choice || !choice->peer_spi) {
    return Reject{
        NotifyType::NO_PROPOSAL_CHOSEN,
        {},
        fmt::format("rekey of the IKE SA: no common ikesa: {} ({})",
                    explain_no_ike(entry.policy.ike_proposals, offer, rekeyed_ike_spi_size),
                    entry.written_at),
        false};
  }
  choice_ = std::move(*choice);
  const KeId group = choice_.suite.ke;
  if (ke.group != group) {
    Bytes wanted;
    put_u16(wanted, static_cast<uint16_t>(group));
    return Reject{NotifyType::INVALID_KE_PAYLOAD, std::move(wanted),
                  fmt::format("asked the peer for group {}", to_string(group)), false};
  }
  if (ke.data.size() != crypto::ike_ke(group)->public_value) {
    return Reject{NotifyType::INVALID_SYNTAX, {}, "the KE value has a wrong length", false};
  }
  nonce_i_ = message.find<wire::NoncePayload>()->nonce;
  return await<&RekeyIkeResponder::on_shared_secret>(
      KeyExchangeJob{group, ctx.random_secret(crypto::ike_ke(group)->random), ke.data});
}

std::optional<Step> RekeyIkeResponder::refuse_by_collision(const IkeSa& sa) {
  Standing standing;
  standing.ike_replaced = sa.is_spare();
  const Verdict verdict = decide(Ask::rekey_ike, sa.own_work().doing, standing);
  compare_ = verdict.compare;
  if (verdict.reply == Verdict::Reply::serve) return std::nullopt;
  return Reject{NotifyType::TEMPORARY_FAILURE,
                {},
                "the peer's rekey of the IKE SA collides with what we are at",
                false};
}

Step RekeyIkeResponder::on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result) {
  if (!result) {
    const bool peer = result.error().fault == KeyExchangeFailure::Fault::peer;
    return Reject{peer ? NotifyType::INVALID_SYNTAX : NotifyType::TEMPORARY_FAILURE,
                  {},
                  std::move(result.error().why),
                  false};
  }
  // Much may have happened since the request came.
  if (auto refusal = refuse_by_collision(sa)) return std::move(*refusal);
  const SaState& state = sa.state();
  const Bytes nonce_r = ctx.random(nonce_size);
  const IkeSpi spi_r = ctx.sas.unused_spi(ctx.rng);
  const IkeSpi spi_i = choice_.peer_spi;
  IkeSa& heir = sa.make_heir(
      ctx, Role::responder, spi_i, spi_r, choice_.suite,
      crypto::derive_rekeyed_ike_keys(choice_.suite, state.suite.prf, state.keys.sk_d(),
                                      result->shared, nonce_i_, nonce_r, spi_i, spi_r));
  sa.ike_rekeyed_by_peer(ctx, heir, lower_nonce(nonce_i_, nonce_r), compare_);
  choice_.answer.proposals.at(0).spi = spi_octets(spi_r);
  return Done{{std::move(choice_.answer), wire::NoncePayload{nonce_r},
               wire::KePayload{choice_.suite.ke, std::move(result->public_value)}},
              nullptr};
}

}  // namespace iked::ike
