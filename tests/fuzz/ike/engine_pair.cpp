// SPDX-License-Identifier: ISC
// Two engines and a network that does what the fuzzer says: lose, double, delay, damage and replay
// datagrams, let time pass, reset, restart, reload, expire, fail in the kernel. When all is good
// again, both come to have one tunnel, and the same.
//
// The first octet is the seed, the second the circumstances. Each that follows is what becomes of a
// datagram or what happens next, whichever comes up.
#include <cstdio>
#include <cstdlib>
#include <set>

#include "support/log_capture.h"
#include "support/pair.h"

using namespace iked;

namespace {

// Each octet may cost a handshake. More of them find nothing that fewer do not.
constexpr size_t longest_input = 64;

enum Circumstance : uint8_t {
  both_call = 1,
  behind_nat = 2,
  overtaking = 4,
  slow_look_ups = 8,
  in_fragments = 16,
  pfs = 32,
  short_lives = 64,  // of the IKE SA; those of children end by events
  roaming = 128,     // a's address changes
};

struct Choices {
  ByteView rest;
  uint8_t next() {
    if (rest.empty()) return 0;
    const uint8_t octet = rest[0];
    rest = rest.subspan(1);
    return octet;
  }
};

struct Run {
  explicit Run(ByteView input)
      : choices{input}, pair(choices.next()), circumstances(choices.next()) {
    // Nobody can call a host behind a NAT, or one that is anywhere.
    pair.policy_b().active = (circumstances & (both_call | behind_nat | roaming)) == both_call;
    if ((circumstances & roaming) != 0) {
      pair.policy_a().local = AnyHost{};
      pair.policy_b().peer = AnyHost{};
    }
    if ((circumstances & behind_nat) != 0) {
      pair.policy_b().peer = AnyHost{};
      pair.before_start = [](test::Pair& p) { p.world.nat(*p.a, "198.51.100.1"); };
    }
    if ((circumstances & pfs) != 0) {
      pair.policy_a().child_proposals[0].ke = {KeId::CURVE25519, KeId::ECP_256};
      pair.policy_b().child_proposals[0].ke = {KeId::ECP_256, KeId::NONE, KeId::CURVE25519};
    }
    if ((circumstances & short_lives) != 0) {
      pair.policy_a().ike_lifetime = std::chrono::seconds(40);
      pair.policy_b().ike_lifetime = std::chrono::seconds(55);
    }
    if ((circumstances & overtaking) != 0) pair.world.link.jitter = 20ms;
    if ((circumstances & slow_look_ups) != 0) pair.world.look_up_takes = 3s;
    if ((circumstances & in_fragments) != 0) make_large();
  }
  void make_large();
  std::optional<Datagram> on_the_way(Datagram datagram);
  void act(uint8_t choice);
  void fail_in_kernel(test::FakeKernel& kernel, uint8_t choice);
  void replay_old();
  void make_all_good();
  bool one_tunnel() const;
  const Config& config_of(const test::Node& node) const {
    return &node == pair.a ? pair.config_a : pair.config_b;
  }

