// SPDX-License-Identifier: ISC
// Where log records go: the journal with their fields, a terminal or file with the time, or
// syslog(3). What is logged, and at which level, is decided elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "model/control.h"

namespace iked::daemon {

enum class LogTarget : uint8_t { journal, standard_error, syslog };

/// As org.freedesktop.LogControl1 says it.
std::string_view name(LogTarget target);

/// Records in the journal when standard error leads there; else on standard error as long as it is
/// anyone's (`attached`: in the foreground, or while starting); else in the journal if there is
/// one, and syslog where there is none.
LogTarget choose_log_target(bool attached);

/// `target` must be what choose_log_target() gave.
log::Sink make_log_sink(LogTarget target);

/// The severity of syslog(3) and of the journal's PRIORITY=.
int syslog_priority(log::Level level);

/// A record as the journal's fields, each "NAME=value". MESSAGE begins with what the record is
/// about, because journalctl shows only that.
std::vector<std::string> journal_fields(const log::Record& record);

/// A record as ikectl's `monitor` gets it; `time` in microseconds since 1970.
EventRow event_row(const log::Record& record, uint64_t time);

/// Microseconds since 1970.
uint64_t wall_clock();

/// "HH:MM:SS.mmm level: prefix: text"
std::string terminal_line(const log::Record& record, std::string_view time_of_day);

/// What is logged for `-v` given so many times, or for ikectl's `log brief` (0) and `log verbose`
/// (2) when `from` is verbosity 1 without any -v: 0 = notice and worse, 1 = also info, 2 and more =
/// everything.
log::Level level_for_verbosity(int verbosity);

/// `ikectl log brief`
constexpr int brief_verbosity = 0;
/// Without -v.
constexpr int default_verbosity = 1;

}  // namespace iked::daemon
