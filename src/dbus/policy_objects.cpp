// SPDX-License-Identifier: ISC
#include "dbus/policy_objects.h"

#include <algorithm>

#include "dbus/errors.h"
#include "dbus/serve.h"

namespace iked::dbus {
namespace {

// As sd_bus_path_encode(3): what may not stand in a path becomes _XX.
std::string path_of(const std::string& policy) {
  std::string path = "/org/iked1/policy/";
  if (policy.empty()) return path + "_";
  for (size_t i = 0; i < policy.size(); ++i) {
    const auto c = static_cast<uint8_t>(policy[i]);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9' && i > 0;
    path += letter || digit ? std::string(1, policy[i]) : fmt::format("_{:02x}", c);
  }
  return path;
}

}  // namespace

const std::string& error_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::no_such_policy:
      return errors::no_such_policy;
    case FailureKind::no_such_sa:
      return errors::no_such_sa;
    case FailureKind::in_progress:
      return errors::in_progress;
    case FailureKind::not_active:
      return errors::not_active;
    case FailureKind::config_invalid:
      return errors::config_invalid;
    case FailureKind::authentication:
      return errors::authentication_failed;
    case FailureKind::proposal:
      return errors::no_proposal_chosen;
    case FailureKind::selectors:
      return errors::no_common_flow;
    case FailureKind::timeout:
      return errors::timeout;
    case FailureKind::unreachable:
      return errors::unreachable;
    case FailureKind::kernel:
      return errors::kernel_rejected;
    case FailureKind::ended:
      return errors::ended;
    case FailureKind::denied:
      return errors::access_denied;
    case FailureKind::other:
    case FailureKind::no_daemon:
      break;
  }
  return errors::failed;
}

// ---- one object

PolicyObject::PolicyObject(sdbus::IConnection& connection, PolicyObjects& all,
                           const std::string& path, std::string name)
    : AdaptorInterfaces(connection, path), all_(all), name_(std::move(name)) {
  registerAdaptor();
}

PolicyObject::~PolicyObject() {
  unregisterAdaptor();
}

// The object may be gone before polkit has answered; `all_` is not.
void PolicyObject::run(sdbus::Result<std::string>&& result, Command command) {
  const Caller who = caller();
  serve(all_.calls, all_.authorizer, who, Action::connect, std::move(result),
        [&all = all_, command, name = name_, client = who.name](const auto& answer) {
          all.listen(name, client, answer);
          (all.control.*command)(name, [answer](const Control::Outcome& outcome) {
            if (outcome) return answer(*outcome);
            answer.fail(error_of(outcome.error().kind), outcome.error().text);
          });
        });
}

void PolicyObject::Connect(sdbus::Result<std::string>&& result) {
  run(std::move(result), &Control::connect);
}

void PolicyObject::Disconnect(sdbus::Result<std::string>&& result) {
  run(std::move(result), &Control::disconnect);
}

void PolicyObject::GetStatus(sdbus::Result<Row>&& result) {
  serve(all_.calls, all_.authorizer, caller(), Action::read, std::move(result),
        [&control = all_.control, name = name_](const auto& answer) {
          const std::optional<PolicyRow> row = control.find_policy(name);
          if (row) return answer(to_row(*row));
          answer.fail(errors::no_such_policy,
                      fmt::format("there is no policy '{}' any more", name));
        });
}

void PolicyObject::send_progress(const std::string& client, const EventRow& event) {
  sdbus::Signal signal = getObject().createSignal(INTERFACE_NAME, "Progress");
  signal.setDestination(client);
  signal << event.event << event.text;
  getObject().emitSignal(signal);
}

// ---- all of them

std::string PolicyObjects::get(const std::string& policy, const std::string& client) {
  const auto found = objects_.find(policy);
  const std::string path = path_of(policy);
  if (found != objects_.end()) {
    found->second->clients.insert(client);
    return path;
  }
  const auto of_client = std::ranges::count_if(
      objects_, [&](const auto& entry) { return entry.second->clients.contains(client); });
  if (objects_.size() >= most || of_client >= static_cast<ptrdiff_t>(most_of_one_client)) return {};
  auto object = std::make_unique<PolicyObject>(connection_, *this, path, policy);
  object->clients.insert(client);
  objects_.emplace(policy, std::move(object));
  return path;
}

void PolicyObjects::forget(const std::string& client) {
  std::erase_if(objects_, [&](const auto& entry) {
    entry.second->clients.erase(client);
    return entry.second->clients.empty();
  });
  std::erase_if(listeners_, [&](const Listener& listener) { return listener.client == client; });
}

void PolicyObjects::listen(const std::string& policy, const std::string& client,
                           const Calls::Answer<std::string>& until) {
  std::erase_if(listeners_, [](const Listener& listener) { return !listener.until.wanted(); });
  listeners_.push_back({policy, client, until});
  listeners_changed_();
}

void PolicyObjects::tell(const EventRow& event) {
  const auto found = objects_.find(event.policy);
  if (found == objects_.end()) return;
  for (const Listener& listener : listeners_) {
    if (listener.policy != event.policy || !listener.until.wanted()) continue;
    found->second->send_progress(listener.client, event);
  }
}

bool PolicyObjects::has_listeners() const {
  return std::ranges::any_of(listeners_,
                             [](const Listener& listener) { return listener.until.wanted(); });
}

}  // namespace iked::dbus
