// SPDX-License-Identifier: ISC
#include "conf/to_text.h"

#include <algorithm>
#include <array>

#include "base/overloaded.h"
#include "conf/keywords.h"
#include "model/distinguished_name.h"

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

std::string flow_end(const FlowEnd& end, const std::optional<HostSpec>& nat_source = {}) {
  std::string text = host(end.host);
  if (nat_source) text += fmt::format(" ({})", host(*nat_source));
  if (end.port != 0) text += fmt::format(" port {}", end.port);
  return text;
}

std::string identity(const Identity& id) {
  const bool address = id.type == IdType::IPV4_ADDR || id.type == IdType::IPV6_ADDR;
  if (id.type == IdType::DER_ASN1_DN) {
    const auto name = distinguished_name_text(id.octets);
    return word(name ? *name : value_of(id));
  }
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
  if (policy.ipcomp) text += " ipcomp";
  text += policy.mode == Mode::tunnel ? " tunnel" : " transport";
  if (policy.force_udp_encap) text += " natt";
  text += policy.child_protocol == ProtocolId::AH ? " ah" : " esp";
  if (policy.family) text += *policy.family == Family::v4 ? " inet" : " inet6";
  text += protocols(policy.protocols);
  if (policy.rdomain) text += fmt::format(" rdomain {}", *policy.rdomain);
  return text;
}

/// Everything behind the key.
std::string ending(const Policy& policy) {
  std::string text;
  for (const ConfigOption& option : policy.config_options) {
    text += fmt::format(" {} {} {}", option.request ? "request" : "config", to_string(option.kind),
                        host(option.value));
  }
  if (policy.iface) text += " iface " + word(*policy.iface);
  if (policy.tag) text += " tag " + in_quotes(*policy.tag);
  if (policy.tap) text += fmt::format(" tap enc{}", *policy.tap);
  return text;
}

std::string secret(SecretId id, const SecretWord& word) {
  return word ? word(id) : in_quotes("***");
}

/// Writes "set ..." lines, each below the place it is from.
class SettingWriter {
 public:
  SettingWriter(const Config& config, bool places) : config_(config), places_(places) {}

  void flag(std::string_view name, bool on, std::string_view off = {}) {
    const std::string no = fmt::format("no{}", name);
    line(name, on ? name : off.empty() ? std::string_view(no) : off);
  }
  template <typename... Values>
  void value(std::string_view name, fmt::format_string<Values...> format, Values&&... values) {
    line(name, fmt::format("{} {}", name, fmt::format(format, std::forward<Values>(values)...)));
  }
  std::string finish() { return std::move(text_); }

 private:
  void line(std::string_view name, std::string_view words) {
    if (places_) {
      const auto written = config_.written.find(name);
      text_ += fmt::format("# {}\n", written == config_.written.end()
                                         ? "default"
                                         : to_string(config_, written->second));
    }
    text_ += fmt::format("set {}\n", words);
  }

  const Config& config_;
  const bool places_;
  std::string text_;
};

std::string_view ipv6_block_word(Ipv6Block block) {
  switch (block) {
    case Ipv6Block::automatic:
      return "auto";
    case Ipv6Block::always:
      return "always";
    case Ipv6Block::never:
      break;
  }
  return "never";
}

std::string lenient_words(const CertificateLeniency& lenient) {
  if (lenient == CertificateLeniency{}) return "strict";
  std::string text = lenient.unknown_eku ? "ignore_unknown_eku" : "";
  if (lenient.date) text += text.empty() ? "ignore_date" : " ignore_date";
  return text;
}

std::string ocsp(const Ocsp& ocsp) {
  std::string text = in_quotes(ocsp.url) + fmt::format(" tolerate {}", ocsp.tolerate.count());
  if (ocsp.max_age) text += fmt::format(" maxage {}", ocsp.max_age->count());
  return text;
}

