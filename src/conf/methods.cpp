// SPDX-License-Identifier: ISC
#include "conf/methods.h"

#include <array>
#include <cctype>

namespace iked::conf {
namespace {

struct Row {
  std::string_view word;
  SignatureKind kind;
};
constexpr std::array rows = {
    Row{"rsa", SignatureKind::rsa},           Row{"ecdsa256", SignatureKind::ecdsa256},
    Row{"ecdsa384", SignatureKind::ecdsa384}, Row{"ecdsa521", SignatureKind::ecdsa521},
    Row{"eddsa", SignatureKind::eddsa},       Row{"dsa", SignatureKind::dsa},
    Row{"rfc7427", SignatureKind::rfc7427},   Row{"signature", SignatureKind::any},
};

}  // namespace

std::optional<SignatureKind> find_signature(std::string_view word) {
  for (const Row& row : rows) {
    if (row.word == word) return row.kind;
  }
  return std::nullopt;
}

std::vector<std::string_view> method_words() {
  std::vector<std::string_view> words;
  for (const Row& row : rows) words.push_back(row.word);
  return words;
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
