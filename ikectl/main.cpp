// SPDX-License-Identifier: ISC
// ikectl: asks a running iked over its control socket and prints the answer. Exit code 0 when that
// worked and 1 in all other cases, as scripts for OpenBSD's ikectl expect.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/overloaded.h"
#include "control/client.h"
#include "ikectl/ca_run.h"
#include "ikectl/ca_words.h"
#include "ikectl/complete.h"
#include "ikectl/keywords.h"
#include "ikectl/show.h"
#include "ikectl/text.h"

namespace iked::ikectl {
namespace {

constexpr const char* default_socket = "/run/iked.sock";

struct CommandLine {
  std::string socket = default_socket;
  bool quiet = false;
  control::Request request;
  std::vector<std::string_view> ca_words;  // in place of the request
};

Result<CommandLine> parse(int argc, char** argv) {
  CommandLine line;
  opterr = 0;  // the usage line says it all
  // "+": what follows the command is the command's.
  for (int option; (option = getopt(argc, argv, "+qs:")) != -1;) {
    switch (option) {
      case 'q':
        line.quiet = true;
        break;
      case 's':
        line.socket = optarg;
        break;
      default:
        return fail("usage: ikectl [-q] [-s socket] command [arg ...]");
    }
  }
  const std::vector<std::string_view> words(argv + optind, argv + argc);
  if (words.empty()) return fail("{}", usage());
  if (is_ca_command(words)) {
    line.ca_words = words;
    return line;
  }
  auto request = parse_command(words);
  if (!request) return fail(request);
  line.request = *request;
  return line;
}

/// Adds the end of the line where the daemon's text has none.
void print(const std::string& text) {
  if (text.empty()) return;
  fmt::print("{}{}", clean(text, true), text.ends_with('\n') ? "" : "\n");
}

Result<void> change(control::Client& client, const control::Request& request, const char* said) {
  auto done = client.command(request);
  if (!done) return fail(done);
  fmt::print("{}", said);
  print(*done);
  return {};
}

Result<void> in_silence(control::Client& client, const control::Request& request) {
  auto done = client.command(request);
  if (!done) return fail(done);
  return {};
}

Result<void> carry_out(control::Client& client, const control::Request& request) {
  const auto show = [](const auto& row) { fmt::print("{}", to_lines(row)); };
  return std::visit(
      overloaded{
          [&](const control::ShowSas&) { return client.for_each_sa(show); },
          [&](const control::ShowPolicies&) { return client.for_each_policy(show); },
          [&](const control::Reload& r) { return change(client, r, ""); },
          [&](const control::Reset& r) { return change(client, r, "reset request sent.\n"); },
          [&](const control::SetVerbosity& r) {
            return change(client, r, "logging request sent.\n");
          },
          // Scripts expect silence.
          [&](const control::SetPassive& r) { return in_silence(client, r); },
          [&](const control::SetCoupled& r) { return in_silence(client, r); }},
      request);
}

int run(int argc, char** argv) {
  const auto line = parse(argc, argv);
  if (!line) {
    fmt::print(stderr, "{}\n", line.error().text);
    return 1;
  }
  if (!line->ca_words.empty()) return run_ca(line->ca_words, line->quiet);
  auto client = control::Client::connect(line->socket);
  if (!client) {
    fmt::print(stderr, "ikectl: {}\n", client.error().text);
    return 1;
  }
  const auto done = carry_out(*client, line->request);
  if (!done) {
    fflush(stdout);
    // The diagnostics of a configuration begin with FILE:LINE:COLUMN and stay that way.
    const bool verbatim = std::holds_alternative<control::Reload>(line->request);
    fmt::print(stderr, "{}{}\n", verbatim ? "" : "ikectl: ", clean(done.error().text, true));
    return 1;
  }
  if (fflush(stdout) != 0) {
    perror("ikectl: standard output");
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace iked::ikectl

int main(int argc, char** argv) {
  // Before anything else: what follows are words of an unfinished command line.
  if (argc > 1 && std::string_view(argv[1]) == "--complete") {
    const std::vector<std::string_view> words(argv + 2, argv + argc);
    return iked::ikectl::run_complete(words);
  }
  return iked::ikectl::run(argc, argv);
}
