// SPDX-License-Identifier: ISC
// Full handshakes between two engines in one process: IKE_SA_INIT and IKE_AUTH with a pre-shared
// key and the first child, kernels faked. Prints the CPU of one handshake and side as a multiple of
// the bare public-key arithmetic (make a key pair, compute the secret) measured in the same run,
// and what an established SA costs in resident memory.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>

#include "crypto/algorithms.h"
#include "crypto/key_exchange.h"
#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

size_t resident_bytes() {
  size_t pages = 0;
  size_t resident = 0;
  if (FILE* statm = fopen("/proc/self/statm", "r")) {
    if (fscanf(statm, "%zu %zu", &pages, &resident) != 2) resident = 0;
    fclose(statm);
  }
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

double bare_arithmetic(KeId group) {
  SeededRng rng(7);
  const auto* info = crypto::ike_ke(group);
  SecretBytes mine(info->random);
  SecretBytes theirs(info->random);
  rng.fill(mine.reveal_writable());
  rng.fill(theirs.reveal_writable());
  const Bytes peer = *crypto::public_value(group, theirs);
  constexpr int rounds = 200;
  const double begin = cpu_seconds();
  for (int i = 0; i < rounds; ++i) {
    benchmark::DoNotOptimize(crypto::public_value(group, mine));
    benchmark::DoNotOptimize(crypto::shared_secret(group, mine, peer));
  }
  return (cpu_seconds() - begin) / rounds;
}

// The responder's policies: `others` that are not for this peer, and one that is.
Config with_policies(const Pair& pair, size_t others) {
  Config config = pair.config_b;
  for (size_t i = 0; i < others; ++i) {
    Policy policy = config.policies[0];
    policy.name = "other-" + std::to_string(i);
    policy.peer =
        IpPrefix::host(IpAddress::v4({10, static_cast<uint8_t>(i >> 16),
                                      static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)}));
    config.policies.insert(config.policies.begin(), std::move(policy));
  }
  return config;
}

void handshake(benchmark::State& state, KeId group, size_t policies) {
  LogCapture log(log::Level::error);
  const double bare = bare_arithmetic(group);
  Pair pair;
  pair.world.real_key_exchange = true;
  pair.world.keep_sent = false;
  pair.policy_a().ike_proposals[0].ke = {group};
  pair.config_b = with_policies(pair, policies);
  pair.connect();
  size_t handshakes = 0;
  double spent = 0;
  for (auto _ : state) {
    state.PauseTiming();
    pair.a->command(ike::ResetSas{});
    pair.world.settle();
    state.ResumeTiming();
    const double begin = cpu_seconds();
    pair.world.advance(5s);
    spent += cpu_seconds() - begin;
    ++handshakes;
  }
  if (pair.a->established().size() != 1) state.SkipWithError("no tunnel");
  const double per_side = spent / static_cast<double>(handshakes) / 2;
  state.counters["us/side"] = per_side * 1e6;
  state.counters["x_bare"] = per_side / bare;
}

// One responder and any number of peers that have a tunnel with it and are gone from memory.
class Crowd {
 public:
  Crowd() {
    pair_.world.keep_sent = false;
    pair_.policy_b().peer = AnyHost{};
    pair_.policy_b().peer_id.reset();
    pair_.policy_b().flows = {{{host("10.2.0.0/24"), 0}, {host("10.0.0.0/8"), 0}}};
    pair_.policy_a().active = false;
    pair_.config_a.dpd_check_interval = pair_.config_b.dpd_check_interval = std::chrono::seconds(0);
    pair_.connect();
    pair_.b->kernel.forget = true;
  }

  void add(size_t peers) {
    for (size_t i = 0; i < peers; ++i) add_one();
  }
  size_t sas() const { return pair_.b->engine->sa_count(); }

 private:
  void add_one() {
    const size_t i = next_++;
    const auto octets = [&](uint8_t first, size_t second) {
      return IpAddress::v4({first, static_cast<uint8_t>(second + (i >> 16)),
                            static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)});
    };
    Config config = pair_.config_a;
    Policy& policy = config.policies[0];
    const IpAddress address = octets(172, 16);
    policy.active = true;
    policy.local = IpPrefix::host(address);
    policy.local_id = *Identity::parse("peer" + std::to_string(i) + ".example.com");
    policy.flows = {{{IpPrefix::host(octets(10, 3)), 0}, {host("10.2.0.0/24"), 0}}};
    Node& peer = pair_.world.add("peer", to_string(address), config);
    peer.psks = pair_.b->psks;
    peer.start();
    pair_.world.settle();
    pair_.world.forget_last_node();
  }

  Pair pair_;
  size_t next_ = 0;
};

// What each established SA with its child adds.
void memory(benchmark::State& state) {
  const auto peers = static_cast<size_t>(state.range(0));
  LogCapture log(log::Level::error);
  for (auto _ : state) {
    Crowd crowd;
    crowd.add(200);
    malloc_trim(0);
    const size_t before = resident_bytes();
    crowd.add(peers);
    malloc_trim(0);
    state.counters["sas"] = static_cast<double>(crowd.sas());
    state.counters["bytes/sa"] =
        static_cast<double>(resident_bytes() - before) / static_cast<double>(peers);
  }
}

// One more handshake where so many SAs are established: x_first is the cost as a multiple of that
// beside the smallest number in the same run. It should stay near 1.
void handshake_beside(benchmark::State& state) {
  constexpr size_t measured = 500;
  static Crowd crowd;
  static double first = 0;
  LogCapture log(log::Level::error);
  const auto wanted = static_cast<size_t>(state.range(0));
  if (crowd.sas() < wanted) crowd.add(wanted - crowd.sas());
  for (auto _ : state) {
    const double begin = cpu_seconds();
    crowd.add(measured);
    const double each = (cpu_seconds() - begin) / static_cast<double>(measured);
    if (first == 0) first = each;
    state.counters["us/handshake"] = each * 1e6;
    state.counters["x_first"] = each / first;
  }
  state.counters["sas"] = static_cast<double>(crowd.sas());
}

BENCHMARK_CAPTURE(handshake, curve25519, KeId::CURVE25519, 0)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshake, ecp256, KeId::ECP_256, 0)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshake, modp2048, KeId::MODP_2048, 0)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshake, curve25519_of_100_policies, KeId::CURVE25519, 100)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshake, curve25519_of_10000_policies, KeId::CURVE25519, 10000)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(handshake_beside)
    ->Arg(100)
    ->Arg(10000)
    ->Arg(100000)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
BENCHMARK(memory)->Arg(10000)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace iked::test
