// SPDX-License-Identifier: ISC
#include "dbus/log_control.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "dbus/errors.h"

namespace iked::dbus {
namespace {

struct LevelWord {
  const char* word;
  log::Level level;
};
// The first of a level is what is shown.
constexpr std::array level_words = {
    LevelWord{"err", log::Level::error},    LevelWord{"emerg", log::Level::error},
    LevelWord{"alert", log::Level::error},  LevelWord{"crit", log::Level::error},
    LevelWord{"warning", log::Level::warn}, LevelWord{"notice", log::Level::notice},
    LevelWord{"info", log::Level::info},    LevelWord{"debug", log::Level::debug}};

}  // namespace

LogControl::LogControl(sdbus::IConnection& connection, std::string target)
    : AdaptorInterfaces(connection, path), target_(std::move(target)) {
  registerAdaptor();
}

LogControl::~LogControl() {
  unregisterAdaptor();
}

std::string LogControl::LogLevel() {
  return std::ranges::find(level_words, log::level(), &LevelWord::level)->word;
}

void LogControl::LogLevel(const std::string& value) {
  const auto found = std::ranges::find_if(
      level_words, [&](const LevelWord& candidate) { return value == candidate.word; });
  if (found == level_words.end()) {
    throw sdbus::Error(errors::invalid_arguments,
                       fmt::format("unknown level '{}'; expected err, warning, notice, info or "
                                   "debug",
                                   value));
  }
  log::set_level(found->level);
  log::notice("D-Bus: log level {}", value);
}

}  // namespace iked::dbus
