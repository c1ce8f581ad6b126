// SPDX-License-Identifier: ISC
// What is in an authority's folder, for people to read and for scripts to search.
#include <algorithm>

#include "authority/authority.h"
#include "authority/files.h"

namespace iked::authority {
namespace {

std::string with_colons(const Bytes& octets) {
  std::string text;
  for (const uint8_t octet : octets) {
    text += fmt::format("{}{:02X}", text.empty() ? "" : ":", octet);
  }
  return text;
}

std::string status(const Certificate& certificate, const std::vector<Revoked>& revoked,
                   UnixTime now) {
  const auto entry = std::ranges::find(revoked, certificate.serial(), &Revoked::serial);
  if (entry != revoked.end()) return "revoked " + to_text(entry->when);
  if (now >= certificate.not_after()) return "expired";
  if (now < certificate.not_before()) return "not valid yet";
  return fmt::format("valid, {} days left", (certificate.not_after() - now) / one_day);
}

}  // namespace

Outcome<std::vector<std::string>> Authority::hosts() const {
  auto names = list_directory(folder_);
  if (!names) return names;
  constexpr std::string_view ending = ".crt";
  std::erase_if(*names, [&](const std::string& name) {
    return !name.ends_with(ending) || name == "ca.crt" || name.starts_with('.');
  });
  for (std::string& name : *names) name.resize(name.size() - ending.size());
  return names;
}

Outcome<void> Authority::show(const Operator& user) {
  auto names = hosts();
  if (!names) return pass(names);
  names->insert(names->begin(), "ca");
  const auto revoked = all_revoked();
  if (!revoked) return std::unexpected(revoked.error());
  for (const std::string& name : *names) {
    const auto one = certificate(name + ".crt");
    if (!one) {
      user.say(one.error().text);
      continue;
    }
    std::string alternatives;
    for (const std::string& alt : one->names()) {
      alternatives += (alternatives.empty() ? "" : ", ") + alt;
    }
    user.say("subject=" + one->subject());
    user.say("sha256 Fingerprint=" + with_colons(one->sha256()));
    user.say("notBefore=" + to_text(one->not_before()));
    user.say("notAfter=" + to_text(one->not_after()));
    user.say("serial=" + to_hex(one->serial()));
    if (!alternatives.empty()) user.say("subjectAltName=" + alternatives);
    user.say("status=" + status(*one, *revoked, user.now));
    user.say("file=" + file(name + ".crt"));
    user.say("");
  }
  return {};
}

Outcome<void> Authority::show(const Host& host, const Operator& user) {
  if (!exists(certificate_file(host))) {
    return fail_as(Failure::Kind::not_found, "certificate for '{}' does not exist in {}",
                   host.text(), folder_);
  }
  const auto one = certificate(host.text() + ".crt");
  if (!one) return std::unexpected(one.error());
  const auto revoked = all_revoked();
  if (!revoked) return std::unexpected(revoked.error());
  user.say(one->full_text());
  user.say("status=" + status(*one, *revoked, user.now));
  return {};
}

}  // namespace iked::authority
