// SPDX-License-Identifier: ISC
// What the number of policies costs: the look-ups that one setup makes, with one policy and with
// 10,000, and the load and reload of 10,000.
#include <benchmark/benchmark.h>

#include <chrono>

#include "ike/policy_set.h"
#include "support/pair.h"

namespace iked::ike {
namespace {

constexpr unsigned many = 10000;

IpAddress address_of(unsigned i) {
  return IpAddress::v4({100, 64, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)});
}

// Every other policy is for one address, the rest for any address and one ID.
Config config_with(unsigned count) {
  std::vector<Policy> policies;
  for (unsigned i = 0; i < count; ++i) {
    Policy p = test::psk_policy(fmt::format("p{}", i), "192.0.2.1", "192.0.2.2", "10.1.0.0/24",
                                "10.2.0.0/24", "a.example.com", fmt::format("h{}.example.com", i));
    p.peer = i % 2 == 0 ? HostSpec{IpPrefix::host(address_of(i))} : HostSpec{AnyHost{}};
    policies.push_back(std::move(p));
  }
  return test::config_of(std::move(policies));
}

// The two look-ups of a setup: IKE_SA_INIT by address, IKE_AUTH by ID.
size_t look_up(PolicySet& set, unsigned i, const Identity& id) {
  const AddressPair addresses{*IpAddress::parse("192.0.2.1"), address_of(i)};
  return set.for_first_message(addresses).size() + set.for_identity(addresses, id).size();
}

Identity id_of(unsigned i) {
  return *Identity::parse(fmt::format("h{}.example.com", i));
}

void BM_LookUp(benchmark::State& state) {
  PolicySet set;
  set.replace(config_with(static_cast<unsigned>(state.range(0))));
  const Identity id = id_of(0);
  for (auto _ : state) benchmark::DoNotOptimize(look_up(set, 0, id));
}
BENCHMARK(BM_LookUp)->Arg(1)->Arg(many);

double nanoseconds_of(PolicySet& set, unsigned rounds) {
  const Identity id = id_of(0);
  const auto begin = std::chrono::steady_clock::now();
  for (unsigned i = 0; i < rounds; ++i) benchmark::DoNotOptimize(look_up(set, 0, id));
  const std::chrono::duration<double, std::nano> passed = std::chrono::steady_clock::now() - begin;
  return passed.count() / rounds;
}

// Both in turn within one run, so that the machine's mood falls on both alike. `added_us` is what
// a setup pays for the 9,999 others.
void BM_LookUpRatio(benchmark::State& state) {
  PolicySet one, all;
  one.replace(config_with(1));
  all.replace(config_with(many));
  double of_one = 0, of_all = 0;
  for (auto _ : state) {
    of_one += nanoseconds_of(one, 100);
    of_all += nanoseconds_of(all, 100);
  }
  const auto rounds = static_cast<double>(state.iterations());
  state.counters["ratio"] = of_all / of_one;
  state.counters["added_us"] = (of_all - of_one) / rounds / 1000;
}
BENCHMARK(BM_LookUpRatio);

void BM_Load(benchmark::State& state) {
  const Config config = config_with(many);
  for (auto _ : state) {
    PolicySet set;
    set.replace(config);
    benchmark::DoNotOptimize(look_up(set, 0, id_of(0)));  // builds the index
  }
}
BENCHMARK(BM_Load)->Unit(benchmark::kMillisecond);

// The same file again, and one in which every policy has another name.
void BM_Reload(benchmark::State& state) {
  Config config = config_with(many);
  Config other = config;
  if (state.range(0) != 0) {
    for (Policy& p : other.policies) p.name += "x";
  }
  PolicySet set;
  set.replace(config);
  bool turn = false;
  for (auto _ : state) {
    turn = !turn;
    set.replace(turn ? other : config);
    benchmark::DoNotOptimize(look_up(set, 0, id_of(0)));
  }
}
BENCHMARK(BM_Reload)->ArgName("renamed")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace iked::ike
