// SPDX-License-Identifier: ISC
#include "conf/hosts.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

namespace iked::conf {
namespace {

constexpr std::string_view host_expected =
    "'any', an address such as 192.0.2.1 or 2001:db8::/32, or a name";
constexpr size_t longest_name = 255;
constexpr size_t most_protocols = 16;

bool only(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

/// 10.1 and the other short forms of inet_aton(3), written out.
std::optional<IpAddress> short_form(std::string_view text) {
  in_addr address{};
  if (!only(text, "0123456789.") || inet_aton(std::string(text).c_str(), &address) == 0) return {};
  std::array<uint8_t, 4> octets{};
  const uint32_t host_order = ntohl(address.s_addr);
  for (size_t i = 0; i < 4; ++i) octets[i] = static_cast<uint8_t>(host_order >> (24 - 8 * i));
  return IpAddress::v4(octets);
}

std::optional<uint8_t> prefix_length(std::string_view digits) {
  uint8_t length = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, length);
  if (error != std::errc{} || stop != end || length > 128) return std::nullopt;
  return length;
}

/// 24 for 255.255.255.0.
std::optional<int> bits_of_netmask(const Token& token) {
  in_addr mask{};
  if (!token.is_string() || token.secret ||
      std::count(token.text.begin(), token.text.end(), '.') != 3 ||
      inet_pton(AF_INET, std::string(token.text).c_str(), &mask) != 1) {
    return std::nullopt;
  }
  const uint32_t bits = ntohl(mask.s_addr);
  const int length = std::countl_one(bits);
  return std::popcount(bits) == length ? std::optional(length) : std::nullopt;
}

std::optional<HostSpec> numeric_host(Tokens& tokens, const Token& token, const IpAddress& address,
                                     std::optional<uint8_t> length) {
  if (!length) return IpPrefix::host(address);
  const Result<IpPrefix> prefix = IpPrefix::make(address, *length);
  if (!prefix) {
    return tokens.error(token, prefix.error().text,
                        fmt::format("a prefix length from 0 to {}", address.bits()));
  }
  if (prefix->address != address) {
    tokens.warning(token, token.secret ? std::string("this network has host bits set")
                                       : fmt::format("{}/{} has host bits set; read as {}", address,
                                                     *length, *prefix));
  }
  return *prefix;
}

/// fe80::1%eth0: a name, because only a look-up knows the interface.
std::optional<HostSpec> zoned_host(Tokens& tokens, const Token& token, std::string_view name,
                                   std::optional<uint8_t> length) {
  constexpr size_t longest_interface = 15;
  const size_t percent = name.find('%');
  const auto address = IpAddress::parse(name.substr(0, percent));
  const std::string_view zone = name.substr(percent + 1);
  if (!address || !address->is_link_local()) {
    return tokens.error(token, "only a link-local address, such as fe80::1%eth0, has a zone",
                        std::string(host_expected));
  }
  if (zone.empty() || zone.size() > longest_interface ||
      zone.find_first_of("%: \t/") != std::string_view::npos || length) {
    return tokens.error(token,
                        length ? "an address with a zone is one host, without a prefix length"
                               : "behind '%' stands the name of an interface, such as eth0",
                        "an address such as fe80::1%eth0");
  }
  return HostName{fmt::format("{}%{}", *address, zone), std::nullopt};
}

std::optional<HostSpec> host_of(Tokens& tokens, const Token& token, std::string_view name,
                                std::optional<uint8_t> length) {
  if (!name.empty() && only(name, "0123456789abcdefABCDEFxX.:")) {
    if (const auto address = IpAddress::parse(name)) {
      return numeric_host(tokens, token, *address, length);
    }
  }
  if (const auto address = short_form(name)) {
    tokens.warning(token, token.secret ? std::string("better write this address in full")
                                       : fmt::format("'{}' is read as {}; better write it in full",
                                                     name, *address));
    return numeric_host(tokens, token, *address, length);
  }
  const bool like_v4 = only(name, "0123456789.");
  const bool like_v6 = std::count(name.begin(), name.end(), ':') > 1;
  const std::string shown =
      token.secret ? "this text" : fmt::format("'{}'", printable(as_bytes(name), 60));
  if (like_v6 && name.find('%') != std::string_view::npos) {
    return zoned_host(tokens, token, name, length);
  }
  if (name.empty()) {
    return tokens.error(token, "an address may not be empty", std::string(host_expected));
  }
  if (!like_v4 && only(name, "0123456789.-") && name.find('.') != std::string_view::npos) {
    return tokens.error(token, fmt::format("{}: a range of addresses cannot stand here", shown),
                        "a network, such as 192.0.2.0/28, or several pairs of from and to");
  }
  if (like_v4 || like_v6) {
    return tokens.error(token, fmt::format("{} is not an IP address", shown),
                        std::string(host_expected));
  }
  const bool valid = only(name,
                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                          ".-_:@+");
  if (!valid || name.size() > longest_name || name.front() == '-' || name.front() == '.') {
    return tokens.error(token, fmt::format("{} is neither an address nor a name", shown),
                        std::string(host_expected));
  }
  return HostName{std::string(name), length};
}

std::optional<uint8_t> protocol(Tokens& tokens, Environment& environment) {
  constexpr std::string_view expected = "an IP protocol, by name or number";
  if (tokens.now().kind == Token::Kind::number) {
    const auto number = tokens.number("a protocol number", 0, 255);
    if (!number) return std::nullopt;
    return static_cast<uint8_t>(*number);
  }
  const auto token = tokens.string(expected);
  if (!token) return std::nullopt;
  if (const auto number = environment.protocol_number(std::string(token->text))) return number;
  return tokens.error(*token, fmt::format("unknown protocol {}", Tokens::name_of(*token)),
                      std::string(expected) + ", as in /etc/protocols");
}

}  // namespace

std::optional<Host> parse_host(Tokens& tokens, std::string_view clause) {
  Token token = tokens.now();
  if (tokens.accept(Keyword::any)) return Host{AnyHost{}, token};
  if (tokens.at(Keyword::dynamic) && (clause == "from" || clause == "to")) {
    tokens.not_yet(token, "assign addresses, so that it leaves out this flow,");
    tokens.advance();
    return Host{DynamicHost{}, token};
  }
  if (token.kind == Token::Kind::number) {
    return tokens.error(token, fmt::format("{} is not an address", Tokens::name_of(token)),
                        std::string(host_expected));
  }
  if (!token.is_string()) {
    if (token.ends_statement()) {
      return tokens.error(token, fmt::format("'{}' without an address", clause),
                          std::string(host_expected));
    }
    return tokens.unexpected(host_expected);
  }
  tokens.advance();
  std::string_view name = token.text;
  std::optional<uint8_t> length;
  if (const size_t slash = name.find('/'); slash != std::string_view::npos) {
    length = prefix_length(name.substr(slash + 1));
    if (!length) {
      return tokens.error(
          token, fmt::format("{} has no prefix length behind the slash", Tokens::name_of(token)),
          "a number from 0 to 128");
    }
    name = name.substr(0, slash);
  }
  if (tokens.now().is('/')) {
    if (length) return tokens.unexpected("one prefix length only");
    const Token slash = tokens.now();
    tokens.advance();
    if (const auto bits = bits_of_netmask(tokens.now())) {
      return tokens.error(tokens.now(),
                          fmt::format("{} is a netmask", tokens.name_of(tokens.now())),
                          fmt::format("its length: {}/{}", printable(as_bytes(name), 60), *bits));
    }
    const auto number = tokens.number("a prefix length", 0, 128);
    if (!number) return std::nullopt;
    length = static_cast<uint8_t>(*number);
    if (slash.spot.macro.empty() && token.spot.macro.empty() &&
        slash.spot.place.line == token.spot.place.line) {
      // The whole of "address/length" is what later messages are about.
      token.spot.length = slash.spot.place.offset - token.spot.place.offset + 1 +
                          fmt::formatted_size("{}", *number);
    }
  }
  auto spec = host_of(tokens, token, name, length);
  if (!spec) return std::nullopt;
  return Host{std::move(*spec), token};
}

std::optional<uint16_t> parse_port(Tokens& tokens, Environment& environment) {
  constexpr std::string_view expected = "a port, by number or name";
  if (tokens.now().kind == Token::Kind::number) {
    const auto number = tokens.number("a port", 0, 65535);
    if (!number) return std::nullopt;
    return static_cast<uint16_t>(*number);
  }
  const auto token = tokens.string(expected);
  if (!token) return std::nullopt;
  if (const auto port = environment.service_port(std::string(token->text))) return port;
  return tokens.error(*token, fmt::format("unknown service {}", Tokens::name_of(*token)),
                      std::string(expected) + ", as in /etc/services");
}

std::optional<std::vector<uint8_t>> parse_protocols(Tokens& tokens, Environment& environment) {
  std::vector<uint8_t> all;
  const bool list = tokens.accept('{');
  do {
    const Token token = tokens.now();
    const auto one = protocol(tokens, environment);
    if (!one) return std::nullopt;
    if (*one == 0 && list) {
      return tokens.error(token, "protocol 0 means any protocol and cannot stand in a list");
    }
    if (std::find(all.begin(), all.end(), *one) == all.end()) all.push_back(*one);
    if (all.size() > most_protocols) {
      return tokens.error(token, fmt::format("more than {} protocols", most_protocols));
    }
    if (!list) break;
    if (tokens.accept(',') && tokens.now().is('}')) return tokens.unexpected("another protocol");
  } while (!tokens.accept('}'));
  if (all.front() == 0) all.clear();
  return all;
}

std::optional<Family> family_of(const HostSpec& host) {
  if (const auto* prefix = std::get_if<IpPrefix>(&host)) return prefix->address.family();
  const auto* name = std::get_if<HostName>(&host);
  if (name != nullptr && name->name.find('%') != std::string::npos) return Family::v6;
  return std::nullopt;
}

bool is_single(const HostSpec& host) {
  if (const auto* prefix = std::get_if<IpPrefix>(&host)) return prefix->is_host();
  if (const auto* name = std::get_if<HostName>(&host)) return !name->length;
  return false;
}

}  // namespace iked::conf
