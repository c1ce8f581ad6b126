// SPDX-License-Identifier: ISC
// Asks polkit whether a caller may do something, without waiting. Whatever goes wrong means no: no
// polkitd, one that says nothing, one that says nonsense.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/time.h"
#include "dbus/actions.h"
#include "dbus/caller.h"

namespace iked::dbus {

class Authorizer {
 public:
  /// polkitd answers at once unless it asks somebody for a password.
  static constexpr Duration patience = 10s;
  static constexpr Duration interactive_patience = 180s;
  /// Any user may call as often as he likes: refusals are logged no oftener than this.
  static constexpr Duration log_interval = 5s;

  struct Refusal {
    std::string error;  // one of errors.h
    std::string text;
  };
  /// Nothing = allowed.
  using Then = std::function<void(const std::optional<Refusal>&)>;

  /// The connection must outlive the Authorizer.
  Authorizer(sdbus::IConnection& connection, std::function<Time()> now);
  ~Authorizer();
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;

  /// Calls `then` once, later; never when the caller leaves the bus before.
  void require(Action action, const Caller& caller, Then then);
  /// The caller has left the bus.
  void forget(const std::string& caller);

  std::optional<Time> next_deadline() const;
  void on_deadline();

 private:
  struct Question {
    Action action{};
    Caller caller;
    Then then;
    Time deadline{};
    std::optional<sdbus::PendingAsyncCall> call;
  };

  void on_answer(uint64_t id, const sdbus::Error* error, bool allowed, bool challenge);
  void decide(uint64_t id, const std::optional<Refusal>& refusal);
  void complain(log::Level level, const std::string& text);
  void withdraw(uint64_t id, Question& question);

  std::function<Time()> now_;
  std::unique_ptr<sdbus::IProxy> polkit_;
  std::map<uint64_t, Question> open_;
  uint64_t last_id_ = 0;
  std::optional<Time> complained_at_;
  uint64_t not_logged_ = 0;  // since then
};

}  // namespace iked::dbus
