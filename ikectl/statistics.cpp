// SPDX-License-Identifier: ISC
#include "ikectl/statistics.h"

#include <fmt/format.h>

#include <array>
#include <initializer_list>
#include <map>
#include <string_view>
#include <vector>

namespace iked::ikectl {
namespace {

using Counts = std::map<std::string, uint64_t, std::less<>>;

/// A line of OpenBSD's; "%s" is the end of a plural. Several counters are added up.
struct Label {
  std::string_view text;
  std::vector<std::string_view> counters;
};

const std::vector<Label>& labels() {
  static const std::vector<Label> all = {
      {"IKE SA%s created", {"IkeSasCreated"}},
      {"IKE SA%s established", {"IkeSasEstablished"}},
      {"IKE SA%s currently established", {"IkeSasUp"}},
      {"IKE SA%s failed to establish", {"IkeSasFailed"}},
      {"failed proposal negotiation%s", {"ProposalsFailed"}},
      {"IKE SA%s rekeyed", {"IkeSasRekeyed"}},
      {"IKE SA%s removed", {"IkeSasRemoved"}},
      {"Child SA%s created", {"ChildSasCreated"}},
      {"Child SA%s removed", {"ChildSasRemoved"}},
      {"message%s sent", {"MessagesSent"}},
      {"message%s could not be sent", {"MessagesNotSent"}},
      {"message%s received", {"MessagesReceived"}},
      {"message%s dropped",
       {"MessagesNotIke", "MessagesOfOtherVersion", "MessagesWithUnknownSpi", "MessagesMalformed",
        "MessagesWithBadIcv", "RequestsStale", "RequestsBeyondWindow", "ResponsesUnexpected",
        "MessagesOutOfPlace", "ResponsesIgnored", "FirstMessagesRefused"}},
      {"request%s dropped, response being worked on", {"RequestsRepeatedTooSoon"}},
      {"response%s retransmitted", {"RequestsAnsweredAgain"}},
      {"request%s retransmitted", {"RequestsRetransmitted"}},
      {"request%s timed out", {"RequestsTimedOut"}},
      {"fragment%s sent", {"FragmentsSent"}},
      {"fragment%s could not be sent", {"FragmentsNotSent"}},
      {"fragment%s received", {"FragmentsReceived"}},
      {"fragment%s dropped", {"FragmentsOutOfPlace"}},
      {"fragment%s reassembled", {"FragmentsReassembled"}},
      {"fragment%s could not be reassembled", {"FragmentsNotReassembled"}},
      {"update addresses request%s sent", {"AddressUpdatesSent"}},
      {"dpd request%s sent", {"LivenessChecksSent"}},
      {"keepalive message%s sent", {"KeepalivesSent"}},
  };
  return all;
}

std::string with_number(std::string_view text, uint64_t count) {
  const size_t plural = text.find("%s");
  return fmt::format("{} {}{}{}", count, text.substr(0, plural), count == 1 ? "" : "s",
                     text.substr(plural + 2));
}

/// "IkeSasUp" -> "ike_sas_up"
std::string snake(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !text.empty()) text += '_';
    text += static_cast<char>(upper ? c - 'A' + 'a' : c);
  }
  return text;
}

std::string label_value(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return escaped;
}

bool is_gauge(std::string_view name) {
  return name == "IkeSas" || name == "IkeSasUp";
}

}  // namespace

std::string to_lines(const control::StatisticRows& all, bool without_zeros) {
  Counts counts;
  for (const control::StatisticRow& row : all.rows) counts[row.name] = row.value;
  std::string lines = "ike:\n";
  for (const Label& label : labels()) {
    uint64_t sum = 0;
    for (const std::string_view counter : label.counters) {
      const auto found = counts.find(counter);
      if (found != counts.end()) sum += found->second;
    }
    if (sum > 0 || !without_zeros) lines += fmt::format("\t{}\n", with_number(label.text, sum));
  }
  return lines;
}

std::string openmetrics(const control::StatisticRows& all) {
  std::string text;
  for (const control::StatisticRow& row : all.rows) {
    const std::string name = "iked_" + snake(row.name);
    const bool gauge = is_gauge(row.name);
    text += fmt::format("# TYPE {} {}\n{}{} {}\n", name, gauge ? "gauge" : "counter", name,
                        gauge ? "" : "_total", row.value);
  }
  return text;
}

std::string openmetrics_of_policies() {
  return "# TYPE iked_policy_up gauge\n"
         "# HELP iked_policy_up 1 when the policy has an established IKE SA, else 0\n";
}

std::string openmetrics(const PolicyRow& policy) {
  return fmt::format("iked_policy_up{{policy=\"{}\",peer=\"{}\",wanted=\"{}\"}} {}\n",
                     label_value(policy.name), label_value(policy.peer),
                     policy.active && !policy.held ? "yes" : "no", policy.state == "up" ? 1 : 0);
}

}  // namespace iked::ikectl
