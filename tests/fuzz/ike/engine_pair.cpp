// SPDX-License-Identifier: ISC
// Two engines and a network that does what the fuzzer says: lose, double, delay, damage and replay
// datagrams, let time pass, reset, restart, expire. When the network is good again, both have one
// tunnel and the same.
#include "support/log_capture.h"
#include "support/pair.h"

using namespace iked;

namespace {

struct Choices {
  ByteView rest;
  uint8_t next() {
    if (rest.empty()) return 0;
    const uint8_t octet = rest[0];
    rest = rest.subspan(1);
    return octet;
  }
};

SaKey any_inbound(const test::Node& node) {
  for (const auto& [key, sa] : node.kernel.sas) {
    if (key.destination == node.address) return key;
  }
  return {};
}

void act(test::Pair& pair, uint8_t choice) {
  test::Node& node = choice & 0x80 ? *pair.a : *pair.b;
  switch (choice & 7) {
    case 0:
      return pair.world.advance(std::chrono::seconds(choice >> 3 & 15));
    case 1:
      return node.command(ike::ResetSas{});
    case 2:
      return node.restart(&node == pair.a ? pair.config_a : pair.config_b);
    case 3:
      return node.kernel_event(ExpireEvent{any_inbound(node), (choice & 0x40) != 0});
    case 4:
      return node.kernel_event(ResyncEvent{});
    case 5:
      node.reload(&node == pair.a ? pair.config_a : pair.config_b);
      return;
    case 6: {  // replay something old
      if (pair.world.sent.empty()) return;
      Datagram old = pair.world.sent[choice % pair.world.sent.size()];
      std::swap(old.local, old.remote);
      return pair.world.inject(std::move(old));
    }
    default:
      return pair.world.settle();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > 512) return 0;
  test::LogCapture log(log::Level::error);
  Choices choices{ByteView(data, size)};
  test::Pair pair(choices.next());
  pair.policy_b().active = (choices.next() & 1) != 0;
  pair.start();
  pair.world.on_the_way = [&](Datagram datagram) -> std::optional<Datagram> {
    const uint8_t choice = choices.next();
    if ((choice & 7) == 7) return std::nullopt;
    if ((choice & 7) == 6) pair.world.link.duplicate_next = 1;
    if ((choice & 7) == 5 && !datagram.octets.empty()) {
      datagram.octets[(choice >> 3) * 7 % datagram.octets.size()] ^= choices.next();
    }
    return datagram;
  };
  pair.world.settle();
  while (!choices.rest.empty()) act(pair, choices.next());

  pair.world.on_the_way = nullptr;
  pair.world.link = test::Link{};
  pair.world.advance(10min);
  const auto a = pair.a->established();
  const auto b = pair.b->established();
  if (a.empty() || b.empty()) abort();
  for (test::Node* node : {pair.a, pair.b}) {
    size_t children = 0;
    for (const auto& row : node->sas()) children += row.children.size();
    if (node->kernel.sas.size() != 2 * children || !node->kernel.larval.empty()) abort();
    if (node->kernel.policies.size() != 3) abort();
  }
  return 0;
}
