// SPDX-License-Identifier: ISC
#include "support/rogue.h"

#include "crypto/algorithms.h"
#include "crypto/keys.h"
#include "ike/choose.h"

namespace iked::test {

std::vector<Bytes> Rogue::send(Bytes octets, uint16_t port) {
  World& world = pair_.world;
  const size_t before = world.sent.size();
  world.inject(
      {{pair_.b->address, port}, {*IpAddress::parse("192.0.2.1"), port}, false, std::move(octets)});
  world.settle();
  std::vector<Bytes> answers;
  for (size_t i = before; i < world.sent.size(); ++i) {
    if (to_string(world.sent[i].remote.address) == "192.0.2.1")
      answers.push_back(world.sent[i].octets);
  }
  return answers;
}

wire::Header Rogue::header(ExchangeType exchange, uint32_t message_id) const {
  wire::Header h;
  h.spi_i = spi_i;
  h.spi_r = spi_r;
  h.exchange = exchange;
  h.from_initiator = true;
  h.message_id = MessageId{message_id};
  return h;
}

Bytes Rogue::first_message() {
  private_ = SecretBytes(crypto::ike_ke(suite.ke)->random);
  rng_.fill(private_.reveal_writable());
  const auto own = ike::run(ike::KeyExchangeJob{suite.ke, private_.duplicate(), std::nullopt});
  wire::Header h = header(ExchangeType::IKE_SA_INIT, 0);
  h.spi_r = IkeSpi{};
  return wire::encode_message(
      h, {ike::build_offer(default_ike(), {}), wire::KePayload{suite.ke, own->public_value},
          wire::NoncePayload{nonce_i}});
}

bool Rogue::init() {
  pair_.world.real_key_exchange = true;
  init_request_ = first_message();
  const auto answers = send(init_request_);
  if (answers.size() != 1) return false;
  init_response_ = answers[0];
  const auto parsed = wire::parse_message(*wire::parse_header(init_response_), init_response_);
  if (!parsed || parsed->find<wire::KePayload>() == nullptr) return false;
  spi_r = parsed->header.spi_r;
  nonce_r = parsed->find<wire::NoncePayload>()->nonce;
  const auto shared = ike::run(ike::KeyExchangeJob{suite.ke, private_.duplicate(),
                                                   parsed->find<wire::KePayload>()->data, false});
  keys = crypto::derive_ike_keys(suite, shared->shared, nonce_i, nonce_r, spi_i, spi_r);
  return true;
}

wire::Payloads Rogue::auth_payloads(std::string_view psk) {
  const Bytes octets =
      crypto::signed_octets(suite.prf, init_request_, nonce_r, keys.sk_pi(), wire::id_body(id));
  const SecretBytes proof = crypto::psk_auth_value(suite.prf, SecretBytes(as_bytes(psk)), octets);
  return {wire::IdiPayload{id, {}},
          wire::AuthPayload{AuthMethod::SHARED_KEY_MIC, to_bytes(proof.reveal())},
          ike::build_first_child_offer(default_child(), child_spi),
          wire::TsiPayload{{TrafficSelector::of(*IpPrefix::parse("10.1.0.0/24"))}, 0},
          wire::TsrPayload{{TrafficSelector::of(*IpPrefix::parse("10.2.0.0/24"))}, 0}};
}

bool Rogue::connect() {
  if (!init()) return false;
  const auto answer = request(ExchangeType::IKE_AUTH, 1, auth_payloads());
  if (!answer || answer->find<wire::SaPayload>() == nullptr) return false;
  uint32_t spi = 0;
  for (uint8_t octet : answer->find<wire::SaPayload>()->proposals[0].spi) spi = spi << 8 | octet;
  peer_child_spi = ChildSpi{spi};
  return true;
}

crypto::MessageKeys Rogue::keys_of(bool initiator) const {
  return {suite.encr, suite.integ, initiator ? keys.sk_ei() : keys.sk_er(),
          initiator ? keys.sk_ai() : keys.sk_ar()};
}

Bytes Rogue::seal(wire::Header h, const wire::Payloads& payloads) {
  Bytes iv;
  put_u64(iv, iv_++);
  return wire::seal_message(h, payloads, keys_of(true), iv);
}

Bytes Rogue::seal_octets(wire::Header h, PayloadType first, ByteView inner) {
  const size_t icv = 16;
  const size_t sk = 4 + 8 + inner.size() + 1 + icv;
  h.next_payload = PayloadType::SK;
  h.length = static_cast<uint32_t>(wire::Header::size + sk);
  Bytes octets;
  wire::encode_header(h, octets);
  octets.push_back(static_cast<uint8_t>(first));
  octets.push_back(0);
  put_u16(octets, static_cast<uint16_t>(sk));
  const size_t iv_at = octets.size();
  put_u64(octets, iv_++);
  append(octets, inner);
  octets.push_back(0);  // Pad Length
  octets.resize(octets.size() + icv);
  crypto::seal_in_place(keys_of(true), octets, iv_at);
  return octets;
}

std::optional<wire::Message> Rogue::open(Bytes octets) const {
  const auto parsed = wire::parse_header(octets);
  if (!parsed) return std::nullopt;
  auto message = wire::open_message(*parsed, octets, keys_of(false));
  if (!message) return std::nullopt;
  return std::move(*message);
}

std::optional<wire::Message> Rogue::request(ExchangeType exchange, uint32_t message_id,
                                            const wire::Payloads& payloads) {
  const auto answers = send(seal(header(exchange, message_id), payloads));
  if (answers.size() != 1) return std::nullopt;
  return open(answers[0]);
}

}  // namespace iked::test
