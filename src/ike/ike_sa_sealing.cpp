// SPDX-License-Identifier: ISC
// How messages of an IKE SA become datagrams, sealed and where needed in fragments (RFC 7383), and
// how fragments become a message again. Declared in ike/ike_sa.h.
#include <algorithm>
#include <array>
#include <span>

#include "base/check.h"
#include "ike/ike_sa.h"

namespace iked::ike {
namespace {

constexpr size_t udp_header = 8;
constexpr size_t non_esp_marker = 4;  // RFC7296 3.1

size_t ip_header(Family family) {
  return family == Family::v4 ? 20 : 40;
}

// What may fit through where the configured size does not, largest first: RFC7383 2.5.1 names 1280
// for IPv6, which every link carries, and 576 for IPv4.
std::span<const uint16_t> common_mtus(Family family) {
  static constexpr std::array<uint16_t, 2> sizes = {1280, 576};
  return std::span(sizes).first(family == Family::v4 ? 2 : 1);
}

}  // namespace

// ---- in

void IkeSa::on_fragment(Context& ctx, const wire::Header& header, Datagram& datagram) {
  // RFC7383 2.3: only where both have said in IKE_SA_INIT that they can.
  if (state_.fragment_mtu == 0 || !is_awaited(header)) {
    return ctx.tally.count(Fruitless::bad_fragment);
  }
  const Window::Verdict verdict =
      header.response ? Window::Verdict::fresh : state_.window.classify_request(header.message_id);
  const bool repeated = verdict == Window::Verdict::repeated;
  if (verdict != Window::Verdict::fresh && !repeated) return count_unserved(ctx, verdict);
  const auto place = wire::read_fragment_number(header, datagram.octets);
  if (!place) return ctx.tally.count(Fruitless::bad_fragment);
  FragmentQueue& parts = header.response ? response_parts_ : request_parts_;
  // RFC7383 2.6.1: a repeated request is answered when its first fragment comes, not with each.
  if (repeated ? place->number != 1 : !parts.wants(header.message_id, *place)) {
    return ctx.tally.count(Fruitless::bad_fragment);
  }

  const Role sender = state_.role == Role::initiator ? Role::responder : Role::initiator;
  auto fragment = wire::open_fragment(header, datagram.octets, keys_of(sender));
  // RFC7383 2.6: one that is not right is dropped; the others of its message stay.
  ++ctx.statistics.fragments_received;
  if (!fragment) {
    ctx.tally.count(Fruitless::bad_icv);
    if (ctx.gate.may_log(ctx.now)) log::info(*this, "dropped: {}", fragment.error().failure.why);
    return;
  }
  if (repeated) return answer_again(ctx, datagram);
  const size_t most = phase_ == Phase::connecting ? FragmentQueue::most_octets_of_stranger
                                                  : FragmentQueue::most_octets;
  const size_t around = datagram.octets.size() - fragment->text.size();
  const auto whole = parts.add(header.message_id, std::move(*fragment), most, ctx.now);
  if (!whole) return;
  if (whole->size() > 1) ++ctx.statistics.fragments_reassembled;
  if (whole->size() > 1) follow_size(whole->front().text.size() + around);
  auto message = wire::join_fragments(header, *whole);
  if (header.response) {
    take_response(ctx, std::move(message));
  } else {
    state_.last_heard = ctx.now;
    take_request(ctx, header, datagram, std::move(message));
  }
}

// Who cuts at this size has a reason, which may be the way between us.
void IkeSa::follow_size(size_t octets) {
  const Family family = state_.path.remote.address.family();
  if (octets >= fragment_room(state_.fragment_mtu)) return;
  const size_t mtu = octets + state_.fragment_mtu - fragment_room(state_.fragment_mtu);
  state_.fragment_mtu = std::max(static_cast<uint16_t>(mtu), common_mtus(family).back());
}

void IkeSa::answer_again(Context& ctx, const Datagram& datagram) {
  ctx.tally.count(Fruitless::answered_again);
  reply_path_ = {datagram.local, datagram.remote, datagram.natt};
  if (state_.window.response_repeated() + 1 >= recut_from) {
    if (auto smaller = recut(ctx, state_.window.last_response())) {
      state_.window.recut_response(std::move(*smaller));
    }
  }
  send_to(ctx, reply_path_, state_.window.last_response());
}

// ---- out

wire::Header IkeSa::header_of(ExchangeType exchange, bool response, MessageId id) const {
  wire::Header header;
  header.spi_i = state_.spi_i;
  header.spi_r = state_.spi_r;
  header.exchange = exchange;
  header.from_initiator = state_.role == Role::initiator;
  header.response = response;
  header.message_id = id;
  return header;
}

Datagrams IkeSa::encode(Context& ctx, ExchangeType exchange, bool response, MessageId id,
                        const wire::Payloads& payloads) {
  wire::Header header = header_of(exchange, response, id);
  if (exchange == ExchangeType::IKE_SA_INIT) {
    // RFC7296 2.6: errors before there is an SA carry no responder SPI: there is nothing to find
    // under it.
    if (response && state_.keys.empty()) header.spi_r = IkeSpi{};
    return {wire::encode_message(header, payloads)};
  }
  Bytes whole = wire::seal_message(header, payloads, keys_of(state_.role), next_iv(ctx));
  const size_t room = fragment_room(state_.fragment_mtu);
  if (room == 0 || whole.size() <= room) return {std::move(whole)};
  const auto layout = crypto::seal_layout(state_.suite.encr, state_.suite.integ);
  return seal_fragments(ctx, header,
                        wire::split_payloads(payloads, wire::fragment_room(room, *layout)));
}

Datagrams IkeSa::seal_fragments(Context& ctx, const wire::Header& header,
                                const std::vector<wire::Fragment>& fragments) {
  Datagrams datagrams;
  datagrams.reserve(fragments.size());
  for (const wire::Fragment& fragment : fragments) {
    datagrams.push_back(wire::seal_fragment(header, fragment, keys_of(state_.role), next_iv(ctx)));
  }
  return datagrams;
}

// A large message that stays without an answer may be too large for the way (RFC7383 2.5.2).
// Nothing when that cannot be the reason.
std::optional<Datagrams> IkeSa::recut(Context& ctx, const Datagrams& datagrams) {
  const auto header = wire::parse_header(datagrams.front());
  IKED_CHECK(header);
  if (state_.fragment_mtu == 0 || header->exchange == ExchangeType::IKE_SA_INIT) {
    return std::nullopt;
  }
  const size_t largest = datagrams.front().size();
  const Family family = state_.path.remote.address.family();
  const auto mtu = std::ranges::find_if(common_mtus(family), [&](uint16_t size) {
    return size < state_.fragment_mtu && fragment_room(size) < largest;
  });
  if (mtu == common_mtus(family).end()) return std::nullopt;
  state_.fragment_mtu = *mtu;
  log::info(*this, "no answer to a large message: sending it in packets of {} octets", *mtu);
  const auto layout = crypto::seal_layout(state_.suite.encr, state_.suite.integ);
  const size_t most = wire::fragment_room(fragment_room(*mtu), *layout);
  return seal_fragments(ctx, header_of(header->exchange, header->response, header->message_id),
                        wire::split_again(datagrams, most, keys_of(state_.role)));
}

size_t IkeSa::fragment_room(uint16_t mtu) const {
  const size_t around = ip_header(state_.path.remote.address.family()) + udp_header +
                        (state_.path.natt ? non_esp_marker : 0);
  return mtu <= around ? 0 : mtu - around;
}

Bytes IkeSa::next_iv(Context& ctx) {
  const auto layout = crypto::seal_layout(state_.suite.encr, state_.suite.integ);
  IKED_CHECK(layout.has_value());
  // RFC 5282 3.1, RFC 5930 2: of these ciphers an IV may be foreseen, but must never come twice.
  if (!is_aead(state_.suite.encr.id) && state_.suite.encr.id != EncrId::AES_CTR) {
    return ctx.random(layout->iv);
  }
  IKED_CHECK(layout->iv == 8);
  Bytes iv;
  put_u64(iv, state_.next_iv++);
  return iv;
}

crypto::MessageKeys IkeSa::keys_of(Role sender) const {
  const crypto::IkeKeys& keys = state_.keys;
  return sender == Role::initiator ? crypto::MessageKeys{state_.suite.encr, state_.suite.integ,
                                                         keys.sk_ei(), keys.sk_ai()}
                                   : crypto::MessageKeys{state_.suite.encr, state_.suite.integ,
                                                         keys.sk_er(), keys.sk_ar()};
}

}  // namespace iked::ike