  Choices choices;
  test::Pair pair;
  uint8_t circumstances;
};

// IKE_AUTH is longer than a packet.
void Run::make_large() {
  for (Config* config : {&pair.config_a, &pair.config_b}) {
    config->settings.fragmentation = true;
    config->settings.fragmentation_mtu = 576;
  }
  const std::string rest = std::string(700, 'x') + ".example.com";
  pair.policy_a().local_id = pair.policy_b().peer_id = Identity::parse("a" + rest).value();
  pair.policy_b().local_id = pair.policy_a().peer_id = Identity::parse("b" + rest).value();
}

std::optional<Datagram> Run::on_the_way(Datagram datagram) {
  const uint8_t choice = choices.next();
  pair.world.link.latency = 5ms;
  switch (choice & 7) {
    case 4:
      pair.world.link.latency = std::chrono::milliseconds(100 * (choice >> 3));
      return datagram;
    case 5:
      if (!datagram.octets.empty()) {
        datagram.octets[(choice >> 3) * 7 % datagram.octets.size()] ^= choices.next();
      }
      return datagram;
    case 6:
      pair.world.link.duplicate_next = 1;
      return datagram;
    case 7:
      return std::nullopt;
    default:
      return datagram;
  }
}

SaKey any_inbound(const test::Node& node) {
  // The youngest: the others may be on their way out.
  SaKey found;
  uint64_t youngest = 0;
  for (const auto& [key, sa] : node.kernel.sas) {
    if (sa.inbound && sa.order > youngest) {
      youngest = sa.order;
      found = key;
    }
  }
  return found;
}

void Run::replay_old() {
  if (pair.world.sent.empty()) return;
  Datagram old = pair.world.sent[choices.next() % pair.world.sent.size()];
  std::swap(old.local, old.remote);
  pair.world.inject(std::move(old));
}

void Run::fail_in_kernel(test::FakeKernel& kernel, uint8_t choice) {
  if ((choice & 1) != 0) kernel.fail_install = "out of memory";
  if ((choice & 2) != 0) kernel.fail_allocate = "out of memory";
}

void Run::act(uint8_t choice) {
  test::Node& node = (choice & 0x80) != 0 ? *pair.a : *pair.b;
  const bool other_way = (choice & 0x40) != 0;
  const uint8_t amount = choice >> 3 & 7;
  switch (choice & 7) {
    case 0:
      return pair.world.advance(std::chrono::seconds(other_way ? 10 * amount : amount));
    case 1:
      if (other_way) return node.command(ike::SetPassive{amount % 2 == 1});
      if (amount % 4 == 1) return node.command(ike::RekeySas{});
      if (amount % 4 == 2) return node.command(ike::ReauthenticateSas{});
      return node.command(ike::ResetSas{});
    case 2:
      return node.restart(config_of(node), /*wipe_kernel=*/!other_way);
    case 3:
      return node.kernel_event(ExpireEvent{any_inbound(node), other_way});
    case 4:
      if (other_way) return fail_in_kernel(node.kernel, amount);
      return node.kernel_event(ResyncEvent{});
    case 5:
      node.reload(other_way ? test::config_of({}) : config_of(node));
      return;
    case 6:
      if (other_way) return pair.world.reboot_nat();
      return replay_old();
    default:
      if (other_way && (circumstances & (roaming | behind_nat)) == roaming) {
        return pair.a->move_to(fmt::format("203.0.113.{}", amount + 1));
      }
      return pair.world.settle();
  }
}

void Run::make_all_good() {
  pair.world.on_the_way = nullptr;
  pair.world.link = test::Link{};
  pair.world.look_up_takes = 0ms;
  for (test::Node* node : {pair.a, pair.b}) {
    node->kernel.fail_install.clear();
    node->kernel.fail_allocate.clear();
    node->command(ike::SetPassive{false});
    node->reload(config_of(*node));
  }
}

bool Run::one_tunnel() const {
  std::set<uint64_t> spis[2];
  for (const test::Node* node : {pair.a, pair.b}) {
    size_t children = 0;
    if (!node->kernel.faults.empty()) return false;
    for (const auto& row : node->sas()) {
      children += row.children.size();
      if (row.state == "ESTABLISHED") spis[node == pair.a].insert(row.spi_i);
    }
    if (node->kernel.sas.size() != 2 * children || !node->kernel.larval.empty()) return false;
    if (children != 1 || node->kernel.policies.size() != 3) return false;
  }
  return !spis[0].empty() && spis[0] == spis[1];
}

bool holds(ByteView input) {
  Run run{input};
  test::World& world = run.pair.world;
  run.pair.start();
  world.on_the_way = [&](Datagram d) { return run.on_the_way(std::move(d)); };
  world.settle();
  while (!run.choices.rest.empty()) run.act(run.choices.next());

  run.make_all_good();
  world.settle();
  for (int i = 0; i < 15 && !run.one_tunnel(); ++i) world.advance(1min);
  if (!run.one_tunnel()) return false;
  // That it stays so is dear to watch, so only some do.
  if (input[0] % 8 != 0) return true;
  world.advance(10min);
  // It may just be in the middle of a rekey.
  for (int i = 0; i < 20 && !run.one_tunnel(); ++i) world.advance(1s);
  return run.one_tunnel();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > longest_input) return -1;
  test::LogCapture log(log::Level::error);
  if (holds({data, size})) return 0;
  log::set_level(log::Level::debug);  // once more, to see what happens
  (void)holds({data, size});
  std::fputs(log.all().c_str(), stderr);
  std::abort();
}
