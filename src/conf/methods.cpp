// SPDX-License-Identifier: ISC
#include "conf/methods.h"

#include <cctype>

namespace iked::conf {

std::optional<SignatureKind> find_signature(std::string_view word) {
  for (const SignatureKind kind :
       {SignatureKind::any, SignatureKind::rsa, SignatureKind::ecdsa256, SignatureKind::ecdsa384,
        SignatureKind::ecdsa521, SignatureKind::eddsa, SignatureKind::dsa,
        SignatureKind::rfc7427}) {
    if (to_string(kind) == word) return kind;
  }
  return std::nullopt;
}

bool is_method_word(std::string_view word) {
  return word == "none" || find_signature(word).has_value();
}

std::optional<EapMethod> find_eap(std::string_view word) {
  std::string folded(word.substr(0, 16));
  for (char& c : folded) {
    c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const EapMethod method : {EapMethod::mschap_v2, EapMethod::md5}) {
    if (to_string(method) == folded) return method;
  }
  return std::nullopt;
}

}  // namespace iked::conf
