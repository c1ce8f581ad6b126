// SPDX-License-Identifier: ISC
#include "conf/parse.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/log.h"
#include "conf/policy_checks.h"
#include "conf/policy_parser.h"
#include "conf/policy_relations.h"
#include "conf/settings.h"
#include "conf/suggest.h"

namespace iked::conf {
namespace {

constexpr std::string_view statement_expected =
    "'ikev2', 'set', 'user', 'include' or the definition of a macro, NAME = \"VALUE\"";
constexpr size_t longest_credential = 255;

/// All statements of all files.
class Parser {
 public:
  Parser(const ParseRequest& request, Environment& environment, SecretStore& secrets,
         const Catalogue& catalogue)
      : request_(request),
        environment_(environment),
        secrets_(secrets),
        catalogue_(catalogue),
        diagnostics_(files_),
        lexer_(environment, diagnostics_, files_),
        tokens_(lexer_, diagnostics_),
        relations_(diagnostics_) {}

  LoadResult run();

 private:
  void define_macros();
  bool statement();
  bool head_word();
  bool head_keyword();
  bool macro();
  bool foreign();
  bool include();
  bool set();
  bool user();
  bool policy();
  bool one_policy();
  LoadResult finish();

  const ParseRequest& request_;
  Environment& environment_;
  SecretStore& secrets_;
  const Catalogue& catalogue_;
  SourceFiles files_;
  Diagnostics diagnostics_;
  Lexer lexer_;
  Tokens tokens_;
  Config config_;
  PolicyRelations relations_;
  size_t policies_ = 0;  // also those with errors
  size_t users_ = 0;
  std::unordered_map<std::string, size_t> user_index_;
  size_t policy_errors_ = 0;  // of those that `set ignore_errors` is about
};

void Parser::define_macros() {
  for (const auto& [name, value] : request_.macros) {
    if (Lexer::is_macro_name(name)) {
      lexer_.define(name, value, {}, true);
    } else {
      const std::string shown = printable(as_bytes(name), 60);
      diagnostics_.file_error(
          "command line",
          fmt::format("-D {}: {}", shown,
                      find_keyword(name) ? "this is a reserved word"
                                         : "a macro's name has letters, digits and '_' only"));
    }
  }
}

LoadResult Parser::run() {
  define_macros();
  if (lexer_.open(request_.path)) {
    for (tokens_.advance(); tokens_.now().kind != Token::Kind::end; tokens_.advance()) {
      if (tokens_.now().kind == Token::Kind::line_end) continue;
      if (diagnostics_.full()) {
        diagnostics_.file_error(request_.path, "too many errors; the rest was not looked at");
        break;
      }
      if (!statement() && !tokens_.now().ends_statement()) lexer_.skip_line();
    }
    if (policies_ == 0 && users_ == 0 && !diagnostics_.has_errors()) {
      diagnostics_.file_warning(request_.path, "no valid configuration rules found");
    }
    relations_.finish(config_.policies);
    lexer_.log_unused_macros();
  }
  return finish();
}

LoadResult Parser::finish() {
  LoadResult result;
  if (config_.settings.ignore_errors && diagnostics_.errors() == policy_errors_) {
    diagnostics_.forgive("this policy is left out, because of 'set ignore_errors yes'");
  }
  result.diagnostics = diagnostics_.render(lexer_.secrets());
  if (diagnostics_.has_errors()) return result;
  for (const SourceFile& file : files_) config_.files.push_back(file.path);
  auto id = Identity::parse(request_.host_name);
  config_.default_id =
      id ? std::move(*id) : Identity{IdType::FQDN, to_bytes(as_bytes("localhost"))};
  result.config = std::move(config_);
  return result;
}

/// Leaves the end of the line as the current token, or has reported an error.
bool Parser::statement() {
  const Token& token = tokens_.now();
  if (token.kind == Token::Kind::error) return false;
  if (token.kind == Token::Kind::keyword) return head_keyword();
  if (token.is_string()) return head_word();
  return tokens_.unexpected(statement_expected);
}

bool Parser::head_word() {
  if (lexer_.next_is('=')) return macro();
  constexpr std::array<std::string_view, 4> heads = {"ikev2", "include", "set", "user"};
  const Token& token = tokens_.now();
  if (token.kind == Token::Kind::quoted) return tokens_.unexpected(statement_expected);
  const std::string meant = did_you_mean(token.text, heads);
  // It may have been meant for 'user', whose password is secret.
  if (meant.empty() || meant.find("'user'") != std::string::npos) lexer_.hide_rest();
  return tokens_.error(token, fmt::format("unknown statement {}{}", Tokens::name_of(token), meant),
                       std::string(statement_expected));
}

bool Parser::head_keyword() {
  const Token token = tokens_.now();
  if (lexer_.next_is('=')) {
    return tokens_.error(token,
                         fmt::format("'{}' is a reserved word and cannot name a macro", token.text),
                         "another name");
  }
  if (is_foreign_head(token.keyword)) return foreign();
  switch (token.keyword) {
    case Keyword::include:
      return include();
    case Keyword::set:
      return set();
    case Keyword::ikev2:
      return policy();
    case Keyword::user:
      return user();
    default:
      return tokens_.error(token, fmt::format("'{}' cannot begin a statement", token.text),
                           fmt::format("{}; where the line before goes on, it must end with '\\'",
                                       statement_expected));
  }
}

bool Parser::macro() {
  const Token name = tokens_.now();
  if (!Lexer::is_macro_name(name.text)) {
    return tokens_.error(name,
                         find_keyword(name.text)
                             ? fmt::format("{} is a reserved word", Tokens::name_of(name))
                             : "a macro's name has letters, digits and '_' only",
                         "another name");
  }
  tokens_.advance();
  lexer_.begin_definition(name.text, tokens_.now().spot.place);
  tokens_.advance();
  SecretText value;
  bool first = true;
  do {
    if (tokens_.now().kind == Token::Kind::keyword || tokens_.now().kind == Token::Kind::number ||
        tokens_.now().kind == Token::Kind::symbol) {
      return tokens_.error(
          tokens_.now(),
          fmt::format("{} cannot stand in the value of a macro", Tokens::name_of(tokens_.now())),
          "quotes around the value");
    }
    const auto word = tokens_.string("the macro's value");
    if (!word) return false;
    if (!first) value.push_back(' ');
    value.insert(value.end(), word->text.begin(), word->text.end());
    first = false;
  } while (!tokens_.now().ends_statement());
  lexer_.define(name.text, view(value), name.spot.place, false);
  return true;
}

bool Parser::foreign() {
  const Token& token = tokens_.now();
  log::info("{}: skipped: '{}' begins a statement of ipsec.conf",
            diagnostics_.name_of(token.spot.place), token.text);
  lexer_.skip_line();
  // The line end is gone: the statement is over.
  return true;
}

bool Parser::include() {
  tokens_.advance();
  const auto path = tokens_.string("the name of a file in quotes");
  if (!path || !tokens_.expect_end()) return false;
  return lexer_.include(std::string(path->text), path->spot);
}

bool Parser::set() {
  tokens_.advance();
  return SettingParser(tokens_, config_).parse();
}

bool Parser::user() {
  const Token keyword = tokens_.now();
  tokens_.advance();
  const auto name = tokens_.string("the user's name");
  if (!name) return false;
  if (tokens_.now().ends_statement()) {
    return tokens_.error(tokens_.now(), "'user' without a password", "the password in quotes");
  }
  const auto password = tokens_.string("the password in quotes");
  if (!password) return false;
  for (const Token& token : {*name, *password}) {
    if (!token.text.empty() && token.text.size() <= longest_credential) continue;
    return tokens_.error(token, fmt::format("a user's name and password have 1 to {} characters",
                                            longest_credential));
  }
  if (!tokens_.expect_end()) return false;
  ++users_;
  auto& users = config_.users;
  const auto [known, is_new] = user_index_.emplace(name->text, users.size());
  if (is_new) users.push_back({.name = std::string(name->text), .password = {}});
  if (!is_new) {
    tokens_.warning(*name, fmt::format("a second {}; its password replaces that of the first",
                                       Tokens::name_of(*name)));
  }
  EapUser& user = users[known->second];
  user.password = secrets_.put(SecretBytes(as_bytes(password->text)));
  user.where = keyword.spot.place.location();
  tokens_.not_yet(keyword, "check passwords (EAP)");
  return true;
}

bool Parser::policy() {
  const size_t before = diagnostics_.errors();
  if (one_policy()) return true;
  policy_errors_ += diagnostics_.errors() - before;
  ++config_.policies_left_out;
  return false;
}

bool Parser::one_policy() {
  ++policies_;
  auto draft = PolicyParser(tokens_, environment_, secrets_, catalogue_).parse();
  if (!draft) return false;
  if (!finish_policy(*draft, tokens_, policies_)) return false;
  relations_.add(*draft, config_.policies);
  config_.policies.push_back(std::move(draft->policy));
  return true;
}

}  // namespace

LoadResult parse(const ParseRequest& request, Environment& environment, SecretStore& secrets,
                 const Catalogue& catalogue) {
  return Parser(request, environment, secrets, catalogue).run();
}

}  // namespace iked::conf
