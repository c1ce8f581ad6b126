// SPDX-License-Identifier: ISC
#include "ike/exchange/create_child.h"

#include <algorithm>

#include "crypto/algorithms.h"
#include "ike/child_negotiation.h"
#include "ike/exchange/informational.h"
#include "ike/sa_table.h"
#include "wire/notify_data.h"

namespace iked::ike {
namespace {

constexpr size_t nonce_size = 32;  // RFC7296 2.10: at least half the key size of any PRF we have
constexpr unsigned most_rounds = 2;
// A further child that the peer puts off so often is given up.
constexpr unsigned most_tries = 6;

bool has_group(const std::vector<Proposal>& proposals, KeId group) {
  return std::any_of(proposals.begin(), proposals.end(), [&](const Proposal& p) {
    return std::find(p.ke.begin(), p.ke.end(), group) != p.ke.end();
  });
}

// The group that is likely to suit the peer: what it took last time, here or for the IKE SA; else
// the first of ours. NONE where we have none.
KeId first_group(const std::vector<Proposal>& proposals, KeId last, KeId of_ike) {
  for (KeId group : {last, of_ike}) {
    if (group != KeId::NONE && has_group(proposals, group)) return group;
  }
  for (const Proposal& p : proposals) {
    for (KeId group : p.ke) {
      if (group != KeId::NONE) return group;
    }
  }
  return KeId::NONE;
}

}  // namespace

CreateChild::CreateChild(const ChildSa& old)
    : old_(old.inbound), old_group_(old.suite.ke), protocol_(old.suite.protocol) {
  // RFC7296 2.9.2: the selectors in use, so that nothing gets narrower.
  wanted_.local = old.local;
  wanted_.remote = old.remote;
  wanted_.instead_of = old.reqid;
}

CreateChild::CreateChild(WantedChild wanted) : wanted_(std::move(wanted)) {}

OwnWork CreateChild::work() const {
  if (old_) return {Doing::rekey_child, *old_};
  return {Doing::create_child, {}};
}

// The child may be gone, or replaced by the peer, by the time it is our turn.
bool CreateChild::is_wanted(const Context& ctx, IkeSa& sa) const {
  if (ctx.passive || sa.heir() || sa.own_work().doing == Doing::delete_ike) return false;
  if (!old_) return true;
  const ChildSa* old = sa.child_by_inbound(*old_);
  return old != nullptr && old->stage == ChildStage::in_use && !old->peer_rekey;
}

Step CreateChild::start(Context& ctx, IkeSa& sa) {
  if (!is_wanted(ctx, sa)) return Done{};
  const Policy& policy = sa.policy(ctx).policy;
  protocol_ = policy.child_protocol;
  flows_ = narrow(flows_for(sa.policy(ctx), sa.state().path), wanted_.local, wanted_.remote).pairs;
  if (flows_.empty()) return fail(ctx, sa, "the policy has no such flow any more");
  auto spi = reserve_spi(ctx, sa, protocol_);
  if (!spi) {
    log::warn(sa, "no SPI for a child SA: {}", spi.error().text);
    return put_off(ctx, sa);
  }
  spi_in_ = *spi;
  nonce_ = ctx.random(nonce_size);
  offer_ = policy.child_proposals;
  // A peer that wanted PFS the last time wants it again.
  if (old_group_ != KeId::NONE && !has_group(offer_, old_group_)) {
    offer_ = with_pfs_allowed(policy.child_proposals, policy.ike_proposals);
  }
  group_ = first_group(offer_, old_group_, sa.state().suite.ke);
  return group_ == KeId::NONE ? send(ctx, sa) : make_key_pair(ctx);
}

Step CreateChild::make_key_pair(Context& ctx) {
  private_ = ctx.random_secret(crypto::ike_ke(group_)->random);
  return await<&CreateChild::on_public_value>(
      KeyExchangeJob{group_, private_.duplicate(), std::nullopt});
}

Step CreateChild::on_public_value(Context& ctx, IkeSa& sa, KeyExchangeOutcome result) {
  if (!result) {
    log::info(sa, "no key exchange for a child SA now: {}", result.error().why);
    return put_off(ctx, sa);
  }
  public_ = std::move(result->public_value);
  return send(ctx, sa);
}

Step CreateChild::send(Context& ctx, IkeSa& sa) {
  if (!is_wanted(ctx, sa)) {
    abandon(ctx, sa);
    // What passive mode holds back is due again afterwards.
    if (old_ && !sa.rekey_failed(ctx, *old_)) sa.want_rekey(ctx, *old_);
    return Done{};
  }
  const Policy& policy = sa.policy(ctx).policy;
  wire::Payloads payloads;
  if (old_) {
    // RFC7296 1.3.3: "The SPI field ... is the SPI the exchange initiator would expect in inbound
    // ESP or AH packets."
    payloads.push_back(
        wire::make_notify(NotifyType::REKEY_SA, wire::NamedChild{protocol_, old_->spi}));
  }
  if (policy.mode == Mode::transport) {
    payloads.push_back(wire::make_notify(NotifyType::USE_TRANSPORT_MODE));
  }
  Bytes spi;
  put_u32(spi, spi_in_.value);
  payloads.push_back(build_offer(offer_, spi));
  payloads.push_back(wire::NoncePayload{nonce_});
  if (group_ != KeId::NONE) payloads.push_back(wire::KePayload{group_, public_});
  payloads.push_back(wire::TsiPayload{local_selectors(flows_), 0});
  payloads.push_back(wire::TsrPayload{remote_selectors(flows_), 0});
  return Send{std::move(payloads)};
}

Step CreateChild::on_response(Context& ctx, IkeSa& sa, const wire::Message& message) {
  if (const auto* notify = message.find_notify(NotifyType::INVALID_KE_PAYLOAD)) {
    return on_invalid_ke(ctx, sa, *notify);
  }
  const auto* answer = message.find<wire::SaPayload>();
  if (answer == nullptr) {
    if (const auto* error = message.find_error()) {
      response_ = message;
      return on_refused(ctx, sa, *error);
    }
  }
  const auto* nonce = message.find<wire::NoncePayload>();
  if (answer == nullptr || nonce == nullptr) return fail(ctx, sa, "the answer lacks SA or nonce");
  auto agreement = read_child_answer(ctx, sa, message, flows_, offer_, ChildExchange::later);
  if (!agreement) {
    if (agreement.error().peer_has_it) {
      sa.start(ctx, std::make_unique<DeleteChild>(protocol_, spi_in_));
    }
    return fail(ctx, sa, std::move(agreement.error().why));
  }
  if (old_ && !keeps_selectors(message)) {
    // RFC7296 2.9.2: what is in use shall not get narrower by a rekey. A new IKE SA settles anew
    // what there is, and says so.
    sa.start(ctx, std::make_unique<DeleteChild>(protocol_, spi_in_));
    return fail(ctx, sa,
                fmt::format("the peer's answer has from {} to {}, and in use is from {} to {}",
                            to_string(message.find<wire::TsiPayload>()->selectors),
                            to_string(message.find<wire::TsrPayload>()->selectors),
                            to_string(wanted_.local), to_string(wanted_.remote)));
  }
  response_ = message;
  const auto* ke = message.find<wire::KePayload>();
  // The peer may do without PFS where the policy offers that.
  if (agreement->suite.ke == KeId::NONE) return finish(ctx, sa, nullptr);
  // RFC7296 1.3: the group of KE and the chosen one must agree.
  if (ke == nullptr || ke->group != group_ || agreement->suite.ke != group_) {
    return fail(ctx, sa, "the answer's KE is missing or of another group than the one it chose");
  }
  return await<&CreateChild::on_shared_secret>(
      KeyExchangeJob{group_, private_.duplicate(), ke->data, false});
}

bool CreateChild::keeps_selectors(const wire::Message& answer) const {
  return within(wanted_.local, answer.find<wire::TsiPayload>()->selectors) &&
         within(wanted_.remote, answer.find<wire::TsrPayload>()->selectors);
}

Step CreateChild::on_shared_secret(Context& ctx, IkeSa& sa, KeyExchangeOutcome result) {
  if (result) return finish(ctx, sa, &result->shared);
  // The peer has made it, and we cannot.
  sa.start(ctx, std::make_unique<DeleteChild>(protocol_, spi_in_));
  if (result.error().fault == KeyExchangeFailure::Fault::peer) {
    return fail(ctx, sa, result.error().why);
  }
  log::info(sa, "no key exchange for a child SA now: {}", result.error().why);
  return put_off(ctx, sa);
}

Step CreateChild::finish(Context& ctx, IkeSa& sa, const SecretBytes* shared) {
  auto agreement = read_child_answer(ctx, sa, response_, flows_, offer_, ChildExchange::later);
  agreement->spi_in = spi_in_;
  const ChildSpi spi_in = std::exchange(spi_in_, ChildSpi{});  // install_child's from here on
  const Bytes& peer_nonce = response_.find<wire::NoncePayload>()->nonce;
  const bool loses = old_ && sa.own_child_rekey_loses(*old_, lower_nonce(nonce_, peer_nonce));
  const ChildKeying keying{Role::initiator, nonce_, peer_nonce, shared};
  auto made = install_child(ctx, sa, *agreement, keying, loses ? Sending::later : Sending::at_once);
  if (!made) {
    sa.start(ctx, std::make_unique<DeleteChild>(protocol_, spi_in));
    log::warn(sa, "child SA not made: {}", made.error().why);
    return put_off(ctx, sa);
  }
  if (old_) sa.rekeyed_by_us(ctx, *old_, *made, loses);
  return Done{};
}

// ---- refusals

Step CreateChild::on_invalid_ke(Context& ctx, IkeSa& sa, const wire::NotifyPayload& notify) {
  const Result<KeId> wanted = wire::read_notify<KeId>(notify);
  // RFC7296 1.3: only a group that we offered.
  const bool ours =
      wanted && *wanted != KeId::NONE && *wanted != group_ && has_group(offer_, *wanted);
  if (!ours || ++rounds_ > most_rounds) {
    return fail(ctx, sa,
                fmt::format("the peer wants another group than {} has", sa.policy(ctx).written_at));
  }
  log::debug(sa, "peer wants group {} instead of {}", to_string(*wanted), to_string(group_));
  group_ = *wanted;
  return make_key_pair(ctx);
}

Step CreateChild::on_refused(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error) {
  switch (error.notify) {
    case NotifyType::TEMPORARY_FAILURE:
      log::info(sa, "{}: the peer is busy with something that would collide", name());
      return put_off(ctx, sa);
    case NotifyType::CHILD_SA_NOT_FOUND:
      if (old_) return on_not_found(ctx, sa);
      break;
    case NotifyType::NO_PROPOSAL_CHOSEN:
      return group_ == KeId::NONE ? try_with_pfs(ctx, sa, error) : try_without_pfs(ctx, sa, error);
    case NotifyType::NO_ADDITIONAL_SAS:
      // RFC7296 1.3: it is of no use to ask for the others.
      sa.state().wanted.clear();
      return fail(
          ctx, sa,
          "the peer takes no further child SA with this IKE SA (NO_ADDITIONAL_SAS): give each "
          "flow a policy of its own, or raise its limit");
    case NotifyType::SINGLE_PAIR_REQUIRED:
    case NotifyType::TS_UNACCEPTABLE:
      if (old_ || !want_one_by_one(ctx, sa, response_, flows_)) break;
      abandon(ctx, sa);
      return Done{};
    default:
      break;
  }
  return fail_as_told(ctx, sa, error);
}

// Peers exist that take no child without PFS but the first.
Step CreateChild::try_with_pfs(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error) {
  const Policy& policy = sa.policy(ctx).policy;
  std::vector<Proposal> with_pfs = with_pfs_allowed(policy.child_proposals, policy.ike_proposals);
  const KeId group = first_group(with_pfs, old_group_, sa.state().suite.ke);
  if (group == KeId::NONE) return fail_as_told(ctx, sa, error);
  if (++rounds_ > most_rounds) return fail_as_told(ctx, sa, error);
  log::info(sa, "the peer takes no child SA without a key exchange of its own (PFS): offering one");
  offer_ = std::move(with_pfs);
  group_ = group;
  return make_key_pair(ctx);
}

// And peers that take none with it, not even where they could leave it out: Windows, unless told.
Step CreateChild::try_without_pfs(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error) {
  std::vector<Proposal> plain = without_pfs(sa.policy(ctx).policy.child_proposals);
  if (plain.empty() || ++rounds_ > most_rounds) return fail_as_told(ctx, sa, error);
  log::info(sa, "the peer takes no child SA with a key exchange of its own (PFS): doing without");
  offer_ = std::move(plain);
  group_ = KeId::NONE;
  rounds_ = most_rounds;  // not back again
  return send(ctx, sa);
}

Step CreateChild::fail_as_told(Context& ctx, IkeSa& sa, const wire::NotifyPayload& error) {
  const PolicyEntry& entry = sa.policy(ctx);
  if (wanted_.missing && entry.policy.active) {
    // The peer may come to have the flow; active means for ever.
    WantedChild again = wanted_;
    again.refused = true;
    again.at = ctx.now + std::min<Duration>(30s * (1 << std::min(again.tries++, 10U)), 1h) +
               std::chrono::milliseconds(static_cast<int64_t>(ctx.rng.u64() % 2000));
    sa.want_child(std::move(again));
  }
  return fail(ctx, sa,
              fmt::format("the peer answers {}: we offer {} from {} to {} ({}): compare with its "
                          "configuration",
                          to_string(error.notify), to_string(build_offer(offer_, {})),
                          to_string(local_selectors(flows_)), to_string(remote_selectors(flows_)),
                          entry.written_at));
}

// RFC7296 2.25: "... SHOULD silently delete the Child SA (if it still exists) and send a request to
// create a new Child SA from scratch (if the Child SA does not yet exist)."
Step CreateChild::on_not_found(Context& ctx, IkeSa& sa) {
  abandon(ctx, sa);
  if (sa.rekey_failed(ctx, *old_)) return Done{};  // both rekeyed; the peer was faster
  const ChildSa* old = sa.child_by_inbound(*old_);
  if (old == nullptr || old->stage != ChildStage::in_use) return Done{};
  log::info(sa, "the peer does not have the child SA that we rekey: making a new one");
  sa.remove_child(ctx, *old_);
  wanted_.at = ctx.now;
  sa.want_child(std::move(wanted_));
  return Done{};
}

Step CreateChild::put_off(Context& ctx, IkeSa& sa) {
  abandon(ctx, sa);
  if (old_) {
    sa.rekey_put_off(ctx, *old_);
  } else if (++wanted_.tries < most_tries) {
    wanted_.at = ctx.now + 4s * (1 << wanted_.tries) +
                 std::chrono::milliseconds(static_cast<int64_t>(ctx.rng.u64() % 2000));
    sa.want_child(std::move(wanted_));
  }
  return Done{};
}

// The old child stays as long as it lives, and a whole new IKE SA is called for where we can.
Step CreateChild::fail(Context& ctx, IkeSa& sa, std::string why) {
  abandon(ctx, sa);
  if (old_ && sa.rekey_failed(ctx, *old_)) return Done{};
  if (wanted_.refused) {
    log::debug(sa, "{} failed again: {}", name(), why);
    return Done{};
  }
  log::About about = sa.about(log::Event::rekey_failed);
  about.exchange = to_string(ExchangeType::CREATE_CHILD_SA);
  log::warn(about, "{} failed: {}", name(), why);
  sa.note_failure(std::move(why));
  if (old_ && sa.child_by_inbound(*old_) != nullptr) sa.wants_replacement = true;
  return Done{};
}

void CreateChild::abandon(Context& ctx, IkeSa& sa) {
  if (!spi_in_) return;
  release_spi(ctx, sa, protocol_, std::exchange(spi_in_, ChildSpi{}));
}

std::string CreateChild::on_no_answer(const IkeSa& sa) const {
  return fmt::format("no answer from {} to the {}", sa.state().path.remote, name());
}

}  // namespace iked::ike
