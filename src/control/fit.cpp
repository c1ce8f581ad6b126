// SPDX-License-Identifier: ISC
#include "control/fit.h"

#include <algorithm>

namespace iked::control {
namespace {

constexpr size_t page_rows = 64;
constexpr size_t max_text = max_response_body - 64;

/// Leaves something out of a row. False when there is nothing left to leave out.
bool shrink(IkeSaRow& row) {
  if (row.children.empty()) return false;
  const size_t kept = row.children.size() / 2;
  row.children_left_out += static_cast<uint32_t>(row.children.size() - kept);
  row.children.resize(kept);
  return true;
}

bool shrink(PolicyRow& row) {
  if (!row.flows.empty()) {
    row.flows_left_out += static_cast<uint32_t>(row.flows.size());
    row.flows.clear();
    return true;
  }
  return !std::exchange(row.last_error, {}).empty();
}

/// `list` gives the page with at most as many rows as it is told, from where the client asked.
Frame fit(size_t asked, auto list) {
  size_t max = std::clamp<size_t>(asked, 1, page_rows);
  auto page = list(max);
  while (true) {
    Frame frame = to_frame(Response(page));
    if (frame.body.size() <= max_response_body) return frame;
    // A shorter page must come from its maker, who alone knows where the next one begins.
    if (page.rows.size() > 1) {
      max = std::max<size_t>(1, std::min(max, page.rows.size()) / 2);
      page = list(max);
    } else if (page.rows.empty() || !shrink(page.rows.front())) {
      return to_frame(Response(Failed{"a row is too long to be shown"}));
    }
  }
}

}  // namespace

Frame sas_that_fit(Control& control, const ShowSas& asked) {
  return fit(asked.max, [&](size_t max) { return control.list_sas(asked.from, max); });
}

Frame policies_that_fit(Control& control, const ShowPolicies& asked) {
  return fit(asked.max, [&](size_t max) { return control.list_policies(asked.from, max); });
}

Frame outcome_that_fits(Result<std::string> outcome) {
  if (!outcome) {
    return end_that_fits(Control::Outcome(
        std::unexpected(ControlError{FailureKind::other, std::move(outcome.error().text)})));
  }
  return end_that_fits(Control::Outcome(std::move(*outcome)));
}

Frame failures_that_fit(Response answer) {
  while (true) {
    Frame frame = to_frame(answer);
    auto* const list = std::get_if<FailureRows>(&answer);
    if (frame.body.size() <= max_response_body || list == nullptr) return frame;
    list->rows.resize(list->rows.size() / 2);
    if (list->rows.empty()) list->policy.clear();
  }
}

Frame end_that_fits(Control::Outcome outcome) {
  std::string& text = outcome ? *outcome : outcome.error().text;
  if (text.size() > max_text) {
    text.resize(max_text);
    text += " ...";
  }
  if (outcome) return to_frame(Response(Succeeded{std::move(text)}));
  return to_frame(Response(Failed{std::move(text), outcome.error().kind}));
}

}  // namespace iked::control
