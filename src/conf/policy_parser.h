// SPDX-License-Identifier: ISC
// One `ikev2` statement. Its clauses are rows of one table, in the order in which they must stand;
// what a clause means is one function. What no single clause can tell is policy_checks.h.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conf/environment.h"
#include "conf/hosts.h"
#include "conf/tokens.h"
#include "model/policy.h"

namespace iked::conf {

/// A policy as far as its clauses say it, with the places that later messages point at.
struct Draft {
  Policy policy;
  Token head;                   // the word ikev2
  std::optional<Token> name;    // if it has one
  std::optional<Token> active;  // the words, where written
  std::optional<Token> family;
  std::optional<Token> natt;
  std::optional<Token> transport;
  std::optional<Token> first_port;
  std::optional<Host> local;
  std::optional<Host> peer;
  std::vector<Token> flow_tokens;          // the remote end of each of policy.flows
  std::optional<Token> auth;               // 'psk', 'rsa' ...
  std::optional<Token> weak_psk;           // easily guessed
  static constexpr size_t short_psk = 12;  // characters
};

class PolicyParser {
 public:
  PolicyParser(Tokens& tokens, Environment& environment, SecretStore& secrets,
               const Catalogue& catalogue)
      : tokens_(tokens), environment_(environment), secrets_(secrets), catalogue_(catalogue) {}

  /// The current token is `ikev2`; in the end it is the end of the line.
  std::optional<Draft> parse();

 private:
  struct Clause;
  static const Clause clauses[];

  static const Clause* find_clause(const Token& token);
  bool name();
  void warn_of_mistyped(const Token& name);
  bool clause(const Clause& row);
  bool check_order(const Clause& row);
  void remember_place(const Token& token);
  Failed unknown_clause();
  std::string expected_clauses() const;

  bool precedence();
  bool activity();
  bool mode();
  bool natt();
  bool child_protocol();
  bool family();
  bool protocols();
  bool flow();
  bool flow_end(Flow& flow, Token& token);
  bool nat_source(const Token& keyword, Flow& flow);
  bool peer_or_local();
  bool ikesa();
  bool childsa();
  bool identity();
  bool ike_lifetime();
  bool lifetime();
  bool psk();
  std::optional<SecretBytes> psk_from_file();
  std::optional<SecretBytes> psk_from_hex(const Token& token, std::string_view digits);
  void judge_psk(const Token& token, ByteView octets);
  bool is_method() const;
  static bool is_behind_auth(const Token& token);
  bool method();
  bool eap();
  bool ipcomp();
  bool rdomain();
  bool config_option();
  bool check_config_value(const Token& head, ConfigOption& option, const Host& host);
  bool iface();
  bool tag();
  bool tap();
  void warn_of_second(const Token& keyword);

  Tokens& tokens_;
  Environment& environment_;
  SecretStore& secrets_;
  const Catalogue& catalogue_;
  Draft draft_;
  int rank_ = 0;               // of the last clause
  std::map<int, Token> seen_;  // first word of each rank
  std::set<Keyword> words_;    // all clause words so far
  bool after_comma_ = false;
};

}  // namespace iked::conf
