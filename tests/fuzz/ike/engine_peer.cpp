// SPDX-License-Identifier: ISC
// A peer that can seal what it likes, and does. Whatever it says, the kernel holds the SAs of the
// children that there are and no others; once it is silent, nothing is left of it.
//
// The first octet says whether an honest IKE_AUTH comes first. Then come steps of one octet each;
// those that send are followed by the type of the first payload, two octets of length, and as many
// of payloads.
#include <cstdio>
#include <cstdlib>

#include "support/log_capture.h"
#include "support/rogue.h"
#include "wire/chain.h"

using namespace iked;

namespace {

constexpr int most_steps = 12;

class Run {
 public:
  explicit Run(ByteView input) : input_(input), rogue_(pair_) {
    pair_.policy_a().active = false;
    pair_.start();
    // The rogue takes a's place.
    pair_.a->address = *IpAddress::parse("192.0.2.250");
  }
  bool holds();

 private:
  uint8_t octet();
  ByteView octets(size_t most);
  void step(uint8_t choice);
  void send_request(ExchangeType exchange, PayloadType first, ByteView inner);
  void send_response(PayloadType first, ByteView inner);
  void send_auth(PayloadType first, ByteView inner);
  void send(Bytes datagram);
  void expire(bool hard);
  bool consistent() const;

  ByteView input_;
  test::Pair pair_;
  test::Rogue rogue_;
  uint32_t next_id_ = 1;
  std::optional<wire::Header> asked_;  // b's last request
  Bytes last_;
};

uint8_t Run::octet() {
  if (input_.empty()) return 0;
  const uint8_t first = input_[0];
  input_ = input_.subspan(1);
  return first;
}

ByteView Run::octets(size_t most) {
  const ByteView taken = input_.first(std::min(most, input_.size()));
  input_ = input_.subspan(taken.size());
  return taken;
}

void Run::send(Bytes datagram) {
  last_ = datagram;
  for (const Bytes& answer : rogue_.send(std::move(datagram))) {
    const auto header = wire::parse_header(answer);
    if (!header || header->spi_i != rogue_.spi_i) continue;
    if (!header->response) asked_ = *header;
    if (header->response && header->message_id.value == next_id_) ++next_id_;
  }
}

void Run::send_request(ExchangeType exchange, PayloadType first, ByteView inner) {
  send(rogue_.seal_octets(rogue_.header(exchange, next_id_), first, inner));
}

void Run::send_response(PayloadType first, ByteView inner) {
  if (!asked_) return;
  wire::Header header = rogue_.header(asked_->exchange, asked_->message_id.value);
  header.response = true;
  asked_.reset();
  send(rogue_.seal_octets(header, first, inner));
}

// The fuzzer's payloads instead of the honest ones of their types, and a proof that fits them.
void Run::send_auth(PayloadType first, ByteView inner) {
  const auto parsed = wire::parse_chain(first, inner);
  if (!parsed) return send_request(ExchangeType::IKE_AUTH, first, inner);
  for (const auto& payload : *parsed) {
    if (const auto* id = std::get_if<wire::IdiPayload>(&payload)) rogue_.id = id->identity;
  }
  wire::Payloads payloads = *parsed;
  for (auto& honest : rogue_.auth_payloads()) {
    const auto same = [&](const auto& other) { return other.index() == honest.index(); };
    if (std::holds_alternative<wire::AuthPayload>(honest)) std::erase_if(payloads, same);
    if (std::ranges::none_of(payloads, same)) payloads.push_back(std::move(honest));
  }
  Bytes chain;
  wire::encode_chain(payloads, chain);
  if (chain.size() > 60000) return;
  send_request(ExchangeType::IKE_AUTH, wire::first_type(payloads), chain);
}

void Run::expire(bool hard) {
  for (const auto& [key, sa] : pair_.b->kernel.sas) {
    if (key.destination != pair_.b->address) continue;
    const ExpireEvent event{key, hard};
    return pair_.b->kernel_event(event);
  }
}

void Run::step(uint8_t choice) {
  const size_t before = pair_.world.sent.size();
  const uint8_t amount = choice >> 3;
  if ((choice & 7) <= 4) {
    const PayloadType first{octet()};
    const size_t length = static_cast<size_t>(octet()) << 8;
    const ByteView inner = octets(length | octet());
    switch (choice & 7) {
      case 0:
        return send_request(ExchangeType::INFORMATIONAL, first, inner);
      case 1:
        return send_request(ExchangeType::CREATE_CHILD_SA, first, inner);
      case 2:
        return send_request(ExchangeType{static_cast<uint8_t>(30 + amount)}, first, inner);
      case 3:
        return send_response(first, inner);
      default:
        return send_auth(first, inner);
    }
  }
  switch (choice & 7) {
    case 5:
      pair_.world.advance(std::chrono::seconds(5 * amount));
      break;
    case 6:
      expire((amount & 1) != 0);
      break;
    default:
      return send(last_);
  }
  pair_.world.settle();
  for (size_t i = before; i < pair_.world.sent.size(); ++i) {
    const wire::Header header = test::header_of(pair_.world.sent[i]);
    if (!header.response && header.spi_i == rogue_.spi_i) asked_ = header;
  }
}

bool Run::consistent() const {
  size_t children = 0;
  for (const auto& row : pair_.b->sas()) children += row.children.size();
  // One that the peer has rekeyed sends later than it receives.
  const auto& sas = pair_.b->kernel.sas;
  const auto inbound = static_cast<size_t>(
      std::ranges::count_if(sas, [](const auto& at) { return at.second.inbound; }));
  return inbound == children && sas.size() <= 2 * children && pair_.b->kernel.faults.empty();
}

bool Run::holds() {
  if ((octet() & 1) != 0) {
    if (!rogue_.connect()) return false;
    next_id_ = 2;
  } else {
    if (!rogue_.init()) return false;
  }
  for (int i = 0; i < most_steps && !input_.empty(); ++i) {
    step(octet());
    if (!consistent()) return false;
  }
  pair_.world.advance(5min);
  return pair_.b->engine->sa_count() == 0 && pair_.b->kernel.clean();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return -1;
  test::LogCapture log(log::Level::error);
  if (Run({data, size}).holds()) return 0;
  log::set_level(log::Level::debug);  // once more, to see what happens
  (void)Run({data, size}).holds();
  std::fputs(log.all().c_str(), stderr);
  std::abort();
}
