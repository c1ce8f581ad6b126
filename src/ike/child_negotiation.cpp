// SPDX-License-Identifier: ISC
#include "ike/child_negotiation.h"

#include "crypto/keys.h"
#include "ike/sa_table.h"

namespace iked::ike {
namespace {

constexpr uint32_t inbound_replay_window = 32;

// RFC7296 2.8: lifetimes are jittered, so that both sides do not act at the same moment: the soft
// one is 80 to 90 percent of the hard one.
SaLifetime lifetime_of(const Policy& policy, Rng& rng) {
  const uint64_t permille = 800 + rng.u64() % 101;
  SaLifetime lifetime;
  lifetime.hard = policy.child_lifetime;
  lifetime.soft = policy.child_lifetime * static_cast<int64_t>(permille) / 1000;
  lifetime.hard_bytes = policy.child_bytes;
  lifetime.soft_bytes = policy.child_bytes / 1000 * permille;
  return lifetime;
}

ChildInstall make_install(Context& ctx, const IkeSa& sa, const ChildAgreement& agreement,
                          const ChildKeying& keying, const FlowTable::Claim& claim,
                          const SaKey& reserved) {
  const SaState& state = sa.state();
  const Policy& policy = sa.policy(ctx).policy;
  crypto::ChildKeys keys =
      crypto::derive_child_keys(state.suite.prf, state.keys.sk_d(), agreement.suite, keying.shared,
                                keying.nonce_i, keying.nonce_r);
  // RFC7296 2.17: the directions are those of the exchange, whoever once began the IKE SA.
  const bool initiator = keying.role == Role::initiator;
  const IpAddress local = state.path.local.address;
  const IpAddress remote = state.path.remote.address;

  ChildInstall install;
  install.policies = claim.install;
  install.replaced = claim.replaced;
  KernelSa& in = install.inbound;
  KernelSa& out = install.outbound;
  in.key = reserved;
  out.key = {local, remote, agreement.suite.protocol, agreement.spi_out};
  for (KernelSa* half : {&in, &out}) {
    half->reqid = claim.reqid;
    half->mode = agreement.mode;
    half->suite = agreement.suite;
    half->lifetime = lifetime_of(policy, ctx.rng);
  }
  in.encr_key = std::move(initiator ? keys.encr_r : keys.encr_i);
  in.integ_key = std::move(initiator ? keys.integ_r : keys.integ_i);
  out.encr_key = std::move(initiator ? keys.encr_i : keys.encr_r);
  out.integ_key = std::move(initiator ? keys.integ_i : keys.integ_r);
  in.replay_window = inbound_replay_window;
  out.encap = encapsulation(ctx, sa);
  if (out.encap) in.encap = UdpEncap{out.encap->destination_port, out.encap->source_port};
  return install;
}

ChildSa child_of(const ChildAgreement& agreement, const ChildInstall& install, Time now) {
  ChildSa child;
  child.reqid = install.inbound.reqid;
  child.mode = agreement.mode;
  child.suite = agreement.suite;
  child.inbound = install.inbound.key;
  child.outbound = install.outbound.key;
  child.local = agreement.flows.local;
  child.remote = agreement.flows.remote;
  child.udp_encap = install.outbound.encap.has_value();
  child.installed_at = now;
  child.rekey_at = now + std::min(install.inbound.lifetime.soft, install.outbound.lifetime.soft);
  return child;
}

std::string flow_words(const std::vector<FlowPair>& flows) {
  std::string text;
  for (const FlowPair& flow : flows) {
    if (!text.empty()) text += ", ";
    text += fmt::format("from {} to {}", to_string(flow.local), to_string(flow.remote));
  }
  return text.empty() ? "no flow" : text;
}

// The SAs that a process of ours left behind when it was killed go on for a moment beside the new
// child.
void take_over(Context& ctx, Reqid reqid, const IpAddress& local) {
  for (const SaKey& key : ctx.kernel.take_over(reqid)) {
    ChildRemoval removal;
    (key.source == local ? removal.outbound : removal.inbound) = key;
    ctx.lingering.add(reqid, std::move(removal), ctx.now);
  }
}

}  // namespace

std::expected<AgreedChild, ChildFailure> agree_on_child(Context& ctx, IkeSa& sa,
                                                        const wire::Message& request,
                                                        ChildExchange exchange, KeId guess) {
  const PolicyEntry& entry = sa.policy(ctx);
  const Policy& policy = entry.policy;
  const auto* offer = request.find<wire::SaPayload>();
  const auto* tsi = request.find<wire::TsiPayload>();
  const auto* tsr = request.find<wire::TsrPayload>();

  ChildAgreement agreement;
  const bool asks_transport = request.find_notify(NotifyType::USE_TRANSPORT_MODE) != nullptr;
  if (policy.mode == Mode::transport && !asks_transport) {
    return std::unexpected(ChildFailure{
        NotifyType::NO_PROPOSAL_CHOSEN,
        fmt::format("the peer asks for tunnel mode, {} says transport: write the same word on both "
                    "sides",
                    entry.written_at)});
  }
  // RFC7296 1.3.1: where we do not take the request up, the child is in tunnel mode.
  agreement.mode = policy.mode;

  const bool first = exchange == ChildExchange::first;
  auto choice = first ? choose_first_child(policy.child_proposals, *offer)
                      : choose_child(policy.child_proposals, *offer, guess);
  // PFS that the peer insists on does no harm.
  if (!choice && !first) {
    choice =
        choose_child(with_pfs_allowed(policy.child_proposals, policy.ike_proposals), *offer, guess);
  }
  if (!choice) {
    return std::unexpected(
        ChildFailure{NotifyType::NO_PROPOSAL_CHOSEN,
                     fmt::format("no common childsa: {} ({})",
                                 first ? explain_no_first_child(policy.child_proposals, *offer)
                                       : explain_no_child(policy.child_proposals, *offer),
                                 entry.written_at)});
  }
  agreement.suite = choice->suite;
  agreement.spi_out = choice->peer_spi;

  const std::vector<FlowPair> flows = flows_for(entry, sa.state().path);
  agreement.flows = narrow(flows, tsr->selectors, tsi->selectors);
  if (agreement.flows.empty()) {
    return std::unexpected(ChildFailure{
        NotifyType::TS_UNACCEPTABLE,
        fmt::format("no common flow: the peer wants from {} to {}; {} has {}: write the same "
                    "networks on both sides, seen from each",
                    to_string(tsr->selectors), to_string(tsi->selectors), entry.written_at,
                    flow_words(flows))});
  }
  auto spi = reserve_spi(ctx, sa, agreement.suite.protocol);
  if (!spi) return std::unexpected(ChildFailure{NotifyType::TEMPORARY_FAILURE, spi.error().text});
  agreement.spi_in = *spi;
  put_u32(choice->answer.spi, spi->value);
  return AgreedChild{std::move(agreement), std::move(choice->answer)};
}

std::vector<FlowPair> flows_for(const PolicyEntry& entry, const Path& path) {
  std::vector<FlowPair> flows;
  const Family family = path.local.address.family();
  for (const FlowPair& flow : entry.flows) {
    if (entry.policy.mode == Mode::tunnel) {
      flows.push_back(flow);
      continue;
    }
    // Transport mode carries the outer addresses only: cut the flow down to them.
    if (flow.local.family() != family) continue;
    FlowPair hosts{TrafficSelector::of(IpPrefix::host(path.local.address)),
                   TrafficSelector::of(IpPrefix::host(path.remote.address))};
    const auto local = intersect(flow.local, hosts.local);
    const auto remote = intersect(flow.remote, hosts.remote);
    if (local && remote) flows.push_back({*local, *remote});
  }
  return flows;
}

std::optional<UdpEncap> encapsulation(const Context& ctx, const IkeSa& sa) {
  const SaState& state = sa.state();
  const bool wanted =
      state.nat.any() || sa.policy(ctx).policy.force_udp_encap || ctx.options.force_natt;
  if (!wanted || !state.path.natt) return std::nullopt;
  return UdpEncap{state.path.local.port, state.path.remote.port};
}

Result<ChildSpi> reserve_spi(Context& ctx, IkeSa& sa, ProtocolId protocol) {
  const Path& path = sa.state().path;
  auto spi =
      ctx.kernel.allocate_spi(path.remote.address, path.local.address, protocol, kProbeReqid);
  if (spi) sa.note_reserved({path.remote.address, path.local.address, protocol, *spi});
  return spi;
}

void release_spi(Context& ctx, IkeSa& sa, ProtocolId protocol, ChildSpi spi) {
  ChildRemoval removal;
  removal.inbound = sa.take_reserved(protocol, spi);
  ctx.kernel.remove(removal);
}

std::expected<SaKey, ChildFailure> install_child(Context& ctx, IkeSa& sa,
                                                 const ChildAgreement& agreement,
                                                 const ChildKeying& keying, Sending sending) {
  const SaState& state = sa.state();
  const ProtocolId protocol = agreement.suite.protocol;
  const FlowOwner owner{state.policy, state.peer_id,
                        fmt::format("policy \"{}\", peer {} at {}", sa.policy(ctx).policy.name,
                                    to_string(state.peer_id), state.path.remote)};
  auto claim = ctx.flows.claim({agreement.flows.pairs, agreement.mode, protocol,
                                state.path.local.address, state.path.remote.address},
                               owner, [&](const std::vector<KernelPolicy>& policies) {
                                 return ctx.kernel.find_left_behind(policies);
                               });
  if (!claim) {
    release_spi(ctx, sa, protocol, agreement.spi_in);
    return std::unexpected(ChildFailure{NotifyType::TS_UNACCEPTABLE, claim.error().text});
  }
  const SaKey reserved = sa.take_reserved(protocol, agreement.spi_in);
  ChildInstall install = make_install(ctx, sa, agreement, keying, *claim, reserved);
  // Flows that are new to the kernel have no other SA to go by.
  const bool later = sending == Sending::later && claim->install.empty() && claim->replaced.empty();
  const auto installed = later ? ctx.kernel.install_half(install.inbound, Kernel::Half::inbound)
                               : ctx.kernel.install(install);
  if (!installed) {
    ctx.flows.undo(*claim);
    sa.note_reserved(reserved);
    release_spi(ctx, sa, protocol, agreement.spi_in);
    return std::unexpected(
        ChildFailure{NotifyType::TEMPORARY_FAILURE,
                     fmt::format("the kernel refuses the child SA ({}): {}",
                                 to_string(agreement.suite), installed.error().text)});
  }
  if (claim->left_behind) take_over(ctx, claim->reqid, state.path.local.address);
  ChildSa child = child_of(agreement, install, ctx.now);
  if (later) child.outbound_later = std::make_unique<KernelSa>(std::move(install.outbound));
  ctx.sas.index_child(child, state.id);
  ++ctx.statistics.children_created;
  log::About up = sa.about(log::Event::child_sa_up);
  up.child_spi = child.inbound.spi.value;
  log::notice(up, "child SA up: {} {} from {} to {}, {}, SPI in {:#010x} out {:#010x}{}",
              to_string(protocol), child.mode == Mode::tunnel ? "tunnel" : "transport",
              to_string(child.local), to_string(child.remote), to_string(child.suite),
              child.inbound.spi.value, child.outbound.spi.value, child.udp_encap ? ", in UDP" : "");
  // What was reserved before we moved is where the SPI is known.
  const bool moved = !(reserved.destination == state.path.local.address &&
                       reserved.source == state.path.remote.address);
  sa.add_child(std::move(child));
  if (moved) sa.move_youngest_child(ctx);
  return sa.state().children.back().inbound;
}

FailureKind kind_of(const ChildFailure& failure) {
  const FailureKind kind = kind_of(failure.notify);
  return kind == FailureKind::other ? FailureKind::kernel : kind;
}

std::expected<ChildAgreement, ChildRefusal> read_child_answer(Context& ctx, IkeSa& sa,
                                                              const wire::Message& message,
                                                              const std::vector<FlowPair>& flows,
                                                              const std::vector<Proposal>& offered,
                                                              ChildExchange exchange) {
  const PolicyEntry& entry = sa.policy(ctx);
  const auto* answer = message.find<wire::SaPayload>();
  const auto* tsi = message.find<wire::TsiPayload>();
  const auto* tsr = message.find<wire::TsrPayload>();
  const auto refuse = [](bool peer_has_it, std::string why, FailureKind kind = FailureKind::other) {
    return std::unexpected(ChildRefusal{std::move(why), peer_has_it, kind});
  };
  if (answer == nullptr || tsi == nullptr || tsr == nullptr) {
    const auto* error = message.find_error();
    if (error == nullptr) return refuse(false, "the answer lacks SA, TSi or TSr");
    return refuse(
        false,
        fmt::format("the peer answers {}: we offer {} in {} mode from {} to {} ({}): compare with "
                    "its configuration",
                    to_string(error->notify), to_string(build_offer(offered, {})),
                    entry.policy.mode == Mode::transport ? "transport" : "tunnel",
                    to_string(local_selectors(flows)), to_string(remote_selectors(flows)),
                    entry.written_at),
        kind_of(error->notify));
  }
  auto chosen = exchange == ChildExchange::first ? check_first_child_answer(offered, *answer)
                                                 : check_child_answer(offered, *answer);
  if (!chosen) return refuse(false, chosen.error().text);

  ChildAgreement agreement;
  agreement.suite = chosen->suite;
  agreement.spi_out = chosen->peer_spi;
  agreement.mode = entry.policy.mode;
  const bool transport = message.find_notify(NotifyType::USE_TRANSPORT_MODE) != nullptr;
  // RFC7296 1.3.1: the child is in tunnel mode then; if that is not acceptable, it has to be
  // deleted.
  if (transport != (entry.policy.mode == Mode::transport)) {
    return refuse(true, fmt::format("the peer answers with {} mode, {} says {}: write the same "
                                    "word on both sides",
                                    transport ? "transport" : "tunnel", entry.written_at,
                                    transport ? "tunnel" : "transport"));
  }
  // RFC7296 2.9: an answer may narrow, never widen.
  if (!within(tsi->selectors, local_selectors(flows)) ||
      !within(tsr->selectors, remote_selectors(flows))) {
    return refuse(true, fmt::format("the peer widens the flow to {} - {}",
                                    to_string(tsi->selectors), to_string(tsr->selectors)));
  }
  agreement.flows = narrow(flows, tsi->selectors, tsr->selectors);
  if (agreement.flows.empty()) return refuse(true, "the answer leaves no flow");
  return agreement;
}

void want_other_flows(Context& ctx, IkeSa& sa, const std::vector<FlowPair>& asked) {
  for (const FlowPair& flow : asked) {
    const bool met = std::ranges::any_of(sa.state().children, [&](const ChildSa& child) {
      return child.stage == ChildStage::in_use && meets({flow}, child.local, child.remote);
    });
    if (met) continue;
    log::info(sa, "the peer's child SA is without {} - {}: asking for one of its own",
              to_string(flow.local), to_string(flow.remote));
    sa.want_child({.local = {flow.local}, .remote = {flow.remote}, .missing = true, .at = ctx.now});
  }
}

bool want_one_by_one(Context& ctx, IkeSa& sa, const wire::Message& answer,
                     const std::vector<FlowPair>& asked) {
  const auto* error = answer.find_error();
  if (error == nullptr || asked.size() < 2) return false;
  // RFC7296 2.9: SINGLE_PAIR_REQUIRED: "The requestor is expected to respond by requesting an SA
  // for only the specific traffic it is trying to forward." Others say TS_UNACCEPTABLE.
  if (error->notify != NotifyType::SINGLE_PAIR_REQUIRED &&
      error->notify != NotifyType::TS_UNACCEPTABLE) {
    return false;
  }
  log::info(sa, "the peer answers {} to {} flows in one child SA: asking for one child SA each",
            to_string(error->notify), asked.size());
  want_other_flows(ctx, sa, asked);
  return true;
}

void answer_child_request(Context& ctx, IkeSa& sa, const wire::Message& request, ByteView nonce_i,
                          ByteView nonce_r, wire::Payloads& answer) {
  const auto refuse = [&](const ChildFailure& failure) {
    log::About about = sa.about(log::Event::child_sa_refused);
    about.exchange = to_string(ExchangeType::IKE_AUTH);
    about.notify = to_string(failure.notify);
    log::warn(about, "child SA refused ({}): {}", to_string(failure.notify), failure.why);
    sa.note_failure(failure.why, kind_of(failure));
    sa.child_failed = true;
    answer.push_back(wire::NotifyPayload{failure.notify, ProtocolId::NONE, {}, {}});
  };
  auto agreed = agree_on_child(ctx, sa, request, ChildExchange::first);
  if (!agreed) return refuse(agreed.error());
  const ChildAgreement& agreement = agreed->agreement;
  const ChildKeying keying{Role::responder, nonce_i, nonce_r};
  // The initiator may not have the new inbound SA when our first packets on it come: where an
  // older one of the same flows is there, we send on that until the new one is known to be used.
  auto made = install_child(ctx, sa, agreement, keying, Sending::later);
  if (!made) return refuse(made.error());
  sa.watch_for_traffic(ctx, *made);
  if (agreement.mode == Mode::transport) {
    answer.push_back(wire::NotifyPayload{NotifyType::USE_TRANSPORT_MODE, ProtocolId::NONE, {}, {}});
  }
  answer.push_back(wire::SaPayload{{std::move(agreed->answer)}});
  answer.push_back(wire::TsiPayload{agreement.flows.remote, 0});
  answer.push_back(wire::TsrPayload{agreement.flows.local, 0});
}

}  // namespace iked::ike
