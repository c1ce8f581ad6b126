// SPDX-License-Identifier: ISC
#include "authority/names.h"

#include <algorithm>

#include "base/ip.h"

namespace iked::authority {
namespace {

using Kind = Failure::Kind;

constexpr size_t longest_ca_name = 64;
constexpr size_t longest_common_name = 64;  // RFC5280 A.1: ub-common-name
constexpr size_t longest_label = 63;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string shown(std::string_view word) {
  return printable(as_bytes(word), 80);
}

Outcome<void> check_labels(std::string_view name) {
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view label = name.substr(begin, end - begin);
    if (label.empty()) return fail("\"{}\" has an empty part between its dots", shown(name));
    if (label.size() > longest_label) {
      return fail("a part of \"{}\" is longer than {} characters", shown(name), longest_label);
    }
    if (label.front() == '-' || label.back() == '-') {
      return fail("a part of \"{}\" begins or ends with '-'", shown(name));
    }
    for (const char c : label) {
      if (is_letter(c) || is_digit(c) || c == '-' || c == '_') continue;
      return fail(
          "\"{}\" is no host name: it may have letters, digits, '-', '_' and dots; write others in "
          "the form that begins with xn--",
          shown(name));
    }
    begin = end + 1;
  }
  return {};
}

/// Host names do not end in a number (RFC 3696 2), so this is an address with a mistake in it.
bool ends_like_ipv4(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
  return !last.empty() && std::ranges::all_of(last, is_digit);
}

Outcome<std::string> host_name(std::string_view word) {
  if (auto good = check_labels(word); !good) return pass(good);
  if (ends_like_ipv4(word)) {
    return fail("\"{}\" looks like an IPv4 address, but is none; an example of one is 192.0.2.1",
                shown(word));
  }
  std::string name(word);
  std::ranges::transform(name, name.begin(), lower);
  return name;
}

Outcome<std::string> mail_name(std::string_view word) {
  const size_t at = word.rfind('@');
  const std::string_view user = word.substr(0, at);
  constexpr std::string_view others = "._+-=~";
  const auto allowed = [&](char c) {
    return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
  };
  if (user.empty() || user.front() == '.' || user.front() == '-' || user.front() == '~' ||
      !std::ranges::all_of(user, allowed)) {
    return fail(
        "\"{}\" is no user@host: the user's part begins with a letter or a digit and may have "
        "letters, digits and {}",
        shown(word), others);
  }
  auto host = host_name(word.substr(at + 1));
  if (!host) return pass(host);
  return fmt::format("{}@{}", user, *host);
}

Outcome<void> check_word(std::string_view word) {
  if (word.empty()) return fail("the name of the host is empty");
  if (word.size() > Host::longest) {
    return fail("the name of the host has {} characters, {} are possible", word.size(),
                Host::longest);
  }
  if (word.find('/') != word.npos || word.find('\0') != word.npos) {
    return fail("\"{}\" cannot be a host: it has a slash or a NUL in it", shown(word));
  }
  if (word.front() == '-' || word.front() == '.') {
    return fail("\"{}\" cannot be a host: it begins with '{}'", shown(word), word.front());
  }
  return {};
}

std::unexpected<Failure> as_usage(Failure failure) {
  return fail_as(Kind::usage, "{}", failure.text);
}

}  // namespace

Outcome<CaName> CaName::parse(std::string_view word) {
  if (word.empty()) return fail_as(Kind::usage, "the name of the CA is empty");
  if (word.size() > longest_ca_name) {
    return fail_as(Kind::usage, "the name of the CA has {} characters, {} are possible",
                   word.size(), longest_ca_name);
  }
  const auto allowed = [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
  };
  if (!std::ranges::all_of(word, allowed) || !(is_letter(word.front()) || is_digit(word.front()))) {
    return fail_as(Kind::usage,
                   "\"{}\" cannot name a CA: use letters, digits, '.', '_' and '-', and begin with "
                   "a letter or a digit",
                   shown(word));
  }
  CaName name;
  name.text_ = word;
  return name;
}

std::string_view to_string(HostKind kind) {
  switch (kind) {
    case HostKind::ipv4:
      return "IPv4 address";
    case HostKind::ipv6:
      return "IPv6 address";
    case HostKind::fqdn:
      return "host name";
    case HostKind::ufqdn:
      return "user@host";
  }
  return "";
}

Outcome<Host> Host::parse(std::string_view word) {
  if (auto good = check_word(word); !good) return as_usage(std::move(good.error()));
  Host host;
  if (const auto address = IpAddress::parse(word)) {
    host.kind_ = address->is_v4() ? HostKind::ipv4 : HostKind::ipv6;
    host.text_ = iked::to_string(*address);
    host.octets_ = to_bytes(address->octets());
    return host;
  }
  if (word.find(':') != word.npos) {
    return fail_as(Kind::usage,
                   "\"{}\" looks like an IPv6 address, but is none; an example of one is "
                   "2001:db8::1",
                   shown(word));
  }
  const bool mail = word.find('@') != word.npos;
  auto name = mail ? mail_name(word) : host_name(word);
  if (!name) return as_usage(std::move(name.error()));
  if (*name == "ca") {
    return fail_as(Kind::usage, "no host can be called \"ca\": these files are the CA's own");
  }
  host.kind_ = mail ? HostKind::ufqdn : HostKind::fqdn;
  host.text_ = std::move(*name);
  host.octets_ = to_bytes(as_bytes(host.text_));
  return host;
}

std::string Host::common_name() const {
  if (text_.size() <= longest_common_name) return text_;
  // The whole name is in the subjectAltName, and that is what counts.
  return text_.substr(0, kind_ == HostKind::fqdn ? text_.find('.') : longest_common_name);
}

}  // namespace iked::authority
