// SPDX-License-Identifier: ISC
#include "base/log.h"

#include <algorithm>
#include <cstdio>

namespace iked::log {
namespace {

void to_stderr(const Record& record) {
  fmt::print(stderr, "{}: {}{}\n", name(record.level), prefix(record.about), record.text);
}

Sink current_sink = to_stderr;
Level current_level = Level::info;
Sink watcher;
Level watcher_level = Level::error;

}  // namespace

void set_sink(Sink sink) {
  current_sink = sink ? std::move(sink) : to_stderr;
}
void set_level(Level level) {
  current_level = level;
}
Level level() {
  return current_level;
}

void set_watcher(Level level, Sink new_watcher) {
  watcher = std::move(new_watcher);
  watcher_level = watcher ? level : Level::error;
}
Level most_wanted() {
  return std::max(current_level, watcher_level);
}

void write(const Record& record) {
  if (record.level <= current_level) current_sink(record);
  if (watcher && record.level <= watcher_level) watcher(record);
}

std::string prefix(const About& about) {
  std::string text;
  if (!about.policy.empty()) text += fmt::format("policy \"{}\" ", about.policy);
  if (!about.peer.empty()) text += fmt::format("{} ", about.peer);
  if (about.spi_i != 0 || about.spi_r != 0) {
    text += fmt::format("{:016x}/{:016x} ", about.spi_i, about.spi_r);
  }
  if (!text.empty()) {
    text.pop_back();
    text += ": ";
  }
  return text;
}

std::string_view name(Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warn:
      return "warning";
    case Level::notice:
      return "notice";
    case Level::info:
      return "info";
    case Level::debug:
      return "debug";
  }
  return "?";
}

}  // namespace iked::log
