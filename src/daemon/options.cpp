// SPDX-License-Identifier: ISC
#include "daemon/options.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace iked::daemon {
namespace {

bool is_macro_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (name.empty() || !letter(name.front())) return false;
  for (char c : name) {
    if (!letter(c) && !digit(c) && c != '_') return false;
  }
  return true;
}

Result<void> add_macro(std::string_view argument, Options& options) {
  // OpenIKED: the name ends at the last '=', so a value cannot contain one.
  const size_t equals = argument.rfind('=');
  if (equals == std::string_view::npos) {
    return fail("-D {}: write it as -D macro=value", argument);
  }
  const std::string_view name = argument.substr(0, equals);
  if (!is_macro_name(name)) {
    return fail(
        "-D {}: \"{}\" cannot be the name of a macro: it begins with a letter and has letters, "
        "digits and '_'; a value with a '=' belongs into the file",
        argument, name);
  }
  options.macros.insert_or_assign(std::string(name), std::string(argument.substr(equals + 1)));
  return {};
}

Result<uint16_t> parse_port(std::string_view text) {
  unsigned long port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error == std::errc::result_out_of_range || port > 65535) {
    return fail("-p {}: port is too large, it goes up to 65535", text);
  }
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    return fail("-p {}: a port is a number from 1 to 65535", text);
  }
  return static_cast<uint16_t>(port);
}

/// The manual of OpenBSD 4.8 prints -s where it means -S, so a -s without a path is taken as -S.
void take_as_passive(Options& options) {
  options.passive = true;
  options.warnings.emplace_back(
      "-s without the path of a socket is taken as -S (passive); write -S, or -s SOCKET");
}

Result<void> take(int letter, const char* argument, Options& options) {
  switch (letter) {
    case '6':
      options.no_ipv6_block = true;
      return {};
    case 'c':
    case 'n':
      options.config_test = true;
      return {};
    case 'd':
      options.foreground = true;
      return {};
    case 'S':
      options.passive = true;
      return {};
    case 'T':
      options.no_natt = true;
      return {};
    case 't':
      options.force_natt = true;
      return {};
    case 'V':
      options.version = true;
      return {};
    case 'v':
      ++options.verbosity;
      return {};
    case 'D':
      return add_macro(argument, options);
    case 'f':
      options.config_path = argument;
      return {};
    case 'k':
      options.key_folder = argument;
      return {};
    case 'p': {
      const Result<uint16_t> port = parse_port(argument);
      if (!port) return fail("{}", port.error().text);
      options.natt_port = *port;
      return {};
    }
    case 's':
      if (argument[0] == '-' || argument[0] == '\0') {
        take_as_passive(options);
        // What looks like an option is one; an empty word is nothing.
        if (argument[0] == '-') --optind;
      } else {
        options.socket_path = argument;
      }
      return {};
    default:
      return fail("unknown option -{}", static_cast<char>(optopt));
  }
}

Result<void> check(const Options& options) {
  if (options.no_natt && options.force_natt) return fail("-T and -t are mutually exclusive");
  if (options.config_path.empty()) return fail("-f needs the name of a file");
  if (options.key_folder.empty()) return fail("-k needs the name of a folder");
  if (options.natt_port == 500) return fail("-p 500: this is the port of plain IKE");
  return {};
}

}  // namespace

Result<Options> parse_options(int argc, char* const argv[]) {
  Options options;
  optind = 0;  // GNU: forget an earlier scan
  opterr = 0;
  for (;;) {
    const int letter = getopt(argc, argv, ":6cD:df:k:np:Ss:TtVv");
    if (letter == -1) break;
    if (letter == ':') {
      if (optopt != 's') return fail("option -{} needs an argument", static_cast<char>(optopt));
      take_as_passive(options);
      continue;
    }
    if (Result<void> taken = take(letter, optarg, options); !taken) return fail(taken);
  }
  // `iked -n -` as well as `iked -n -f -`.
  if (options.config_test && optind + 1 == argc && std::string_view(argv[optind]) == "-") {
    options.config_path = argv[optind++];
  }
  if (optind < argc) return fail("unexpected argument \"{}\"", argv[optind]);
  if (Result<void> checked = check(options); !checked) return fail(checked);
  return options;
}

LoadRequest load_request(const Options& options) {
  return {options.config_path, options.macros, options.key_folder};
}

std::string cure_for_missing_file(const Options& options) {
  if (options.config_path == "-" || access(options.config_path.c_str(), F_OK) == 0) return {};
  if (errno != ENOENT) return {};
  return fmt::format(
      "there is no {}: write it, iked.conf(5) has a first example, or name another file with "
      "-f FILE",
      options.config_path);
}

}  // namespace iked::daemon
