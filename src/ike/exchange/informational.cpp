// SPDX-License-Identifier: ISC
#include "ike/exchange/informational.h"

#include "ike/ike_sa.h"

namespace iked::ike {
namespace {

// RFC7296 1.4.1: the answer to a Delete of children names the other half of each pair.
void delete_children(Context& ctx, IkeSa& sa, const wire::DeletePayload& request,
                     wire::Payloads& answer) {
  wire::DeletePayload half{request.protocol, {}};
  const OwnWork own = sa.own_work();
  for (ChildSpi outbound : request.spis) {
    const ChildSa* child = sa.child_by_outbound(request.protocol, outbound);
    Standing standing;
    standing.child_known = child != nullptr;
    standing.same_child = child != nullptr && names_same(own.child, child->inbound);
    const Verdict verdict = decide(Ask::delete_child, own.doing, standing);
    if (child == nullptr) continue;
    const SaKey inbound = child->inbound;
    sa.remove_child(ctx, inbound);
    if (verdict.reply == Verdict::Reply::serve) half.spis.push_back(inbound.spi);
  }
  if (!half.spis.empty()) answer.push_back(std::move(half));
}

}  // namespace

Step InformationalResponder::on_request(Context& ctx, IkeSa& sa, const wire::Message& message) {
  wire::Payloads answer;
  bool unverified = false;
  for (const wire::Payload& payload : message.payloads) {
    if (const auto* removal = std::get_if<wire::DeletePayload>(&payload)) {
      if (removal->protocol == ProtocolId::IKE) {
        if (unverified) continue;  // it says why
        sa.blame(FailureKind::ended);
        sa.die_after_response("the peer deleted it");
      } else {
        delete_children(ctx, sa, *removal, answer);
      }
    } else if (const auto* notify = std::get_if<wire::NotifyPayload>(&payload)) {
      // RFC7296 2.21.2: how an initiator tells that it could not authenticate us.
      if (notify->notify == NotifyType::AUTHENTICATION_FAILED) {
        unverified = true;
        sa.blame(FailureKind::authentication);
        sa.die_after_response(
            "the peer could not verify us (AUTHENTICATION_FAILED): check that the psk is the same "
            "on both "
            "sides and that its dstid is our srcid");
      } else {
        log::debug(sa, "peer notifies {}", to_string(notify->notify));
      }
    }
  }
  sa.answer_mobility(ctx, message, answer);
  return Done{std::move(answer), nullptr};
}

Step DeleteIkeSa::start(Context&, IkeSa& sa) {
  sa.begin_closing();
  wire::Payloads payloads;
  if (notify_) payloads.push_back(wire::NotifyPayload{*notify_, ProtocolId::NONE, {}, {}});
  payloads.push_back(wire::DeletePayload{ProtocolId::IKE, {}});
  return Send{std::move(payloads)};
}

Step DeleteIkeSa::on_response(Context& ctx, IkeSa& sa, const wire::Message&) {
  sa.die(ctx, why_);
  return Done{};
}

std::string DeleteIkeSa::on_no_answer(const IkeSa&) const {
  return why_;
}

Step DeleteChild::start(Context&, IkeSa& sa) {
  if (child_.spi) {
    ChildSa* child = sa.child_by_inbound(child_);
    if (child == nullptr) return Done{};  // the peer's Delete was faster
    child->stage = ChildStage::closing;
  }
  return Send{{wire::DeletePayload{protocol_, {inbound_}}}};
}

Step DeleteChild::on_response(Context& ctx, IkeSa& sa, const wire::Message&) {
  // RFC7296 1.4.1: nothing is accepted on it any more.
  if (child_.spi) sa.remove_child(ctx, child_);
  return Done{};
}

std::string DeleteChild::on_no_answer(const IkeSa& sa) const {
  return fmt::format("no answer from {} to a Delete", sa.state().path.remote);
}

Step Liveness::start(Context& ctx, IkeSa& sa) {
  const Mobility& mobility = sa.state().mobility;
  ++ctx.statistics.liveness_checks_sent;
  if (!mobility.agreed || !mobility.decides) return Send{};
  return Send{sa.nat_detection(ctx)};
}

// RFC4555 3.8: how a NAT is noticed that has forgotten us, or that was not there before.
Step Liveness::on_response(Context& ctx, IkeSa& sa, const wire::Message& message) {
  const SaState& state = sa.state();
  const auto* seen = message.find_notify(NotifyType::NAT_DETECTION_DESTINATION_IP);
  if (!state.mobility.agreed || !state.mobility.decides || seen == nullptr) return Done{};
  const NatDetection nat = read_nat_detection(message, state.path.local, state.path.remote);
  const bool other_mapping = nat.we_are_behind && seen->data != state.mobility.seen_as;
  if (nat.we_are_behind != state.nat.we_are_behind || other_mapping) {
    log::info(sa, "{} sees us at another address than before", state.path.remote);
    sa.want_address_work(ctx.now);
  }
  return Done{};
}

std::string Liveness::on_no_answer(const IkeSa& sa) const {
  return fmt::format("{} does not answer any more: counted as dead", sa.state().path.remote);
}

}  // namespace iked::ike