std::string settings(const Config& config, bool places) {
  SettingWriter out(config, places);
  const Settings& s = config.settings;
  out.flag("active", !config.passive, "passive");
  out.flag("couple", !config.decouple, "decouple");
  out.value("dpd_check_interval", "{}", config.dpd_check_interval.count());
  out.flag("fragmentation", s.fragmentation);
  out.value("fragmentation_mtu", "{}", s.fragmentation_mtu);
  out.flag("mobike", s.mobike);
  out.flag("vendorid", s.vendor_id);
  out.flag("enforcesingleikesa", s.enforce_single_ike_sa);
  out.flag("stickyaddress", s.sticky_address);
  if (s.cert_partial_chain) out.flag("cert_partial_chain", true);
  if (s.ocsp) out.value("ocsp", "{}", ocsp(*s.ocsp));
  out.value("certpolicy", "{}", lenient_words(s.cert_leniency));
  out.value("ipv6block", "{}", ipv6_block_word(s.ipv6_block));
  out.value("min_threads", "{}", s.min_threads);
  out.value("max_threads", "{}", s.max_threads);
  out.value("response_wait_time", "{}", s.response_wait_time.count());
  out.value("retry", "{} {}", s.retry_first.count(), s.retry_longest.count());
  out.value("cookie_threshold", "{}", s.cookie_threshold);
  out.value("ignore_errors", "{}", s.ignore_errors ? "yes" : "no");
  if (s.log_file) out.value("logfile", "{}", in_quotes(*s.log_file));
  if (s.keystore) out.value("keystore", "{}", in_quotes(*s.keystore));
  if (s.preshared_file) out.value("presharedfile", "{}", in_quotes(*s.preshared_file));
  if (s.coexist_port) out.value("coexist", "{}", *s.coexist_port);
  return out.finish();
}

/// Clauses that normal form shows even if nobody wrote them; one of each row is there.
constexpr std::array<std::array<std::string_view, 2>, 9> always_shown = {{{"passive", "active"},
                                                                          {"tunnel", "transport"},
                                                                          {"esp", "ah"},
                                                                          {"local"},
                                                                          {"peer"},
                                                                          {"ikesa"},
                                                                          {"childsa"},
                                                                          {"ikelifetime"},
                                                                          {"lifetime"}}};

/// Comments: which clauses are from which line, and which are defaults.
std::string places_of(const Config& config, const Policy& policy) {
  std::string text = fmt::format("# {}: ikev2", to_string(config, policy.where));
  std::string given = " ";
  Location last = policy.where;
  for (const auto& [words, where] : policy.written.lines) {
    const bool same_line = where.file == last.file && where.line == last.line;
    text += same_line ? " " + words : fmt::format("\n# {}: {}", to_string(config, where), words);
    given += words + " ";
    last = where;
  }
  std::string defaults;
  for (const auto& words : always_shown) {
    const bool has = std::any_of(words.begin(), words.end(), [&](std::string_view word) {
      return !word.empty() && given.find(fmt::format(" {} ", word)) != std::string::npos;
    });
    if (!has) defaults += fmt::format(" {}", words[0]);
  }
  return text + (defaults.empty() ? "\n" : fmt::format("\n# default:{}\n", defaults));
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
    text +=
        fmt::format(" from {} to {}", flow_end(flow.local, flow.nat_source), flow_end(flow.remote));
  }
  text += fmt::format(" local {} peer {}", host(policy.local), host(policy.peer));
  text += proposals("ikesa", policy.ike_proposals);
  text += proposals("childsa", policy.child_proposals);
  if (policy.local_id) text += " srcid " + identity(*policy.local_id);
  if (policy.peer_id) text += " dstid " + identity(*policy.peer_id);
  text += fmt::format(" ikelifetime {} lifetime {} bytes {}", policy.ike_lifetime.count(),
                      policy.child_lifetime.count(), policy.child_bytes);
  std::visit(
      overloaded{[&](const PskAuth& auth) {
                   if (auth.secret) text += " psk " + secret(auth.secret, psk);
                 },
                 [&](const SignatureAuth& auth) { text += " " + to_string(auth.kind); },
                 [&](const EapAuth& auth) { text += " eap " + in_quotes(to_string(auth.method)); }},
      policy.auth);
  return text + ending(policy);
}

std::string to_text(const Config& config, const TextOptions& options) {
  std::string text = settings(config, options.places);
  const auto place = [&](const Location& where) {
    if (options.places) text += fmt::format("# {}\n", to_string(config, where));
  };
  for (const EapUser& user : config.users) {
    place(user.where);
    text +=
        fmt::format("user {} {}\n", in_quotes(user.name), secret(user.password, options.password));
  }
  for (const Policy& policy : config.policies) {
    if (options.places) text += places_of(config, policy);
    text += to_text(policy, options.psk) + '\n';
  }
  return text;
}

}  // namespace iked::conf
