// SPDX-License-Identifier: ISC
// What ikectl prints for people: the table of SAs, events, and why something failed.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "control/protocol.h"
#include "model/control.h"

namespace iked::ikectl {

/// Colours, where the stream is a terminal and NO_COLOR is not set.
class Paint {
 public:
  enum class Colour { red, yellow, green, faint };
  explicit Paint(bool on) : on_(on) {}
  static Paint for_stream(FILE* stream);
  std::string operator()(Colour colour, std::string_view text) const;

 private:
  bool on_;
};

/// "840 B", "1.6 KiB".
std::string octets(uint64_t count);

/// IKE SAs as an aligned table, each with its child SAs below it. Each `table` has a heading.
std::string table(const std::vector<IkeSaRow>& sas, const Paint& paint);

/// One line: time of day, policy or peer, text.
std::string to_line(const EventRow& event, const Paint& paint);

/// The state of what was asked for, and what went wrong last with it.
std::string explain(std::string_view name, const control::FailureRows& all, const Paint& paint);

}  // namespace iked::ikectl
