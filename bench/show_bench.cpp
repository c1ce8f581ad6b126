// SPDX-License-Identifier: ISC
// `ikectl show sa` of a daemon with 10,000 IKE SAs: the CPU of ikectl and of the daemon, and the
// longest pause of the daemon's loop while it answers page by page. The engine is a real one with a
// faked kernel; ikectl is the real program.
#include <benchmark/benchmark.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "control/server.h"
#include "daemon/control.h"
#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

constexpr size_t tunnels = 10'000;

double seconds_of(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// Two hosts with a policy and an IKE SA for each tunnel.
void connect_all(Pair& pair) {
  pair.config_a.policies.clear();
  pair.config_b.policies.clear();
  for (size_t i = 0; i < tunnels; ++i) {
    const std::string left = fmt::format("10.{}.{}.0/24", i / 256, i % 256);
    const std::string right = fmt::format("172.{}.{}.0/24", i / 256, i % 256);
    const std::string a = fmt::format("a{}.example.com", i);
    const std::string b = fmt::format("b{}.example.com", i);
    pair.config_a.policies.push_back(
        psk_policy(fmt::format("to-{}", b), "192.0.2.1", "192.0.2.2", left, right, a, b));
    pair.config_a.policies.back().active = true;
    pair.config_b.policies.push_back(
        psk_policy(fmt::format("to-{}", a), "192.0.2.2", "192.0.2.1", right, left, b, a));
  }
  pair.world.keep_sent = false;
  pair.connect();
  for (int turn = 0; turn < 400 && pair.b->engine->established_count() < tunnels; ++turn) {
    pair.world.advance(2s);
  }
}

daemon::ControlPorts ports_of(Pair& pair) {
  daemon::ControlPorts ports;
  ports.now = [&pair] { return pair.world.now; };
  return ports;
}

struct Cost {
  double ikectl = 0;         // CPU
  double daemon = 0;         // CPU
  double longest_pause = 0;  // of the loop
};

Cost show(control::Server& server, const std::string& path, const char* how) {
  std::string program = IKECTL_PROGRAM, socket = path, option = how;
  std::string s = "-s", show = "show", sa = "sa";
  char* arguments[] = {program.data(), s.data(),  socket.data(), option.data(),
                       show.data(),    sa.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0);
  pid_t child = 0;
  posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  Cost cost;
  rusage used{};
  int status = 0;
  while (wait4(child, &status, WNOHANG, &used) == 0) {
    pollfd entry{server.descriptor(), POLLIN, 0};
    if (poll(&entry, 1, 1) != 1) continue;
    const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    const double begin = seconds_of(CLOCK_MONOTONIC);
    server.on_ready();
    cost.longest_pause = std::max(cost.longest_pause, seconds_of(CLOCK_MONOTONIC) - begin);
    cost.daemon += seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  }
  cost.ikectl = seconds(used.ru_utime) + seconds(used.ru_stime);
  if (status != 0) cost.ikectl = -1;
  return cost;
}

void show_all(benchmark::State& state, const char* how) {
  const LogCapture log(log::Level::error);
  static Pair pair;
  if (pair.b == nullptr) connect_all(pair);
  const size_t up = pair.b->engine->established_count();
  if (up != tunnels) return state.SkipWithError("not all tunnels are up");
  std::string folder = (std::filesystem::temp_directory_path() / "iked-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return state.SkipWithError("no folder");
  daemon::ControlService service(*pair.b->engine, {}, ports_of(pair));
  auto listener = control::Listener::create(folder + "/sock");
  auto server = control::Server::start(std::move(*listener), service);
  Cost worst;
  for (auto _ : state) {
    const Cost cost = show(**server, folder + "/sock", how);
    if (cost.ikectl < 0) return state.SkipWithError("ikectl failed");
    worst.ikectl = std::max(worst.ikectl, cost.ikectl);
    worst.daemon = std::max(worst.daemon, cost.daemon);
    worst.longest_pause = std::max(worst.longest_pause, cost.longest_pause);
  }
  state.counters["ikectl_cpu_ms"] = worst.ikectl * 1e3;
  state.counters["daemon_cpu_ms"] = worst.daemon * 1e3;
  state.counters["longest_pause_ms"] = worst.longest_pause * 1e3;
  server->reset();
  std::filesystem::remove_all(folder);
}

BENCHMARK_CAPTURE(show_all, table, "--table")->Iterations(3)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(show_all, json, "--json")->Iterations(3)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(show_all, lines, "-q")->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace iked::test
