// SPDX-License-Identifier: ISC
#include "dbus/private_bus.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace iked::test {
namespace {

constexpr int look_around_ms = 20;  // for what no descriptor tells

// As the system's bus: nothing is allowed but what a service's own file allows.
constexpr const char* bus_config = R"(<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
 <type>system</type>
 <listen>unix:path={socket}</listen>
 <auth>EXTERNAL</auth>
 <policy context="default">
  <allow user="*"/>
  <deny own="*"/>
  <deny send_type="method_call"/>
  <allow send_type="signal"/>
  <allow send_requested_reply="true" send_type="method_return"/>
  <allow send_requested_reply="true" send_type="error"/>
  <allow receive_type="method_call"/>
  <allow receive_type="method_return"/>
  <allow receive_type="error"/>
  <allow receive_type="signal"/>
  <allow send_destination="org.freedesktop.DBus"/>
  <allow own="org.freedesktop.PolicyKit1"/>
  <allow send_destination="org.freedesktop.PolicyKit1"/>
  {own}
 </policy>
 <include>{source}/data/dbus/org.iked1.conf</include>
</busconfig>
)";

struct Inside : sdbus::Message {
  static sd_bus_message* of(const sdbus::Message& message) {
    return static_cast<sd_bus_message*>(message.*(&Inside::msg_));
  }
};

}  // namespace

// ---- the bus

PrivateBus::PrivateBus() {
  chmod((folder_ / ".").c_str(), 0755);
  config_ = folder_.write(
      "bus.conf", fmt::format(fmt::runtime(bus_config), fmt::arg("socket", folder_ / "socket"),
                              fmt::arg("source", IKED_SOURCE_DIR),
                              // Whoever runs the tests plays the daemon.
                              fmt::arg("own", geteuid() == 0 ? "" : "<allow own=\"org.iked1\"/>")));
  setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + (folder_ / "socket")).c_str(), 1);
}

PrivateBus::~PrivateBus() = default;

void PrivateBus::start() {
  mute_.reset();
  unlink((folder_ / "socket").c_str());
  daemon_.emplace(std::vector<std::string>{"dbus-daemon", "--config-file=" + config_, "--nofork",
                                           "--nopidfile", "--print-address"});
  ASSERT_NE(daemon_->wait_for("unix:path="), "") << daemon_->output();
}

void PrivateBus::stop() {
  daemon_->signal(SIGKILL);
  daemon_->wait();
  daemon_.reset();
}

void PrivateBus::start_mute() {
  unlink((folder_ / "socket").c_str());
  mute_.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string path = folder_ / "socket";
  memcpy(address.sun_path, path.data(), path.size());
  ASSERT_EQ(bind(mute_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(mute_.get(), 5), 0);
}

// ---- driving

void Drive::add(int descriptor, std::function<void()> on_ready, std::function<void()> always) {
  parts_.push_back({descriptor, std::move(on_ready), std::move(always)});
}

void Drive::turn() {
  std::vector<pollfd> fds;
  for (const Part& part : parts_) fds.push_back({part.descriptor, POLLIN, 0});
  const std::vector<sdbus::IConnection*> connections = connections_;
  for (sdbus::IConnection* connection : connections) {
    const auto data = connection->getEventLoopPollData();
    fds.push_back({data.fd, data.events, 0});
  }
  poll(fds.data(), fds.size(), look_around_ms);
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (fds[i].revents != 0) parts_[i].on_ready();
    parts_[i].always();
  }
  for (sdbus::IConnection* connection : connections) {
    if (std::ranges::find(connections_, connection) == connections_.end()) continue;
    try {
      while (connection->processPendingRequest()) {
      }
    } catch (const sdbus::Error&) {  // the test took the bus away
      remove(*connection);
    }
  }
}

void Drive::until(const std::function<bool()>& done) {
  while (!done()) turn();
}

