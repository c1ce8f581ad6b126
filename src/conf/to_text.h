// SPDX-License-Identifier: ISC
// A Config back in words: one line per setting and policy, defaults spelled out, in an order of
// clauses that parses. Secrets are not there to be printed; parse(to_text(config)) is config again
// when the secrets are put in.
#pragma once

#include <functional>
#include <string>

#include "model/config.h"

namespace iked::conf {

/// How a secret is written, quotes included.
using SecretWord = std::function<std::string(SecretId)>;

struct TextOptions {
  SecretWord psk = {};       // without it every key prints as "***"
  SecretWord password = {};  // the same for those of users
  bool places = false;  // above each line a comment: where it was written, or that it is a default
};

/// The statement of one policy, without a line end.
std::string to_text(const Policy& policy, const SecretWord& psk = {});

/// Settings first, then users, then the policies in their order; each line with its end.
std::string to_text(const Config& config, const TextOptions& options = {});

/// In quotes, so that the lexer reads exactly this. `text` holds no line end.
std::string in_quotes(std::string_view text);

}  // namespace iked::conf
