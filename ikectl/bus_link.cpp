// SPDX-License-Identifier: ISC
// org.iked1 as a Link: docs/dbus.md describes what is called here.
#include <sdbus-c++/sdbus-c++.h>

#include <algorithm>
#include <map>

#include "base/overloaded.h"
#include "ikectl/link.h"

namespace iked::ikectl {
namespace {

using Row = std::map<std::string, sdbus::Variant>;
using Rows = std::vector<Row>;

constexpr const char* service = "org.iked1";
constexpr const char* manager_path = "/org/iked1";
constexpr const char* manager = "org.iked1.Manager";
constexpr const char* policy_interface = "org.iked1.Policy";
constexpr uint32_t page = 100;
// polkit may ask for a password, and a peer may take its time.
constexpr std::chrono::minutes patience{10};

ControlError error_of(const sdbus::Error& error) {
  static const std::map<std::string, FailureKind> kinds = {
      {"org.iked1.Error.NoSuchPolicy", FailureKind::no_such_policy},
      {"org.iked1.Error.NoSuchSa", FailureKind::no_such_sa},
      {"org.iked1.Error.InProgress", FailureKind::in_progress},
      {"org.iked1.Error.NotActive", FailureKind::not_active},
      {"org.iked1.Error.ConfigInvalid", FailureKind::config_invalid},
      {"org.iked1.Error.AuthenticationFailed", FailureKind::authentication},
      {"org.iked1.Error.NoProposalChosen", FailureKind::proposal},
      {"org.iked1.Error.NoCommonFlow", FailureKind::selectors},
      {"org.iked1.Error.Timeout", FailureKind::timeout},
      {"org.iked1.Error.Unreachable", FailureKind::unreachable},
      {"org.iked1.Error.KernelRejected", FailureKind::kernel},
      {"org.iked1.Error.Ended", FailureKind::ended},
      {"org.freedesktop.DBus.Error.AccessDenied", FailureKind::denied},
      {"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", FailureKind::denied},
      {"org.freedesktop.DBus.Error.ServiceUnknown", FailureKind::no_daemon},
  };
  const auto found = kinds.find(error.getName());
  return {found == kinds.end() ? FailureKind::other : found->second, error.getMessage()};
}

/// The value of this key; that of T where there is none, or another type.
template <typename T>
T value_in(const Row& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end() || !found->second.containsValueOfType<T>()) return T{};
  return found->second.get<T>();
}
std::string text_in(const Row& row, const char* key) {
  return value_in<std::string>(row, key);
}
uint64_t number_in(const Row& row, const char* key) {
  return value_in<uint64_t>(row, key);
}

ChildRow child_of(const Row& row) {
  return {.id = value_in<uint32_t>(row, "SpiIn"),
          .protocol = text_in(row, "Protocol"),
          .spi_in = value_in<uint32_t>(row, "SpiIn"),
          .spi_out = value_in<uint32_t>(row, "SpiOut"),
          .mode = text_in(row, "Mode"),
          .suite = text_in(row, "Suite"),
          .local_selectors = value_in<std::vector<std::string>>(row, "LocalSelectors"),
          .remote_selectors = value_in<std::vector<std::string>>(row, "RemoteSelectors"),
          .age_seconds = number_in(row, "AgeSeconds"),
          .bytes_in = number_in(row, "BytesIn"),
          .packets_in = number_in(row, "PacketsIn"),
          .bytes_out = number_in(row, "BytesOut"),
          .packets_out = number_in(row, "PacketsOut"),
          .udp_encap = value_in<bool>(row, "UdpEncapsulation"),
          .coupled = value_in<bool>(row, "Coupled"),
          .rekey_seconds = number_in(row, "RekeySeconds")};
}

IkeSaRow sa_of(const Row& row) {
  return {.id = number_in(row, "Id"),
          .policy = text_in(row, "Policy"),
          .state = text_in(row, "State"),
          .waiting = text_in(row, "Waiting"),
          .initiator = value_in<bool>(row, "Initiator"),
          .natt = value_in<bool>(row, "NatDetected"),
          .spi_i = number_in(row, "SpiInitiator"),
          .spi_r = number_in(row, "SpiResponder"),
          .local = text_in(row, "Local"),
          .remote = text_in(row, "Remote"),
          .local_id = text_in(row, "LocalId"),
          .remote_id = text_in(row, "RemoteId"),
          .suite = text_in(row, "Suite"),
          .age_seconds = number_in(row, "AgeSeconds"),
          .nat = text_in(row, "Nat"),
          .rekey_seconds = number_in(row, "RekeySeconds"),
          .heard_seconds = number_in(row, "HeardSeconds")};
}

PolicyRow policy_of(const Row& row) {
  return {.name = text_in(row, "Name"),
          .active = value_in<bool>(row, "Active"),
          .peer = text_in(row, "Peer"),
          .state = text_in(row, "State"),
          .last_error = text_in(row, "LastError"),
          .retry_seconds = number_in(row, "RetrySeconds"),
          .written_at = text_in(row, "WrittenAt"),
          .local_id = text_in(row, "LocalId"),
          .peer_id = text_in(row, "PeerId"),
          .flows = value_in<std::vector<std::string>>(row, "Flows"),
          .flows_left_out = value_in<uint32_t>(row, "FlowsLeftOut"),
          .sas = value_in<uint32_t>(row, "IkeSas"),
          .held = value_in<bool>(row, "Held")};
}

FailureKind kind_named(const std::string& word) {
  for (int i = 0; i <= static_cast<int>(FailureKind::no_daemon); ++i) {
    if (word == to_string(FailureKind(i))) return FailureKind(i);
  }
  return FailureKind::other;
}

FailureRow failure_of(const Row& row) {
  return {.policy = text_in(row, "Policy"),
          .peer = text_in(row, "Peer"),
          .initiator = value_in<bool>(row, "Initiator"),
          .kind = kind_named(text_in(row, "Kind")),
          .text = text_in(row, "Text"),
          .age_seconds = number_in(row, "AgeSeconds")};
}

const char* word_of(ResetTarget target) {
  switch (target) {
    case ResetTarget::all:
      return "all";
    case ResetTarget::ca:
      return "ca";
    case ResetTarget::policy:
      return "policy";
    case ResetTarget::sa:
      return "sa";
    case ResetTarget::user:
      return "user";
  }
  return "";
}

class BusLink final : public Link {
 public:
  explicit BusLink(std::unique_ptr<sdbus::IConnection> connection)
      : connection_(std::move(connection)),
        manager_(sdbus::createProxy(*connection_, service, manager_path)) {
    connection_->setMethodCallTimeout(patience);
  }

