// SPDX-License-Identifier: ISC
// What ikectl prints with --json. docs/ikectl-json.md and docs/ikectl.schema.json describe it; a
// field that once was stays, and `version` counts what breaks that.
#pragma once

#include <string>
#include <string_view>

#include "control/protocol.h"
#include "model/control.h"

namespace iked::ikectl {

inline constexpr int json_version = 1;

/// A text between quotation marks. What is no UTF-8 becomes U+FFFD.
std::string json_text(std::string_view text);

// One object each, on one line.
std::string to_json(const IkeSaRow& sa);
std::string to_json(const PolicyRow& policy);
std::string to_json(const FailureRow& failure);
std::string to_json(const EventRow& event);

// Whole documents, on one line each, with its end.
std::string json_event(const EventRow& event);
std::string json_done(std::string_view text);
std::string json_failed(const ControlError& error, int exit_code);
std::string json_statistics(const control::StatisticRows& all);
std::string json_failures(std::string_view name, const control::FailureRows& all);
std::string json_certificates(std::string_view lines);

/// Prints a document of many rows without holding them: {"version":1,"sas":[ROW,ROW]}.
class JsonList {
 public:
  explicit JsonList(std::string_view name);
  void add(const std::string& row);
  void end();

 private:
  bool first_ = true;
};

}  // namespace iked::ikectl