std::pair<int, std::string> Drive::run(const std::string& shell, uid_t uid) {
  Folder folder;
  const std::string output = folder.write("output", "");
  SpawnOptions options;
  options.uid = uid;
  chmod((folder / ".").c_str(), 0755);
  chmod(output.c_str(), 0666);
  Process process({"sh", "-c", "exec >" + output + " 2>&1; " + shell}, options);
  siginfo_t ended{};
  until([&] {
    return waitid(P_PID, static_cast<id_t>(process.pid()), &ended, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           ended.si_pid != 0;
  });
  const int status = process.wait();
  return {status, read_file(output)};
}

// ---- a client

Client::Client(Drive& drive) : drive_(drive), connection_(sdbus::createSystemBusConnection()) {
  proxy_ = sdbus::createProxy(*connection_, "org.iked1", "/org/iked1");
  drive_.add(*connection_);
}

void Client::use(const std::string& path, const std::string& interface) {
  proxy_ = sdbus::createProxy(*connection_, "org.iked1", path);
  interface_ = interface;
}

Client::~Client() {
  drive_.remove(*connection_);
}

sdbus::MethodCall Client::make(const std::string& method, const Fill& fill, bool interactive) {
  sdbus::MethodCall message = proxy_->createMethodCall(interface_, method);
  sd_bus_message_set_allow_interactive_authorization(Inside::of(message), interactive ? 1 : 0);
  if (fill) fill(message);
  return message;
}

void Client::send(const std::string& method, const Fill& fill, bool interactive) {
  proxy_->callMethod(make(method, fill, interactive),
                     [](sdbus::MethodReply&, const sdbus::Error*) {});
}

std::string Client::call(const std::string& method, const Fill& fill, const Take& take,
                         bool interactive) {
  std::optional<std::string> outcome;
  proxy_->callMethod(make(method, fill, interactive),
                     [&](sdbus::MethodReply& reply, const sdbus::Error* error) {
                       outcome = error == nullptr ? "" : error->getName();
                       error_text = error == nullptr ? "" : error->getMessage();
                       if (error == nullptr && take) take(reply);
                     });
  drive_.until([&] { return outcome.has_value(); });
  return *outcome;
}

std::string Client::property(const std::string& name) {
  std::optional<std::string> outcome;
  sdbus::MethodCall message = proxy_->createMethodCall("org.freedesktop.DBus.Properties", "Get");
  message << interface_ << name;
  proxy_->callMethod(message, [&](sdbus::MethodReply& reply, const sdbus::Error* error) {
    if (error != nullptr) {
      outcome = error->getName();
      return;
    }
    sdbus::Variant value;
    reply >> value;
    const std::string type = value.peekValueType();
    if (type == "b") outcome = value.get<bool>() ? "true" : "false";
    if (type == "s") outcome = value.get<std::string>();
    if (type == "t") outcome = std::to_string(value.get<uint64_t>());
  });
  drive_.until([&] { return outcome.has_value(); });
  return *outcome;
}

// ---- polkit

FakePolkit::FakePolkit(Drive& drive)
    : drive_(drive), connection_(sdbus::createSystemBusConnection("org.freedesktop.PolicyKit1")) {
  using Subject = sdbus::Struct<std::string, std::map<std::string, sdbus::Variant>>;
  constexpr const char* authority = "org.freedesktop.PolicyKit1.Authority";
  object_ = sdbus::createObject(*connection_, "/org/freedesktop/PolicyKit1/Authority");
  object_->registerMethod("CheckAuthorization")
      .onInterface(authority)
      .implementedAs([this](sdbus::Result<Answer>&& result, Subject subject, std::string action,
                            Details, uint32_t flags, std::string) {
        const auto client = std::get<1>(subject)["name"].get<std::string>();
        asked.push_back({client, action, (flags & 1) != 0});
        const auto found = verdicts.find({client, action});
        switch (found == verdicts.end() ? otherwise : found->second) {
          case Verdict::no:
            return result.returnResults(Answer{false, false, Details{}});
          case Verdict::yes:
            return result.returnResults(Answer{true, false, Details{}});
          case Verdict::challenge:
            return result.returnResults(Answer{false, true, Details{}});
          case Verdict::hang:
            hanging_.push_back(std::move(result));
            return;
        }
      });
  object_->registerMethod("CancelCheckAuthorization")
      .onInterface(authority)
      .implementedAs([this](std::string id) { cancelled.push_back(std::move(id)); });
  object_->finishRegistration();
  drive_.add(*connection_);
}

FakePolkit::~FakePolkit() {
  drive_.remove(*connection_);
  hanging_.clear();
}

}  // namespace iked::test
