// SPDX-License-Identifier: ISC
// The person at whose command all is done: who is told, asked, and may say no. ikectl is one, tests
// are another.
#pragma once

#include <functional>
#include <string>

#include "authority/certificate.h"
#include "authority/passphrase.h"

namespace iked::authority {

enum class Question { replace, destroy };

struct Operator {
  UnixTime now = 0;
  std::function<void(const std::string& line)> say;
  /// Whether there may be a passphrase: else everything goes on without one, where it can.
  bool has_passphrase = true;
  std::function<Outcome<Passphrase>(const std::string& prompt, bool is_new)> passphrase;
  /// Whether to go on. `what` is a question without its question mark.
  std::function<bool(Question question, const std::string& what)> agrees;
};

}  // namespace iked::authority
