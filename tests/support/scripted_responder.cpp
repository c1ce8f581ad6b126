// SPDX-License-Identifier: ISC
#include "support/scripted_responder.h"

#include <algorithm>

#include "crypto/algorithms.h"
#include "ike/choose.h"
#include "wire/notify_data.h"

namespace iked::test {

ScriptedResponder::ScriptedResponder(Pair& pair) : pair_(pair), own_{pair.b->address, 500} {
  pair.b->address = *IpAddress::parse("192.0.2.250");
  pair.world.real_key_exchange = true;
  answer = [this](const wire::Message& request) { return std::optional(child(request)); };
  pair.world.on_the_way = [this](Datagram datagram) -> std::optional<Datagram> {
    if (datagram.remote.address != own_.address) return datagram;
    // It arrives later, as on any wire.
    pair_.world.later(pair_.world.link.latency,
                      [this, datagram]() mutable { on_datagram(std::move(datagram)); });
    return std::nullopt;
  };
}

void ScriptedResponder::on_datagram(Datagram datagram) {
  const auto header = wire::parse_header(datagram.octets);
  if (!header) return;
  natt_ = datagram.natt;
  caller_ = datagram.local;
  own_.port = datagram.remote.port;
  if (header->exchange == ExchangeType::IKE_SA_INIT) return on_init(*header, datagram);
  const auto session = sessions_.find(header->spi_r);
  if (session == sessions_.end()) return;
  if (header->response) {
    const auto keys = keys_of(session->second, true);
    if (auto opened = wire::open_message(*header, datagram.octets, keys)) {
      response_ = std::move(*opened);
    }
    return;
  }
  on_request(*header, std::move(datagram));
}

void ScriptedResponder::on_init(const wire::Header& header, const Datagram& datagram) {
  const auto request = wire::parse_message(header, datagram.octets);
  if (!request || request->find<wire::KePayload>() == nullptr) return;
  spi_i = header.spi_i;
  ++spi_r.value;
  Session session;
  session.nonce_i = request->find<wire::NoncePayload>()->nonce;
  const auto exchanged = ike::run(
      ike::KeyExchangeJob{suite_.ke, SecretBytes(Bytes(crypto::ike_ke(suite_.ke)->random, 0x42)),
                          request->find<wire::KePayload>()->data});
  Proposal chosen;
  chosen.encr = {suite_.encr};
  chosen.prf = {suite_.prf};
  chosen.ke = {suite_.ke};
  wire::Header reply = header;
  reply.response = true;
  reply.from_initiator = false;
  reply.spi_r = spi_r;
  session.init_response = wire::encode_message(
      reply, {ike::build_offer({chosen}, {}), wire::KePayload{suite_.ke, exchanged->public_value},
              wire::NoncePayload{nonce_r_}});
  session.keys =
      crypto::derive_ike_keys(suite_, exchanged->shared, session.nonce_i, nonce_r_, spi_i, spi_r);
  pair_.world.inject({caller_, own_, natt_, session.init_response});
  sessions_[spi_r] = std::move(session);
}

void ScriptedResponder::on_request(const wire::Header& header, Datagram datagram) {
  Session& session = sessions_.at(header.spi_r);
  auto opened = wire::open_message(header, datagram.octets, keys_of(session, true));
  if (!opened || header.message_id.value < session.expected) return;
  session.expected = header.message_id.value + 1;
  requests.push_back(*opened);
  auto payloads = answer(*opened);
  if (!payloads) return;
  if (header.exchange == ExchangeType::IKE_AUTH) {
    wire::Payloads all = proof(session);
    for (auto& payload : *payloads) all.push_back(std::move(payload));
    payloads = std::move(all);
  }
  wire::Header reply = header;
  reply.response = true;
  reply.from_initiator = false;
  send(reply, *payloads);
}

wire::Payloads ScriptedResponder::proof(const Session& session) const {
  const Identity id = *Identity::parse("b.example.com");
  const Bytes octets = crypto::signed_octets(suite_.prf, session.init_response, session.nonce_i,
                                             session.keys.sk_pr(), wire::id_body(id));
  const SecretBytes value =
      crypto::psk_auth_value(suite_.prf, SecretBytes(as_bytes("a very common secret")), octets);
  return {wire::IdrPayload{id, {}},
          wire::AuthPayload{AuthMethod::SHARED_KEY_MIC, to_bytes(value.reveal())}};
}

wire::Payloads ScriptedResponder::child(const wire::Message& request) {
  const auto* tsi = request.find<wire::TsiPayload>();
  const auto* tsr = request.find<wire::TsrPayload>();
  if (tsi == nullptr || tsr == nullptr) return {};
  return child(request, tsi->selectors, tsr->selectors);
}

wire::Payloads ScriptedResponder::child(const wire::Message& request, TrafficSelectors tsi,
                                        TrafficSelectors tsr) {
  Bytes spi;
  put_u32(spi, next_child_++);
  wire::Payloads payloads{ike::build_offer(default_child(), spi)};
  if (request.find<wire::NoncePayload>() != nullptr) {
    payloads.push_back(wire::NoncePayload{Bytes(32, static_cast<uint8_t>(next_child_))});
  }
  payloads.push_back(wire::TsiPayload{std::move(tsi), 0});
  payloads.push_back(wire::TsrPayload{std::move(tsr), 0});
  return payloads;
}

wire::Payloads ScriptedResponder::refusal(NotifyType type) {
  return {wire::make_notify(type)};
}

std::optional<wire::Message> ScriptedResponder::request(ExchangeType exchange,
                                                        const wire::Payloads& payloads) {
  wire::Header header;
  header.spi_i = spi_i;
  header.spi_r = spi_r;
  header.exchange = exchange;
  header.message_id = MessageId{sessions_.at(spi_r).next_own++};
  response_.reset();
  send(header, payloads);
  pair_.world.settle();
  return std::exchange(response_, std::nullopt);
}

size_t ScriptedResponder::count(ExchangeType exchange) const {
  return static_cast<size_t>(std::ranges::count_if(
      requests, [&](const wire::Message& message) { return message.header.exchange == exchange; }));
}

void ScriptedResponder::send(wire::Header header, const wire::Payloads& payloads) {
  Bytes iv;
  put_u64(iv, iv_++);
  pair_.world.inject(
      {caller_, own_, natt_,
       wire::seal_message(header, payloads, keys_of(sessions_.at(header.spi_r), false), iv)});
}

crypto::MessageKeys ScriptedResponder::keys_of(const Session& session, bool initiator) const {
  const crypto::IkeKeys& keys = session.keys;
  return {suite_.encr, suite_.integ, initiator ? keys.sk_ei() : keys.sk_er(),
          initiator ? keys.sk_ai() : keys.sk_ar()};
}

}  // namespace iked::test
