// SPDX-License-Identifier: ISC
#include "ikectl/run.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/overloaded.h"
#include "ikectl/ca_run.h"
#include "ikectl/ca_words.h"
#include "ikectl/command_line.h"
#include "ikectl/json.h"
#include "ikectl/link.h"
#include "ikectl/people.h"
#include "ikectl/show.h"
#include "ikectl/statistics.h"
#include "ikectl/text.h"

namespace iked::ikectl {
namespace {

using control::Request;
using Done = Link::Done;

// A table is aligned over so many IKE SAs: however many there are, few are held.
constexpr size_t rows_of_a_table = 1000;

ExitCode exit_code_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::no_such_policy:
    case FailureKind::no_such_sa:
      return exit_not_found;
    case FailureKind::denied:
      return exit_denied;
    case FailureKind::no_daemon:
      return exit_no_daemon;
    default:
      return exit_failed;
  }
}

/// Adds the end of the line where the daemon's text has none.
void print(const std::string& text) {
  if (text.empty()) return;
  fmt::print("{}{}", clean(text, true), text.ends_with('\n') ? "" : "\n");
}

/// What OpenBSD's ikectl says when it has sent such a request.
const char* said_for(const Request& request) {
  if (std::holds_alternative<control::Reset>(request)) return "reset request sent.\n";
  if (std::holds_alternative<control::SetVerbosity>(request)) return "logging request sent.\n";
  return "";
}

/// Scripts expect silence.
bool is_silent(const Request& request) {
  return std::holds_alternative<control::SetPassive>(request) ||
         std::holds_alternative<control::SetCoupled>(request);
}

class Asker {
 public:
  Asker(Link& client, const CommandLine& line)
      : client_(client), line_(line), paint_(Paint::for_stream(stdout)) {}

  Done operator()(const control::ShowSas&) {
    if (line_.output == Output::json) {
      JsonList list("sas");
      auto outcome = client_.for_each_sa([&](const IkeSaRow& sa) { list.add(to_json(sa)); });
      if (outcome) list.end();
      return outcome;
    }
    if (line_.output != Output::table) {
      return client_.for_each_sa([](const IkeSaRow& sa) { fmt::print("{}", to_lines(sa)); });
    }
    std::vector<IkeSaRow> rows;
    const auto flush = [&] {
      if (!rows.empty()) fmt::print("{}", table(std::exchange(rows, {}), paint_));
    };
    auto outcome = client_.for_each_sa([&](const IkeSaRow& sa) {
      rows.push_back(sa);
      if (rows.size() == rows_of_a_table) flush();
    });
    flush();
    return outcome;
  }

  Done operator()(const control::ShowPolicies&) {
    if (line_.output == Output::json) {
      JsonList list("policies");
      auto outcome = client_.for_each_policy([&](const PolicyRow& row) { list.add(to_json(row)); });
      if (outcome) list.end();
      return outcome;
    }
    return client_.for_each_policy([](const PolicyRow& row) { fmt::print("{}", to_lines(row)); });
  }

  Done operator()(const control::ShowStatistics&) {
    auto all = client_.statistics();
    if (!all) return std::unexpected(std::move(all.error()));
    if (line_.output == Output::json) fmt::print("{}", json_statistics(*all));
    if (line_.output != Output::openmetrics) {
      if (line_.output != Output::json) fmt::print("{}", to_lines(*all, line_.quiet));
      return {};
    }
    fmt::print("{}{}", openmetrics(*all), openmetrics_of_policies());
    auto outcome =
        client_.for_each_policy([](const PolicyRow& row) { fmt::print("{}", openmetrics(row)); });
    if (outcome) fmt::print("{}", openmetrics_end);
    return outcome;
  }

  Done operator()(const control::ShowFailures& asked) {
    auto all = client_.failures(asked.name);
    if (!all) return std::unexpected(std::move(all.error()));
    fmt::print("{}", line_.output == Output::json ? json_failures(asked.name, *all)
                                                  : explain(asked.name, *all, paint_));
    return {};
  }

  Done operator()(const control::ShowCertificates& asked) {
    auto all = client_.command(asked, {});
    if (!all) return std::unexpected(std::move(all.error()));
    if (line_.output == Output::json) {
      fmt::print("{}", json_certificates(*all));
    } else {
      print(*all);
    }
    return {};
  }

  Done operator()(const control::Monitor&) {
    return client_.monitor([&](const EventRow& event) {
      show(event);
      // Whoever read this has gone.
      return fflush(stdout) == 0;
    });
  }

  template <typename Command>
  Done operator()(const Command& command) {
    auto outcome = client_.command(command, [&](const EventRow& event) {
      show(event);
      fflush(stdout);
    });
    if (!outcome) return std::unexpected(std::move(outcome.error()));
    if (line_.output == Output::json) {
      fmt::print("{}", json_done(*outcome));
    } else if (!is_silent(line_.request)) {
      fmt::print("{}", said_for(line_.request));
      print(*outcome);
    }
    return {};
  }

 private:
  void show(const EventRow& event) {
    fmt::print("{}", line_.output == Output::json ? json_event(event) : to_line(event, paint_));
  }

  Link& client_;
  const CommandLine& line_;
  const Paint paint_;
};

int report(const ControlError& error, const CommandLine& line) {
  const ExitCode code = exit_code_of(error.kind);
  if (line.output == Output::json) fmt::print("{}", json_failed(error, code));
  fflush(stdout);
  // The diagnostics of a configuration begin with FILE:LINE:COLUMN and stay that way.
  const bool verbatim = std::holds_alternative<control::Reload>(line.request) ||
                        error.kind == FailureKind::config_invalid;
  fmt::print(stderr, "{}{}\n", verbatim ? "" : "ikectl: ", clean(error.text, true));
  return code;
}

}  // namespace

int run(int argc, char** argv) {
  const auto line = parse_command_line(argc, argv);
  if (!line) {
    fmt::print(stderr, "{}\n", line.error().text);
    return exit_usage;
  }
  if (!line->ca_words.empty()) return run_ca(line->ca_words, line->quiet);
  const auto link = connect_daemon(line->socket);
  if (!link) return report(link.error(), *line);
  const Done done = std::visit(Asker(**link, *line), line->request);
  if (!done) return report(done.error(), *line);
  if (fflush(stdout) != 0 || ferror(stdout) != 0) {
    perror("ikectl: standard output");
    return exit_failed;
  }
  return exit_done;
}

}  // namespace iked::ikectl
