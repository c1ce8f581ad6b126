// SPDX-License-Identifier: ISC
#include "conf/transforms.h"

#include <algorithm>

#include "conf/algorithms.h"
#include "conf/suggest.h"

namespace iked::conf {
namespace {

const std::vector<Encr> default_aead = {
    {EncrId::AES_GCM_16, 256}, {EncrId::AES_GCM_16, 128}, {EncrId::CHACHA20_POLY1305, 0}};
const std::vector<Encr> default_cbc = {{EncrId::AES_CBC, 256}, {EncrId::AES_CBC, 128}};
const std::vector<PrfId> default_prf = {PrfId::HMAC_SHA2_256, PrfId::HMAC_SHA2_384,
                                        PrfId::HMAC_SHA2_512};
const std::vector<IntegId> default_integ = {IntegId::HMAC_SHA2_256_128, IntegId::HMAC_SHA2_384_192,
                                            IntegId::HMAC_SHA2_512_256};
const std::vector<KeId> default_groups = {KeId::CURVE25519, KeId::ECP_256, KeId::MODP_2048};

/// Types that are missing are taken from the defaults. Cipher and integrity are the caller's.
Proposal completed(Proposal proposal) {
  if (proposal.protocol == ProtocolId::IKE) {
    if (proposal.prf.empty()) proposal.prf = default_prf;
    if (proposal.ke.empty()) proposal.ke = default_groups;
  } else if (proposal.esn.empty()) {
    proposal.esn = {EsnId::NO_ESN};
  }
  return proposal;
}

std::vector<Proposal> complete(const Proposal& given) {
  Proposal proposal = completed(given);
  if (given.protocol == ProtocolId::AH) {
    if (proposal.integ.empty()) proposal.integ = default_integ;
    return {proposal};
  }
  if (!given.encr.empty() && is_aead(given.encr.front().id)) return {proposal};
  Proposal plain = proposal;
  if (plain.encr.empty()) plain.encr = default_cbc;
  if (plain.integ.empty()) plain.integ = default_integ;
  if (!given.encr.empty() || !given.integ.empty()) return {plain};
  proposal.encr = default_aead;
  return {proposal, plain};
}

/// One algorithm behind its keyword: looked up, checked, put into `list`.
template <typename Value>
struct Kind {
  std::string_view what;  // "cipher"
  std::span<const AlgorithmWord<Value>> words;
  bool (*usable)(Value);
  std::string_view where;      // "an IKE SA"
  std::string_view also = {};  // a word that the caller has looked at already
};

template <typename Value>
std::vector<std::string_view> usable_words(const Kind<Value>& kind) {
  std::vector<std::string_view> words;
  std::vector<Value> seen;
  for (const auto& row : kind.words) {
    if (!kind.usable(row.value) || std::find(seen.begin(), seen.end(), row.value) != seen.end())
      continue;
    seen.push_back(row.value);
    words.push_back(row.word);
  }
  if (!kind.also.empty()) words.push_back(kind.also);
  return words;
}

template <typename Value>
bool parse_algorithm(Tokens& tokens, const Kind<Value>& kind, std::vector<Value>& list,
                     std::vector<Token>& weak) {
  const std::vector<std::string_view> usable = usable_words(kind);
  const Token& now = tokens.now();
  if (now.kind == Token::Kind::number && now.text.size() <= 2) {
    const auto group = find_algorithm(kind.words, fmt::format("grp{}", now.text));
    if (group && kind.usable(*group)) {
      return tokens.error(now, fmt::format("{} is a number; did you mean 'grp{}'?",
                                           Tokens::name_of(now), now.text));
    }
  }
  const auto token = tokens.string(list_of(usable));
  if (!token) return false;
  const auto value = find_algorithm(kind.words, token->text);
  if (!value) {
    if (const auto reason = refusal_of_group(token->text); !reason.empty()) {
      return tokens.error(*token,
                          fmt::format("iked has no group {}: {}", Tokens::name_of(*token), reason));
    }
    std::vector<std::string_view> foreign;
    for (std::string_view ours : words_for_foreign(token->text)) {
      if (std::find(usable.begin(), usable.end(), ours) != usable.end()) foreign.push_back(ours);
    }
    const std::string meant = foreign.empty() ? did_you_mean(token->text, usable)
                                              : fmt::format("; did you mean {}?", list_of(foreign));
    return tokens.error(*token,
                        fmt::format("unknown {} {}{}", kind.what, Tokens::name_of(*token), meant),
                        meant.empty() || usable.size() < 10 ? list_of(usable) : std::string());
  }
  if (!kind.usable(*value)) {
    return tokens.error(
        *token,
        fmt::format("{} {} cannot be used for {}", kind.what, Tokens::name_of(*token), kind.where),
        list_of(usable));
  }
  if (is_weak(*value)) weak.push_back(*token);
  if (std::find(list.begin(), list.end(), *value) == list.end()) list.push_back(*value);
  return true;
}

/// Parses one `ikesa` or `childsa`.
class TransformParser {
 public:
  TransformParser(Tokens& tokens, ProtocolId protocol, const Catalogue& catalogue)
      : tokens_(tokens), catalogue_(catalogue), ike_(protocol == ProtocolId::IKE) {
    proposal_.protocol = protocol;
    where_ = ike_ ? "an IKE SA" : "a child SA";
  }

