// SPDX-License-Identifier: ISC
// What ikectl asks and iked answers, as values, and their fixed layout on the control socket. Both
// sides parse the other's octets as hostile. Each request has exactly one response, but for those
// that say otherwise; lists come in pages that the client asks for one by one.
#pragma once

#include <string>
#include <variant>

#include "control/frame.h"
#include "model/control.h"

namespace iked::control {

/// At most `max` rows from position `from` on; the server may send fewer.
struct ShowSas {
  uint64_t from = 0;
  uint32_t max = 100;
  friend bool operator==(const ShowSas&, const ShowSas&) = default;
};
struct ShowPolicies {
  uint64_t from = 0;
  uint32_t max = 100;
  friend bool operator==(const ShowPolicies&, const ShowPolicies&) = default;
};
struct Reload {
  friend bool operator==(const Reload&, const Reload&) = default;
};
struct Reset {
  ResetTarget what = ResetTarget::all;
  friend bool operator==(const Reset&, const Reset&) = default;
};
struct SetPassive {
  bool passive = false;
  friend bool operator==(const SetPassive&, const SetPassive&) = default;
};
struct SetCoupled {
  bool coupled = true;
  friend bool operator==(const SetCoupled&, const SetCoupled&) = default;
};
struct SetVerbosity {
  static constexpr uint8_t max = 2;
  uint8_t level = 0;  // 0 brief ... 2 verbose
  friend bool operator==(const SetVerbosity&, const SetVerbosity&) = default;
};
/// Ends the IKE SAs of the peer with this identity.
struct ResetId {
  std::string identity;
  friend bool operator==(const ResetId&, const ResetId&) = default;
};
struct ShowCertificates {
  friend bool operator==(const ShowCertificates&, const ShowCertificates&) = default;
};
struct ShowStatistics {
  friend bool operator==(const ShowStatistics&, const ShowStatistics&) = default;
};
struct ShowFailures {
  std::string name;  // of a policy or a peer
  friend bool operator==(const ShowFailures&, const ShowFailures&) = default;
};
struct Load {
  std::string path;
  friend bool operator==(const Load&, const Load&) = default;
};
/// Answered by any number of EventRow before the outcome.
struct Connect {
  std::string policy;
  friend bool operator==(const Connect&, const Connect&) = default;
};
struct Disconnect {
  std::string policy;
  friend bool operator==(const Disconnect&, const Disconnect&) = default;
};
/// Answered by EventRow without end.
struct Monitor {
  friend bool operator==(const Monitor&, const Monitor&) = default;
};
using Request = std::variant<ShowSas, ShowPolicies, Reload, Reset, SetPassive, SetVerbosity,
                             SetCoupled, ResetId, ShowStatistics, ShowFailures, Load, Connect,
                             Disconnect, Monitor, ShowCertificates>;

/// The command was carried out; the text is for people and may be empty or have several lines.
struct Succeeded {
  std::string text;
};
struct Failed {
  std::string text;
  FailureKind kind = FailureKind::other;
};
struct StatisticRow {
  std::string name;
  uint64_t value = 0;
};
struct StatisticRows {
  std::vector<StatisticRow> rows;
};
struct FailureRows {
  std::vector<PolicyRow> policy;  // the one of this name, if there is one
  std::vector<FailureRow> rows;   // the latest first
};
using Response =
    std::variant<SaPage, PolicyPage, Succeeded, Failed, StatisticRows, FailureRows, EventRow>;

inline constexpr size_t max_request_body = 4096;
inline constexpr size_t max_response_body = 1 << 20;

Frame to_frame(const Request& request);
/// The body is over max_response_body when the rows are too many: fit.h sees to that.
Frame to_frame(const Response& response);

Result<Request> parse_request(const Frame& frame);
Result<Response> parse_response(const Frame& frame);

/// In the words of ikectl, for the log: "reset sa".
std::string to_string(const Request& request);

}  // namespace iked::control
