// SPDX-License-Identifier: ISC
// The objects below /org/iked1/policy: one for each policy that some client has asked for, gone
// with the last of these clients. A few thousand policies that nobody looks at cost nothing.
#pragma once

#include <iked_dbus/policy_adaptor.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dbus/authorizer.h"
#include "dbus/calls.h"
#include "dbus/rows.h"
#include "model/control.h"

namespace iked::dbus {

class PolicyObjects;

class PolicyObject final : public sdbus::AdaptorInterfaces<org::iked1::Policy_adaptor> {
 public:
  PolicyObject(sdbus::IConnection& connection, PolicyObjects& all, const std::string& path,
               std::string name);
  ~PolicyObject();
  PolicyObject(const PolicyObject&) = delete;
  PolicyObject& operator=(const PolicyObject&) = delete;

  void send_progress(const std::string& client, const EventRow& event);

  std::set<std::string> clients;  // unique names on the bus

 private:
  using Command = void (Control::*)(const std::string&, Control::Ended);
  void run(sdbus::Result<std::string>&& result, Command command);
  Caller caller() { return caller_of(*getObject().getCurrentlyProcessedMessage()); }

  void Connect(sdbus::Result<std::string>&& result) override;
  void Disconnect(sdbus::Result<std::string>&& result) override;
  void GetStatus(sdbus::Result<Row>&& result) override;
  std::string Name() override { return name_; }

  PolicyObjects& all_;
  const std::string name_;
};

class PolicyObjects {
 public:
  static constexpr size_t most = 64;
  static constexpr size_t most_of_one_client = 16;

  /// All of these must outlive the objects.
  PolicyObjects(sdbus::IConnection& connection, Control& given_control, Calls& given_calls,
                Authorizer& given_authorizer, std::function<void()> listeners_changed)
      : control(given_control),
        calls(given_calls),
        authorizer(given_authorizer),
        connection_(connection),
        listeners_changed_(std::move(listeners_changed)) {}

  /// The path of the object, which is made if there is none; empty when there are too many.
  std::string get(const std::string& policy, const std::string& client);
  /// The client has left the bus.
  void forget(const std::string& client);
  /// The client gets the events of the policy until it has its answer.
  void listen(const std::string& policy, const std::string& client,
              const Calls::Answer<std::string>& until);
  void tell(const EventRow& event);
  bool has_listeners() const;

  Control& control;
  Calls& calls;
  Authorizer& authorizer;

 private:
  struct Listener {
    std::string policy;
    std::string client;
    Calls::Answer<std::string> until;
  };

  sdbus::IConnection& connection_;
  std::function<void()> listeners_changed_;
  std::map<std::string, std::unique_ptr<PolicyObject>> objects_;  // by policy
  std::vector<Listener> listeners_;                               // no more than there are calls
};

/// The name of the error that stands for a kind of failure.
const std::string& error_of(FailureKind kind);

}  // namespace iked::dbus
