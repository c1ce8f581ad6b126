// SPDX-License-Identifier: ISC
#include "conf/policy_parser.h"

#include <algorithm>
#include <cctype>

#include "conf/methods.h"
#include "conf/suggest.h"
#include "conf/transforms.h"

namespace iked::conf {
namespace {

// The order of the clauses. Words of one rank exclude each other or may stand in any order.
enum Rank : int {
  rank_none,
  rank_precedence,
  rank_activity,
  rank_ipcomp,
  rank_mode,
  rank_natt,
  rank_child_protocol,
  rank_family,
  rank_protocols,
  rank_rdomain,
  rank_flows,
  rank_peers,
  rank_ikesa,
  rank_childsa,
  rank_srcid,
  rank_dstid,
  rank_ike_lifetime,
  rank_lifetime,
  rank_auth,
  rank_config,
  rank_iface,
  rank_tag,
};

// How often a clause may stand, and how its words go together.
enum class Times : uint8_t {
  once,       // one of the words of this rank
  each_once,  // each word of this rank
  repeatedly,
};

constexpr size_t longest_name = 1023;
constexpr size_t longest_identity = 1023;
constexpr size_t most_proposals = 255;  // RFC7296 3.3.1: the number of a proposal is an octet

/// Stricter than nearest(): names are often short, and "west" is not "esp".
bool could_be_meant(std::string_view name, std::string_view keyword) {
  std::string small(name);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (small == keyword) return true;                                   // it differs in case
  if (keyword.size() < 3 || small.starts_with(keyword)) return false;  // "active2" is a name
  if (small.size() >= 3 && keyword.starts_with(small)) return true;
  return edit_distance(small, keyword) <= (keyword.size() <= 4 ? 1 : 2);
}

}  // namespace

struct PolicyParser::Clause {
  Keyword word;
  int rank;
  Times times;
  bool (PolicyParser::*parse)();
};

const PolicyParser::Clause PolicyParser::clauses[] = {
    {Keyword::quick, rank_precedence, Times::once, &PolicyParser::precedence},
    {Keyword::skip, rank_precedence, Times::once, &PolicyParser::precedence},
    {Keyword::default_, rank_precedence, Times::once, &PolicyParser::precedence},
    {Keyword::active, rank_activity, Times::once, &PolicyParser::activity},
    {Keyword::passive, rank_activity, Times::once, &PolicyParser::activity},
    {Keyword::ipcomp, rank_ipcomp, Times::once, &PolicyParser::ipcomp},
    {Keyword::tunnel, rank_mode, Times::once, &PolicyParser::mode},
    {Keyword::transport, rank_mode, Times::once, &PolicyParser::mode},
    {Keyword::natt, rank_natt, Times::once, &PolicyParser::natt},
    {Keyword::esp, rank_child_protocol, Times::once, &PolicyParser::child_protocol},
    {Keyword::ah, rank_child_protocol, Times::once, &PolicyParser::child_protocol},
    {Keyword::inet, rank_family, Times::once, &PolicyParser::family},
    {Keyword::inet6, rank_family, Times::once, &PolicyParser::family},
    {Keyword::proto, rank_protocols, Times::once, &PolicyParser::protocols},
    {Keyword::rdomain, rank_rdomain, Times::once, &PolicyParser::rdomain},
    {Keyword::from, rank_flows, Times::repeatedly, &PolicyParser::flow},
    {Keyword::to, rank_flows, Times::repeatedly, &PolicyParser::flow},
    {Keyword::peer, rank_peers, Times::each_once, &PolicyParser::peer_or_local},
    {Keyword::local, rank_peers, Times::each_once, &PolicyParser::peer_or_local},
    {Keyword::ikesa, rank_ikesa, Times::repeatedly, &PolicyParser::ikesa},
    {Keyword::childsa, rank_childsa, Times::repeatedly, &PolicyParser::childsa},
    {Keyword::srcid, rank_srcid, Times::once, &PolicyParser::identity},
    {Keyword::dstid, rank_dstid, Times::once, &PolicyParser::identity},
    {Keyword::ikelifetime, rank_ike_lifetime, Times::once, &PolicyParser::ike_lifetime},
    {Keyword::lifetime, rank_lifetime, Times::once, &PolicyParser::lifetime},
    {Keyword::psk, rank_auth, Times::once, &PolicyParser::psk},
    {Keyword::eap, rank_auth, Times::once, &PolicyParser::eap},
    {Keyword::config, rank_config, Times::repeatedly, &PolicyParser::config_option},
    {Keyword::request, rank_config, Times::repeatedly, &PolicyParser::config_option},
    {Keyword::iface, rank_iface, Times::once, &PolicyParser::iface},
    {Keyword::tag, rank_tag, Times::repeatedly, &PolicyParser::tag},
    {Keyword::tap, rank_tag, Times::repeatedly, &PolicyParser::tap},
};

const PolicyParser::Clause* PolicyParser::find_clause(const Token& token) {
  if (token.kind != Token::Kind::keyword) return nullptr;
  const auto* found = std::find_if(std::begin(clauses), std::end(clauses),
                                   [&](const Clause& row) { return row.word == token.keyword; });
  return found == std::end(clauses) ? nullptr : found;
}

std::string PolicyParser::expected_clauses() const {
  if (after_comma_) return "'from' or 'to' behind the comma";
  std::vector<std::string_view> words;
  for (const Clause& row : clauses) {
    if (row.rank < rank_) continue;
    if (!seen_.contains(rank_flows) && row.rank > rank_flows) break;
    const bool repeats = row.times == Times::repeatedly ||
                         (row.times == Times::each_once && !words_.contains(row.word));
    if (row.rank == rank_ && !repeats) continue;
    words.push_back(word_of(row.word));
  }
  if (!seen_.contains(rank_flows)) return list_of(words);
  if (words.empty()) return "the end of the line";
  std::string text = list_of(words);
  return words.size() == 1 ? text + " or the end of the line" : text + ", or the end of the line";
}

bool PolicyParser::check_order(const Clause& row) {
  const Token& token = tokens_.now();
  const std::string_view word = token.text;
  if (after_comma_ && row.rank != rank_flows) {
    return tokens_.error(token, fmt::format("'{}' behind a comma", word), expected_clauses());
  }
  if (row.rank < rank_) {
    const auto later = seen_.upper_bound(row.rank);
    return tokens_.error(token,
                         fmt::format("'{}' must stand before '{}'", word, later->second.text),
                         expected_clauses());
  }
  if (row.rank > rank_flows && !seen_.contains(rank_flows)) {
    return tokens_.error(token, fmt::format("'{}' must stand after 'from ... to ...'", word),
                         expected_clauses());
  }
  if (row.times == Times::repeatedly) return true;
  const auto earlier = seen_.find(row.rank);
  if (earlier == seen_.end()) return true;
  if (words_.contains(row.word)) {
    return tokens_.error(token, fmt::format("a second '{}'", word), expected_clauses());
  }
  if (row.times == Times::each_once) return true;
  return tokens_.error(token, fmt::format("'{}' contradicts '{}'", word, earlier->second.text),
                       expected_clauses());
}

bool PolicyParser::clause(const Clause& row) {
  if (!check_order(row)) return false;
  rank_ = row.rank;
  after_comma_ = false;
  seen_.emplace(row.rank, tokens_.now());
  words_.insert(row.word);
  remember_place(tokens_.now());
  if (row.rank == rank_auth) draft_.auth = tokens_.now();
  if (!(this->*row.parse)()) return false;
  if (row.rank == rank_flows) after_comma_ = tokens_.accept(',');
  return true;
}

void PolicyParser::remember_place(const Token& token) {
  auto& lines = draft_.policy.written.lines;
  const Location where = token.spot.place.location();
  if (lines.empty() || lines.back().where.line != where.line ||
      lines.back().where.file != where.file) {
    lines.push_back({std::string(token.text), where});
  } else {
    lines.back().words.append(1, ' ').append(token.text);
  }
}

Failed PolicyParser::unknown_clause() {
  const Token& token = tokens_.now();
  if (token.kind == Token::Kind::keyword) {
    const std::string_view place = belongs(token.keyword);
    std::string message = fmt::format("'{}' cannot stand here", token.text);
    if (!place.empty()) message += fmt::format("; it belongs {}", place);
    return tokens_.error(token, std::move(message), expected_clauses());
  }
  if (rank_ == rank_auth) {
    return tokens_.error(token,
                         "more text behind the pre-shared key; a key with blanks or any of "
                         "( ) { } < > ! = / # , needs quotes around it",
                         expected_clauses());
  }
  std::vector<std::string_view> known;
  for (const Clause& row : clauses) known.push_back(word_of(row.word));
  if (seen_.contains(rank_flows)) {
    const auto methods = method_words();
    known.insert(known.end(), methods.begin(), methods.end());
  }
  return tokens_.unexpected(expected_clauses(), known);
}

/// Where a name may stand, a mistyped clause is a name: without a word of ours a policy with
/// "actve" would be passive.
void PolicyParser::warn_of_mistyped(const Token& name) {
  std::vector<std::string_view> known;
  for (const Clause& row : clauses) {
    const std::string_view word = word_of(row.word);
    if (row.rank <= rank_flows && could_be_meant(name.text, word)) known.push_back(word);
  }
  const std::string meant = did_you_mean(name.text, known);
  if (meant.empty()) return;
  const std::string shown = printable(as_bytes(name.text), 60);
  tokens_.warning(
      name, fmt::format("'{}' is no keyword, so it is taken for the policy's name{}", shown, meant),
      fmt::format("if it is the name, put quotes around it: \"{}\"", shown));
}

bool PolicyParser::name() {
  const Token& token = tokens_.now();
  if (token.kind == Token::Kind::number) {
    return tokens_.error(token, fmt::format("{} is a number", Tokens::name_of(token)),
                         "a name; put quotes around the number if it is one");
  }
  if (!token.is_string()) return true;
  if (token.text.empty() || token.text.size() > longest_name) {
    return tokens_.error(token,
                         fmt::format("a policy's name has 1 to {} characters", longest_name));
  }
  if (token.kind == Token::Kind::word) warn_of_mistyped(token);
  draft_.name = token;
  draft_.policy.name = token.text;
  tokens_.advance();
  return true;
}

std::optional<Draft> PolicyParser::parse() {
  draft_.head = tokens_.now();
  draft_.policy.where = tokens_.now().spot.place.location();
  tokens_.advance();
  if (!name()) return std::nullopt;
  while (!tokens_.now().ends_statement()) {
    // A method of authentication is no reserved word: "rsa" may be the name of a host.
    static constexpr Clause method_clause = {Keyword::auth, rank_auth, Times::once,
                                             &PolicyParser::method};
    const Clause* row = is_method() ? &method_clause : find_clause(tokens_.now());
    if (row == nullptr) return unknown_clause();
    if (!clause(*row)) return std::nullopt;
  }
  if (after_comma_ || !seen_.contains(rank_flows)) {
    return tokens_.error(
        tokens_.now(),
        after_comma_ ? "the statement ends with a comma" : "a policy without 'from ... to ...'",
        expected_clauses());
  }
  return std::move(draft_);
}

bool PolicyParser::is_behind_auth(const Token& token) {
  const Clause* row = find_clause(token);
  return row != nullptr && row->rank > rank_auth;
}

bool PolicyParser::is_method() const {
  return seen_.contains(rank_flows) && tokens_.now().is_string() &&
         is_method_word(tokens_.now().text);
}

bool PolicyParser::identity() {
  const Token keyword = tokens_.now();
  tokens_.advance();
  const auto token = tokens_.string("an ID such as gw.example.com, user@example.com or 192.0.2.1");
  if (!token) return false;
  if (token->text.size() > longest_identity) {
    return tokens_.error(*token, fmt::format("an ID may have {} characters", longest_identity));
  }
  auto id = Identity::parse(token->text);
  if (!id)
    return tokens_.error(*token, id.error().text,
                         "a host name, an address, user@domain or \"/C=DE/CN=NAME\"");
  (keyword.is(Keyword::srcid) ? draft_.policy.local_id : draft_.policy.peer_id) = std::move(*id);
  return true;
}

bool PolicyParser::ikesa() {
  const Token head = tokens_.now();
  auto more = parse_transforms(tokens_, ProtocolId::IKE, catalogue_);
  if (!more) return false;
  auto& all = draft_.policy.ike_proposals;
  all.insert(all.end(), more->begin(), more->end());
  if (all.size() > most_proposals)
    return tokens_.error(head, fmt::format("more than {} proposals", most_proposals));
  return true;
}

bool PolicyParser::childsa() {
  const Token head = tokens_.now();
  auto more = parse_transforms(tokens_, draft_.policy.child_protocol, catalogue_);
  if (!more) return false;
  auto& all = draft_.policy.child_proposals;
  all.insert(all.end(), more->begin(), more->end());
  if (all.size() > most_proposals)
    return tokens_.error(head, fmt::format("more than {} proposals", most_proposals));
  return true;
}

}  // namespace iked::conf
