// SPDX-License-Identifier: ISC
#include "pki/extensions.h"

#include <algorithm>
#include <array>

#include "base/ip.h"
#include "pki/library.h"

namespace iked::pki {
namespace {

constexpr std::string_view subject_key_identifier = "2.5.29.14";
constexpr std::string_view key_usage = "2.5.29.15";
constexpr std::string_view subject_alt_name = "2.5.29.17";
constexpr std::string_view issuer_alt_name = "2.5.29.18";
constexpr std::string_view basic_constraints = "2.5.29.19";
constexpr std::string_view name_constraints = "2.5.29.30";
constexpr std::string_view distribution_points = "2.5.29.31";
constexpr std::string_view certificate_policies = "2.5.29.32";
constexpr std::string_view authority_key_identifier = "2.5.29.35";
constexpr std::string_view extended_key_usage = "2.5.29.37";

// What may be critical: that which is acted upon, and that which restricts nothing. Policies do not
// while none is asked for; policyMappings, policyConstraints and inhibitAnyPolicy are not known.
constexpr std::array known = {
    subject_key_identifier,   key_usage,          subject_alt_name,    issuer_alt_name,
    basic_constraints,        name_constraints,   distribution_points, certificate_policies,
    authority_key_identifier, extended_key_usage,
};

std::unexpected<Error> unreadable(std::string_view what, int code) {
  return fail("its {} cannot be read: {}", what, gnutls_strerror(code));
}

/// Printable ASCII without the blank: what a host name or a mail address is made of.
bool is_plain(ByteView name) {
  return std::ranges::all_of(name, [](uint8_t c) { return c > 0x20 && c < 0x7f; });
}

Result<void> add_name(Extensions& to, unsigned type, ByteView name) {
  to.alt_names.push_back({type, to_bytes(name)});
  switch (type) {
    case GNUTLS_SAN_DNSNAME:
    case GNUTLS_SAN_RFC822NAME:
      // A NUL has made programs read less than the authority has signed.
      if (!is_plain(name)) {
        return fail("its subjectAltName '{}' has a NUL or another character that no name has",
                    printable(name));
      }
      // Nobody is everybody: a wildcard is no identity (RFC4945 3.1).
      if (name.empty() || std::ranges::find(name, '*') != name.end()) return {};
      to.names.push_back(
          {type == GNUTLS_SAN_DNSNAME ? IdType::FQDN : IdType::RFC822_ADDR, to_bytes(name)});
      return {};
    case GNUTLS_SAN_IPADDRESS:
      // RFC5280 4.2.1.6: "the octet string MUST contain exactly four octets", sixteen for IPv6.
      if (const auto address = IpAddress::from_octets(name)) {
        to.names.push_back(Identity::of(*address));
        return {};
      }
      return fail("its subjectAltName has an address of {} octets", name.size());
    default:
      return {};
  }
}

Result<void> read_alt_names(Extensions& to, const gnutls_datum_t& data) {
  const auto names = fresh<gnutls_subject_alt_names_st>(gnutls_subject_alt_names_init);
  int code = gnutls_x509_ext_import_subject_alt_names(&data, names.get(), 0);
  if (code < 0) return unreadable("subjectAltName", code);
  for (unsigned i = 0;; ++i) {
    gnutls_datum_t name{};
    unsigned type = 0;
    code = gnutls_subject_alt_names_get(names.get(), i, &type, &name, nullptr);
    if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return {};
    if (code < 0) return unreadable("subjectAltName", code);
    if (i == Extensions::most_names) return fail("it has more than {} names", i);
    if (auto added = add_name(to, type, view(name)); !added) return added;
  }
}

Result<void> read_basic_constraints(Extensions& to, const gnutls_datum_t& data) {
  unsigned ca = 0;
  int length = -1;
  const int code = gnutls_x509_ext_import_basic_constraints(&data, &ca, &length);
  if (code < 0) return unreadable("basicConstraints", code);
  to.is_ca = ca != 0;
  if (length >= 0) to.path_length = static_cast<unsigned>(length);
  return {};
}

Result<void> read_key_usage(Extensions& to, const gnutls_datum_t& data) {
  unsigned usage = 0;
  const int code = gnutls_x509_ext_import_key_usage(&data, &usage);
  if (code < 0) return unreadable("keyUsage", code);
  to.may_sign_data = (usage & (GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_NON_REPUDIATION)) != 0;
  to.may_sign_certificates = (usage & GNUTLS_KEY_KEY_CERT_SIGN) != 0;
  to.may_sign_lists = (usage & GNUTLS_KEY_CRL_SIGN) != 0;
  return {};
}

Result<void> read_purposes(Extensions& to, const gnutls_datum_t& data) {
  const auto purposes = fresh<gnutls_x509_key_purposes_st>(gnutls_x509_key_purpose_init);
  int code = gnutls_x509_ext_import_key_purposes(&data, purposes.get(), 0);
  if (code < 0) return unreadable("extKeyUsage", code);
  to.purposes.emplace();
  for (unsigned i = 0;; ++i) {
    gnutls_datum_t oid{};
    code = gnutls_x509_key_purpose_get(purposes.get(), i, &oid);
    if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return {};
    if (code < 0) return unreadable("extKeyUsage", code);
    to.purposes->push_back(printable(view(oid)));
  }
}

Result<void> read_one(Extensions& to, std::string_view oid, bool critical,
                      const gnutls_datum_t& data) {
  if (oid == subject_alt_name) return read_alt_names(to, data);
  if (oid == basic_constraints) return read_basic_constraints(to, data);
  if (oid == key_usage) return read_key_usage(to, data);
  if (oid == extended_key_usage) return read_purposes(to, data);
  if (oid == name_constraints) to.has_name_constraints = true;
  if (critical && !to.unknown_critical && std::ranges::find(known, oid) == known.end()) {
    to.unknown_critical = std::string(oid);
  }
  return {};
}

}  // namespace

Result<Extensions> read_extensions(gnutls_x509_crt_int* certificate) {
  Extensions found;
  for (unsigned i = 0;; ++i) {
    std::array<char, 128> oid{};
    size_t size = oid.size();
    unsigned critical = 0;
    int code = gnutls_x509_crt_get_extension_info(certificate, i, oid.data(), &size, &critical);
    if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return found;
    if (code < 0) return unreadable("extensions", code);
    if (i == Extensions::most) return fail("it has more than {} extensions", i);
    Owned data;
    code = gnutls_x509_crt_get_extension_data2(certificate, i, data.out());
    if (code < 0) return unreadable("extensions", code);
    auto read = read_one(found, printable(as_bytes(oid.data())), critical != 0, *data.raw());
    if (!read) return fail(read);
  }
}

}  // namespace iked::pki
