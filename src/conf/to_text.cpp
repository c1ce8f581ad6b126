// SPDX-License-Identifier: ISC
#include "conf/to_text.h"

#include <algorithm>

#include "base/overloaded.h"
#include "conf/keywords.h"

namespace iked::conf {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Text that the lexer takes for a string without quotes.
bool is_plain(std::string_view text) {
  const auto letter = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  if (text.empty() || find_keyword(text) || !letter(text.front())) return false;
  if (std::all_of(text.begin(), text.end(), is_digit)) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return letter(c) || std::string_view(".-_:@").find(c) != std::string_view::npos;
  });
}

std::string word(std::string_view text) {
  return is_plain(text) ? std::string(text) : in_quotes(text);
}

std::string host(const HostSpec& spec) {
  if (const auto* name = std::get_if<HostName>(&spec)) {
    if (!name->length) return word(name->name);
    if (is_plain(name->name)) return to_string(spec);
    return in_quotes(to_string(spec));
  }
  return to_string(spec);
}

std::string flow_end(const FlowEnd& end) {
  return end.port == 0 ? host(end.host) : fmt::format("{} port {}", host(end.host), end.port);
}

std::string identity(const Identity& id) {
  const bool address = id.type == IdType::IPV4_ADDR || id.type == IdType::IPV6_ADDR;
  return address ? word(value_of(id)) : word(as_text(id.octets));
}

std::string_view precedence_word(Precedence precedence) {
  switch (precedence) {
    case Precedence::quick_one:
      return " quick";
    case Precedence::skip:
      return " skip";
    case Precedence::fallback:
      return " default";
    case Precedence::normal:
      break;
  }
  return "";
}

std::string protocols(const std::vector<uint8_t>& numbers) {
  if (numbers.empty()) return {};
  return fmt::format(" proto {{ {} }}", fmt::join(numbers, ", "));
}

std::string proposals(std::string_view section, const std::vector<Proposal>& all) {
  std::string text;
  for (const Proposal& proposal : all) text += fmt::format(" {} {}", section, to_string(proposal));
  return text;
}

/// Everything before the flows.
std::string beginning(const Policy& policy) {
  std::string text = fmt::format("ikev2 {}", in_quotes(policy.name));
  text += precedence_word(policy.precedence);
  text += policy.active ? " active" : " passive";
  text += policy.mode == Mode::tunnel ? " tunnel" : " transport";
  if (policy.force_udp_encap) text += " natt";
  text += policy.child_protocol == ProtocolId::AH ? " ah" : " esp";
  if (policy.family) text += *policy.family == Family::v4 ? " inet" : " inet6";
  return text + protocols(policy.protocols);
}

}  // namespace

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  char before = '\0';
  for (char c : text) {
    // A backslash means itself, unless a quote or a blank stands behind it.
    const bool escape = c == '"' || (before == '\\' && (c == ' ' || c == '\t'));
    if (escape) out += '\\';
    out += c;
    before = c;
  }
  if (before == '\\') out += "\\\n";  // only a line end keeps it away from the quote
  return out + '"';
}

std::string to_text(const Policy& policy, const SecretWord& psk) {
  std::string text = beginning(policy);
  for (const Flow& flow : policy.flows) {
    text += fmt::format(" from {} to {}", flow_end(flow.local), flow_end(flow.remote));
  }
  text += fmt::format(" local {} peer {}", host(policy.local), host(policy.peer));
  text += proposals("ikesa", policy.ike_proposals);
  text += proposals("childsa", policy.child_proposals);
  if (policy.local_id) text += " srcid " + identity(*policy.local_id);
  if (policy.peer_id) text += " dstid " + identity(*policy.peer_id);
  text += fmt::format(" ikelifetime {} lifetime {} bytes {}", policy.ike_lifetime.count(),
                      policy.child_lifetime.count(), policy.child_bytes);
  std::visit(overloaded{[&](const PskAuth& auth) {
               if (auth.secret) text += " psk " + (psk ? psk(auth.secret) : in_quotes("***"));
             }},
             policy.auth);
  return text;
}

std::string to_text(const Config& config, const SecretWord& psk) {
  std::string text = config.passive ? "set passive\n" : "set active\n";
  text += config.decouple ? "set decouple\n" : "set couple\n";
  text += fmt::format("set dpd_check_interval {}\n", config.dpd_check_interval.count());
  for (const Policy& policy : config.policies) text += to_text(policy, psk) + '\n';
  return text;
}

}  // namespace iked::conf
