// SPDX-License-Identifier: ISC
#include "ike/exchange/create_child_responder.h"

#include "crypto/algorithms.h"
#include "ike/ike_sa.h"

namespace iked::ike {
namespace {

constexpr size_t nonce_size = 32;
// Of one IKE SA, those included that wait to be deleted. RFC7296 1.3: who does not want more says
// so.
constexpr size_t most_children = 256;

}  // namespace

Step CreateChildResponder::on_request(Context& ctx, IkeSa& sa, const wire::Message& message) {
  if (const auto* rekey = message.find_notify(NotifyType::REKEY_SA)) {
    const auto named = wire::read_notify<wire::NamedChild>(*rekey);
    if (!named) return Reject{NotifyType::INVALID_SYNTAX, {}, named.error().text, false};
    rekeyed_ = *named;
  }
  request_ = message;
  if (auto refusal = refuse_by_collision(sa)) return std::move(*refusal);
  if (sa.state().children.size() >= most_children) {
    return refuse(ctx, sa,
                  {NotifyType::NO_ADDITIONAL_SAS,
                   fmt::format("the peer has {} child SAs already", most_children)});
  }
  const auto* ke = request_.find<wire::KePayload>();
  auto agreed = agree_on_child(ctx, sa, request_, ChildExchange::later,
                               ke != nullptr ? ke->group : KeId::NONE);
  if (!agreed) return refuse(ctx, sa, agreed.error());
  agreed_ = std::move(*agreed);
  const KeId group = agreed_->agreement.suite.ke;
  // A KE payload that goes with nothing that was chosen is not looked at.
  if (group == KeId::NONE) return finish(ctx, sa, nullptr);
  if (ke == nullptr || ke->group != group) {
    abandon(ctx, sa);
    // RFC7296 1.3: "... the responder MUST reject the request and indicate its preferred
    // Diffie-Hellman group in the INVALID_KE_PAYLOAD Notify payload."
    Bytes wanted;
    put_u16(wanted, static_cast<uint16_t>(group));
    return Reject{NotifyType::INVALID_KE_PAYLOAD, std::move(wanted),
                  fmt::format("asked the peer for group {}", to_string(group)), false};
  }
  if (ke->data.size() != crypto::ike_ke(group)->public_value) {
    abandon(ctx, sa);
    return Reject{NotifyType::INVALID_SYNTAX, {}, "the KE value has a wrong length", false};
  }
  return await<&CreateChildResponder::on_shared_secret>(
      KeyExchangeJob{group, ctx.random_secret(crypto::ike_ke(group)->random), ke->data});
}

std::optional<Step> CreateChildResponder::refuse_by_collision(IkeSa& sa) {
  const OwnWork own = sa.own_work();
  Standing standing;
  standing.ike_replaced = sa.heir().has_value();
  if (rekeyed_) {
    const ChildSa* child = sa.child_by_outbound(rekeyed_->protocol, rekeyed_->spi);
    standing.child_known = child != nullptr;
    standing.child_retired =
        child != nullptr && (child->stage != ChildStage::in_use || child->peer_rekey);
    standing.same_child = child != nullptr && names_same(own.child, child->inbound);
  }
  const Verdict verdict =
      decide(rekeyed_ ? Ask::rekey_child : Ask::create_child, own.doing, standing);
  compare_ = verdict.compare;
  switch (verdict.reply) {
    case Verdict::Reply::temporary_failure:
      return Reject{NotifyType::TEMPORARY_FAILURE,
                    {},
                    "the peer's request for a child SA collides with what we are at",
                    false};
    case Verdict::Reply::child_not_found:
      log::info(sa, "CHILD_SA_NOT_FOUND: the peer rekeys SPI {:#010x}, which is not there",
                rekeyed_->spi.value);
      // RFC7296 2.25: "The SA that the initiator attempted to rekey is indicated by the SPI field"
      return Done{{wire::make_notify(NotifyType::CHILD_SA_NOT_FOUND, *rekeyed_)}, nullptr};
    case Verdict::Reply::serve:
    case Verdict::Reply::serve_silently:
      break;
  }
  return std::nullopt;
}

Step CreateChildResponder::refuse(Context& ctx, IkeSa& sa, const ChildFailure& failure) {
  ctx.failures.note(sa.state().policy, Role::responder,
                    {kind_of(failure), failure.why, to_string(sa.state().path.remote), ctx.now});
  log::About about = sa.about(log::Event::child_sa_refused);
  about.exchange = to_string(ExchangeType::CREATE_CHILD_SA);
  about.notify = to_string(failure.notify);
  log::warn(about, "child SA refused ({}): {}", to_string(failure.notify), failure.why);
  // R017: the IKE SA is none the worse.
  return Done{{wire::make_notify(failure.notify)}, nullptr};
}

Step CreateChildResponder::on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result) {
  if (!result) {
    abandon(ctx, sa);
    const bool peer = result.error().fault == KeyExchangeFailure::Fault::peer;
    return Reject{peer ? NotifyType::INVALID_SYNTAX : NotifyType::TEMPORARY_FAILURE,
                  {},
                  std::move(result.error().why),
                  false};
  }
  // Much may have happened since the request came.
  if (auto refusal = refuse_by_collision(sa)) {
    abandon(ctx, sa);
    return std::move(*refusal);
  }
  return finish(ctx, sa, &*result);
}

Step CreateChildResponder::finish(Context& ctx, IkeSa& sa, KeyExchangeResult* exchanged) {
  AgreedChild agreed = std::move(*std::exchange(agreed_, std::nullopt));
  const ChildAgreement& agreement = agreed.agreement;
  const Bytes& nonce_i = request_.find<wire::NoncePayload>()->nonce;
  const Bytes nonce_r = ctx.random(nonce_size);
  const ChildKeying keying{Role::responder, nonce_i, nonce_r,
                           exchanged != nullptr ? &exchanged->shared : nullptr};
  // RFC7296 2.8: the initiator may not have the new inbound SA when our first packets on it come.
  auto made =
      install_child(ctx, sa, agreement, keying, rekeyed_ ? Sending::later : Sending::at_once);
  if (!made) return refuse(ctx, sa, made.error());
  if (rekeyed_) {
    const SaKey old = sa.child_by_outbound(rekeyed_->protocol, rekeyed_->spi)->inbound;
    sa.rekeyed_by_peer(ctx, old, *made, lower_nonce(nonce_i, nonce_r), compare_);
  }
  wire::Payloads answer;
  if (agreement.mode == Mode::transport) {
    answer.push_back(wire::make_notify(NotifyType::USE_TRANSPORT_MODE));
  }
  answer.push_back(wire::SaPayload{{std::move(agreed.answer)}});
  answer.push_back(wire::NoncePayload{nonce_r});
  if (exchanged != nullptr) {
    answer.push_back(wire::KePayload{agreement.suite.ke, std::move(exchanged->public_value)});
  }
  answer.push_back(wire::TsiPayload{agreement.flows.remote, 0});
  answer.push_back(wire::TsrPayload{agreement.flows.local, 0});
  return Done{std::move(answer), nullptr};
}

void CreateChildResponder::abandon(Context& ctx, IkeSa& sa) {
  if (!agreed_) return;
  const ChildAgreement& agreement = agreed_->agreement;
  release_spi(ctx, sa, agreement.suite.protocol, agreement.spi_in);
  agreed_.reset();
}

}  // namespace iked::ike