  Done for_each_sa(const std::function<void(const IkeSaRow&)>& row) override {
    return guarded([&] {
      for (uint64_t from = 0;;) {
        const Rows sas = list("ListIkeSas", from);
        // Of the same page: an SA that came in between has none yet.
        const Rows children = list("ListChildSas", from);
        for (const Row& one : sas) {
          IkeSaRow sa = sa_of(one);
          for (const Row& child : children) {
            if (number_in(child, "IkeSa") == sa.id) sa.children.push_back(child_of(child));
          }
          const uint64_t there = number_in(one, "ChildSas");
          sa.children_left_out =
              static_cast<uint32_t>(there - std::min<uint64_t>(there, sa.children.size()));
          row(sa);
        }
        if ((from = next_) == 0) return;
      }
    });
  }

  Done for_each_policy(const std::function<void(const PolicyRow&)>& row) override {
    return guarded([&] {
      for (uint64_t from = 0;;) {
        for (const Row& one : list("ListPolicies", from)) row(policy_of(one));
        if ((from = next_) == 0) return;
      }
    });
  }

  Answer<control::StatisticRows> statistics() override {
    control::StatisticRows all;
    auto done = guarded([&] {
      std::map<std::string, uint64_t> counters;
      manager_->callMethod("GetStatistics").onInterface(manager).storeResultsTo(counters);
      for (const auto& [name, value] : counters) all.rows.push_back({name, value});
    });
    if (!done) return std::unexpected(std::move(done.error()));
    return all;
  }

  Answer<control::FailureRows> failures(const std::string& name) override {
    control::FailureRows all;
    auto done = guarded([&] {
      Rows rows;
      manager_->callMethod("GetFailures")
          .onInterface(manager)
          .withArguments(name)
          .storeResultsTo(rows);
      for (const Row& row : rows) all.rows.push_back(failure_of(row));
    });
    if (!done) return std::unexpected(std::move(done.error()));
    // It may be the name of a peer.
    (void)guarded([&] {
      Row row;
      policy(name)->callMethod("GetStatus").onInterface(policy_interface).storeResultsTo(row);
      all.policy.push_back(policy_of(row));
    });
    return all;
  }

  Control::Outcome command(const control::Request& request,
                           const std::function<void(const EventRow&)>& event) override {
    std::string text;
    auto done = guarded([&] {
      std::visit(
          overloaded{
              [&](const control::Connect& r) { text = run("Connect", r.policy, event); },
              [&](const control::Disconnect& r) { text = run("Disconnect", r.policy, event); },
              [&](const auto& r) { text = call(r); },
          },
          request);
    });
    if (!done) return std::unexpected(std::move(done.error()));
    return text;
  }

