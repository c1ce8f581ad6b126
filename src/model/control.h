// SPDX-License-Identifier: ISC
// What an administrator can ask of a running daemon, as a port that the control socket and D-Bus
// call and the daemon implements; and the rows that answers are made of. No secret is ever in a
// row.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/failure_kind.h"

namespace iked {

struct ChildRow {
  uint64_t id = 0;
  std::string protocol;  // "ESP" or "AH"
  uint32_t spi_in = 0;
  uint32_t spi_out = 0;
  std::string mode;   // "tunnel" or "transport"
  std::string suite;  // in the words of iked.conf
  std::vector<std::string> local_selectors;
  std::vector<std::string> remote_selectors;
  uint64_t age_seconds = 0;
  uint64_t bytes_in = 0, packets_in = 0;
  uint64_t bytes_out = 0, packets_out = 0;
  bool udp_encap = false;
  bool coupled = false;        // in the kernel
  uint64_t rekey_seconds = 0;  // until the kernel asks for new keys; 0 = never, or now
  friend bool operator==(const ChildRow&, const ChildRow&) = default;
};

struct IkeSaRow {
  uint64_t id = 0;
  std::string policy;
  std::string state;    // "SA_INIT", "AUTH", "ESTABLISHED", "CLOSING"
  std::string waiting;  // what an exchange waits for, such as "SaInitResponder::on_shared_secret"
  bool initiator = false;
  bool natt = false;  // a NAT is between, or one is pretended
  uint64_t spi_i = 0, spi_r = 0;
  std::string local, remote;        // endpoints
  std::string local_id, remote_id;  // "FQDN/a.example.com"; empty when not known yet
  std::string suite;
  uint64_t age_seconds = 0;
  std::vector<ChildRow> children;
  uint32_t children_left_out = 0;  // further ones, too many for one answer
  std::string nat;                 // whom a NAT is in front of: "", "us", "peer" or "both"
  uint64_t rekey_seconds = 0;      // until new keys are negotiated; 0 = never, or now
  uint64_t heard_seconds = 0;      // since the last authentic message of the peer
  friend bool operator==(const IkeSaRow&, const IkeSaRow&) = default;
};

/// Why a command was not carried out.
struct ControlError {
  FailureKind kind = FailureKind::other;
  std::string text;  // cause and cure
};

/// The last thing that went wrong with a policy in one role, or with a peer for whom there is none.
struct FailureRow {
  std::string policy;  // empty: no policy was found for the peer
  std::string peer;    // endpoint; empty when nobody was called yet
  bool initiator = false;
  FailureKind kind = FailureKind::other;
  std::string text;  // cause and cure
  uint64_t age_seconds = 0;
  friend bool operator==(const FailureRow&, const FailureRow&) = default;
};

/// A policy, and why it has no SA when it is wanted.
struct PolicyRow {
  std::string name;
  bool active = false;
  std::string peer;
  std::string state;               // "up", "connecting", "down"
  std::string last_error;          // why the last try failed
  uint64_t retry_seconds = 0;      // until the next try; 0 = none planned
  std::string written_at;          // "FILE:LINE"
  std::string local_id;            // who we are there
  std::string peer_id;             // whom it wants; empty = anybody who can prove himself
  std::vector<std::string> flows;  // "10.1.0.0/24 - 10.2.0.0/24"
  uint32_t flows_left_out = 0;     // further ones, too many for one answer
  uint32_t sas = 0;                // established IKE SAs
  bool held = false;               // `disconnect` keeps it down
  bool transient = false;          // not of the configuration: a client made it
  friend bool operator==(const PolicyRow&, const PolicyRow&) = default;
};

/// Rows after the position `next` of the page before; `next` 0 = that was the last page.
struct SaPage {
  std::vector<IkeSaRow> rows;
  uint64_t next = 0;
  friend bool operator==(const SaPage&, const SaPage&) = default;
};
struct PolicyPage {
  std::vector<PolicyRow> rows;
  uint64_t next = 0;
  friend bool operator==(const PolicyPage&, const PolicyPage&) = default;
};

/// What became of an IKE SA.
enum class SaChangeKind : uint8_t { up, down, failed };
struct SaChange {
  SaChangeKind kind = SaChangeKind::up;
  uint64_t id = 0;  // as in IkeSaRow; 0 when there was none yet
  std::string policy;
  std::string peer;
  std::string reason;  // of up: why the first child SA was refused; else empty
  FailureKind failure = FailureKind::other;
};

/// What happens, for those who watch: a log record as values.
struct EventRow {
  uint64_t time = 0;  // microseconds since 1970
  std::string level;  // "error", "warning", "notice", "info"
  std::string event;  // "ike-sa-up"; empty for details
  std::string policy, peer;
  uint64_t spi_i = 0, spi_r = 0;
  uint32_t child_spi = 0;
  std::string local_id, remote_id;
  std::string exchange, notify;
  std::string text;
  friend bool operator==(const EventRow&, const EventRow&) = default;
};

/// How the daemon runs at present.
struct RunState {
  bool passive = false;
  bool coupled = true;
  bool reloading = false;
  std::string config_file;
  uint64_t config_loaded = 0;  // microseconds since 1970
  friend bool operator==(const RunState&, const RunState&) = default;
};

/// What a look at the configuration found.
struct ConfigFinding {
  bool error = false;  // else a warning
  std::string place;   // "FILE:LINE:COLUMN" or "FILE"; may be empty
  std::string text;    // may have several lines
};
struct ConfigReport {
  bool valid = false;
  std::vector<ConfigFinding> findings;
};

/// By name, such as "IkeSasEstablished"; they count from the start of the daemon.
using Counters = std::map<std::string, uint64_t>;

enum class ResetTarget : uint8_t { all, ca, policy, sa, user };

class Control {
 public:
  virtual ~Control() = default;

