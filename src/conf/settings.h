// SPDX-License-Identifier: ISC
// The words behind `set`: one row of a table for each.
#pragma once

#include "conf/tokens.h"
#include "model/config.h"

namespace iked::conf {

class SettingParser {
 public:
  /// Settings go into `config`.
  SettingParser(Tokens& tokens, Config& config) : tokens_(tokens), config_(config) {}

  /// The current token is the one behind `set`; in the end it is the one behind the statement.
  bool parse();

 private:
  struct Row;
  static const Row rows[];

  bool yes_or_no(bool& value);
  bool dpd_check_interval();
  bool ocsp();
  bool cert_policy();
  bool ipv6_block();
  bool min_threads();
  bool max_threads();
  bool check_threads(const Token& number);
  bool response_wait_time();
  bool fragmentation_mtu();
  bool log_file();
  bool ignore_errors();
  bool keystore();
  bool preshared_file();
  bool coexist();
  bool cookie_threshold();
  bool retry();
  std::optional<std::string> absolute_path(std::string_view what);

  Tokens& tokens_;
  Config& config_;
};

}  // namespace iked::conf
