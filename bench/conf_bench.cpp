// SPDX-License-Identifier: ISC
// What a configuration of 10,000 policies costs, from the file to the policies in force: CPU and
// resident memory of the first load, and of a reload in which one policy has changed.
//
// `aim_*` is what we want at most; memory is that of a whole process. The file is read by the real
// keeper, with all its checks.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>

#include "ike/policy_set.h"
#include "keeper/in_process_keeper.h"

namespace iked {
namespace {

constexpr unsigned many = 10000;
constexpr double mega = 1 << 20;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// A line of /proc/self/status in MiB: "VmRSS:" is resident now, "VmHWM:" was at the most.
double status_of(const std::string& field) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(field)) return std::strtod(line.c_str() + field.size(), nullptr) / 1024;
  }
  return 0;
}

/// One policy. `rich` ones name algorithms, lifetimes and several pairs of networks; others do
/// with what every policy needs.
std::string line_of(unsigned i, bool rich, const char* lifetime) {
  const std::string net = fmt::format("10.{}.{}.0/24", i >> 8, i & 255);
  const std::string pairs =
      rich ? fmt::format("from 172.16.0.0/16 to {0}, from 192.168.0.0/16 port 443 to {0}", net)
           : fmt::format("from 172.16.0.0/16 to {}", net);
  const char* algorithms =
      rich ? "ikesa enc aes-256-gcm enc aes-128-gcm prf hmac-sha2-256 group curve25519 "
             "childsa enc aes-256-gcm group curve25519 group none "
           : "";
  return fmt::format(
      "ikev2 \"branch{0}\" esp {1}{2} peer 100.64.{3}.{4} {5}srcid hub.example.com "
      "dstid b{0}.example.com {6}psk \"{0} GwKc0Kp5Vq7TzWn1rS3f9d2b\"\n",
      i, rich ? "proto tcp " : "", pairs, i >> 8, i & 255, algorithms, lifetime);
}

/// A file of its own, that only we can read, as the keeper demands.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    const int fd = mkstemp(path_);
    const bool written =
        fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (!written) std::abort();
    close(fd);
  }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;
  ~ConfigFile() { unlink(path_); }
  std::string path() const { return path_; }

 private:
  char path_[32] = "/tmp/iked-bench-XXXXXX";
};

std::string text_of(bool rich, unsigned changed) {
  std::string text;
  for (unsigned i = 0; i < many; ++i) {
    text += line_of(i, rich, i == changed ? "lifetime 1h " : "lifetime 2h ");
  }
  return text;
}

/// Nothing when the benchmark must stop: a wrong file would only be fast.
std::optional<Config> load(keeper::InProcessKeeper& keeper, const ConfigFile& file,
                           benchmark::State& state) {
  LoadResult result = keeper.load({file.path(), {}});
  if (result.config && result.config->policies.size() == many) return std::move(result.config);
  state.SkipWithError(result.diagnostics.empty() ? "policies are missing"
                                                 : result.diagnostics[0].text.c_str());
  return std::nullopt;
}

/// What a process of its own says of its memory that does nothing but this: load the files one
/// after the other into one keeper, and with `--apply` into one set of policies, as iked does at
/// start and at each reload. With `--parse` it is what `iked -n` does.
struct Memory {
  double peak = 0;  // MiB
  double held = 0;
};

int load_and_print_memory(bool apply, std::span<char*> paths) {
  keeper::InProcessKeeper keeper("host.example.com");
  ike::PolicySet set;
  std::optional<Config> config;
  for (const char* path : paths) {
    LoadResult result = keeper.load({path, {}});
    if (!result.config) return EXIT_FAILURE;
    if (apply) set.replace(*result.config);
    config = std::move(result.config);
  }
  const double peak = status_of("VmHWM:");
  malloc_trim(0);
  fmt::print("{} {}\n", peak, status_of("VmRSS:"));
  return EXIT_SUCCESS;
}

Memory memory_of(const char* what, std::initializer_list<const ConfigFile*> files,
                 benchmark::State& state) {
  std::string command = std::filesystem::read_symlink("/proc/self/exe").string() + " " + what;
  for (const ConfigFile* file : files) command += " " + file->path();
  Memory memory;
  FILE* out = popen(command.c_str(), "r");
  const bool read = out != nullptr && std::fscanf(out, "%lf %lf", &memory.peak, &memory.held) == 2;
  if (out == nullptr || pclose(out) != 0 || !read) state.SkipWithError("memory is not known");
  return memory;
}

void show(benchmark::State& state, double cpu, const Memory& memory) {
  state.counters["cpu_s"] = cpu / static_cast<double>(state.iterations());
  state.counters["peak_MB"] = memory.peak;
  state.counters["held_MB"] = memory.held;
}

// The file to a Config, as `iked -n` does it.
void BM_ParseAndValidate(benchmark::State& state) {
  const ConfigFile file(text_of(state.range(0) != 0, many));
  double cpu = 0;
  for (auto _ : state) {
    keeper::InProcessKeeper keeper("host.example.com");
    const double begin = cpu_seconds();
    const auto config = load(keeper, file, state);
    cpu += cpu_seconds() - begin;
    if (!config) break;
  }
  show(state, cpu, memory_of("--parse", {&file}, state));
  state.counters["aim_cpu_s"] = 0.5;
  state.counters["aim_MB"] = 40;
}
BENCHMARK(BM_ParseAndValidate)->ArgName("rich")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// The file once more, with one policy changed, against the policies in force. The memory is that of
// old and new together.
void BM_ReloadWithOneChanged(benchmark::State& state) {
  const bool rich = state.range(0) != 0;
  const ConfigFile files[] = {ConfigFile(text_of(rich, many)), ConfigFile(text_of(rich, many / 2))};
  keeper::InProcessKeeper keeper("host.example.com");
  ike::PolicySet set;
  auto config = load(keeper, files[0], state);
  if (!config) return;
  set.replace(*config);

  double cpu = 0;
  size_t turn = 0;
  ike::PolicySet::Changes changes;
  for (auto _ : state) {
    const double begin = cpu_seconds();
    auto next = load(keeper, files[++turn % 2], state);
    if (!next) break;
    changes = set.replace(*next);
    config = std::move(next);
    cpu += cpu_seconds() - begin;
  }
  show(state, cpu, memory_of("--apply", {&files[0], &files[1]}, state));
  state.counters["aim_added"] = 1;
  state.counters["added"] = static_cast<double>(changes.added.size());
  state.counters["removed"] = static_cast<double>(changes.removed.size());
  state.counters["kept"] = static_cast<double>(changes.kept);
}
BENCHMARK(BM_ReloadWithOneChanged)->ArgName("rich")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace iked

// bench_conf --parse FILE... and --apply FILE...: see load_and_print_memory().
int main(int argc, char** argv) {
  const std::string_view what = argc > 2 ? argv[1] : "";
  if (what == "--parse" || what == "--apply") {
    return iked::load_and_print_memory(what == "--apply",
                                       std::span(argv, static_cast<size_t>(argc)).subspan(2));
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return EXIT_FAILURE;
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}
