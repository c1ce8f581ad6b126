// SPDX-License-Identifier: ISC
// The clauses of an `ikev2` statement that are kept although nothing acts on them yet.
#include <algorithm>
#include <array>
#include <charconv>

#include "conf/methods.h"
#include "conf/policy_parser.h"
#include "conf/suggest.h"

namespace iked::conf {
namespace {

constexpr size_t longest_interface = 15;  // IFNAMSIZ without its end
constexpr size_t longest_tag = 63;
constexpr size_t most_options = 255;

constexpr std::array kinds = {
    ConfigKind::address,        ConfigKind::netmask,     ConfigKind::name_server,
    ConfigKind::netbios_server, ConfigKind::dhcp_server, ConfigKind::protected_subnet,
    ConfigKind::access_server,
};
constexpr std::array<std::string_view, 7> kind_words = {
    "address",     "netmask",          "name-server",   "netbios-server",
    "dhcp-server", "protected-subnet", "access-server",
};
constexpr std::array<std::string_view, 4> variables = {"$id", "$eapid", "$domain", "$name"};

std::optional<uint32_t> number_behind(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix) || text.size() == prefix.size()) return std::nullopt;
  text.remove_prefix(prefix.size());
  uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

/// 255.255.255.0 and the like: ones, then zeros.
bool is_netmask(const IpPrefix& prefix) {
  if (prefix.address.family() != Family::v4 || !prefix.is_host()) return false;
  uint32_t bits = 0;
  for (const uint8_t octet : prefix.address.octets()) bits = bits << 8 | octet;
  return (~bits & (~bits + 1)) == 0;
}

/// The first "$word" of a tag that stands for nothing.
std::string_view unknown_variable(std::string_view tag) {
  for (size_t at = tag.find('$'); at != std::string_view::npos; at = tag.find('$', at + 1)) {
    const std::string_view rest = tag.substr(at);
    const bool known = std::any_of(variables.begin(), variables.end(),
                                   [&](std::string_view v) { return rest.starts_with(v); });
    if (!known) return rest;
  }
  return {};
}

}  // namespace

bool PolicyParser::method() {
  const Token token = tokens_.now();
  const auto kind = find_signature(token.text);
  if (!kind) {
    return tokens_.error(token, "with 'none' everybody could pose as the peer",
                         "'psk \"the key\"'");
  }
  draft_.policy.auth = SignatureAuth{*kind};
  tokens_.advance();
  return true;
}

bool PolicyParser::eap() {
  tokens_.advance();
  const auto token = tokens_.string("the type of EAP, \"mschap-v2\"");
  if (!token) return false;
  const auto found = find_eap(token->text);
  if (!found) {
    return tokens_.error(*token, fmt::format("unknown type of EAP {}", Tokens::name_of(*token)),
                         "\"mschap-v2\" or \"md5\"");
  }
  draft_.policy.auth = EapAuth{*found};
  return true;
}

bool PolicyParser::ipcomp() {
  draft_.policy.ipcomp = true;
  tokens_.not_yet(tokens_.now(), "compress packets");
  tokens_.advance();
  return true;
}

bool PolicyParser::rdomain() {
  const Token keyword = tokens_.now();
  tokens_.advance();
  const auto number = tokens_.number("the routing table of a VRF", 0, UINT32_MAX);
  if (!number) return false;
  draft_.policy.rdomain = static_cast<uint32_t>(*number);
  tokens_.not_yet(keyword, "put tunnels into a VRF");
  return true;
}

