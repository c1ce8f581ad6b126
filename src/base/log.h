// SPDX-License-Identifier: ISC
// Structured log records. This file only makes records; where they go (stderr, the journal, a test)
// is the sink's business, set once by the process. One line per fact, tied to its SA. Levels:
// notice = SA up or down, info = a message sent or received, debug = decisions, warn = a peer
// misbehaved or something needs a look, error = we failed.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/event.h"

namespace iked::log {

enum class Level : uint8_t { error, warn, notice, info, debug };

/// What a record is about. Empty fields are left out. The first four become the prefix of the text,
/// and all of them the journal's fields: IKED_POLICY=, IKED_PEER=, IKED_SPI_I=, IKED_SPI_R=,
/// MESSAGE_ID=, IKED_CHILD_SPI=, IKED_LOCAL_ID=, IKED_REMOTE_ID=, IKED_EXCHANGE=, IKED_NOTIFY=.
struct About {
  std::string_view policy = {};
  std::string_view peer = {};  // address and port, as text
  uint64_t spi_i = 0;          // host byte order; 0 = not known
  uint64_t spi_r = 0;
  Event event = Event::none;
  uint32_t child_spi = 0;      // the inbound one; 0 = none
  std::string local_id = {};   // "FQDN/a.example.com"
  std::string remote_id = {};  // what the peer says, proven or not
  std::string exchange = {};   // "IKE_AUTH"
  std::string notify = {};     // "NO_PROPOSAL_CHOSEN"
};

struct Record {
  Level level;
  About about;
  std::string_view text;
};

/// Anything that can say what it is about, such as an IKE SA.
template <typename T>
concept Subject = requires(const T& t) {
  { t.about() } -> std::same_as<About>;
};
inline const About& about_of(const About& about) {
  return about;  // NOLINT(bugprone-return-const-ref-from-parameter): outlives the log call it is in
}
template <Subject T>
About about_of(const T& subject) {
  return subject.about();
}

using Sink = std::function<void(const Record&)>;

/// Replaces the sink; the default writes "level: text" to stderr. Call it from the main thread
/// only; workers do not log.
void set_sink(Sink sink);
/// Records above this level do not go to the sink. Default: info.
void set_level(Level level);
Level level();
/// Gets every record up to `level` besides, whatever the sink's level; an empty one ends that. For
/// `ikectl monitor`. What it does must not log.
void set_watcher(Level level, Sink watcher);
/// Records above this level are not even formatted.
Level most_wanted();
void write(const Record& record);

/// "policy "a" 192.0.2.1:500: " or empty: how a record begins where fields cannot be shown.
std::string prefix(const About& about);
std::string_view name(Level level);

template <typename... Args>
void at(Level wanted, const About& about, fmt::format_string<Args...> format, Args&&... args) {
  if (wanted > most_wanted()) return;
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  write({wanted, about, text});
}

// log::info(sa, "..."), log::info("..."), and so on for each level.
#define IKED_LOG_FUNCTION(NAME)                                              \
  template <typename... Args>                                                \
  void NAME(const auto& subject, fmt::format_string<Args...> format,         \
            Args&&... args) requires requires {                              \
    about_of(subject);                                                       \
  }                                                                          \
  {                                                                          \
    if (Level::NAME > most_wanted()) return;                                 \
    at(Level::NAME, about_of(subject), format, std::forward<Args>(args)...); \
  }                                                                          \
  template <typename... Args>                                                \
  void NAME(fmt::format_string<Args...> format, Args&&... args) {            \
    at(Level::NAME, About{}, format, std::forward<Args>(args)...);           \
  }
IKED_LOG_FUNCTION(error)
IKED_LOG_FUNCTION(warn)
IKED_LOG_FUNCTION(notice)
IKED_LOG_FUNCTION(info)
IKED_LOG_FUNCTION(debug)
#undef IKED_LOG_FUNCTION

}  // namespace iked::log
