// SPDX-License-Identifier: ISC
// A bus of a test's own: a dbus-daemon with its own socket, the policy file of data/dbus, and
// clients that the test itself drives.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "daemon/process.h"

namespace iked::test {

/// Sets DBUS_SYSTEM_BUS_ADDRESS of this process.
class PrivateBus {
 public:
  PrivateBus();
  ~PrivateBus();
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;

  void start();
  void stop();
  /// The socket takes connections and nobody answers, as systemd's before dbus-daemon runs.
  void start_mute();

 private:
  Folder folder_;
  std::string config_;
  std::optional<Process> daemon_;
  Descriptor mute_;
};

/// Everything that has to be driven while a test waits for something.
class Drive {
 public:
  void add(sdbus::IConnection& connection) { connections_.push_back(&connection); }
  void remove(sdbus::IConnection& connection) { std::erase(connections_, &connection); }
  /// A descriptor, and what to do when it is readable; and what to do each time.
  void add(int descriptor, std::function<void()> on_ready, std::function<void()> always);

  void until(const std::function<bool()>& done);
  /// Until a process has ended; its exit status and output.
  std::pair<int, std::string> run(const std::string& shell, uid_t uid = 0);

 private:
  void turn();

  struct Part {
    int descriptor;
    std::function<void()> on_ready;
    std::function<void()> always;
  };
  std::vector<sdbus::IConnection*> connections_;
  std::vector<Part> parts_;
};

/// A client on the bus.
class Client {
 public:
  explicit Client(Drive& drive);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// From now on calls and properties are those of this object.
  void use(const std::string& path, const std::string& interface);
  std::string name() const { return connection_->getUniqueName(); }
  sdbus::IProxy& proxy() { return *proxy_; }
  sdbus::IConnection& connection() { return *connection_; }

  using Fill = std::function<void(sdbus::MethodCall&)>;
  using Take = std::function<void(sdbus::MethodReply&)>;
  /// Sends a call of org.iked1.Manager and does not wait.
  void send(const std::string& method, const Fill& fill = {}, bool interactive = false);
  /// Waits for the answer: the name of the error, or nothing.
  std::string call(const std::string& method, const Fill& fill = {}, const Take& take = {},
                   bool interactive = false);
  std::string property(const std::string& name);  // as text

  std::string error_text;  // of the last call

 private:
  sdbus::MethodCall make(const std::string& method, const Fill& fill, bool interactive);

  Drive& drive_;
  std::unique_ptr<sdbus::IConnection> connection_;
  std::unique_ptr<sdbus::IProxy> proxy_;
  std::string interface_ = "org.iked1.Manager";
};

/// An authority that does as the test says.
class FakePolkit {
 public:
  enum class Verdict { no, yes, challenge, hang };
  struct Question {
    std::string client;
    std::string action;
    bool interactive = false;
  };

  explicit FakePolkit(Drive& drive);
  ~FakePolkit();

  Verdict otherwise = Verdict::no;
  std::map<std::pair<std::string, std::string>, Verdict> verdicts;  // by client and action
  std::vector<Question> asked;
  std::vector<std::string> cancelled;
  size_t hanging() const { return hanging_.size(); }

 private:
  using Details = std::map<std::string, std::string>;
  using Answer = sdbus::Struct<bool, bool, Details>;

  Drive& drive_;
  std::unique_ptr<sdbus::IConnection> connection_;
  std::vector<sdbus::Result<Answer>> hanging_;
  std::unique_ptr<sdbus::IObject> object_;
};

}  // namespace iked::test