  std::optional<std::vector<Proposal>> parse();

 private:
  bool one();
  bool cipher(const Token& keyword);
  bool integrity();
  bool prf(const Token& keyword);
  bool group();
  bool sequence_numbers(const Token& keyword);
  void warn_of_weak();

  Tokens& tokens_;
  const Catalogue& catalogue_;
  bool ike_;
  std::string_view where_;
  Proposal proposal_;
  std::vector<Token> weak_;
};

bool TransformParser::cipher(const Token& keyword) {
  if (proposal_.protocol == ProtocolId::AH) {
    return tokens_.error(keyword, "'enc' in a policy with 'ah', which does not encrypt",
                         "'auth', 'group', 'esn' or 'noesn'");
  }
  const Kind<Encr> kind{"cipher", encr_words(), ike_ ? catalogue_.ike_encr : catalogue_.child_encr,
                        where_};
  const Token name = tokens_.now();
  if (!parse_algorithm(tokens_, kind, proposal_.encr, weak_)) return false;
  // RFC 5282 8: combined-mode and other ciphers need proposals of their own.
  const Encr& first = proposal_.encr.front();
  const Encr& last = proposal_.encr.back();
  if (is_aead(first.id) != is_aead(last.id)) {
    const Encr& aead = is_aead(first.id) ? first : last;
    const Encr& plain = is_aead(first.id) ? last : first;
    const std::string_view section = ike_ ? "ikesa" : "childsa";
    return tokens_.error(
        name,
        fmt::format("{} has integrity of its own and {} has none: they cannot share one '{}'",
                    to_string(aead.id, aead.key_bits), to_string(plain.id, plain.key_bits),
                    section),
        fmt::format("'{} enc {}' as an alternative of its own", section, name.text));
  }
  return true;
}

bool TransformParser::integrity() {
  const Kind<IntegId> kind{"integrity algorithm", integ_words(),
                           ike_ ? catalogue_.ike_integ : catalogue_.child_integ, where_};
  return parse_algorithm(tokens_, kind, proposal_.integ, weak_);
}

bool TransformParser::prf(const Token& keyword) {
  if (!ike_) tokens_.warning(keyword, "'prf' means nothing in a 'childsa' and is ignored");
  std::vector<PrfId> ignored;
  std::vector<Token> ignored_weak;
  const Kind<PrfId> kind{"pseudo-random function", prf_words(), catalogue_.ike_prf, where_};
  return parse_algorithm(tokens_, kind, ike_ ? proposal_.prf : ignored,
                         ike_ ? weak_ : ignored_weak);
}

bool TransformParser::group() {
  const Token& name = tokens_.now();
  if (!name.is_string() || name.text != "none") {
    const Kind<KeId> kind{"group", group_words(), catalogue_.group, where_, ike_ ? "" : "none"};
    return parse_algorithm(tokens_, kind, proposal_.ke, weak_);
  }
  if (ike_) {
    return tokens_.error(
        name, "an IKE SA cannot do without a key exchange; 'group none' is for 'childsa'");
  }
  if (std::find(proposal_.ke.begin(), proposal_.ke.end(), KeId::NONE) == proposal_.ke.end()) {
    proposal_.ke.push_back(KeId::NONE);
  }
  tokens_.advance();
  return true;
}

bool TransformParser::sequence_numbers(const Token& keyword) {
  if (ike_) {
    return tokens_.error(
        keyword, fmt::format("{} is for 'childsa': an IKE SA has no extended sequence numbers",
                             Tokens::name_of(keyword)));
  }
  const EsnId esn = keyword.is(Keyword::esn) ? EsnId::ESN : EsnId::NO_ESN;
  if (std::find(proposal_.esn.begin(), proposal_.esn.end(), esn) == proposal_.esn.end()) {
    proposal_.esn.push_back(esn);
  }
  return true;
}

bool TransformParser::one() {
  const Token keyword = tokens_.now();
  tokens_.advance();
  switch (keyword.keyword) {
    case Keyword::enc:
      return cipher(keyword);
    case Keyword::auth:
      return integrity();
    case Keyword::prf:
      return prf(keyword);
    case Keyword::group:
      return group();
    default:
      return sequence_numbers(keyword);
  }
}

void TransformParser::warn_of_weak() {
  if (weak_.empty()) return;
  std::string names;
  for (const Token& token : weak_) names += (names.empty() ? "" : ", ") + std::string(token.text);
  tokens_.warning(weak_.front(),
                  fmt::format("weak: {}; only for peers that have nothing better", names));
}

bool begins_transform(const Token& token) {
  return token.is(Keyword::enc) || token.is(Keyword::auth) || token.is(Keyword::prf) ||
         token.is(Keyword::group) || token.is(Keyword::esn) || token.is(Keyword::noesn);
}

std::optional<std::vector<Proposal>> TransformParser::parse() {
  const std::string_view expected =
      ike_ ? "'enc', 'prf', 'auth' or 'group', and an algorithm"
           : "'enc', 'auth' or 'group' and an algorithm, 'esn' or 'noesn'";
  constexpr std::string_view known[] = {"enc", "auth", "prf", "group", "esn", "noesn"};
  const Token head = tokens_.now();
  tokens_.advance();
  if (!begins_transform(tokens_.now())) {
    if (tokens_.now().kind == Token::Kind::word) return tokens_.unexpected(expected, known);
    return tokens_.error(tokens_.now().ends_statement() ? tokens_.now() : head,
                         fmt::format("{} without an algorithm", Tokens::name_of(head)),
                         std::string(expected));
  }
  std::optional<Token> auth;
  while (begins_transform(tokens_.now())) {
    if (tokens_.at(Keyword::auth)) auth = tokens_.now();
    if (!one()) return std::nullopt;
  }
  if (auth && !proposal_.encr.empty() && is_aead(proposal_.encr.front().id)) {
    const Encr& aead = proposal_.encr.front();
    return tokens_.error(*auth,
                         fmt::format("'auth' beside {}, which has integrity of its own",
                                     to_string(aead.id, aead.key_bits)),
                         "no 'auth' here, or another cipher");
  }
  // Only "no key exchange" is the same as not to speak of it.
  if (proposal_.ke == std::vector{KeId::NONE}) proposal_.ke.clear();
  warn_of_weak();
  return complete(proposal_);
}

}  // namespace

std::vector<Proposal> default_proposals(ProtocolId protocol) {
  Proposal nothing;
  nothing.protocol = protocol;
  return complete(nothing);
}

std::optional<std::vector<Proposal>> parse_transforms(Tokens& tokens, ProtocolId protocol,
                                                      const Catalogue& catalogue) {
  return TransformParser(tokens, protocol, catalogue).parse();
}

}  // namespace iked::conf
