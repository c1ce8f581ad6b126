// SPDX-License-Identifier: ISC
// The command line of iked(8) as a value. Nothing is opened or checked beyond the words themselves.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/keeper.h"

namespace iked::daemon {

constexpr std::string_view default_config_path = "/etc/iked.conf";
constexpr std::string_view default_socket_path = "/run/iked.sock";

constexpr std::string_view usage =
    "usage: iked [-6cdnSTtVv] [-D macro=value] [-f file] [-k folder] [-p port] [-s socket]";

struct Options {
  std::string config_path{default_config_path};  // -f; "-" = standard input
  std::string socket_path{default_socket_path};  // -s
  std::map<std::string, std::string> macros;     // -D; the last one of a name counts
  std::string key_folder = "/etc/iked";          // -k
  uint16_t natt_port = 4500;                     // -p; host byte order
  bool config_test = false;                      // -n, -c
  bool foreground = false;                       // -d
  bool passive = false;                          // -S
  bool no_ipv6_block = false;                    // -6
  bool no_natt = false;                          // -T
  bool force_natt = false;                       // -t
  bool version = false;                          // -V
  int verbosity = 0;                             // how often -v was given

  /// What is odd but understood, to be logged once the log works.
  std::vector<std::string> warnings;
};

/// Reads the arguments; `argv` as main() gets it. The error is for the terminal and does not hold
/// the usage line. One thread at a time, because getopt(3) keeps its place in globals.
Result<Options> parse_options(int argc, char* const argv[]);

/// What the keeper has to read.
LoadRequest load_request(const Options& options);

/// What to do where there is no configuration file at all, as before the first start; else empty.
std::string cure_for_missing_file(const Options& options);

}  // namespace iked::daemon