bool PolicyParser::check_config_value(const Token& head, ConfigOption& option, const Host& host) {
  const auto* prefix = std::get_if<IpPrefix>(&host.spec);
  const std::string_view word = head.text;
  if (std::holds_alternative<AnyHost>(host.spec) && !option.request) {
    return tokens_.error(host.token, "'config' gives an address, and 'any' is none",
                         "an address, or 'request' in place of 'config'");
  }
  if (option.kind == ConfigKind::netmask && prefix != nullptr && !is_netmask(*prefix)) {
    return tokens_.error(host.token, fmt::format("this is no netmask for '{}'", word),
                         "ones and then zeros, such as 255.255.255.0");
  }
  const bool network =
      option.kind == ConfigKind::address || option.kind == ConfigKind::protected_subnet;
  if (!network && prefix != nullptr && !prefix->is_host()) {
    return tokens_.error(host.token,
                         fmt::format("'{} {}' takes one address", word, to_string(option.kind)),
                         "an address without a prefix length");
  }
  option.value = host.spec;
  return true;
}

bool PolicyParser::config_option() {
  const Token keyword = tokens_.now();
  tokens_.advance();
  const auto word = tokens_.string(list_of(kind_words));
  if (!word) return false;
  const auto* found = std::find(kind_words.begin(), kind_words.end(), word->text);
  if (found == kind_words.end()) {
    return tokens_.error(*word,
                         fmt::format("unknown option {}{}", Tokens::name_of(*word),
                                     word->secret ? "" : did_you_mean(word->text, kind_words)),
                         list_of(kind_words));
  }
  ConfigOption option;
  option.request = keyword.is(Keyword::request);
  option.kind = kinds[static_cast<size_t>(found - kind_words.begin())];
  const auto host = parse_host(tokens_, *found);
  if (!host || !check_config_value(keyword, option, *host)) return false;
  auto& all = draft_.policy.config_options;
  if (all.size() == most_options) {
    return tokens_.error(keyword, fmt::format("more than {} options", most_options));
  }
  all.push_back(std::move(option));
  tokens_.not_yet(keyword, keyword.is(Keyword::request) ? "ask peers for addresses"
                                                        : "assign addresses to peers");
  return true;
}

bool PolicyParser::iface() {
  const Token keyword = tokens_.now();
  tokens_.advance();
  const auto name = tokens_.string("the name of an interface");
  if (!name) return false;
  if (name->text.empty() || name->text.size() > longest_interface || name->text == "." ||
      name->text == ".." || name->text.find_first_of("/: \t") != std::string_view::npos) {
    return tokens_.error(
        *name, "this is not the name of an interface",
        fmt::format("1 to {} characters without '/', ':' and blanks", longest_interface));
  }
  draft_.policy.iface = std::string(name->text);
  tokens_.not_yet(keyword, "configure interfaces");
  return true;
}

void PolicyParser::warn_of_second(const Token& keyword) {
  tokens_.warning(keyword, fmt::format("a second '{}'; the last one counts", keyword.text));
}

bool PolicyParser::tag() {
  const Token keyword = tokens_.now();
  tokens_.advance();
  const auto text = tokens_.string("the tag");
  if (!text) return false;
  if (text->text.empty() || text->text.size() > longest_tag) {
    return tokens_.error(*text, fmt::format("a tag has 1 to {} characters", longest_tag));
  }
  if (!unknown_variable(text->text).empty()) {
    tokens_.warning(*text, "a '$' in this tag begins none of its variables, and stays as it is",
                    fmt::format("they are {}", list_of(variables)));
  }
  if (draft_.policy.tag) warn_of_second(keyword);
  draft_.policy.tag = std::string(text->text);
  tokens_.not_yet(keyword, "mark packets");
  return true;
}

bool PolicyParser::tap() {
  const Token keyword = tokens_.now();
  tokens_.advance();
  const auto name = tokens_.string("'enc' and a number, such as enc0");
  if (!name) return false;
  const auto number = number_behind(name->text, "enc");
  if (!number) {
    return tokens_.error(*name, "this is not the name of an interface of 'tap'",
                         "'enc' and a number, such as enc0");
  }
  if (draft_.policy.tap) warn_of_second(keyword);
  draft_.policy.tap = *number;
  tokens_.not_yet(keyword, "make interfaces");
  return true;
}

}  // namespace iked::conf
