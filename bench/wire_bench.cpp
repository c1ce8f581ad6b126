// SPDX-License-Identifier: ISC
// What reading and writing messages costs, beside the microseconds of public-key arithmetic that an
// IKE SA takes anyway.
#include <benchmark/benchmark.h>

#include "wire/samples.h"
#include "wire/test_keys.h"

namespace iked::wire {
namespace {

void count(benchmark::State& state, size_t octets) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(octets));
  state.counters["octets"] = static_cast<double>(octets);
}

void parse_clear(benchmark::State& state) {
  const Sample sample = sa_init_request();
  const Bytes datagram = encode_message(sample.header, sample.payloads);
  for (auto _ : state) {
    const auto header = parse_header(datagram);
    benchmark::DoNotOptimize(parse_message(*header, datagram));
  }
  count(state, datagram.size());
}
BENCHMARK(parse_clear)->Name("parse IKE_SA_INIT");

void parse_only_header(benchmark::State& state) {
  const Sample sample = sa_init_request();
  const Bytes datagram = encode_message(sample.header, sample.payloads);
  for (auto _ : state) benchmark::DoNotOptimize(parse_header(datagram));
}
BENCHMARK(parse_only_header)->Name("parse a header");

void encode_clear(benchmark::State& state) {
  const Sample sample = sa_init_request();
  size_t size = 0;
  for (auto _ : state) {
    const Bytes datagram = encode_message(sample.header, sample.payloads);
    size = datagram.size();
    benchmark::DoNotOptimize(datagram.data());
  }
  count(state, size);
}
BENCHMARK(encode_clear)->Name("encode IKE_SA_INIT");

// The worst that 64 KiB can hold: nothing may cost more than its size.
void parse_largest(benchmark::State& state) {
  Sample sample = sa_init_request();
  SaPayload sa;
  for (uint8_t number = 1; number <= 31; ++number) {
    sa.proposals.push_back({number, ProtocolId::IKE, {}, {}});
    sa.proposals.back().transforms.assign(255, {TransformType::PRF, 5, {}});
  }
  sample.payloads = {sa};
  const Bytes datagram = encode_message(sample.header, sample.payloads);
  const auto header = parse_header(datagram);
  for (auto _ : state) benchmark::DoNotOptimize(parse_message(*header, datagram));
  count(state, datagram.size());
}
BENCHMARK(parse_largest)->Name("parse an SA payload of 63 KB");

void seal(benchmark::State& state) {
  const TestSuite& suite = test_suites.at(static_cast<size_t>(state.range(0)));
  const Sample sample = auth_request();
  const crypto::MessageKeys keys = test_keys(suite);
  const Bytes iv = test_iv(suite);
  size_t size = 0;
  for (auto _ : state) {
    const Bytes datagram = seal_message(sample.header, sample.payloads, keys, iv);
    size = datagram.size();
    benchmark::DoNotOptimize(datagram.data());
  }
  count(state, size);
  state.SetLabel(std::string(suite.name));
}
BENCHMARK(seal)->Name("seal IKE_AUTH")->DenseRange(0, test_suites.size() - 1);

void open(benchmark::State& state) {
  const TestSuite& suite = test_suites.at(static_cast<size_t>(state.range(0)));
  const Sample sample = auth_request();
  const crypto::MessageKeys keys = test_keys(suite);
  const Bytes sealed = seal_message(sample.header, sample.payloads, keys, test_iv(suite));
  Bytes datagram;
  for (auto _ : state) {
    datagram = sealed;  // opening decrypts in place
    const auto header = parse_header(datagram);
    auto message = open_message(*header, datagram, keys);
    if (!message) return state.SkipWithError("does not open");
    benchmark::DoNotOptimize(message);
  }
  count(state, sealed.size());
  state.SetLabel(std::string(suite.name));
}
BENCHMARK(open)->Name("open IKE_AUTH")->DenseRange(0, test_suites.size() - 1);

}  // namespace
}  // namespace iked::wire
