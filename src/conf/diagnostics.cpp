// SPDX-License-Identifier: ISC
#include "conf/diagnostics.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "conf/excerpt.h"
#include "conf/keywords.h"
#include "conf/suggest.h"

namespace iked::conf {
namespace {

constexpr std::array<std::string_view, 6> secret_parts = {
    "psk", "passw", "passphr", "preshared", "secret", "shared",
};
// Settings that name where secrets are.
constexpr std::array<std::string_view, 2> places = {"keystore", "presharedfile"};

}  // namespace

bool announces_secret(std::string_view word) {
  if (word.empty() || word.size() > 64) return false;
  std::string small(word);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (std::find(places.begin(), places.end(), small) != places.end()) return false;
  const auto holds = [&](std::string_view part) { return small.find(part) != std::string::npos; };
  if (std::any_of(secret_parts.begin(), secret_parts.end(), holds)) return true;
  if (small == "pass" || small.ends_with("key")) return true;
  return !find_keyword(word) && small.size() <= 4 && edit_distance(small, "psk") <= 1;
}

size_t secret_within(std::string_view word) {
  constexpr size_t longest_announcement = 64;
  for (size_t i = 1; i + 1 < std::min(word.size(), longest_announcement); ++i) {
    const bool joins = word[i] == ':' || word[i] == '"' || word[i] == '\'';
    if (joins && announces_secret(word.substr(0, i))) return i + 1;
  }
  return 0;
}

void Diagnostics::add(Entry entry) {
  const bool is_error = entry.severity == Severity::error;
  size_t& count = is_error ? errors_ : warnings_;
  if (is_error || count < most_warnings) entries_.push_back(std::move(entry));
  ++count;
}

void Diagnostics::error(const Spot& spot, std::string message, std::string expected,
                        std::string note) {
  add({Severity::error, spot, {}, std::move(message), std::move(expected), std::move(note)});
}

void Diagnostics::warning(const Spot& spot, std::string message, std::string note) {
  add({Severity::warning, spot, {}, std::move(message), {}, std::move(note)});
}

void Diagnostics::file_error(const std::string& path, const std::string& message) {
  add({Severity::error, {}, printable(as_bytes(path)), message, {}, {}});
}

void Diagnostics::file_warning(const std::string& path, const std::string& message) {
  add({Severity::warning, {}, printable(as_bytes(path)), message, {}, {}});
}

void Diagnostics::forgive(const std::string& note) {
  for (Entry& entry : entries_) {
    if (entry.severity != Severity::error) continue;
    entry.severity = Severity::warning;
    entry.note += (entry.note.empty() ? "" : "\n  ") + note;
  }
  errors_ = 0;
}

std::string Diagnostics::name_of(const Place& place) const {
  const std::string& path = files_[place.file].path;
  return fmt::format("{}:{}:{}", printable(as_bytes(path), 1024), place.line, place.column);
}

Diagnostic Diagnostics::render(const Entry& entry, const std::vector<SecretRange>& secrets) const {
  const Place& place = entry.spot.place;
  if (place.line == 0) return {entry.severity, entry.message, entry.path};
  std::string text = entry.message + "\n";
  text += excerpt(files_[place.file].text, entry.spot, secrets);
  if (!entry.expected.empty()) text += fmt::format("\n  expected {}", entry.expected);
  if (!entry.note.empty()) text += fmt::format("\n  {}", entry.note);
  if (!entry.spot.macro.empty())
    text += fmt::format("\n  in the text of macro '{}'", entry.spot.macro);
  for (auto from = files_[place.file].included_from; from;
       from = files_[from->file].included_from) {
    text += fmt::format("\n  included from {}", name_of(*from));
  }
  return {entry.severity, std::move(text), name_of(place)};
}

std::vector<Diagnostic> Diagnostics::render(const std::vector<SecretRange>& secrets) const {
  std::vector<Diagnostic> all;
  for (const Entry& entry : entries_) all.push_back(render(entry, secrets));
  if (warnings_ > most_warnings) {
    all.push_back({Severity::warning, fmt::format("{} more warnings", warnings_ - most_warnings)});
  }
  return all;
}

}  // namespace iked::conf
