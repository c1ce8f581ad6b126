// SPDX-License-Identifier: ISC
// What an established tunnel costs to keep: a child rekeyed without and with PFS, an IKE SA
// rekeyed, a liveness check; two engines in one process, kernels faked. Prints the CPU of each and
// side, also as a multiple of the bare public-key arithmetic of curve25519 measured in the same
// run.
#include <benchmark/benchmark.h>
#include <time.h>

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

double bare_arithmetic() {
  SeededRng rng(7);
  const KeId group = KeId::CURVE25519;
  SecretBytes mine(crypto::ike_ke(group)->random);
  SecretBytes theirs(crypto::ike_ke(group)->random);
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

// `act` begins it on a, and `lasts` so long until all of it is over.
void measure(benchmark::State& state, bool pfs, Duration lasts,
             const std::function<void(Pair&)>& act) {
  LogCapture log(log::Level::error);
  const double bare = bare_arithmetic();
  Pair pair;
  pair.world.real_key_exchange = true;
  pair.world.keep_sent = false;
  pair.config_a.dpd_check_interval = pair.config_b.dpd_check_interval = std::chrono::seconds(0);
  if (pfs) {
    pair.policy_a().child_proposals[0].ke = {KeId::CURVE25519};
    pair.policy_b().child_proposals[0].ke = {KeId::CURVE25519};
  }
  pair.connect();
  double spent = 0;
  size_t rounds = 0;
  for (auto _ : state) {
    const double begin = cpu_seconds();
    act(pair);
    pair.world.advance(lasts);
    spent += cpu_seconds() - begin;
    ++rounds;
  }
  if (pair.a->sas().size() != 1 || pair.b->kernel.sas.size() != 2)
    state.SkipWithError("not one tunnel");
  const double per_side = spent / static_cast<double>(rounds) / 2;
  state.counters["us/side"] = per_side * 1e6;
  state.counters["x_bare"] = per_side / bare;
}

SaKey inbound_of(const Node& node) {
  for (const auto& [key, sa] : node.kernel.sas) {
    if (sa.inbound) return key;
  }
  return {};
}

void expire(Pair& pair) {
  pair.a->kernel_event(ExpireEvent{inbound_of(*pair.a), false});
}

void child_rekey(benchmark::State& state) {
  measure(state, false, 5s, expire);
}
void child_rekey_with_pfs(benchmark::State& state) {
  measure(state, true, 5s, expire);
}
void ike_rekey(benchmark::State& state) {
  measure(state, false, 1s, [](Pair& pair) { pair.a->command(ike::RekeySas{}); });
}
// A MAPPING event makes a ask; it does so once in ten seconds.
void liveness_check(benchmark::State& state) {
  measure(state, false, 11s, [](Pair& pair) {
    pair.a->kernel_event(MappingEvent{inbound_of(*pair.a), {pair.b->address, 4500}});
  });
}

BENCHMARK(child_rekey)->Unit(benchmark::kMicrosecond);
BENCHMARK(child_rekey_with_pfs)->Unit(benchmark::kMicrosecond);
BENCHMARK(ike_rekey)->Unit(benchmark::kMicrosecond);
BENCHMARK(liveness_check)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace iked::test
