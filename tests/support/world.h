// SPDX-License-Identifier: ISC
// A simulated network of Engines: one clock, one seed, datagrams that can be lost, doubled, late or
// translated. The same seed gives the same run, message for message.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ike/engine.h"
#include "pki/peer_verifier.h"
#include "support/fake_kernel.h"
#include "wire/header.h"

namespace iked::test {

/// Repeatable "randomness" (splitmix64).
class SeededRng final : public Rng {
 public:
  explicit SeededRng(uint64_t seed) : state_(seed) {}
  void fill(std::span<uint8_t> out) override;
  uint64_t next();
  /// 0 up to, not including, `n`.
  uint64_t below(uint64_t n) { return next() % n; }
  bool chance(double probability) {
    return static_cast<double>(next() >> 11) * 0x1p-53 < probability;
  }

 private:
  uint64_t state_;
};

class World;

/// One host with an Engine.
class Node {
 public:
  Node(World& world, std::string name, IpAddress address, Config config,
       ike::EngineOptions options = {});

  void start();
  void command(const ike::Command& command);
  void kernel_event(const KernelEvent& event);
  ike::ReloadSummary reload(Config config);
  /// The host is somewhere else now, with this address only, and notices.
  void move_to(std::string_view address);
  /// It notices what has changed in `address` and `more_addresses`.
  void network_change();
  /// The process dies: the Engine and all its state are gone, the kernel stays or is wiped too.
  void restart(Config config, bool wipe_kernel = true);

  bool has(const IpAddress& own) const {
    return own == address || std::ranges::find(more_addresses, own) != more_addresses.end();
  }

  std::vector<IkeSaRow> sas() const;
  /// The IKE SAs in state ESTABLISHED.
  std::vector<IkeSaRow> established() const;
  std::optional<PolicyRow> policy(const std::string& name) const;
  Result<Verified> verify(const PeerProof& proof) const;

  World& world;
  size_t number = 0;  // in the world
  std::string name;
  IpAddress address;                      // packets leave from it
  std::vector<IpAddress> more_addresses;  // packets come to these as well
  SeededRng rng;
  FakeKernel kernel;
  ike::EngineOptions options;
  std::map<SecretId, std::string> psks;
  Credentials credentials;
  Settings settings;
  pki::UnixTime clock = 0;                             // what its system believes, for certificates
  std::string private_key;                             // PEM
  std::map<std::string, std::vector<IpPrefix>> names;  // what DNS says
  bool reachable_network = true;                       // a route exists
  size_t refuse_key_exchanges = 0;                     // the next ones find their queue full
  std::vector<ike::Publish> events;
  std::unique_ptr<ike::Engine> engine;
  unsigned starts = 0;  // tells what was asked of an engine before
};

/// What the network does to datagrams from now on.
struct Link {
  Duration latency = 5ms;
  Duration jitter = 0ms;  // up to this much more, so that datagrams overtake each other
  double loss = 0;
  double duplication = 0;
  size_t drop_next = 0;  // exactly so many
  size_t duplicate_next = 0;
};

class World {
 public:
  explicit World(uint64_t seed = 1) : rng(seed) {}

  Node& add(std::string name, std::string_view address, Config config,
            ike::EngineOptions options = {});

  /// The host that was added last is unplugged and gone.
  void forget_last_node();

  /// Runs until no datagram and no job is under way. Timers do not fire.
  void settle();
  /// Runs everything, timers included, for so long.
  void advance(Duration duration);
  /// Runs it so much later.
  void later(Duration delay, std::function<void()> run) { at(now + delay, std::move(run)); }
  void inject(Datagram datagram) { deliver_later(std::move(datagram)); }

  /// Puts a NAT with this address in front of a host.
  void nat(const Node& inside, std::string_view outside);
  /// It forgets its mappings, as after a power cut.
  void reboot_nat() { mappings_.clear(); }

  // ---- for the engines' effects
  void apply(Node& node, ike::Effects& effects);

  Time now = Time{} + 1h;
  SeededRng rng;
  Link link;
  Duration look_up_takes = 0ms;    // of names and routes, in addition
  bool real_key_exchange = false;  // else a hash of both public values
  /// Every datagram that was sent, in order, as it left.
  std::vector<Datagram> sent;
  bool keep_sent = true;
  /// When which NAT keepalives were sent.
  std::vector<std::pair<Time, ike::SendKeepalive>> keepalives;
  /// Called for each; returning nothing drops it, another one replaces it.
  std::function<std::optional<Datagram>(Datagram)> on_the_way;

 private:
  struct Event {
    Time at;
    uint64_t order;
    std::function<void()> run;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return std::tie(a.at, a.order) < std::tie(b.at, b.order);
    }
  };

  void at(Time when, std::function<void()> run) {
    events_.insert({when, order_++, std::move(run)});
  }
  void transmit(Datagram datagram);
  void deliver_later(Datagram datagram);
  void deliver(Datagram datagram);
  void start_job(Node& node, ike::StartJob job);
  void run_first();
  void note_deadline(const Node& node);
  bool translate(Datagram& datagram);
  bool can_send(const IpAddress& from) const;

  std::vector<std::unique_ptr<Node>> nodes_;
  std::multiset<Event, Later> events_;
  uint64_t order_ = 0;
  /// Of each engine after its last input; of the same time the host comes first that is older.
  std::set<std::pair<Time, size_t>> deadlines_;
  std::vector<std::optional<Time>> deadline_of_;
  std::optional<std::pair<IpAddress, IpAddress>> nat_;  // inside, outside
  std::map<Endpoint, uint16_t> mappings_;               // inside endpoint -> outside port
  uint16_t next_port_ = 20000;
};

/// The header of a datagram; for asserts on what was sent.
wire::Header header_of(const Datagram& datagram);

}  // namespace iked::test
