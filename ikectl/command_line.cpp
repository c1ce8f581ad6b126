// SPDX-License-Identifier: ISC
#include "ikectl/command_line.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "ikectl/ca_words.h"
#include "ikectl/keywords.h"

namespace iked::ikectl {
namespace {

constexpr const char* short_usage =
    "usage: ikectl [-q] [-s socket] [--json | --table | --openmetrics] command [arg ...]";

constexpr std::array<std::pair<std::string_view, Output>, 3> output_options = {{
    {"--json", Output::json},
    {"--table", Output::table},
    {"--openmetrics", Output::openmetrics},
}};

/// Takes the option if it is one of the output.
bool take_output(std::string_view word, std::optional<Output>& output) {
  const auto* found =
      std::ranges::find(output_options, word, [](const auto& option) { return option.first; });
  if (found == output_options.end()) return false;
  output = found->second;
  return true;
}

/// What the output is when nobody says.
Output usual_output(const control::Request& request) {
  const bool table =
      std::holds_alternative<control::ShowSas>(request) && isatty(STDOUT_FILENO) == 1;
  return table ? Output::table : Output::lines;
}

Result<Output> choose_output(std::optional<Output> wanted, const control::Request& request) {
  if (!wanted) return usual_output(request);
  if (wanted == Output::openmetrics && !std::holds_alternative<control::ShowStatistics>(request)) {
    return fail("--openmetrics is for 'show stats'");
  }
  if (wanted == Output::table && !std::holds_alternative<control::ShowSas>(request)) {
    return fail("--table is for 'show sa'");
  }
  return *wanted;
}

}  // namespace

Result<CommandLine> parse_command_line(int argc, char** argv) {
  CommandLine line;
  std::optional<Output> output;
  int at = 1;
  while (at < argc && argv[at][0] == '-' && argv[at][1] != '\0') {
    const std::string_view word = argv[at++];
    if (word == "--") break;
    if (take_output(word, output)) continue;
    if (word == "-q") {
      line.quiet = true;
    } else if (word == "-qs" || word == "-s") {
      line.quiet = line.quiet || word == "-qs";
      if (at == argc) return fail("{}", short_usage);
      line.socket = argv[at++];
    } else if (word.starts_with("-s")) {
      line.socket = word.substr(2);
    } else {
      return fail("{}", short_usage);
    }
  }
  std::vector<std::string_view> words(argv + at, argv + argc);
  if (words.empty()) return fail("{}", usage());
  if (is_ca_command(words)) {
    line.ca_words = std::move(words);
    return line;
  }
  std::erase_if(words, [&](std::string_view word) { return take_output(word, output); });
  auto request = parse_command(words);
  if (!request) return fail(request);
  line.request = std::move(*request);
  auto chosen = choose_output(output, line.request);
  if (!chosen) return fail(chosen);
  line.output = *chosen;
  return line;
}

}  // namespace iked::ikectl
