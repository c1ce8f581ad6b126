// SPDX-License-Identifier: ISC
#include "daemon/journal_sink.h"

// The journal adds the place of the call otherwise, which would be in this file always.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace iked::daemon {
namespace {

constexpr const char* journal_socket = "/run/systemd/journal/socket";

/// systemd says by JOURNAL_STREAM=DEVICE:INODE which stream it connected to the journal.
bool stderr_is_journal() {
  const char* const stream = secure_getenv("JOURNAL_STREAM");
  struct stat st {};
  if (stream == nullptr || fstat(STDERR_FILENO, &st) != 0) return false;
  return fmt::format("{}:{}", st.st_dev, st.st_ino) == stream;
}

std::string time_of_day() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm local{};
  localtime_r(&now.tv_sec, &local);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", local.tm_hour, local.tm_min, local.tm_sec,
                     now.tv_nsec / 1'000'000);
}

void to_journal(const log::Record& record) {
  const std::vector<std::string> fields = journal_fields(record);
  std::vector<iovec> parts;
  parts.reserve(fields.size());
  for (const std::string& field : fields) {
    // sendv only reads.
    parts.push_back({const_cast<char*>(field.data()), field.size()});  // NOLINT
  }
  sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

void to_stderr(const log::Record& record) {
  const std::string line = terminal_line(record, time_of_day());
  fputs(line.c_str(), stderr);
}

void to_syslog(const log::Record& record) {
  const std::string prefix = log::prefix(record.about);
  syslog(syslog_priority(record.level), "%s%.*s", prefix.c_str(),
         static_cast<int>(record.text.size()), record.text.data());
}

}  // namespace

LogTarget choose_log_target(bool attached) {
  if (stderr_is_journal()) return LogTarget::journal;
  if (attached) return LogTarget::standard_error;
  return access(journal_socket, W_OK) == 0 ? LogTarget::journal : LogTarget::syslog;
}

std::string_view name(LogTarget target) {
  switch (target) {
    case LogTarget::journal:
      return "journal";
    case LogTarget::standard_error:
      return "console";
    case LogTarget::syslog:
      return "syslog";
  }
  return "";
}

log::Sink make_log_sink(LogTarget target) {
  switch (target) {
    case LogTarget::journal:
      return to_journal;
    case LogTarget::standard_error:
      return to_stderr;
    case LogTarget::syslog:
      openlog("iked", LOG_PID | LOG_NDELAY, LOG_DAEMON);
      return to_syslog;
  }
  return to_stderr;
}

int syslog_priority(log::Level level) {
  switch (level) {
    case log::Level::error:
      return LOG_ERR;
    case log::Level::warn:
      return LOG_WARNING;
    case log::Level::notice:
      return LOG_NOTICE;
    case log::Level::info:
      return LOG_INFO;
    case log::Level::debug:
      return LOG_DEBUG;
  }
  return LOG_ERR;
}

std::vector<std::string> journal_fields(const log::Record& record) {
  const log::About& about = record.about;
  std::vector<std::string> fields{
      fmt::format("MESSAGE={}{}", log::prefix(about), record.text),
      fmt::format("PRIORITY={}", syslog_priority(record.level)),
      "SYSLOG_IDENTIFIER=iked",
  };
  if (!about.policy.empty()) fields.push_back(fmt::format("IKED_POLICY={}", about.policy));
  if (!about.peer.empty()) fields.push_back(fmt::format("IKED_PEER={}", about.peer));
  if (about.spi_i != 0) fields.push_back(fmt::format("IKED_SPI_I={:016x}", about.spi_i));
  if (about.spi_r != 0) fields.push_back(fmt::format("IKED_SPI_R={:016x}", about.spi_r));
  if (about.child_spi != 0) fields.push_back(fmt::format("IKED_CHILD_SPI={:08x}", about.child_spi));
  const auto put = [&](const char* name, std::string_view value) {
    if (!value.empty()) fields.push_back(fmt::format("{}={}", name, value));
  };
  put("IKED_LOCAL_ID", about.local_id);
  put("IKED_REMOTE_ID", about.remote_id);
  put("IKED_EXCHANGE", about.exchange);
  put("IKED_NOTIFY", about.notify);
  put("MESSAGE_ID", log::message_id_of(about.event));
  return fields;
}

EventRow event_row(const log::Record& record, uint64_t time) {
  const log::About& about = record.about;
  return {.time = time,
          .level = std::string(log::name(record.level)),
          .event = std::string(log::word_of(about.event)),
          .policy = std::string(about.policy),
          .peer = std::string(about.peer),
          .spi_i = about.spi_i,
          .spi_r = about.spi_r,
          .child_spi = about.child_spi,
          .local_id = about.local_id,
          .remote_id = about.remote_id,
          .exchange = about.exchange,
          .notify = about.notify,
          .text = std::string(record.text)};
}

uint64_t wall_clock() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000 + static_cast<uint64_t>(now.tv_nsec) / 1000;
}

std::string terminal_line(const log::Record& record, std::string_view time_of_day) {
  return fmt::format("{} {}: {}{}\n", time_of_day, log::name(record.level),
                     log::prefix(record.about), record.text);
}

log::Level level_for_verbosity(int verbosity) {
  if (verbosity <= brief_verbosity) return log::Level::notice;
  return verbosity == default_verbosity ? log::Level::info : log::Level::debug;
}

}  // namespace iked::daemon
