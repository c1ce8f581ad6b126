// SPDX-License-Identifier: ISC
#include "conf/keywords.h"

#include <algorithm>
#include <array>

namespace iked::conf {
namespace {

constexpr std::string_view spelled(std::string_view enumerator) {
  return enumerator.ends_with('_') ? enumerator.substr(0, enumerator.size() - 1) : enumerator;
}

constexpr std::array words = {
#define IKED_KEYWORD(word) spelled(#word),
    IKED_KEYWORDS(IKED_KEYWORD)
#undef IKED_KEYWORD
};
static_assert(std::is_sorted(words.begin(), words.end()), "find_keyword searches by halving");

}  // namespace

std::string_view word_of(Keyword keyword) {
  return words[static_cast<size_t>(keyword)];
}

std::optional<Keyword> find_keyword(std::string_view word) {
  const auto* found = std::lower_bound(words.begin(), words.end(), word);
  if (found == words.end() || *found != word) return std::nullopt;
  return static_cast<Keyword>(found - words.begin());
}

bool is_foreign_head(Keyword keyword) {
  switch (keyword) {
    case Keyword::ike:
    case Keyword::flow:
    case Keyword::tcpmd5:
    case Keyword::sa:
    case Keyword::from:
    case Keyword::to:
    case Keyword::tunnel:
    case Keyword::transport:
      return true;
    default:
      return false;
  }
}

std::string_view belongs(Keyword keyword) {
  switch (keyword) {
    case Keyword::auth:
    case Keyword::enc:
    case Keyword::prf:
    case Keyword::group:
      return "behind 'ikesa' or 'childsa'";
    case Keyword::esn:
    case Keyword::noesn:
      return "behind 'childsa'";
    case Keyword::port:
      return "behind an address of 'from' or 'to'";
    case Keyword::any:
    case Keyword::dynamic:
      return "behind 'from', 'to', 'peer' or 'local'";
    case Keyword::bytes:
      return "behind 'lifetime SECONDS'";
    case Keyword::file:
      return "behind 'psk'";
    case Keyword::couple:
    case Keyword::decouple:
    case Keyword::dpd_check_interval:
    case Keyword::fragmentation:
    case Keyword::nofragmentation:
    case Keyword::mobike:
    case Keyword::nomobike:
    case Keyword::vendorid:
    case Keyword::novendorid:
    case Keyword::enforcesingleikesa:
    case Keyword::noenforcesingleikesa:
    case Keyword::stickyaddress:
    case Keyword::nostickyaddress:
    case Keyword::cert_partial_chain:
    case Keyword::ocsp:
      return "behind 'set', on a line of its own";
    case Keyword::ikev2:
    case Keyword::set:
    case Keyword::include:
    case Keyword::user:
      return "at the beginning of a line";
    default:
      return {};
  }
}

}  // namespace iked::conf
