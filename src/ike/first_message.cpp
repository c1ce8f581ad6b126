// SPDX-License-Identifier: ISC
// Messages of strangers: first messages, unknown SPIs, other versions. Little is done for them, and
// nothing is kept before they are admitted. Declared in ike/engine_state.h.
#include "base/check.h"
#include "crypto/prf.h"
#include "ike/engine_state.h"
#include "ike/exchanges.h"

namespace iked::ike {
namespace {

constexpr size_t longest_first_message = 8192;

}  // namespace

void EngineState::on_first_message(Context& ctx, const wire::Header& header,
                                   const Datagram& datagram) {
  // RFC7296 2.2: the first message has ID 0.
  if (header.message_id.value != 0) return tally_.count(Fruitless::malformed);
  // It is kept for AUTH while the SA is half-open, so strangers may not make it long.
  // RFC7296 2: messages of up to 3000 octets should be taken.
  if (datagram.octets.size() > longest_first_message) return tally_.count(Fruitless::malformed);
  FirstMessageKey key{datagram.remote, header.spi_i,
                      crypto::keyed_digest(digest_key_.reveal(), {ByteView(datagram.octets)})};
  if (IkeSa* known = sas_.find_first_message(key)) return known->on_repeated_first_message(ctx);

  auto message = wire::parse_message(header, datagram.octets);
  if (!message) {
    tally_.count(Fruitless::malformed);
    if (gate_.may_log(ctx.now)) {
      log::info("from {}: useless IKE_SA_INIT: {}", datagram.remote, message.error().why);
    }
    return answer_unprotected(ctx, header, datagram, message.error().notify, message.error().data);
  }
  const auto* row = responder_for(*message, Phase::connecting, Role::initiator);
  if (auto broken = check_payloads(row->required, *message)) {
    tally_.count(Fruitless::malformed);
    if (gate_.may_log(ctx.now)) log::info("from {}: {}", datagram.remote, broken->why);
    return answer_unprotected(ctx, header, datagram, broken->notify, {});
  }
  const Bytes& nonce = message->find<wire::NoncePayload>()->nonce;
  const auto* cookie = message->find_notify(NotifyType::COOKIE);
  switch (gate_.admit(datagram.remote.address, header.spi_i, nonce,
                      cookie != nullptr ? ByteView(cookie->data) : ByteView{}, ctx.now)) {
    case Gatekeeper::Verdict::admit:
      return open_half_open(ctx, *message, datagram, {std::move(key), false});
    case Gatekeeper::Verdict::admit_proven:
      return open_half_open(ctx, *message, datagram, {std::move(key), true});
    case Gatekeeper::Verdict::demand_cookie: {
      tally_.count(Fruitless::cookie_demanded);
      // RFC7296 2.6: no state, and never more octets than came: a cookie costs 69. Not
      // rate-limited, because it is how honest peers get in during a flood.
      wire::Header answer = header;
      answer.response = true;
      answer.from_initiator = false;
      Bytes octets = wire::encode_message(
          answer, {wire::NotifyPayload{
                      NotifyType::COOKIE,
                      ProtocolId::NONE,
                      {},
                      gate_.cookie(datagram.remote.address, header.spi_i, nonce, ctx.now)}});
      ctx.out.add(
          SendDatagram{{datagram.local, datagram.remote, datagram.natt, std::move(octets)}});
      return;
    }
    case Gatekeeper::Verdict::refuse:
      tally_.count(Fruitless::too_many_half_open);
      if (gate_.may_log(ctx.now)) {
        log::info("from {}: too many half-open IKE SAs, not answered", datagram.remote);
      }
      return;
  }
}

void EngineState::open_half_open(Context& ctx, const wire::Message& message,
                                 const Datagram& datagram, HalfOpen entry) {
  if (shutting_down_) return;
  SaState state;
  state.id = sas_.new_id();
  state.role = Role::responder;
  state.spi_i = message.header.spi_i;
  state.spi_r = sas_.unused_spi(rng_);
  state.path = {datagram.local, datagram.remote, datagram.natt};
  state.created_at = ctx.now;
  const SaId id = state.id;
  IkeSa& sa = sas_.add(std::make_unique<IkeSa>(std::move(state), ""));
  ++statistics_.ike_created;
  gate_.opened(datagram.remote.address, entry.proven);
  sas_.add_half_open(id, std::move(entry));
  sa.on_first_message(ctx, message, datagram.octets);
  settle(ctx, id);
}

// RFC7296 1.5, 2.21.4: for a request under an SPI that is not ours at most an unprotected
// INVALID_IKE_SPI, to where it came from, and not too often; never for a response.
void EngineState::answer_unknown(Context& ctx, const wire::Header& header,
                                 const Datagram& datagram) {
  tally_.count(Fruitless::unknown_spi);
  if (header.response) return;
  if (gate_.may_log(ctx.now)) {
    log::info("from {}: {} request of an IKE SA that we do not have ({:016x}/{:016x})",
              datagram.remote, to_string(header.exchange), header.spi_i.value, header.spi_r.value);
  }
  answer_unprotected(ctx, header, datagram, NotifyType::INVALID_IKE_SPI, {});
}

void EngineState::answer_wrong_version(Context& ctx, const wire::Header& header,
                                       const Datagram& datagram) {
  tally_.count(Fruitless::other_version);
  if (header.major < 2) {
    if (gate_.may_log(ctx.now)) {
      log::info("from {}: IKEv1 is not spoken here: configure the peer for IKEv2", datagram.remote);
    }
    return;
  }
  if (header.response) return;
  // RFC7296 2.5: "... an unauthenticated Notify message of type INVALID_MAJOR_VERSION containing
  // the highest (closest) version number it supports": it stands in the header.
  answer_unprotected(ctx, header, datagram, NotifyType::INVALID_MAJOR_VERSION, {});
}

void EngineState::answer_unprotected(Context& ctx, const wire::Header& header,
                                     const Datagram& datagram, NotifyType notify, Bytes data) {
  if (!gate_.may_answer(ctx.now)) return tally_.count(Fruitless::answer_held_back);
  wire::Header answer;
  answer.spi_i = header.spi_i;
  answer.spi_r = header.spi_r;
  answer.exchange = header.exchange;
  answer.response = true;
  answer.from_initiator = !header.from_initiator;
  answer.message_id = header.message_id;
  ++statistics_.messages_sent;
  Bytes octets = wire::encode_message(
      answer, {wire::NotifyPayload{notify, ProtocolId::NONE, {}, std::move(data)}});
  ctx.out.add(SendDatagram{{datagram.local, datagram.remote, datagram.natt, std::move(octets)}});
}

}  // namespace iked::ike
