// SPDX-License-Identifier: ISC
#pragma once

#include <string>
#include <vector>

#include "base/log.h"

namespace iked::test {

/// Collects log records instead of printing them, for as long as it lives.
class LogCapture {
 public:
  explicit LogCapture(log::Level level = log::Level::info) : before_(log::level()) {
    log::set_level(level);
    log::set_sink([this](const log::Record& record) {
      lines.push_back(std::string(log::name(record.level)) + ": " + log::prefix(record.about) +
                      std::string(record.text));
    });
  }
  ~LogCapture() {
    log::set_sink({});
    log::set_level(before_);
  }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  /// How many lines hold all of these pieces.
  size_t count(std::initializer_list<std::string_view> pieces) const {
    size_t found = 0;
    for (const std::string& line : lines) {
      bool all = true;
      for (std::string_view piece : pieces) all = all && line.find(piece) != std::string::npos;
      found += all ? 1 : 0;
    }
    return found;
  }
  std::string all() const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }

  std::vector<std::string> lines;

 private:
  log::Level before_;
};

}  // namespace iked::test
