// SPDX-License-Identifier: ISC
// What one message of a flood costs us: first messages that have no cookie or a wrong one, messages
// for SAs that we do not have, rubbish. Every one comes from another address under another SPI.
// `answer/octets` is what goes back for each octet that came: an amplifier would have more than 1.
#include <benchmark/benchmark.h>
#include <time.h>

#include "ike/choose.h"
#include "support/log_capture.h"
#include "support/rogue.h"
#include "wire/notify_data.h"

namespace iked::test {
namespace {

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// `octets` with another initiator SPI each time, to an engine that demands cookies of everybody.
void flood(benchmark::State& state, const std::function<Bytes(Rogue&)>& message) {
  LogCapture log(log::Level::error);
  Pair pair;
  pair.policy_a().active = false;
  pair.policy_b().peer = AnyHost{};
  pair.config_b.settings.cookie_threshold = 0;
  pair.start();
  Rogue rogue(pair);
  const Bytes octets = message(rogue);
  uint64_t count = 0;
  size_t back = 0;
  double spent = 0;
  for (auto _ : state) {
    ++count;
    Datagram datagram{
        {pair.b->address, 500}, {*IpAddress::parse("198.51.100.1"), 500}, false, octets};
    for (size_t i = 0; i < 8; ++i) datagram.octets[i] = static_cast<uint8_t>(count >> (8 * i));
    datagram.octets[7] = 1;  // not zero
    datagram.remote.port = static_cast<uint16_t>(1024 + count % 60000);
    ike::Effects effects;
    const double begin = cpu_seconds();
    pair.b->engine->on_datagram(std::move(datagram), pair.world.now, effects);
    spent += cpu_seconds() - begin;
    for (const ike::Effect& effect : effects.take()) {
      if (const auto* send = std::get_if<ike::SendDatagram>(&effect))
        back += send->datagram.octets.size();
    }
  }
  if (pair.b->engine->sa_count() != 0) state.SkipWithError("something was kept");
  const auto messages = static_cast<double>(count);
  state.counters["us/message"] = spent / messages * 1e6;
  state.counters["answer/octets"] =
      static_cast<double>(back) / (messages * static_cast<double>(octets.size()));
}

void first_message(benchmark::State& state) {
  flood(state, [](Rogue& rogue) { return rogue.first_message(); });
}

void with_a_wrong_cookie(benchmark::State& state) {
  flood(state, [](Rogue& rogue) {
    const Bytes plain = rogue.first_message();
    auto message = wire::parse_message(*wire::parse_header(plain), plain);
    wire::Payloads payloads{wire::make_notify(NotifyType::COOKIE, Bytes(33, 7))};
    for (auto& payload : message->payloads) payloads.push_back(std::move(payload));
    return wire::encode_message(message->header, payloads);
  });
}

void unknown_spi(benchmark::State& state) {
  flood(state, [](Rogue& rogue) {
    wire::Header header = rogue.header(ExchangeType::INFORMATIONAL, 0);
    header.spi_r = IkeSpi{1};
    return wire::encode_message(header, {});
  });
}

void rubbish(benchmark::State& state) {
  flood(state, [](Rogue& rogue) {
    Bytes octets = rogue.first_message();
    octets[28 + 3] ^= 0x40;  // the length of the first payload
    return octets;
  });
}

BENCHMARK(first_message)->Unit(benchmark::kMicrosecond);
BENCHMARK(with_a_wrong_cookie)->Unit(benchmark::kMicrosecond);
BENCHMARK(unknown_spi)->Unit(benchmark::kMicrosecond);
BENCHMARK(rubbish)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace iked::test
