// SPDX-License-Identifier: ISC
#include "dbus/manager.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "base/log.h"
#include "dbus/errors.h"

namespace iked::dbus {
namespace {

struct ResetWord {
  const char* word;
  ResetTarget target;
};
constexpr std::array reset_words = {
    ResetWord{"all", ResetTarget::all}, ResetWord{"ca", ResetTarget::ca},
    ResetWord{"policy", ResetTarget::policy}, ResetWord{"sa", ResetTarget::sa},
    ResetWord{"user", ResetTarget::user}};

constexpr int brief = 0;
constexpr int verbose = 2;

size_t page_size(uint32_t wanted) {
  return std::clamp<size_t>(wanted, 1, Manager::largest_page);
}

const char* word_of(SaChangeKind kind) {
  switch (kind) {
    case SaChangeKind::up:
      return "up";
    case SaChangeKind::down:
      return "down";
    case SaChangeKind::failed:
      return "failed";
  }
  return "";
}

/// For commands that have nothing to say but whether they worked.
Control::Done answer_with(const Calls::Answer<>& answer) {
  return [answer](const Result<std::string>& outcome) {
    if (!outcome) return answer.fail(errors::failed, outcome.error().text);
    answer();
  };
}

std::string no_such_sa(uint64_t id) {
  return fmt::format(
      "there is no IKE SA {}: it may just have ended; ListIkeSas has those there are", id);
}

std::string no_such_policy(const std::string& name) {
  return fmt::format("there is no policy '{}': ListPolicies has those there are", name);
}

}  // namespace

Manager::Manager(sdbus::IConnection& connection, Control& control, Calls& calls,
                 Authorizer& authorizer, const std::string& version,
                 std::function<void()> listeners_changed)
    : AdaptorInterfaces(connection, path),
      control_(control),
      calls_(calls),
      authorizer_(authorizer),
      version_(version),
      policies_(connection, control, calls, authorizer, std::move(listeners_changed)) {
  registerAdaptor();
}

Manager::~Manager() {
  unregisterAdaptor();
}

// ---- queries

void Manager::ListIkeSas(sdbus::Result<Rows, uint64_t>&& result, uint64_t from, uint32_t max) {
  serve(Action::read, std::move(result), [this, from, max](const auto& answer) {
    const SaPage page = control_.list_sas(from, page_size(max));
    Rows rows;
    for (const IkeSaRow& sa : page.rows) rows.push_back(to_row(sa));
    answer(rows, page.next);
  });
}

void Manager::GetIkeSa(sdbus::Result<Row>&& result, uint64_t id) {
  serve(Action::read, std::move(result), [this, id](const auto& answer) {
    const std::optional<IkeSaRow> sa = control_.find_sa(id);
    if (!sa) return answer.fail(errors::no_such_sa, no_such_sa(id));
    answer(to_row(*sa));
  });
}

void Manager::ListChildSas(sdbus::Result<Rows, uint64_t>&& result, uint64_t from, uint32_t max) {
  serve(Action::read, std::move(result), [this, from, max](const auto& answer) {
    const SaPage page = control_.list_sas(from, page_size(max));
    Rows rows;
    for (const IkeSaRow& sa : page.rows) {
      for (const ChildRow& child : sa.children) rows.push_back(to_row(child, sa.id));
    }
    answer(rows, page.next);
  });
}

void Manager::ListPolicies(sdbus::Result<Rows, uint64_t>&& result, uint64_t from, uint32_t max) {
  serve(Action::read, std::move(result), [this, from, max](const auto& answer) {
    const PolicyPage page = control_.list_policies(from, page_size(max));
    Rows rows;
    for (const PolicyRow& policy : page.rows) rows.push_back(to_row(policy));
    answer(rows, page.next);
  });
}

void Manager::GetFailures(sdbus::Result<Rows>&& result, std::string name) {
  serve(Action::read, std::move(result), [this, name](const auto& answer) {
    const auto failures = control_.failures(name);
    if (!failures) return answer.fail(errors::no_such_policy, no_such_policy(name));
    Rows rows;
    for (const FailureRow& failure : *failures) rows.push_back(to_row(failure));
    answer(rows);
  });
}

void Manager::GetPolicy(sdbus::Result<sdbus::ObjectPath>&& result, std::string name) {
  const std::string client = caller().name;
  serve(Action::read, std::move(result), [this, name, client](const auto& answer) {
    if (!control_.find_policy(name)) {
      return answer.fail(errors::no_such_policy, no_such_policy(name));
    }
    const std::string object = policies_.get(name, client);
    if (object.empty())
      return answer.fail(errors::too_many_calls, "there are too many such objects");
    answer(sdbus::ObjectPath(object));
  });
}

void Manager::ListCertificates(sdbus::Result<std::vector<std::string>>&& result) {
  serve(Action::read, std::move(result), [this](const auto& answer) {
    control_.list_certificates([answer](const Result<std::string>& lines) {
      if (!lines) return answer.fail(errors::failed, lines.error().text);
      std::vector<std::string> names;
      std::istringstream in(*lines);
      for (std::string line; std::getline(in, line);) names.push_back(line);
      answer(names);
    });
  });
}

void Manager::GetStatistics(sdbus::Result<Counters>&& result) {
  serve(Action::read, std::move(result),
        [this](const auto& answer) { answer(control_.counters()); });
}

uint64_t Manager::IkeSaCount() {
  const Counters counters = control_.counters();
  const auto found = counters.find("IkeSas");
  return found == counters.end() ? 0 : found->second;
}

// ---- subscribers

void Manager::Subscribe(sdbus::Result<>&& result) {
  const std::string client = caller().name;
  serve(Action::read, std::move(result), [this, client](const auto& answer) {
    if (!subscribers_.contains(client) && subscribers_.size() == most_subscribers) {
      return answer.fail(errors::too_many_calls, "there are too many subscribers");
    }
    subscribers_.insert(client);
    answer();
  });
}

void Manager::Unsubscribe(sdbus::Result<>&& result) {
  const std::string client = caller().name;
  subscribers_.erase(client);
  calls_.open(std::move(result), client)();
}

// ---- commands

void Manager::Active(sdbus::Result<>&& result) {
  serve(Action::control, std::move(result),
        [this](const auto& answer) { control_.set_passive(false, answer_with(answer)); });
}

void Manager::Passive(sdbus::Result<>&& result) {
  serve(Action::control, std::move(result),
        [this](const auto& answer) { control_.set_passive(true, answer_with(answer)); });
}

void Manager::Couple(sdbus::Result<>&& result) {
  serve(Action::control, std::move(result),
        [this](const auto& answer) { control_.set_coupled(true, answer_with(answer)); });
}

void Manager::Decouple(sdbus::Result<>&& result) {
  serve(Action::control, std::move(result),
        [this](const auto& answer) { control_.set_coupled(false, answer_with(answer)); });
}

void Manager::SetVerbosity(sdbus::Result<>&& result, std::string level) {
  serve(Action::control, std::move(result), [this, level](const auto& answer) {
    if (level != "brief" && level != "verbose") {
      return answer.fail(errors::invalid_arguments,
                         fmt::format("unknown level '{}'; expected brief or verbose", level));
    }
    control_.set_verbosity(level == "brief" ? brief : verbose, answer_with(answer));
  });
}

void Manager::Reload(sdbus::Result<std::string>&& result) {
  serve(Action::reload, std::move(result), [this](const auto& answer) {
    control_.reload([answer](const Result<std::string>& outcome) {
      if (!outcome) return answer.fail(errors::config_invalid, outcome.error().text);
      answer(*outcome);
    });
  });
}

void Manager::Load(sdbus::Result<std::string>&& result, std::string file) {
  serve(Action::reload, std::move(result), [this, file](const auto& answer) {
    control_.load(file, [answer](const Control::Outcome& outcome) {
      if (!outcome) return answer.fail(error_of(outcome.error().kind), outcome.error().text);
      answer(*outcome);
    });
  });
}

void Manager::CheckConfig(sdbus::Result<bool, std::vector<Finding>>&& result) {
  serve(Action::reload, std::move(result), [this](const auto& answer) {
    control_.check_config([answer](const Result<ConfigReport>& report) {
      if (!report) return answer.fail(errors::failed, report.error().text);
      std::vector<Finding> findings;
      for (const ConfigFinding& found : report->findings) {
        findings.emplace_back(found.error ? "error" : "warning", found.place, found.text);
      }
      answer(report->valid, findings);
    });
  });
}

void Manager::Reset(sdbus::Result<>&& result, std::string what) {
  serve(Action::reset, std::move(result), [this, what](const auto& answer) {
    const auto found = std::ranges::find_if(
        reset_words, [&](const ResetWord& candidate) { return what == candidate.word; });
    if (found == reset_words.end()) {
      return answer.fail(
          errors::invalid_arguments,
          fmt::format("unknown reset target '{}'; expected all, ca, policy, sa or user", what));
    }
    control_.reset(found->target, answer_with(answer));
  });
}

void Manager::ResetId(sdbus::Result<uint32_t>&& result, std::string identity) {
  serve(Action::reset, std::move(result), [this, identity](const auto& answer) {
    const size_t count = control_.reset_id(identity);
    if (count == 0) {
      return answer.fail(errors::no_such_sa,
                         fmt::format("no peer '{}' has an IKE SA; with its type, as ListIkeSas "
                                     "writes it: FQDN/host.example.com",
                                     identity));
    }
    answer(static_cast<uint32_t>(count));
  });
}

void Manager::CloseIkeSa(sdbus::Result<>&& result, uint64_t id) {
  serve(Action::reset, std::move(result), [this, id](const auto& answer) {
    if (!control_.close_sa(id)) return answer.fail(errors::no_such_sa, no_such_sa(id));
    answer();
  });
}

void Manager::RekeyIkeSa(sdbus::Result<>&& result, uint64_t id) {
  serve(Action::connect, std::move(result), [this, id](const auto& answer) {
    if (!control_.rekey_sa(id)) return answer.fail(errors::no_such_sa, no_such_sa(id));
    answer();
  });
}

// ---- signals

template <typename... Arguments>
void Manager::send(const char* name, const Arguments&... arguments) {
  for (const std::string& client : subscribers_) {
    sdbus::Signal signal = getObject().createSignal(INTERFACE_NAME, name);
    signal.setDestination(client);
    (signal << ... << arguments);
    getObject().emitSignal(signal);
  }
}

void Manager::tell(const SaChange& change) {
  send("IkeSaStateChanged", change.id, change.policy, change.peer,
       std::string(word_of(change.kind)), change.reason);
}

void Manager::tell_count(uint64_t changes) {
  send("IkeSasChanged", changes);
}

void Manager::tell(const RunState& before, const RunState& now) {
  std::vector<std::string> changed;
  if (before.passive != now.passive) changed.emplace_back("IsActive");
  if (before.coupled != now.coupled) changed.emplace_back("IsCoupled");
  if (before.reloading != now.reloading) changed.emplace_back("IsReloading");
  if (before.config_file != now.config_file) changed.emplace_back("ConfigFile");
  if (before.config_loaded != now.config_loaded) changed.emplace_back("ConfigLoadedTimestamp");
  if (!changed.empty()) getObject().emitPropertiesChangedSignal(INTERFACE_NAME, changed);
  if (before.reloading != now.reloading) emitReloading(now.reloading);
}

}  // namespace iked::dbus
