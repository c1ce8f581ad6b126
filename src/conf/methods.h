// SPDX-License-Identifier: ISC
// The words for how peers prove who they are, but for `psk` and `eap`. They are not reserved.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/policy.h"

namespace iked::conf {

/// "rsa", "signature"; nothing for "none", which is a word but no method.
std::optional<SignatureKind> find_signature(std::string_view word);

/// All words that find_signature() finds.
std::vector<std::string_view> method_words();

/// Also of "none".
bool is_method_word(std::string_view word);

/// "mschap-v2" and "md5", in any case, with '_' for '-'.
std::optional<EapMethod> find_eap(std::string_view word);

}  // namespace iked::conf