  /// At most `max` IKE SAs, in a stable order, from position `from` (0 = the first).
  virtual SaPage list_sas(uint64_t from, size_t max) = 0;
  virtual PolicyPage list_policies(uint64_t from, size_t max) = 0;
  virtual std::optional<PolicyRow> find_policy(const std::string& name) = 0;
  /// What went wrong last with the policy of this name, or with the peer of this address, name or
  /// identity; the latest first. Nothing at all: neither is known.
  virtual std::optional<std::vector<FailureRow>> failures(const std::string& name) = 0;

  virtual std::optional<IkeSaRow> find_sa(uint64_t id) = 0;
  virtual RunState run_state() const = 0;
  virtual Counters counters() const = 0;

  using Done = std::function<void(Result<std::string>)>;
  /// Reads the configuration again; nothing changes unless the whole of it is good. The text is a
  /// summary for the administrator, or the diagnostics.
  virtual void reload(Done done) = 0;
  /// Reads the configuration and says what it found; what is in use stays.
  using Checked = std::function<void(Result<ConfigReport>)>;
  virtual void check_config(Checked done) = 0;
  virtual void reset(ResetTarget what, Done done) = 0;
  /// Ends an IKE SA with a Delete. False when there is none with this id.
  virtual bool close_sa(uint64_t id) = 0;
  /// The same for all whose peer has proven this identity ("FQDN/a.example.com"); how many.
  virtual size_t reset_id(const std::string& identity) = 0;
  /// Runs as `set active` / `set passive`, `set couple` / `set decouple` would.
  virtual void set_passive(bool passive, Done done) = 0;
  virtual void set_coupled(bool coupled, Done done) = 0;
  virtual void set_verbosity(int level, Done done) = 0;  // 0 brief, 2 verbose

  /// What came of a command that may take its time: a text for people, or why not.
  using Outcome = std::expected<std::string, ControlError>;
  using Ended = std::function<void(Outcome)>;
  /// Calls the policy's peer; done when its tunnel is up or the try has failed.
  virtual void connect(const std::string& policy, Ended ended) = 0;
  /// Ends the policy's IKE SAs; an active one stays down until `connect`, `active` or a reload that
  /// changes it.
  virtual void disconnect(const std::string& policy, Ended ended) = 0;
  /// As reload, with another file from now on until the next reload.
  virtual void load(const std::string& path, Ended ended) = 0;
  /// One line for each certificate and authority that is loaded.
  virtual void list_certificates(Done done) = 0;
  /// Begins a rekey of the IKE SA. False when there is none with this id.
  virtual bool rekey_sa(uint64_t id) = 0;
};

}  // namespace iked
