// SPDX-License-Identifier: ISC
#include "authority/ledger.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace iked::authority {
namespace {

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(at, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// As in ASN.1: with two digits for the year until 2049.
std::string stamp(UnixTime time) {
  const time_t seconds = time;
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const bool long_year = parts.tm_year >= 150;
  strftime(text.data(), text.size(), long_year ? "%Y%m%d%H%M%SZ" : "%y%m%d%H%M%SZ", &parts);
  return text.data();
}

/// A reason may follow the time, behind a comma.
std::optional<UnixTime> unstamp(std::string_view text) {
  const std::string digits(text.substr(0, text.find(',')));
  tm parts{};
  const bool long_year = digits.size() == 15;
  const char* end = strptime(digits.c_str(), long_year ? "%Y%m%d%H%M%SZ" : "%y%m%d%H%M%SZ", &parts);
  if (end == nullptr || *end != '\0') return {};
  // RFC5280 4.1.2.5.1: two digits from 50 on are of the last century; strptime begins with 69.
  if (!long_year && parts.tm_year >= 150) parts.tm_year -= 100;
  return timegm(&parts);
}

std::string upper_hex(const Bytes& octets) {
  std::string text = to_hex(octets.empty() ? Bytes{0} : octets);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

Bytes serial_of(const std::string& hex) {
  auto octets = from_hex(hex);
  if (!octets) return {};
  octets->erase(octets->begin(), std::ranges::find_if(*octets, [](uint8_t o) { return o != 0; }));
  return *octets;
}

/// "/O=Example/CN=a.example.com": OpenSSL's way to write a name on one line.
std::string one_line(const std::string& subject) {
  std::string line;
  const auto parts = split(subject, ',');
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) line += "/" + *part;
  std::ranges::replace(line, '\t', '?');
  return line;
}

}  // namespace

Ledger Ledger::parse(std::string_view text) {
  Ledger ledger;
  for (std::string& line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto fields = split(line, '\t');
    Entry entry;
    const bool known = fields[0] == "V" || fields[0] == "R" || fields[0] == "E";
    if (known && fields.size() == 6 && !serial_of(fields[3]).empty()) {
      entry.status = fields[0].front();
      entry.expires = fields[1];
      entry.revoked = fields[2];
      entry.serial = fields[3];
      entry.file = fields[4];
      entry.subject = fields[5];
    } else {
      entry.line = std::move(line);
    }
    ledger.entries_.push_back(std::move(entry));
  }
  return ledger;
}

std::string Ledger::text() const {
  std::string text;
  for (const Entry& e : entries_) {
    text += e.status == 0 ? e.line
                          : fmt::format("{}\t{}\t{}\t{}\t{}\t{}", e.status, e.expires, e.revoked,
                                        e.serial, e.file, e.subject);
    text += '\n';
  }
  return text;
}

void Ledger::add(const Certificate& certificate, const std::string& file) {
  entries_.push_back({.line = {},
                      .status = 'V',
                      .expires = stamp(certificate.not_after()),
                      .revoked = {},
                      .serial = upper_hex(certificate.serial()),
                      .file = file,
                      .subject = one_line(certificate.subject())});
}

std::vector<Bytes> Ledger::live(const std::string& file, const std::string& common_name) const {
  std::vector<Bytes> serials;
  const std::string named = "/CN=" + common_name;
  for (const Entry& e : entries_) {
    if (e.status == 0 || e.status == 'R') continue;
    const size_t at = e.subject.find(named);
    const size_t end = at + named.size();
    const bool of_openiked = e.file == "unknown" && at != std::string::npos &&
                             (end == e.subject.size() || e.subject[end] == '/');
    if (e.file == file || of_openiked) serials.push_back(serial_of(e.serial));
  }
  return serials;
}

void Ledger::revoke(const Bytes& serial, UnixTime when) {
  bool found = false;
  for (Entry& e : entries_) {
    if (e.status == 0 || serial_of(e.serial) != serial) continue;
    if (e.status != 'R') e.revoked = stamp(when);
    e.status = 'R';
    found = true;  // not the last one, if somebody has put two files together
  }
  if (found) return;
  entries_.push_back({.line = {},
                      .status = 'R',
                      .expires = stamp(when),
                      .revoked = stamp(when),
                      .serial = upper_hex(serial),
                      .file = "unknown",
                      .subject = "/CN=unknown"});
}

std::vector<Revoked> Ledger::revoked() const {
  std::vector<Revoked> all;
  for (const Entry& e : entries_) {
    if (e.status != 'R') continue;
    all.push_back({serial_of(e.serial), unstamp(e.revoked).value_or(0)});
  }
  return all;
}

}  // namespace iked::authority
