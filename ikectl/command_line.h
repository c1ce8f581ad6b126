// SPDX-License-Identifier: ISC
// Options and words of ikectl's command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/protocol.h"

namespace iked::ikectl {

/// lines: as OpenBSD's ikectl; table: for people.
enum class Output { lines, table, json, openmetrics };

struct CommandLine {
  std::string socket;  // empty: whatever there is
  bool quiet = false;
  Output output = Output::lines;
  control::Request request;
  std::vector<std::string_view> ca_words = {};  // in place of the request
};

/// The error is for the user's eyes, and may have several lines.
Result<CommandLine> parse_command_line(int argc, char** argv);

}  // namespace iked::ikectl
