// SPDX-License-Identifier: ISC
#include "ikectl/people.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "ikectl/text.h"

namespace iked::ikectl {
namespace {

using Colour = Paint::Colour;

constexpr size_t columns = 9;
using Cells = std::array<std::string, columns>;

Colour colour_of_state(std::string_view state) {
  if (state == "ESTABLISHED" || state == "up") return Colour::green;
  if (state == "CLOSING" || state == "CLOSED" || state == "down") return Colour::red;
  return Colour::yellow;
}

std::string until(uint64_t seconds) {
  return seconds == 0 ? "-" : duration(seconds);
}

std::string nat_word(const IkeSaRow& sa) {
  if (sa.nat.empty()) return sa.natt ? "in UDP" : "no";
  return sa.nat == "us" ? "here" : sa.nat == "peer" ? "there" : "both";
}

Cells cells_of(const IkeSaRow& sa) {
  const auto known = [](const std::string& text) { return text.empty() ? "-" : clean(text); };
  return {fmt::to_string(sa.id),
          known(sa.policy),
          clean(sa.local) + (sa.initiator ? " -> " : " <- ") + clean(sa.remote),
          known(sa.local_id),
          known(sa.remote_id),
          clean(sa.state),
          nat_word(sa),
          duration(sa.age_seconds),
          until(sa.rekey_seconds)};
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ", ") + clean(one);
  return text.empty() ? "-" : text;
}

std::string child_line(const ChildRow& child, const Paint& paint) {
  std::string line = fmt::format(
      "    {} {}  {} - {}  SPI in {:08x} out {:08x}  in {} out {}  age {}  rekey {}",
      clean(child.protocol), clean(child.mode), joined(child.local_selectors),
      joined(child.remote_selectors), child.spi_in, child.spi_out, octets(child.bytes_in),
      octets(child.bytes_out), duration(child.age_seconds), until(child.rekey_seconds));
  if (child.udp_encap) line += "  in UDP";
  if (!child.coupled) line += paint(Colour::yellow, "  not in the kernel");
  return line + "\n";
}

std::string time_of_day(uint64_t microseconds) {
  const auto seconds = static_cast<time_t>(microseconds / 1'000'000);
  tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

}  // namespace

Paint Paint::for_stream(FILE* stream) {
  const char* const no = std::getenv("NO_COLOR");
  return Paint(isatty(fileno(stream)) == 1 && (no == nullptr || *no == '\0'));
}

std::string Paint::operator()(Colour colour, std::string_view text) const {
  if (!on_) return std::string(text);
  const char* code = "2";
  if (colour == Colour::red) code = "31";
  if (colour == Colour::yellow) code = "33";
  if (colour == Colour::green) code = "32";
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string octets(uint64_t count) {
  static constexpr std::array units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (count < 1024) return fmt::format("{} B", count);
  double value = static_cast<double>(count) / 1024;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, units.at(unit));
}

std::string table(const std::vector<IkeSaRow>& sas, const Paint& paint) {
  static const Cells heading = {"ID",    "POLICY", "FROM, TO", "OUR ID", "PEER'S ID",
                                "STATE", "NAT",    "AGE",      "REKEY"};
  std::array<size_t, columns> widths{};
  std::vector<Cells> rows = {heading};
  for (const IkeSaRow& sa : sas) rows.push_back(cells_of(sa));
  for (const Cells& row : rows) {
    for (size_t i = 0; i < columns; ++i) widths.at(i) = std::max(widths.at(i), row.at(i).size());
  }
  const auto line = [&](const Cells& row, const IkeSaRow* sa) {
    std::string text;
    for (size_t i = 0; i < columns; ++i) {
      const bool last = i + 1 == columns;
      const std::string cell = last ? row.at(i) : fmt::format("{:{}}", row.at(i), widths.at(i));
      const bool state = row.at(i) == row.at(5) && i == 5 && sa != nullptr;
      text += state ? paint(colour_of_state(sa->state), cell) : cell;
      if (!last) text += "  ";
    }
    return text + "\n";
  };
  std::string text = paint(Colour::faint, line(heading, nullptr));
  for (size_t i = 0; i < sas.size(); ++i) {
    text += line(rows.at(i + 1), &sas.at(i));
    for (const ChildRow& child : sas.at(i).children) text += child_line(child, paint);
    if (sas.at(i).children_left_out > 0) {
      text += fmt::format("    and {} more child SAs\n", sas.at(i).children_left_out);
    }
  }
  return text;
}

std::string to_line(const EventRow& event, const Paint& paint) {
  const std::string about = !event.policy.empty() ? event.policy : event.peer;
  std::string text = clean(event.text);
  if (event.level == "error") text = paint(Colour::red, text);
  if (event.level == "warning") text = paint(Colour::yellow, text);
  if (event.event == "ike-sa-up" || event.event == "child-sa-up") text = paint(Colour::green, text);
  return fmt::format("{} {}{}{}\n", paint(Colour::faint, time_of_day(event.time)), clean(about),
                     about.empty() ? "" : ": ", text);
}

std::string explain(std::string_view name, const control::FailureRows& all, const Paint& paint) {
  std::string text;
  if (!all.policy.empty()) {
    const PolicyRow& policy = all.policy.front();
    text = fmt::format("{} is {}", clean(policy.name),
                       paint(colour_of_state(policy.state), clean(policy.state)));
    if (policy.held) text += ": somebody has disconnected it; 'ikectl connect' ends that";
    if (policy.retry_seconds > 0) text += ", next try in " + duration(policy.retry_seconds);
    text += "\n";
  }
  if (all.rows.empty()) {
    return text + fmt::format("{}nothing has gone wrong with it since iked started\n",
                              all.policy.empty() ? clean(name) + ": " : "");
  }
  for (const FailureRow& row : all.rows) {
    text += fmt::format("{} ago, ", duration(row.age_seconds));
    text += row.initiator ? "when we called" : "when we were called by";
    text += row.peer.empty() ? (row.initiator ? " its peer" : " it") : " " + clean(row.peer);
    if (!row.policy.empty() && row.policy != name) text += fmt::format(" ({})", clean(row.policy));
    text += fmt::format(":\n  {}\n", paint(Colour::yellow, clean(row.text, true)));
  }
  return text;
}

}  // namespace iked::ikectl
