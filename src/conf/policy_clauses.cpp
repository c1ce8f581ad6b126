// SPDX-License-Identifier: ISC
// What the clauses of an `ikev2` statement mean, one function each.
#include <algorithm>
#include <bitset>

#include "conf/policy_parser.h"
#include "conf/quantities.h"

namespace iked::conf {
namespace {

constexpr size_t longest_psk = 1024;  // RFC7296 2.15 asks for 64 octets at least

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

bool has_hex_prefix(std::string_view text) {
  return text.starts_with("0x") || text.starts_with("0X");
}

}  // namespace

bool PolicyParser::precedence() {
  const Keyword word = tokens_.now().keyword;
  draft_.policy.precedence = word == Keyword::quick  ? Precedence::quick_one
                             : word == Keyword::skip ? Precedence::skip
                                                     : Precedence::fallback;
  tokens_.advance();
  return true;
}

bool PolicyParser::activity() {
  draft_.policy.active = tokens_.at(Keyword::active);
  if (draft_.policy.active) draft_.active = tokens_.now();
  tokens_.advance();
  return true;
}

bool PolicyParser::mode() {
  if (tokens_.at(Keyword::transport)) {
    draft_.policy.mode = Mode::transport;
    draft_.transport = tokens_.now();
  }
  tokens_.advance();
  return true;
}

bool PolicyParser::natt() {
  draft_.policy.force_udp_encap = true;
  draft_.natt = tokens_.now();
  tokens_.advance();
  return true;
}

bool PolicyParser::child_protocol() {
  if (tokens_.at(Keyword::ah)) {
    draft_.policy.child_protocol = ProtocolId::AH;
    if (draft_.natt) {
      return tokens_.error(tokens_.now(), "'ah' contradicts 'natt': only ESP can travel in UDP",
                           "'esp'");
    }
  }
  tokens_.advance();
  return true;
}

bool PolicyParser::family() {
  draft_.policy.family = tokens_.at(Keyword::inet) ? Family::v4 : Family::v6;
  draft_.family = tokens_.now();
  tokens_.advance();
  return true;
}

bool PolicyParser::protocols() {
  tokens_.advance();
  auto list = parse_protocols(tokens_, environment_);
  if (!list) return false;
  draft_.policy.protocols = std::move(*list);
  return true;
}

bool PolicyParser::flow_end(Flow& flow, Token& token) {
  const Token keyword = tokens_.now();
  FlowEnd& end = keyword.is(Keyword::from) ? flow.local : flow.remote;
  tokens_.advance();
  auto host = parse_host(tokens_, keyword.text);
  if (!host) return false;
  end.host = std::move(host->spec);
  token = host->token;
  if (!nat_source(keyword, flow)) return false;
  if (!tokens_.at(Keyword::port)) return true;
  const Token word = tokens_.now();
  tokens_.advance();
  const auto port = parse_port(tokens_, environment_);
  if (!port) return false;
  end.port = *port;
  if (*port != 0 && !draft_.first_port) draft_.first_port = word;
  return nat_source(keyword, flow);  // the manuals have it behind the port, OpenIKED before it
}

/// "(address)" behind `from`, or nothing.
bool PolicyParser::nat_source(const Token& keyword, Flow& flow) {
  const Token open = tokens_.now();
  if (!tokens_.accept('(')) return true;
  if (keyword.is(Keyword::to) || flow.nat_source) {
    return tokens_.error(open, flow.nat_source
                                   ? "a second '(address)' behind 'from'"
                                   : "the source of NAT, '(address)', belongs behind 'from'");
  }
  auto host = parse_host(tokens_, "(");
  if (!host) return false;
  if (std::holds_alternative<AnyHost>(host->spec)) {
    return tokens_.error(host->token, "the source of NAT cannot be 'any'",
                         "the network behind the NAT, such as (192.168.1.0/24)");
  }
  if (!tokens_.now().is(')')) return tokens_.unexpected("')' behind the source of NAT");
  tokens_.advance();
  const auto inside = family_of(host->spec);
  const auto outside = family_of(flow.local.host);
  if (inside && outside && *inside != *outside) {
    return tokens_.error(host->token,
                         fmt::format("the source of NAT, {}, is not of the family of {}",
                                     to_string(host->spec), to_string(flow.local.host)),
                         "addresses of one family");
  }
  flow.nat_source = std::move(host->spec);
  return true;
}

bool PolicyParser::flow() {
  const bool from_first = tokens_.at(Keyword::from);
  const Keyword second = from_first ? Keyword::to : Keyword::from;
  Flow flow;
  Token one;
  Token other;
  if (!flow_end(flow, one)) return false;
  if (!tokens_.at(second)) {
    const std::string_view word = word_of(second);
    return tokens_.unexpected(
        fmt::format("'port', or '{}' and an address{}", word,
                    tokens_.now().is(',')
                        ? "; several networks are written as pairs: from A to C, from B to C"
                        : ""),
        std::vector{word, std::string_view("port")});
  }
  if (!flow_end(flow, other)) return false;
  const auto local = family_of(flow.local.host);
  const auto remote = family_of(flow.remote.host);
  if (local && remote && *local != *remote) {
    return tokens_.error(other,
                         fmt::format("one end of a flow is IPv4 and the other IPv6: {} and {}",
                                     to_string(flow.local.host), to_string(flow.remote.host)),
                         "addresses of one family");
  }
  auto& flows = draft_.policy.flows;
  if (std::find(flows.begin(), flows.end(), flow) != flows.end()) {
    tokens_.warning(from_first ? one : other, "duplicate flow; kept once");
    return true;
  }
  flows.push_back(std::move(flow));
  draft_.flow_tokens.push_back(from_first ? other : one);
  return true;
}

bool PolicyParser::peer_or_local() {
  const Token keyword = tokens_.now();
  tokens_.advance();
  auto host = parse_host(tokens_, keyword.text);
  if (!host) return false;
  (keyword.is(Keyword::peer) ? draft_.peer : draft_.local) = std::move(*host);
  return true;
}

bool PolicyParser::ike_lifetime() {
  tokens_.advance();
  const auto seconds = parse_time(tokens_);
  if (!seconds) return false;
  draft_.policy.ike_lifetime = std::chrono::seconds(*seconds);
  return true;
}

bool PolicyParser::lifetime() {
  tokens_.advance();
  const auto seconds = parse_time(tokens_);
  if (!seconds) return false;
  draft_.policy.child_lifetime = std::chrono::seconds(*seconds);
  if (!tokens_.accept(Keyword::bytes)) return true;
  const auto bytes = parse_volume(tokens_);
  if (!bytes) return false;
  draft_.policy.child_bytes = *bytes;
  return true;
}

void PolicyParser::judge_psk(const Token& token, ByteView octets) {
  std::bitset<256> seen;
  for (uint8_t octet : octets) seen.set(octet);
  // RFC7296 5: whoever can act as the peer can try out keys offline.
  if (octets.size() < Draft::short_psk || seen.count() < 5) draft_.weak_psk = token;
}

std::optional<SecretBytes> PolicyParser::psk_from_hex(const Token& token, std::string_view digits) {
  if (digits.empty())
    return tokens_.error(token, "the pre-shared key is empty",
                         "an even number of hexadecimal digits");
  if (digits.size() % 2 != 0) {
    return tokens_.error(token, "the hexadecimal pre-shared key has an odd number of digits",
                         "two digits for each octet");
  }
  if (digits.size() / 2 > longest_psk) {
    return tokens_.error(
        token, fmt::format("the pre-shared key is too long; at most {} octets", longest_psk));
  }
  std::vector<uint8_t, ZeroingAllocator<uint8_t>> octets;
  octets.reserve(digits.size() / 2);
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int high = hex_value(digits[i]);
    const int low = hex_value(digits[i + 1]);
    if (high < 0 || low < 0) {
      return tokens_.error(
          token,
          fmt::format("octet {} of the hexadecimal pre-shared key is not two hexadecimal digits",
                      i / 2 + 1),
          "digits 0-9 and a-f only");
    }
    octets.push_back(static_cast<uint8_t>(high << 4 | low));
  }
  judge_psk(token, octets);
  return SecretBytes(ByteView(octets));
}

