// SPDX-License-Identifier: ISC
#include "dbus/authorizer.h"

#include <utility>
#include <vector>

#include "dbus/errors.h"

namespace iked::dbus {
namespace {

constexpr const char* interface = "org.freedesktop.PolicyKit1.Authority";
constexpr uint32_t allow_user_interaction = 1;
// Ours comes first: this one only frees the memory of a question that nobody answers.
constexpr std::chrono::seconds longest{600};

using Details = std::map<std::string, std::string>;
using Subject = sdbus::Struct<std::string, std::map<std::string, sdbus::Variant>>;
using Answer = sdbus::Struct<bool, bool, Details>;

Authorizer::Refusal denied(Action action, const std::string& why) {
  return {errors::access_denied, fmt::format("not authorized for {}: {}", id_of(action), why)};
}

/// polkit wants a name for what may be withdrawn.
std::string cancellation_of(uint64_t id) {
  return fmt::format("iked-{}", id);
}

}  // namespace

Authorizer::Authorizer(sdbus::IConnection& connection, std::function<Time()> now)
    : now_(std::move(now)),
      polkit_(sdbus::createProxy(connection, "org.freedesktop.PolicyKit1",
                                 "/org/freedesktop/PolicyKit1/Authority")) {
  polkit_->finishRegistration();
}

Authorizer::~Authorizer() {
  for (auto& [id, question] : open_) {
    if (question.call) question.call->cancel();
  }
}

void Authorizer::require(Action action, const Caller& caller, Then then) {
  const uint64_t id = ++last_id_;
  const Duration wait = caller.interactive ? interactive_patience : patience;
  Question& question = open_[id];
  question = {action, caller, std::move(then), now_() + wait, std::nullopt};
  const Subject subject{"system-bus-name", std::map<std::string, sdbus::Variant>{
                                               {"name", sdbus::Variant(caller.name)}}};
  const uint32_t flags = caller.interactive ? allow_user_interaction : 0;
  try {
    question.call =
        polkit_->callMethodAsync("CheckAuthorization")
            .onInterface(interface)
            .withTimeout(longest)
            .withArguments(subject, std::string(id_of(action)), Details{}, flags,
                           cancellation_of(id))
            .uponReplyInvoke([this, id](const sdbus::Error* error, const Answer& answer) {
              on_answer(id, error, std::get<0>(answer), std::get<1>(answer));
            });
  } catch (const sdbus::Error& error) {
    on_answer(id, &error, false, false);
  }
}

void Authorizer::on_answer(uint64_t id, const sdbus::Error* error, bool allowed, bool challenge) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  const Question& question = found->second;
  if (error != nullptr) {
    complain(log::Level::warn,
             fmt::format("{} is refused to {}, because polkit cannot be asked: {}",
                         id_of(question.action), question.caller.name, error->getMessage()));
    return decide(id, denied(question.action,
                             "polkit cannot be asked, is polkitd installed and "
                             "running? " +
                                 error->getMessage()));
  }
  if (allowed) return decide(id, std::nullopt);
  complain(log::Level::info,
           fmt::format("polkit refuses {} to {}", id_of(question.action), question.caller.name));
  if (challenge && !question.caller.interactive) {
    return decide(id,
                  Refusal{errors::interaction_required,
                          fmt::format("{} needs a password: call with interactive authorization "
                                      "allowed",
                                      id_of(question.action))});
  }
  decide(id, denied(question.action, "polkit refuses it; a rule for polkit can allow it"));
}

void Authorizer::decide(uint64_t id, const std::optional<Refusal>& refusal) {
  const auto found = open_.find(id);
  const Then then = std::move(found->second.then);
  open_.erase(found);
  then(refusal);
}

void Authorizer::complain(log::Level level, const std::string& text) {
  const Time now = now_();
  if (complained_at_ && now - *complained_at_ < log_interval) {
    ++not_logged_;
    return;
  }
  complained_at_ = now;
  log::at(level, log::About{}, "D-Bus: {} ({} more refusals were not logged)", text,
          std::exchange(not_logged_, 0));
}

void Authorizer::withdraw(uint64_t id, Question& question) {
  if (question.call) question.call->cancel();
  try {
    polkit_->callMethodAsync("CancelCheckAuthorization")
        .onInterface(interface)
        .withTimeout(longest)
        .withArguments(cancellation_of(id))
        .uponReplyInvoke([](const sdbus::Error*) {});
  } catch (const sdbus::Error& error) {
    // Then there is nobody who could still ask for a password.
    log::debug("D-Bus: {}", error.getMessage());
  }
}

void Authorizer::forget(const std::string& caller) {
  for (auto at = open_.begin(); at != open_.end();) {
    if (at->second.caller.name == caller) {
      withdraw(at->first, at->second);
      at = open_.erase(at);
    } else {
      ++at;
    }
  }
}

std::optional<Time> Authorizer::next_deadline() const {
  std::optional<Time> next;
  for (const auto& [id, question] : open_) {
    if (!next || question.deadline < *next) next = question.deadline;
  }
  return next;
}

void Authorizer::on_deadline() {
  const Time now = now_();
  std::vector<uint64_t> late;
  for (const auto& [id, question] : open_) {
    if (question.deadline <= now) late.push_back(id);
  }
  for (const uint64_t id : late) {
    const auto found = open_.find(id);
    if (found == open_.end()) continue;
    complain(log::Level::warn,
             fmt::format("{} is refused to {}, because polkit did not answer in time",
                         id_of(found->second.action), found->second.caller.name));
    withdraw(id, found->second);
    decide(id, denied(found->second.action, "polkit did not answer in time"));
  }
}

}  // namespace iked::dbus
