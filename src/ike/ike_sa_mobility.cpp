// SPDX-License-Identifier: ISC
// An IKE SA whose addresses change: ours, the peer's, or those of a NAT between. RFC 4555. Declared
// in ike/ike_sa.h; the messages are exchange/update_addresses.h.
#include <algorithm>

#include "ike/child_negotiation.h"
#include "ike/exchange/update_addresses.h"
#include "ike/ike_sa.h"
#include "ike/mobility.h"
#include "ike/sa_table.h"
#include "wire/notify_data.h"

namespace iked::ike {
namespace {

// RFC3948 4: the default. NATs forget UDP after 30 seconds at the earliest.
constexpr Duration keepalive_interval = 20s;

// Several repetitions without an answer: perhaps it is the way (RFC4555 3.5).
constexpr size_t other_address_from = 4;

wire::NotifyPayload notify(NotifyType type) {
  return wire::make_notify(type);
}

bool allows_local(const PolicyEntry& entry, const IpAddress& address) {
  return entry.locals.empty() || std::ranges::any_of(entry.locals, [&](const IpPrefix& own) {
           return own.contains(address);
         });
}

}  // namespace

// ---- this host

void IkeSa::on_network_change(Context& ctx, const std::vector<IpAddress>& own,
                              bool other_addresses) {
  if (phase_ != Phase::established || standby_ || ctx.passive || delete_queued_) return;
  const bool gone = std::ranges::find(own, state_.path.local.address) == own.end();
  const Mobility& mobility = state_.mobility;
  const bool follows = mobility.agreed ? mobility.decides || gone : gone;
  look_closer_ = other_addresses;
  if (follows) look_for_path(ctx, state_.path.remote.address);
}

void IkeSa::look_for_path(Context& ctx, const IpAddress& remote) {
  wanted_remote_ = remote;
  path_job_ = ctx.sas.new_job(state_.id);
  ctx.out.add(StartJob{*path_job_, ResolveJob{{}, remote.family(), IpPrefix::host(remote)}});
}

void IkeSa::on_path_found(Context& ctx, const Result<ResolveResult>& result) {
  if (phase_ != Phase::established || delete_queued_ || ctx.passive) return;
  if (!result || !result->source) {
    // The next change of the network makes us look again.
    return log::info(*this, "no way to {} for now: {}", wanted_remote_,
                     result ? "no route" : result.error().text);
  }
  const IpAddress source = *result->source;
  const Path& path = state_.path;
  if (!allows_local(policy(ctx), source)) {
    return log::info(*this, "stays at {}: 'local' of {} does not have {}", path.local.address,
                     policy(ctx).written_at, source);
  }
  if (source == path.local.address && wanted_remote_ == path.remote.address) {
    // The same address, but perhaps of another network, behind another NAT.
    if (look_closer_ && state_.mobility.decides) suspect(ctx);
    return;
  }
  if (!state_.mobility.agreed) {
    if (heir_) return;
    new_local_ = source;
    log::notice(*this, "our address is {} now, and the peer does not follow: calling for a new one",
                source);
    wants_replacement = true;
    return;
  }
  Path next = path;
  next.local.address = source;
  if (wanted_remote_ != path.remote.address) {
    next.remote = {wanted_remote_, static_cast<uint16_t>(path.natt ? 4500 : 500)};
  }
  change_path(ctx, next);
  // A peer that has not got our answer to its rekey knows this SA alone, and asks at the old
  // address for it.
  if (auto work = heir_ ? address_work() : nullptr) start(ctx, std::move(work));
}

void IkeSa::change_path(Context& ctx, const Path& path) {
  const bool elsewhere = path.remote.address != state_.path.remote.address;
  log::notice(about(log::Event::ike_sa_moved), "moving to {} - {}", path.local, path.remote);
  state_.path = path;
  peer_text_ = to_string(path.remote);
  Mobility& mobility = state_.mobility;
  ++mobility.changes;
  mobility.confirmed = false;
  mobility.unproven = mobility.unproven || elsewhere;
  mobility.announce = !mobility.decides;
  address_work_at_ = ctx.now;
  // RFC4555 3.7: a new address of the peer's gets no traffic before it has answered from there.
  if (!mobility.unproven) move_children(ctx);
  // RFC4555 3.5: "continues retransmitting them using the addresses in the IKE_SA"
  if (const Datagrams* request = state_.window.start_over(ctx.now)) send(ctx, *request);
}

// RFC4555 3.5: repetitions without an answer suggest that "the current path is no longer working".
bool IkeSa::try_other_address(Context& ctx) {
  Mobility& mobility = state_.mobility;
  if (!mobility.agreed || !mobility.decides || phase_ != Phase::established) return false;
  if (state_.window.transmissions() != other_address_from || path_job_) return false;
  if (addresses_tried_ >= mobility.peer_addresses.size()) return false;
  ++addresses_tried_;
  const IpAddress next = mobility.peer_addresses.front();
  std::ranges::rotate(mobility.peer_addresses, mobility.peer_addresses.begin() + 1);
  mobility.peer_addresses.back() = state_.path.remote.address;
  look_for_path(ctx, next);
  return true;
}

// ---- the messages

wire::Payloads IkeSa::nat_detection(const Context& ctx) const {
  if (!state_.nat.supported) return {};
  const bool pretend = ctx.options.force_natt || policy(ctx).policy.force_udp_encap;
  return nat_detection_payloads(state_.spi_i, state_.spi_r, state_.path.local, state_.path.remote,
                                pretend, ctx.random(20));
}

std::unique_ptr<OwnExchange> IkeSa::address_work() {
  if (!state_.mobility.agreed) return nullptr;
  if (state_.mobility.decides) return std::make_unique<UpdateAddresses>();
  if (state_.mobility.announce) return std::make_unique<AnnounceAddresses>();
  if (state_.mobility.unproven) return std::make_unique<CheckRoutability>();
  return nullptr;
}

void IkeSa::path_confirmed(Context& ctx, const wire::Message& answer) {
  Mobility& mobility = state_.mobility;
  mobility.confirmed = true;
  mobility.unproven = false;
  const NatDetection seen = read_nat_detection(answer, state_.path.local, state_.path.remote);
  if (seen.supported && state_.nat.supported) state_.nat = seen;
  if (const auto* where = answer.find_notify(NotifyType::NAT_DETECTION_DESTINATION_IP)) {
    mobility.seen_as = where->data;
  }
  plan_keepalives(ctx);
  move_children(ctx);
}

void IkeSa::path_proven(Context& ctx) {
  state_.mobility.unproven = false;
  state_.mobility.confirmed = true;
  plan_keepalives(ctx);
  move_children(ctx);
}

void IkeSa::answer_mobility(Context& ctx, const wire::Message& message, wire::Payloads& answer) {
  // RFC4555 3.7: "the recipient of an INFORMATIONAL request MUST copy the notification as-is"
  if (const auto* cookie = message.find_notify(NotifyType::COOKIE2)) answer.push_back(*cookie);
  Mobility& mobility = state_.mobility;
  if (!mobility.agreed) return;
  const bool update = message.find_notify(NotifyType::UPDATE_SA_ADDRESSES) != nullptr;
  auto others = read_additional_addresses(message);
  const bool others_named = others.has_value();
  if ((update || others_named) && !nats_are_allowed(message, reply_path_)) {
    log::warn(*this, "a NAT has changed the peer's packet, and the peer wants none: -T there");
    answer.push_back(notify(NotifyType::UNEXPECTED_NAT_DETECTED));
    return;
  }
  if (others_named) mobility.peer_addresses = std::move(*others);
  if (update && (mobility.decides || !is_usable(reply_path_.remote.address))) {
    // RFC4555 3.5: the initiator alone decides.
    log::warn(*this, "the peer may not move to {}", reply_path_.remote);
    answer.push_back(notify(NotifyType::UNACCEPTABLE_ADDRESSES));
    return;
  }
  if (update) {
    follow_update(ctx, message);
  } else if (others_named && mobility.decides &&
             reply_path_.remote.address != state_.path.remote.address) {
    // RFC4555 3.6: the peer's old address is gone, and this is its new one.
    look_for_path(ctx, reply_path_.remote.address);
  }
  // RFC4555 3.8: "if the request includes them, the responder MUST also include them"
  if (message.find_notify(NotifyType::NAT_DETECTION_SOURCE_IP) == nullptr) return;
  if (!state_.nat.supported) return;
  const bool pretend = ctx.options.force_natt || policy(ctx).policy.force_udp_encap;
  for (auto& payload : nat_detection_payloads(state_.spi_i, state_.spi_r, reply_path_.local,
                                              reply_path_.remote, pretend, ctx.random(20))) {
    answer.push_back(std::move(payload));
  }
}

// RFC4555 3.5: the address is that of the IP header, so that a NAT may be there.
void IkeSa::follow_update(Context& ctx, const wire::Message& message) {
  Mobility& mobility = state_.mobility;
  const bool elsewhere = reply_path_.remote.address != state_.path.remote.address;
  if (reply_path_.remote != state_.path.remote || reply_path_.local != state_.path.local) {
    log::notice(about(log::Event::ike_sa_moved), "the peer moves to {}", reply_path_.remote);
    ++mobility.changes;
  }
  state_.path = reply_path_;
  peer_text_ = to_string(state_.path.remote);
  const NatDetection seen = read_nat_detection(message, reply_path_.local, reply_path_.remote);
  if (seen.supported && state_.nat.supported) state_.nat = seen;
  mobility.announce = false;
  // RFC4555 3.7: the check comes first; passive mode asks nothing.
  mobility.unproven = (mobility.unproven || elsewhere) && !ctx.passive;
  if (mobility.unproven) {
    address_work_at_ = ctx.now;
    return;
  }
  plan_keepalives(ctx);
  move_children(ctx);
}

// ---- the children

void IkeSa::move_children(Context& ctx) {
  for (ChildSa& child : state_.children) move_child(ctx, child);
}

void IkeSa::move_child(Context& ctx, ChildSa& child) {
  const IpAddress& local = state_.path.local.address;
  const IpAddress& remote = state_.path.remote.address;
  const auto out = encapsulation(ctx, *this);
  const auto in = out ? std::optional(UdpEncap{out->destination_port, out->source_port}) : out;
  SaKey inbound = child.inbound;
  inbound.source = remote;
  inbound.destination = local;
  SaKey outbound = child.outbound;
  outbound.source = local;
  outbound.destination = remote;
  const auto complain = [&](const Error& error) {
    // A new one, on the new way, takes its place.
    log::warn(*this, "cannot move the child SA, making a new one: {}", error.text);
    child.wants_rekey = true;
    child.work_at = ctx.now;
  };
  ctx.sas.forget_child(child);
  if (auto moved = ctx.kernel.move(child.inbound, inbound, in)) {
    child.inbound = inbound;
  } else {
    complain(moved.error());
  }
  if (child.outbound_later) {
    child.outbound_later->key = outbound;
    child.outbound_later->encap = out;
    child.outbound = outbound;
  } else if (child.receives_only) {
    child.outbound = outbound;
  } else if (auto moved = ctx.kernel.move(child.outbound, outbound, out)) {
    child.outbound = outbound;
  } else {
    complain(moved.error());
  }
  child.udp_encap = out.has_value();
  ctx.sas.index_child(child, state_.id);
  const auto policies = ctx.flows.move(child.reqid, local, remote);
  if (policies.empty()) return;
  if (auto moved = ctx.kernel.move_policies(policies); !moved) complain(moved.error());
}

// RFC3948 4: only from behind the NAT.
void IkeSa::plan_keepalives(Context& ctx) {
  keepalive_at_.reset();
  if (state_.nat.we_are_behind && state_.path.natt) keepalive_at_ = ctx.now + keepalive_interval;
}

// RFC3948 4: "... if no other packet to the peer has been sent". It is one octet, and to ask the
// kernel what it has sent costs more.
void IkeSa::keep_nat_open(Context& ctx) {
  keepalive_at_ = ctx.now + keepalive_interval;
  ++ctx.statistics.keepalives_sent;
  ctx.out.add(SendKeepalive{state_.path.local, state_.path.remote});
}

}  // namespace iked::ike