std::optional<SecretBytes> PolicyParser::psk_from_file() {
  const auto token = tokens_.string("the name of a file with a hexadecimal key");
  if (!token) return std::nullopt;
  const std::string path(token->text);
  const std::string shown = printable(as_bytes(path), 200);
  if (path.empty() || path.find('\0') != std::string::npos) {
    return tokens_.error(*token, "this is not the name of a file");
  }
  const auto file = environment_.read(path);
  if (!file)
    return tokens_.error(
        *token, fmt::format("cannot read the key file '{}': {}", shown, file.error().text));
  std::string_view digits = trimmed(file->text);
  if (has_hex_prefix(digits)) digits.remove_prefix(2);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return hex_value(c) >= 0; })) {
    return tokens_.error(*token,
                         fmt::format("the key file '{}' does not hold a hexadecimal key", shown),
                         "hexadecimal digits only, as from 'openssl rand -hex 32'");
  }
  return psk_from_hex(*token, digits);
}

bool PolicyParser::psk() {
  tokens_.advance();
  const Token token = tokens_.now();
  std::optional<SecretBytes> secret;
  if (tokens_.accept(Keyword::file)) {
    secret = psk_from_file();
  } else if (!token.is_string()) {
    // Not a word about what stands there: it may well be the key.
    return tokens_.error(
        token,
        token.ends_statement() ? "'psk' without a key"
                               : "the pre-shared key needs quotes around it",
        "\"the key\" in quotes, 0x and hexadecimal digits, or 'file' and the name of a file");
  } else {
    tokens_.advance();
    if (has_hex_prefix(token.text)) {
      secret = psk_from_hex(token, token.text.substr(2));
    } else if (token.text.empty() || token.text.size() > longest_psk) {
      return tokens_.error(
          token,
          token.text.empty()
              ? std::string("the pre-shared key is empty")
              : fmt::format("the pre-shared key is too long; at most {} octets", longest_psk));
    } else {
      judge_psk(token, as_bytes(token.text));
      secret = SecretBytes(as_bytes(token.text));
    }
  }
  if (!secret) return false;
  draft_.policy.auth = PskAuth{secrets_.put(std::move(*secret))};
  // A key that is clearly at its end: a clause behind it is no secret.
  const bool ends =
      token.kind == Token::Kind::quoted || has_hex_prefix(token.text) || !token.spot.macro.empty();
  const Token& next = tokens_.now();
  if (ends && next.spot.macro.empty() && is_behind_auth(next)) tokens_.show_from_now();
  return true;
}

}  // namespace iked::conf
