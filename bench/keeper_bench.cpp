// SPDX-License-Identifier: ISC
// What it costs that the secrets are in another process: AUTH values computed in place and by a
// keeper behind its socket, one request after the other and 32 at a time, with the CPU of both
// processes. Prints the difference as a share of a handshake and side in the engine alone
// (bench_handshake's, X25519) of the same run. One after the other, most of it is the kernel going
// to the other process and back, which no program can save: us/switch is that alone, the same
// octets through a socket with nothing done about them. bench/keeper-share has the share of whole
// daemons.
#include <benchmark/benchmark.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "daemon/keeper_client.h"
#include "keeper/in_process_keeper.h"
#include "keeper/server.h"
#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

double cpu_seconds(clockid_t clock = CLOCK_PROCESS_CPUTIME_ID) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// A configuration with one key, and a request for AUTH values with as much as IKE signs.
class Configuration {
 public:
  Configuration() {
    const int fd = mkstemp(path_);
    const std::string text =
        "ikev2 \"west\" from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2 psk \"2fXq8vTn5Lw0\"\n";
    if (fd < 0 || write(fd, text.data(), text.size()) < 0) std::abort();
    close(fd);
  }
  ~Configuration() { unlink(path_); }
  LoadRequest load() const { return {path_, {}}; }
  static PskAuthRequest request(const LoadResult& loaded) {
    const SecretId secret = std::get<PskAuth>(loaded.config->policies.at(0).auth).secret;
    return {secret, PrfId::HMAC_SHA2_256, Bytes(500, 1), Bytes(500, 2), "west"};
  }

 private:
  char path_[32] = "/tmp/iked-bench-XXXXXX";
};

/// A keeper in a process of its own, and a client of it.
class Remote {
 public:
  explicit Remote(const LoadRequest& request) {
    int channel[2];
    int connection[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, connection) != 0) {
      std::abort();
    }
    ours_.reset(channel[0]);
    theirs_.reset(channel[1]);
    Descriptor for_client(connection[1]);
    pid_ = fork();
    if (pid_ == 0) {
      for_client.reset();
      keeper::InProcessKeeper keeper("host.example.com");
      keeper::Server server(keeper, request, Descriptor(connection[0]));
      _exit(server.run() ? 0 : 1);
    }
    close(connection[0]);
    pass(for_client.get());
    client_ = std::move(*daemon::KeeperClient::make(ours_.get(), request, [] { return Time{1h}; }));
  }
  ~Remote() {
    client_.reset();
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  daemon::KeeperClient& client() { return *client_; }
  double cpu() const {
    clockid_t clock{};
    return clock_getcpuclockid(pid_, &clock) == 0 ? cpu_seconds(clock) : 0;
  }
  /// So many at once, as many peers would; true when all were answered.
  bool ask(const PskAuthRequest& request, size_t times) {
    size_t answered = 0;
    bool good = true;
    for (size_t i = 0; i < times; ++i) {
      client_->psk_auth(request, [&](const Result<PskAuthValues>& v) {
        ++answered;
        good = good && v.has_value();
      });
    }
    while (answered < times) {
      pollfd ready{client_->descriptor(), POLLIN, 0};
      poll(&ready, 1, -1);
      client_->on_ready();
    }
    return good;
  }

 private:
  void pass(int fd) {
    char octet = 'k';
    iovec part{&octet, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    if (sendmsg(theirs_.get(), &message, 0) != 1) std::abort();
  }

  Descriptor ours_, theirs_;
  pid_t pid_ = -1;
  std::unique_ptr<daemon::KeeperClient> client_;
};

/// CPU of a handshake and side, the AUTH values computed in place.
double handshake() {
  Pair pair;
  pair.world.real_key_exchange = true;
  pair.world.keep_sent = false;
  pair.policy_a().ike_proposals[0].ke = {KeId::CURVE25519};
  pair.connect();
  constexpr int rounds = 200;
  double spent = 0;
  for (int i = 0; i < rounds; ++i) {
    pair.a->command(ike::ResetSas{});
    pair.world.settle();
    const double begin = cpu_seconds();
    pair.world.advance(5s);
    spent += cpu_seconds() - begin;
  }
  return spent / rounds / 2;
}

/// CPU of both processes for as many octets there and back as a request and its answer have.
double switch_to_another_process() {
  constexpr size_t request = 1100;
  constexpr size_t answer = 100;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
  char octets[request] = {};
  const pid_t other = fork();
  if (other == 0) {
    close(ends[0]);
    while (recv(ends[1], octets, request, 0) > 0) send(ends[1], octets, answer, MSG_NOSIGNAL);
    _exit(0);
  }
  close(ends[1]);
  clockid_t clock{};
  if (clock_getcpuclockid(other, &clock) != 0) std::abort();
  constexpr int rounds = 2000;
  const double begin = cpu_seconds() + cpu_seconds(clock);
  for (int i = 0; i < rounds; ++i) {
    if (send(ends[0], octets, request, MSG_NOSIGNAL) < 0 || recv(ends[0], octets, request, 0) < 0) {
      std::abort();
    }
  }
  const double spent = cpu_seconds() + cpu_seconds(clock) - begin;
  close(ends[0]);
  waitpid(other, nullptr, 0);
  return spent / rounds;
}

void auth_values(benchmark::State& state) {
  LogCapture log(log::Level::error);
  const Configuration file;
  Remote remote(file.load());
  const Result<LoadResult> loaded = remote.client().first_load();
  keeper::InProcessKeeper local("host.example.com");
  const LoadResult in_place = local.load(file.load());
  if (!loaded || !loaded->config || !in_place.config) return state.SkipWithError("not loaded");
  const PskAuthRequest asked = Configuration::request(*loaded);
  const PskAuthRequest asked_in_place = Configuration::request(in_place);
  const double per_side = handshake();

  const auto at_once = static_cast<size_t>(state.range(0));
  double near = 0, far = 0, count = 0;
  for (auto _ : state) {
    const double begin = cpu_seconds();
    if (!local.psk_auth(asked_in_place)) state.SkipWithError("refused in place");
    const double between = cpu_seconds();
    const double keeper_before = remote.cpu();
    const double middle = cpu_seconds();
    if (!remote.ask(asked, at_once)) state.SkipWithError("refused by the keeper");
    const double end = cpu_seconds();
    near += between - begin;
    far += (end - middle + remote.cpu() - keeper_before) / static_cast<double>(at_once);
    ++count;
  }
  // One request of each side, where the initiator's policy names the peer; else it has two.
  const double more = (far - near) / count;
  state.counters["us/in_place"] = near / count * 1e6;
  state.counters["us/keeper"] = far / count * 1e6;
  state.counters["us/switch"] = switch_to_another_process() * 1e6;
  state.counters["us/handshake_side"] = per_side * 1e6;
  state.counters["added_%"] = 100 * more / per_side;
}
BENCHMARK(auth_values)->Arg(1)->Arg(32)->Iterations(2000);

}  // namespace
}  // namespace iked::test