  Done monitor(const std::function<bool(const EventRow&)>&) override {
    return std::unexpected(ControlError{
        FailureKind::denied,
        "monitor needs the control socket, which root and the group of the socket may use; on "
        "D-Bus there are signals: busctl monitor org.iked1"});
  }

 private:
  static Done guarded(const std::function<void()>& work) {
    try {
      work();
      return {};
    } catch (const sdbus::Error& error) {
      return std::unexpected(error_of(error));
    }
  }

  Rows list(const char* method, uint64_t from) {
    Rows rows;
    manager_->callMethod(method)
        .onInterface(manager)
        .withArguments(from, page)
        .storeResultsTo(rows, next_);
    return rows;
  }

  std::unique_ptr<sdbus::IProxy> policy(const std::string& name) {
    sdbus::ObjectPath path;
    manager_->callMethod("GetPolicy").onInterface(manager).withArguments(name).storeResultsTo(path);
    return sdbus::createProxy(*connection_, service, path);
  }

  std::string run(const char* method, const std::string& name,
                  const std::function<void(const EventRow&)>& event) {
    const auto object = policy(name);
    object->uponSignal("Progress")
        .onInterface(policy_interface)
        .call([&](const std::string& word, const std::string& text) {
          EventRow row{.level = "info", .event = word, .policy = name};
          row.text = text;
          if (event) event(row);
        });
    object->finishRegistration();
    std::optional<sdbus::Error> failed;
    std::optional<std::string> summary;
    object->callMethodAsync(method)
        .onInterface(policy_interface)
        .withTimeout(patience)
        .uponReplyInvoke([&](const sdbus::Error* error, const std::string& text) {
          if (error != nullptr) failed = *error;
          summary = text;
          connection_->leaveEventLoop();
        });
    connection_->enterEventLoop();
    if (failed) throw *failed;
    return summary.value_or("");
  }

  // ---- commands that are one call

  template <typename... Arguments>
  std::string plain(const char* method, const Arguments&... arguments) {
    manager_->callMethod(method).onInterface(manager).withArguments(arguments...);
    return "";
  }
  std::string call(const control::SetPassive& r) { return plain(r.passive ? "Passive" : "Active"); }
  std::string call(const control::SetCoupled& r) {
    return plain(r.coupled ? "Couple" : "Decouple");
  }
  std::string call(const control::SetVerbosity& r) {
    return plain("SetVerbosity", std::string(r.level == 0 ? "brief" : "verbose"));
  }
  std::string call(const control::Reset& r) { return plain("Reset", std::string(word_of(r.what))); }
  std::string call(const control::ResetId& r) {
    uint32_t count = 0;
    manager_->callMethod("ResetId")
        .onInterface(manager)
        .withArguments(r.identity)
        .storeResultsTo(count);
    return fmt::format("{} IKE {} being ended", count, count == 1 ? "SA is" : "SAs are");
  }
  std::string call(const control::Reload&) {
    std::string summary;
    manager_->callMethod("Reload").onInterface(manager).storeResultsTo(summary);
    return summary;
  }
  std::string call(const control::Load& r) {
    std::string summary;
    manager_->callMethod("Load").onInterface(manager).withArguments(r.path).storeResultsTo(summary);
    return summary;
  }
  std::string call(const control::ShowCertificates&) {
    std::vector<std::string> names;
    manager_->callMethod("ListCertificates").onInterface(manager).storeResultsTo(names);
    std::string lines;
    for (const std::string& name : names) lines += name + "\n";
    return lines;
  }
  /// The others are asked for in other ways.
  template <typename Asked>
  std::string call(const Asked&) {
    return "";
  }

  std::unique_ptr<sdbus::IConnection> connection_;
  std::unique_ptr<sdbus::IProxy> manager_;
  uint64_t next_ = 0;  // of the last list
};

}  // namespace

Link::Answer<std::unique_ptr<Link>> connect_bus() {
  try {
    auto connection = sdbus::createSystemBusConnection();
    const auto bus =
        sdbus::createProxy(*connection, "org.freedesktop.DBus", "/org/freedesktop/DBus");
    bool there = false;
    bus->callMethod("NameHasOwner")
        .onInterface("org.freedesktop.DBus")
        .withArguments(std::string(service))
        .storeResultsTo(there);
    if (!there) {
      return std::unexpected(ControlError{FailureKind::no_daemon, "iked is not on D-Bus"});
    }
    return std::make_unique<BusLink>(std::move(connection));
  } catch (const sdbus::Error& error) {
    return std::unexpected(ControlError{FailureKind::no_daemon, error.getMessage()});
  }
}

}  // namespace iked::ikectl
