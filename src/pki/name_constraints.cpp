// SPDX-License-Identifier: ISC
#include "pki/name_constraints.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "pki/library.h"

namespace iked::pki {
namespace {

constexpr unsigned most_subtrees = 128;  // of either kind: comparing goes over all of them

using Constraints = gnutls_x509_name_constraints_t;
using Attribute = std::pair<std::string, std::string>;
using RelativeName = std::vector<Attribute>;
using DistinguishedName = std::vector<RelativeName>;

struct Subtree {
  unsigned type = 0;
  std::string name;
};

/// Nothing if the library does not understand them.
template <typename Get>
std::optional<std::vector<Subtree>> subtrees(Constraints constraints, Get get) {
  std::vector<Subtree> found;
  for (unsigned i = 0;; ++i) {
    unsigned type = 0;
    gnutls_datum_t name{};
    const int code = get(constraints, i, &type, &name);
    if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return found;
    if (code < 0 || i == most_subtrees) return std::nullopt;
    found.push_back({type, std::string(as_text(view(name)))});
  }
}

/// As values are compared (RFC5280 7.1): case does not matter, nor how many blanks there are.
std::string folded(std::string_view value) {
  constexpr char blank = ' ';
  std::string out;
  for (const char c : value) {
    if (c == blank && (out.empty() || out.back() == blank)) continue;
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (!out.empty() && out.back() == blank) out.pop_back();
  return out;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// From the text that the library makes of a name, which does not depend on the type of the
/// strings.
std::optional<DistinguishedName> read_dn(const std::string& text) {
  const auto dn = fresh<gnutls_x509_dn_st>(gnutls_x509_dn_init);
  DistinguishedName names;
  // Cases of other letters are not known here, so that such names would differ from themselves.
  if (!is_ascii(text) || text.find('\0') != std::string::npos) return std::nullopt;
  if (text.empty()) return names;
  if (gnutls_x509_dn_set_str(dn.get(), text.c_str(), nullptr) < 0) return std::nullopt;
  for (int i = 0;; ++i) {
    RelativeName relative;
    gnutls_x509_ava_st ava{};
    int code = 0;
    for (int j = 0; (code = gnutls_x509_dn_get_rdn_ava(dn.get(), i, j, &ava)) >= 0; ++j) {
      relative.emplace_back(as_text(view(ava.oid)), folded(as_text(view(ava.value))));
    }
    if (code != GNUTLS_E_ASN1_ELEMENT_NOT_FOUND) return std::nullopt;
    if (relative.empty()) return names;
    std::ranges::sort(relative);
    names.push_back(std::move(relative));
  }
}

bool is_below(const DistinguishedName& name, const DistinguishedName& top) {
  return name.size() >= top.size() && std::equal(top.begin(), top.end(), name.begin());
}

std::optional<std::vector<DistinguishedName>> names_of_type_dn(const std::vector<Subtree>& of) {
  std::vector<DistinguishedName> found;
  for (const Subtree& one : of) {
    if (one.type != GNUTLS_SAN_DN) continue;
    auto read = read_dn(one.name);
    if (!read) return std::nullopt;
    found.push_back(std::move(*read));
  }
  return found;
}

std::optional<DistinguishedName> subject_of(const Certificate& certificate) {
  gnutls_x509_dn_t dn = nullptr;  // belongs to the certificate
  Owned text;
  if (gnutls_x509_crt_get_subject(certificate.handle(), &dn) < 0) return std::nullopt;
  if (certificate.subject_dn().size() <= 2) return DistinguishedName{};
  if (gnutls_x509_dn_get_str2(dn, text.out(), 0) < 0) return std::nullopt;
  return read_dn(std::string(as_text(text.view())));
}

/// The subject, if it is not empty, and the distinguished names in the subjectAltName.
std::optional<std::vector<DistinguishedName>> names_of(const Certificate& certificate) {
  std::vector<DistinguishedName> found;
  auto subject = subject_of(certificate);
  if (!subject) return std::nullopt;
  if (!subject->empty()) found.push_back(std::move(*subject));
  for (const auto& [type, octets] : certificate.extensions().alt_names) {
    if (type != GNUTLS_SAN_DN) continue;
    auto name = read_dn(std::string(as_text(octets)));
    if (!name) return std::nullopt;
    found.push_back(std::move(*name));
  }
  return found;
}

/// The library does not compare distinguished names, so it is done here.
bool allows_distinguished_names(const std::vector<Subtree>& permitted,
                                const std::vector<Subtree>& excluded, const Certificate& below) {
  const auto good = names_of_type_dn(permitted), bad = names_of_type_dn(excluded);
  if (!good || !bad) return false;
  if (good->empty() && bad->empty()) return true;
  const auto names = names_of(below);
  return names && std::ranges::all_of(*names, [&](const DistinguishedName& name) {
           const auto is_above = [&](const DistinguishedName& top) { return is_below(name, top); };
           return std::ranges::none_of(*bad, is_above) &&
                  (good->empty() || std::ranges::any_of(*good, is_above));
         });
}

/// Of the subjectAltName, and the mail address in the subject if there is none there. The common
/// name is no host name here, whatever the library thinks.
bool allows_alt_names(Constraints constraints, const std::vector<Subtree>& all,
                      const Certificate& below) {
  for (const auto& [type, octets] : below.extensions().alt_names) {
    const gnutls_datum_t name = datum(octets);
    const auto is_of_type = [of = type](const Subtree& one) { return one.type == of; };
    switch (type) {
      case GNUTLS_SAN_DNSNAME:
      case GNUTLS_SAN_IPADDRESS:
        if (gnutls_x509_name_constraints_check(
                constraints, static_cast<gnutls_x509_subject_alt_name_t>(type), &name) == 0) {
          return false;
        }
        break;
      case GNUTLS_SAN_RFC822NAME:  // below
      case GNUTLS_SAN_DN:          // allows_distinguished_names
        break;
      default:
        if (std::ranges::any_of(all, is_of_type)) return false;
    }
  }
  return gnutls_x509_name_constraints_check_crt(constraints, GNUTLS_SAN_RFC822NAME,
                                                below.handle()) != 0;
}

}  // namespace

Result<void> check_name_constraints(const Certificate& authority, const Certificate& below) {
  if (!authority.extensions().has_name_constraints) return {};
  const auto constraints = fresh<gnutls_name_constraints_st>(gnutls_x509_name_constraints_init);
  unsigned critical = 0;
  const int code =
      gnutls_x509_crt_get_name_constraints(authority.handle(), constraints.get(), 0, &critical);
  if (code < 0) {
    return fail("the name constraints of {} cannot be read: {}", authority.subject(),
                gnutls_strerror(code));
  }
  const auto permitted = subtrees(constraints.get(), gnutls_x509_name_constraints_get_permitted);
  const auto excluded = subtrees(constraints.get(), gnutls_x509_name_constraints_get_excluded);
  if (!permitted || !excluded) {
    return fail("the name constraints of {} are too many, or cannot be read", authority.subject());
  }
  std::vector<Subtree> all = *permitted;
  all.insert(all.end(), excluded->begin(), excluded->end());
  if (allows_alt_names(constraints.get(), all, below) &&
      allows_distinguished_names(*permitted, *excluded, below)) {
    return {};
  }
  return fail(
      "{} may not issue a certificate for {}: its name constraints do not allow that name; "
      "get a certificate for a name that they do",
      authority.subject(), below.subject());
}

}  // namespace iked::pki
