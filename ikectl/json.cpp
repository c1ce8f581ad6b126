// SPDX-License-Identifier: ISC
#include "ikectl/json.h"

#include <fmt/format.h>

#include <cstdio>
#include <span>
#include <vector>

namespace iked::ikectl {
namespace {

/// How many octets of well-formed UTF-8 begin here; 0 = none.
size_t utf8_length(std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  const auto goes_on = [&](size_t i) { return (at(i) & 0xc0) == 0x80; };
  const int first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf && goes_on(1)) return 2;
  const bool surrogate = first == 0xed && at(1) >= 0xa0;
  if ((first & 0xf0) == 0xe0 && goes_on(1) && goes_on(2) && !surrogate &&
      (first != 0xe0 || at(1) >= 0xa0)) {
    return 3;
  }
  const bool in_range = (first != 0xf0 || at(1) >= 0x90) && (first != 0xf4 || at(1) < 0x90);
  if (first >= 0xf0 && first <= 0xf4 && goes_on(1) && goes_on(2) && goes_on(3) && in_range)
    return 4;
  return 0;
}

class Object {
 public:
  Object& text(std::string_view name, std::string_view value) {
    return raw(name, json_text(value));
  }
  /// Nothing when it is empty.
  Object& known(std::string_view name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
  }
  Object& number(std::string_view name, uint64_t value) { return raw(name, fmt::to_string(value)); }
  Object& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  Object& raw(std::string_view name, std::string_view value) {
    text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", name, value);
    return *this;
  }
  std::string end() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

template <typename Rows, typename ToText>
std::string array(const Rows& rows, ToText&& to_text) {
  std::string text;
  for (const auto& row : rows) text += (text.empty() ? "" : ",") + to_text(row);
  return "[" + text + "]";
}

std::string texts(const std::vector<std::string>& all) {
  return array(all, [](const std::string& one) { return json_text(one); });
}

// JSON's numbers are not for 64 bits.
std::string spi(uint64_t value) {
  return fmt::format("0x{:016x}", value);
}

std::string to_json(const ChildRow& child) {
  Object row;
  row.number("id", child.id).text("protocol", child.protocol);
  row.text("spi_in", fmt::format("0x{:08x}", child.spi_in));
  row.text("spi_out", fmt::format("0x{:08x}", child.spi_out));
  row.text("mode", child.mode).text("suite", child.suite);
  row.raw("local_selectors", texts(child.local_selectors));
  row.raw("remote_selectors", texts(child.remote_selectors));
  row.number("age_seconds", child.age_seconds).number("rekey_seconds", child.rekey_seconds);
  row.number("bytes_in", child.bytes_in).number("packets_in", child.packets_in);
  row.number("bytes_out", child.bytes_out).number("packets_out", child.packets_out);
  row.flag("udp_encapsulation", child.udp_encap).flag("coupled", child.coupled);
  return row.end();
}

Object document() {
  Object whole;
  whole.number("version", json_version);
  return whole;
}

std::string line(const Object& whole) {
  return whole.end() + "\n";
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const char c = text.front();
    const size_t length = utf8_length(text);
    if (length == 0) {
      quoted += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      quoted += fmt::format("\\{}", c);
    } else if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\u{:04x}", static_cast<uint8_t>(c));
    } else {
      quoted += text.substr(0, length);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return quoted + "\"";
}

std::string to_json(const IkeSaRow& sa) {
  Object row;
  row.number("id", sa.id).text("policy", sa.policy).text("state", sa.state);
  row.known("waiting", sa.waiting).flag("initiator", sa.initiator);
  row.text("spi_initiator", spi(sa.spi_i)).text("spi_responder", spi(sa.spi_r));
  row.text("local", sa.local).text("remote", sa.remote);
  row.known("local_id", sa.local_id).known("remote_id", sa.remote_id);
  row.flag("nat_traversal", sa.natt).text("nat", sa.nat).known("suite", sa.suite);
  row.number("age_seconds", sa.age_seconds).number("rekey_seconds", sa.rekey_seconds);
  row.number("heard_seconds", sa.heard_seconds);
  row.raw("children", array(sa.children, [](const ChildRow& child) { return to_json(child); }));
  row.number("children_left_out", sa.children_left_out);
  return row.end();
}

std::string to_json(const PolicyRow& policy) {
  Object row;
  row.text("name", policy.name).flag("active", policy.active).text("peer", policy.peer);
  row.text("state", policy.state).known("last_error", policy.last_error);
  row.number("retry_seconds", policy.retry_seconds).known("written_at", policy.written_at);
  row.known("local_id", policy.local_id).known("peer_id", policy.peer_id);
  row.raw("flows", texts(policy.flows)).number("flows_left_out", policy.flows_left_out);
  row.number("sas", policy.sas).flag("held", policy.held).flag("transient", policy.transient);
  return row.end();
}

std::string to_json(const FailureRow& failure) {
  Object row;
  row.known("policy", failure.policy).known("peer", failure.peer);
  row.flag("initiator", failure.initiator).text("kind", to_string(failure.kind));
  row.text("text", failure.text).number("age_seconds", failure.age_seconds);
  return row.end();
}

std::string to_json(const EventRow& event) {
  Object row;
  row.number("time_usec", event.time).text("level", event.level).known("event", event.event);
  row.known("policy", event.policy).known("peer", event.peer);
  if (event.spi_i != 0) row.text("spi_initiator", spi(event.spi_i));
  if (event.spi_r != 0) row.text("spi_responder", spi(event.spi_r));
  if (event.child_spi != 0) row.text("child_spi", fmt::format("0x{:08x}", event.child_spi));
  row.known("local_id", event.local_id).known("remote_id", event.remote_id);
  row.known("exchange", event.exchange).known("notify", event.notify);
  row.text("text", event.text);
  return row.end();
}

std::string json_event(const EventRow& event) {
  return line(document().raw("event", to_json(event)));
}

std::string json_done(std::string_view text) {
  return line(document().raw("done", Object().text("text", text).end()));
}

std::string json_failed(const ControlError& error, int exit_code) {
  Object row;
  row.text("kind", to_string(error.kind)).text("text", error.text);
  row.number("exit", static_cast<uint64_t>(exit_code));
  return line(document().raw("error", row.end()));
}

std::string json_statistics(const control::StatisticRows& all) {
  Object counters;
  for (const control::StatisticRow& row : all.rows) counters.number(row.name, row.value);
  return line(document().raw("statistics", counters.end()));
}

std::string json_failures(std::string_view name, const control::FailureRows& all) {
  Object whole = document();
  whole.text("name", name);
  whole.raw("policy", all.policy.empty() ? "null" : to_json(all.policy.front()));
  whole.raw("failures", array(all.rows, [](const FailureRow& row) { return to_json(row); }));
  return line(whole);
}

std::string json_certificates(std::string_view lines) {
  std::vector<std::string> all;
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    if (end > 0) all.emplace_back(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return line(document().raw("certificates", texts(all)));
}

JsonList::JsonList(std::string_view name) {
  fmt::print("{{\"version\":{},\"{}\":[", json_version, name);
}

void JsonList::add(const std::string& row) {
  fmt::print("{}{}", first_ ? "" : ",\n", row);
  first_ = false;
}

void JsonList::end() {
  fmt::print("]}}\n");
}

}  // namespace iked::ikectl
