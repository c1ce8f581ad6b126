// SPDX-License-Identifier: ISC
#include "conf/settings.h"

#include <algorithm>
#include <array>

#include "conf/quantities.h"
#include "conf/suggest.h"

namespace iked::conf {
namespace {

using std::chrono::seconds;

constexpr uint64_t most_threads = 256;
constexpr uint64_t most_half_open = 4096;  // more are not admitted at all
constexpr uint64_t longest_wait = 3600;
constexpr size_t longest_path = 4095;

}  // namespace

// A word with a `flag` sets it to `value`; the others parse what is behind them. `not_yet` is what
// nobody does so far when the setting asks for it.
struct SettingParser::Row {
  std::string_view word;
  std::string_view name;  // in Config::written
  bool Settings::*flag;
  bool value;
  bool (SettingParser::*parse)();
  std::string_view not_yet;
};

const SettingParser::Row SettingParser::rows[] = {
    {"active", "active", nullptr, false, nullptr, ""},
    {"passive", "active", nullptr, true, nullptr, ""},
    {"couple", "couple", nullptr, false, nullptr, ""},
    {"decouple", "couple", nullptr, true, nullptr, ""},
    {"dpd_check_interval", "dpd_check_interval", nullptr, false, &SettingParser::dpd_check_interval,
     ""},
    {"fragmentation", "fragmentation", &Settings::fragmentation, true, nullptr, ""},
    {"nofragmentation", "fragmentation", &Settings::fragmentation, false, nullptr, ""},
    {"mobike", "mobike", &Settings::mobike, true, nullptr, ""},
    {"nomobike", "mobike", &Settings::mobike, false, nullptr, ""},
    {"vendorid", "vendorid", &Settings::vendor_id, true, nullptr, ""},
    {"novendorid", "vendorid", &Settings::vendor_id, false, nullptr, ""},
    {"enforcesingleikesa", "enforcesingleikesa", &Settings::enforce_single_ike_sa, true, nullptr,
     ""},
    {"noenforcesingleikesa", "enforcesingleikesa", &Settings::enforce_single_ike_sa, false, nullptr,
     ""},
    {"stickyaddress", "stickyaddress", &Settings::sticky_address, true, nullptr,
     "assign addresses to peers"},
    {"nostickyaddress", "stickyaddress", &Settings::sticky_address, false, nullptr, ""},
    {"cert_partial_chain", "cert_partial_chain", &Settings::cert_partial_chain, true, nullptr,
     "check certificates"},
    {"ocsp", "ocsp", nullptr, false, &SettingParser::ocsp, "check certificates"},
    {"certpolicy", "certpolicy", nullptr, false, &SettingParser::cert_policy, "check certificates"},
    {"ipv6block", "ipv6block", nullptr, false, &SettingParser::ipv6_block, "block IPv6"},
    {"min_threads", "min_threads", nullptr, false, &SettingParser::min_threads,
     "let the number of its threads be chosen"},
    {"max_threads", "max_threads", nullptr, false, &SettingParser::max_threads,
     "let the number of its threads be chosen"},
    {"response_wait_time", "response_wait_time", nullptr, false, &SettingParser::response_wait_time,
     ""},
    {"fragmentation_mtu", "fragmentation_mtu", nullptr, false, &SettingParser::fragmentation_mtu,
     ""},
    {"logfile", "logfile", nullptr, false, &SettingParser::log_file, "log to a file"},
    {"ignore_errors", "ignore_errors", nullptr, false, &SettingParser::ignore_errors, ""},
    {"keystore", "keystore", nullptr, false, &SettingParser::keystore, "use tokens"},
    {"presharedfile", "presharedfile", nullptr, false, &SettingParser::preshared_file,
     "read keys from such a file"},
    {"coexist", "coexist", nullptr, false, &SettingParser::coexist, "pass on IKEv1"},
    {"cookie_threshold", "cookie_threshold", nullptr, false, &SettingParser::cookie_threshold, ""},
    {"retry", "retry", nullptr, false, &SettingParser::retry, ""},
};

bool SettingParser::parse() {
  std::vector<std::string_view> words;
  for (const Row& row : rows) words.push_back(row.word);
  const Token word = tokens_.now();
  const Row* row = nullptr;
  if (word.kind == Token::Kind::word || word.kind == Token::Kind::keyword) {
    const auto* found = std::find_if(std::begin(rows), std::end(rows),
                                     [&](const Row& r) { return r.word == word.text; });
    if (found != std::end(rows)) row = found;
  }
  if (row == nullptr && word.kind == Token::Kind::keyword) {
    if (word.is(Keyword::user)) tokens_.lexer().hide_rest();
    return tokens_.error(word, fmt::format("'{}' is not a setting", word.text), list_of(words));
  }
  if (row == nullptr) return tokens_.unexpected(list_of(words), words);
  if (row->parse == &SettingParser::keystore) tokens_.lexer().hide_rest();  // may hold a PIN
  tokens_.advance();
  if (row->word == "active" || row->word == "passive") config_.passive = row->value;
  if (row->word == "couple" || row->word == "decouple") config_.decouple = row->value;
  if (row->flag != nullptr) config_.settings.*row->flag = row->value;
  if (row->parse != nullptr && !(this->*row->parse)()) return false;
  if (!tokens_.expect_end()) return false;
  if (!row->not_yet.empty()) tokens_.not_yet(word, row->not_yet);
  config_.written.insert_or_assign(std::string(row->name), word.spot.place.location());
  return true;
}

bool SettingParser::yes_or_no(bool& value) {
  constexpr std::array<std::string_view, 2> words = {"yes", "no"};
  const Token& token = tokens_.now();
  if (!token.is_string() || std::find(words.begin(), words.end(), token.text) == words.end()) {
    return tokens_.unexpected("'yes' or 'no'", words);
  }
  value = token.text == "yes";
  tokens_.advance();
  return true;
}

bool SettingParser::dpd_check_interval() {
  const auto number = tokens_.number("seconds", 0, UINT32_MAX);
  if (!number) return false;
  config_.dpd_check_interval = seconds(*number);
  return true;
}

bool SettingParser::ocsp() {
  constexpr std::string_view expected = "a URL in quotes, such as \"http://ocsp.example.com/\"";
  const auto url = tokens_.string(expected);
  if (!url) return false;
  if ((!url->text.starts_with("http://") && !url->text.starts_with("https://")) ||
      url->text.find_first_of(" \t\"<>") != std::string_view::npos) {
    return tokens_.error(*url, fmt::format("{} is not a URL", Tokens::name_of(*url)),
                         std::string(expected));
  }
  Ocsp result;
  result.url = url->text;
  if (tokens_.accept(Keyword::tolerate)) {
    const auto tolerate = parse_time(tokens_);
    if (!tolerate) return false;
    result.tolerate = seconds(*tolerate);
    if (tokens_.accept(Keyword::maxage)) {
      const auto age = parse_time(tokens_);
      if (!age) return false;
      result.max_age = seconds(*age);
    }
  } else if (tokens_.at(Keyword::maxage)) {
    return tokens_.error(tokens_.now(), "'maxage' must stand behind 'tolerate TIME'",
                         "'tolerate' or the end of the line");
  }
  config_.settings.ocsp = std::move(result);
  return true;
}

bool SettingParser::cert_policy() {
  constexpr std::array<std::string_view, 3> words = {"strict", "ignore_unknown_eku", "ignore_date"};
  CertificateLeniency lenient;
  std::optional<Token> strict;
  size_t count = 0;
  do {
    const Token token = tokens_.now();
    if (token.is_string() && token.text == words[0]) {
      strict = token;
    } else if (token.is_string() && token.text == words[1]) {
      lenient.unknown_eku = true;
    } else if (token.is_string() && token.text == words[2]) {
      lenient.date = true;
    } else {
      return tokens_.unexpected(list_of(words), words);
    }
    ++count;
    tokens_.advance();
  } while (!tokens_.now().ends_statement());
  if (strict && count > 1) {
    return tokens_.error(*strict, "'strict' contradicts the other words", list_of(words));
  }
  config_.settings.cert_leniency = lenient;
  return true;
}

bool SettingParser::ipv6_block() {
  constexpr std::array<std::string_view, 3> words = {"auto", "always", "never"};
  const Token& token = tokens_.now();
  const auto* found = std::find(words.begin(), words.end(), token.text);
  if (!token.is_string() || found == words.end()) {
    return tokens_.unexpected(list_of(words), words);
  }
  config_.settings.ipv6_block = static_cast<Ipv6Block>(found - words.begin());
  tokens_.advance();
  return true;
}

bool SettingParser::check_threads(const Token& number) {
  const Settings& settings = config_.settings;
  if (settings.max_threads == 0 || settings.min_threads <= settings.max_threads) return true;
  return tokens_.error(number, fmt::format("at least {} threads, but at most {}",
                                           settings.min_threads, settings.max_threads));
}

bool SettingParser::min_threads() {
  const Token token = tokens_.now();
  const auto number = tokens_.number("a number of threads", 1, most_threads);
  if (!number) return false;
  config_.settings.min_threads = static_cast<uint16_t>(*number);
  return check_threads(token);
}

bool SettingParser::max_threads() {
  const Token token = tokens_.now();
  const auto number = tokens_.number("a number of threads", 0, most_threads);
  if (!number) return false;
  config_.settings.max_threads = static_cast<uint16_t>(*number);
  return check_threads(token);
}

bool SettingParser::response_wait_time() {
  const auto number = tokens_.number("seconds", 1, longest_wait);
  if (!number) return false;
  config_.settings.response_wait_time = seconds(*number);
  return true;
}

bool SettingParser::fragmentation_mtu() {
  const auto number = tokens_.number("octets", 576, 9216);
  if (!number) return false;
  config_.settings.fragmentation_mtu = static_cast<uint16_t>(*number);
  return true;
}

std::optional<std::string> SettingParser::absolute_path(std::string_view what) {
  const auto token = tokens_.string(what);
  if (!token) return std::nullopt;
  if (!token->text.starts_with('/') || token->text.size() > longest_path ||
      token->text.find('\0') != std::string_view::npos) {
    return tokens_.error(*token, fmt::format("{} is not an absolute path", Tokens::name_of(*token)),
                         std::string(what));
  }
  return std::string(token->text);
}

bool SettingParser::log_file() {
  config_.settings.log_file = absolute_path("a path in quotes, such as \"/var/log/iked.log\"");
  return config_.settings.log_file.has_value();
}

bool SettingParser::preshared_file() {
  config_.settings.preshared_file = absolute_path("a path in quotes, such as \"/etc/iked/keys\"");
  return config_.settings.preshared_file.has_value();
}

bool SettingParser::ignore_errors() {
  return yes_or_no(config_.settings.ignore_errors);
}

bool SettingParser::keystore() {
  constexpr std::string_view expected =
      "a URI in quotes, such as \"pkcs11:token=iked\", without a PIN";
  const auto uri = tokens_.string(expected);
  if (!uri) return false;
  const bool has_pin = uri->text.find("pin-value") != std::string_view::npos;
  if (has_pin || !uri->text.starts_with("pkcs11:")) {
    return tokens_.error(
        *uri, has_pin ? "a PIN does not belong into this file" : "this is not a pkcs11 URI",
        std::string(expected));
  }
  config_.settings.keystore = std::string(uri->text);
  return true;
}

bool SettingParser::coexist() {
  const Token token = tokens_.now();
  const auto number = tokens_.number("the port of the IKEv1 daemon", 1, 65535);
  if (!number) return false;
  if (*number == 500 || *number == 4500) {
    return tokens_.error(token, fmt::format("port {} is our own", *number),
                         "the port of 127.0.0.1 on which the IKEv1 daemon listens");
  }
  config_.settings.coexist_port = static_cast<uint16_t>(*number);
  return true;
}

bool SettingParser::cookie_threshold() {
  const auto number = tokens_.number("a number of half-open SAs", 0, most_half_open);
  if (!number) return false;
  config_.settings.cookie_threshold = static_cast<uint32_t>(*number);
  return true;
}

bool SettingParser::retry() {
  const Token token = tokens_.now();
  const auto first = parse_time(tokens_);
  if (!first) return false;
  const auto longest = tokens_.now().ends_statement() ? first : parse_time(tokens_);
  if (!longest) return false;
  if (*first == 0 || *longest < *first || *longest > 24 * 3600) {
    return tokens_.error(token, "these pauses cannot be",
                         "the first pause, at least 1 second, and the longest one, up to a day");
  }
  config_.settings.retry_first = seconds(*first);
  config_.settings.retry_longest = seconds(*longest);
  return true;
}

}  // namespace iked::conf
