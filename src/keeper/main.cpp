// SPDX-License-Identifier: ISC
// iked-keeper: the process that has the secrets. iked starts it and talks to it over descriptor 3;
// it is of no use to anybody else.
//
//   iked-keeper PATH [NAME=VALUE ...]    the configuration to read, and its macros
//
// The first 32 octets on descriptor 3 are the key for the ids of secrets.
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/log.h"
#include "crypto/library_memory.h"
#include "keeper/confine.h"
#include "keeper/in_process_keeper.h"
#include "keeper/server.h"
#include "sandbox/process.h"

namespace {

using namespace iked;  // NOLINT: this is the program

constexpr int connection = 3;
constexpr size_t key_size = 32;

int report(const Error& error) {
  fmt::print(stderr, "iked-keeper: {}\n", error.text);
  return EXIT_FAILURE;
}

bool started_by_iked() {
  struct stat info {};
  return fstat(connection, &info) == 0 && S_ISSOCK(info.st_mode);
}

LoadRequest request_in(int argc, char* argv[]) {
  LoadRequest request{.path = argv[1], .macros = {}};
  if (argc > 2) request.key_folder = argv[2];
  for (int i = 3; i < argc; ++i) {
    const std::string_view macro = argv[i];
    const size_t equals = macro.find('=');
    if (equals == std::string_view::npos) continue;
    request.macros.insert_or_assign(std::string(macro.substr(0, equals)),
                                    std::string(macro.substr(equals + 1)));
  }
  return request;
}

Result<SecretBytes> receive_key() {
  SecretBytes key(key_size);
  const auto room = key.reveal_writable();
  if (recv(connection, room.data(), room.size(), MSG_WAITALL) != static_cast<ssize_t>(key_size)) {
    return fail("iked did not say how to number secrets");
  }
  return key;
}

Result<void> run(LoadRequest request) {
  if (auto hardened = sandbox::harden_process(); !hardened) return hardened;
  const bool locked = sandbox::lock_memory();
  if (auto inside = keeper::confine(); !inside) return inside;
  Result<SecretBytes> key = receive_key();
  if (!key) return std::unexpected(key.error());
  keeper::InProcessKeeper keeper(keeper::own_host_name(), std::move(*key));
  keeper::Server server(keeper, std::move(request), Descriptor(connection));
  log::set_sink([&server](const log::Record& record) { server.log(record); });
  log::set_level(log::Level::debug);  // iked knows what is wanted
  if (!locked) {
    log::debug("the keys may be swapped out: the limit of locked memory (LimitMEMLOCK=) is finite");
  }
  Result<void> served = server.run();
  log::set_sink({});
  return served;
}

}  // namespace

int main(int argc, char* argv[]) {
  if (!iked::crypto::zero_library_memory()) {
    fmt::print(stderr, "iked-keeper: memory that libcrypto frees is not zeroed\n");
  }
  if (argc < 2 || !started_by_iked()) {
    fmt::print(stderr, "iked-keeper: iked(8) starts this program; it cannot be used alone\n");
    return EXIT_FAILURE;
  }
  // Executed by its descriptor, it would be shown with the number of that.
  prctl(PR_SET_NAME, "iked-keeper", 0, 0, 0);
  // Whoever stops the service stops iked; we end when it does.
  for (const int ignored : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2}) {
    std::signal(ignored, SIG_IGN);
  }
  const Result<void> ran = run(request_in(argc, argv));
  return ran ? EXIT_SUCCESS : report(ran.error());
}
