// SPDX-License-Identifier: ISC
// The object /org/iked1: each method asks polkit, passes the call to Control, and puts what that
// says into the words of D-Bus. It decides nothing.
#pragma once

#include <iked_dbus/manager_adaptor.h>

#include <functional>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "dbus/authorizer.h"
#include "dbus/calls.h"
#include "dbus/policy_objects.h"
#include "dbus/rows.h"
#include "dbus/serve.h"
#include "model/control.h"

namespace iked::dbus {

class Manager final : public sdbus::AdaptorInterfaces<org::iked1::Manager_adaptor> {
 public:
  static constexpr const char* path = "/org/iked1";
  static constexpr uint32_t largest_page = 100;  // IKE SAs or policies
  static constexpr size_t most_subscribers = 64;

  /// All of these must outlive the object.
  Manager(sdbus::IConnection& connection, Control& control, Calls& calls, Authorizer& authorizer,
          const std::string& version, std::function<void()> listeners_changed);
  ~Manager();
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  /// Signals to the subscribers.
  void tell(const SaChange& change);
  void tell_count(uint64_t changes);
  /// What differs between two looks at the state goes out as signals to everybody.
  void tell(const RunState& before, const RunState& now);

  bool has_subscribers() const { return !subscribers_.empty(); }
  /// The client has left the bus.
  void forget(const std::string& client) {
    subscribers_.erase(client);
    policies_.forget(client);
  }
  /// To those who wait for a policy to be connected.
  void tell(const EventRow& event) { policies_.tell(event); }
  bool has_listeners() const { return policies_.has_listeners(); }

 private:
  using Rows = std::vector<Row>;
  using Finding = sdbus::Struct<std::string, std::string, std::string>;
  /// Runs `work` when polkit allows `action` to the caller of the present message.
  template <typename... Results>
  void serve(Action action, sdbus::Result<Results...>&& result,
             std::type_identity_t<Work<Results...>> work) {
    dbus::serve(calls_, authorizer_, caller(), action, std::move(result), std::move(work));
  }
  Caller caller() { return caller_of(*getObject().getCurrentlyProcessedMessage()); }
  template <typename... Arguments>
  void send(const char* signal, const Arguments&... arguments);

  void ListIkeSas(sdbus::Result<Rows, uint64_t>&& result, uint64_t from, uint32_t max) override;
  void GetIkeSa(sdbus::Result<Row>&& result, uint64_t id) override;
  void ListChildSas(sdbus::Result<Rows, uint64_t>&& result, uint64_t from, uint32_t max) override;
  void ListPolicies(sdbus::Result<Rows, uint64_t>&& result, uint64_t from, uint32_t max) override;
  void GetFailures(sdbus::Result<Rows>&& result, std::string name) override;
  void GetPolicy(sdbus::Result<sdbus::ObjectPath>&& result, std::string name) override;
  void ListCertificates(sdbus::Result<std::vector<std::string>>&& result) override;
  void GetStatistics(sdbus::Result<Counters>&& result) override;
  void Subscribe(sdbus::Result<>&& result) override;
  void Unsubscribe(sdbus::Result<>&& result) override;
  void Active(sdbus::Result<>&& result) override;
  void Passive(sdbus::Result<>&& result) override;
  void Couple(sdbus::Result<>&& result) override;
  void Decouple(sdbus::Result<>&& result) override;
  void SetVerbosity(sdbus::Result<>&& result, std::string level) override;
  void Reload(sdbus::Result<std::string>&& result) override;
  void Load(sdbus::Result<std::string>&& result, std::string file) override;
  void CheckConfig(sdbus::Result<bool, std::vector<Finding>>&& result) override;
  void Reset(sdbus::Result<>&& result, std::string what) override;
  void ResetId(sdbus::Result<uint32_t>&& result, std::string identity) override;
  void CloseIkeSa(sdbus::Result<>&& result, uint64_t id) override;
  void RekeyIkeSa(sdbus::Result<>&& result, uint64_t id) override;

  std::string Version() override { return version_; }
  bool IsActive() override { return !control_.run_state().passive; }
  bool IsCoupled() override { return control_.run_state().coupled; }
  bool IsReloading() override { return control_.run_state().reloading; }
  std::string ConfigFile() override { return control_.run_state().config_file; }
  uint64_t ConfigLoadedTimestamp() override { return control_.run_state().config_loaded; }
  uint64_t IkeSaCount() override;

  Control& control_;
  Calls& calls_;
  Authorizer& authorizer_;
  const std::string version_;
  PolicyObjects policies_;
  std::set<std::string> subscribers_;  // unique names on the bus
};

}  // namespace iked::dbus
