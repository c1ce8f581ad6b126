// SPDX-License-Identifier: ISC
#include "pki/maker.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/ip.h"

namespace iked::pki::test {
namespace {

void ok(int code, const char* what) {
  if (code < 0) throw std::runtime_error(std::string(what) + ": " + gnutls_strerror(code));
}

gnutls_datum_t datum(ByteView octets) {
  return {const_cast<unsigned char*>(octets.data()), static_cast<unsigned>(octets.size())};
}

Bytes taken(gnutls_datum_t& datum) {
  Bytes octets(datum.data, datum.data + datum.size);
  gnutls_free(datum.data);
  return octets;
}

Bytes next_serial() {
  static uint8_t last = 0;
  return {1, 0, ++last};
}

void add_names(gnutls_x509_crt_t crt, const Terms& terms) {
  const auto add = [&](gnutls_x509_subject_alt_name_t type, ByteView name) {
    ok(gnutls_x509_crt_set_subject_alt_name(crt, type, name.data(),
                                            static_cast<unsigned>(name.size()), GNUTLS_FSAN_APPEND),
       "name");
  };
  for (const std::string& name : terms.dns) add(GNUTLS_SAN_DNSNAME, as_bytes(name));
  for (const std::string& name : terms.emails) add(GNUTLS_SAN_RFC822NAME, as_bytes(name));
  for (const std::string& name : terms.addresses) {
    const IpAddress address = IpAddress::parse(name).value();
    add(GNUTLS_SAN_IPADDRESS, address.octets());
  }
}

void add_constraints(gnutls_x509_crt_t crt, const std::vector<Constraint>& constraints) {
  if (constraints.empty()) return;
  gnutls_x509_name_constraints_t all = nullptr;
  ok(gnutls_x509_name_constraints_init(&all), "constraints");
  for (const Constraint& one : constraints) {
    const gnutls_datum_t value = datum(one.value);
    ok(one.permitted ? gnutls_x509_name_constraints_add_permitted(all, one.type, &value)
                     : gnutls_x509_name_constraints_add_excluded(all, one.type, &value),
       "constraint");
  }
  ok(gnutls_x509_crt_set_name_constraints(crt, all, 1), "constraints");
  gnutls_x509_name_constraints_deinit(all);
}

void add_extensions(gnutls_x509_crt_t crt, const Terms& terms) {
  if (terms.basic_constraints) {
    ok(gnutls_x509_crt_set_basic_constraints(crt, terms.is_ca ? 1 : 0, terms.path_length), "basic");
  }
  if (terms.usage != 0) ok(gnutls_x509_crt_set_key_usage(crt, terms.usage), "usage");
  for (const std::string& purpose : terms.purposes) {
    ok(gnutls_x509_crt_set_key_purpose_oid(crt, purpose.c_str(), 0), "purpose");
  }
  add_names(crt, terms);
  add_constraints(crt, terms.constraints);
  for (const RawExtension& one : terms.raw) {
    ok(gnutls_x509_crt_set_extension_by_oid(crt, one.oid.c_str(), one.der.data(), one.der.size(),
                                            one.critical ? 1 : 0),
       "extension");
  }
}

/// Two kinds of key have no choice.
gnutls_digest_algorithm_t digest_for(const Key& key, gnutls_digest_algorithm_t wanted) {
  switch (gnutls_x509_privkey_get_pk_algorithm(key.get())) {
    case GNUTLS_PK_EDDSA_ED25519:
      return GNUTLS_DIG_SHA512;
    case GNUTLS_PK_EDDSA_ED448:
      return GNUTLS_DIG_SHAKE_256;
    default:
      return wanted;
  }
}

}  // namespace

Key new_key(gnutls_pk_algorithm_t type, unsigned bits) {
  gnutls_x509_privkey_t key = nullptr;
  ok(gnutls_x509_privkey_init(&key), "key");
  ok(gnutls_x509_privkey_generate(key, type, bits, 0), "key");
  return Key(key, gnutls_x509_privkey_deinit);
}

Constraint permitted(gnutls_x509_subject_alt_name_t type, std::string_view value) {
  return {type, to_bytes(as_bytes(value)), true};
}

Constraint excluded(gnutls_x509_subject_alt_name_t type, std::string_view value) {
  return {type, to_bytes(as_bytes(value)), false};
}

Constraint within(gnutls_x509_subject_alt_name_t type, const std::string& network, bool permitted) {
  gnutls_datum_t octets{};
  ok(gnutls_x509_cidr_to_rfc5280(network.c_str(), &octets), "network");
  return {type, taken(octets), permitted};
}

Made make(Terms terms) {
  gnutls_x509_crt_t crt = nullptr;
  ok(gnutls_x509_crt_init(&crt), "certificate");
  const std::shared_ptr<gnutls_x509_crt_int> draft(crt, gnutls_x509_crt_deinit);
  Made made;
  made.key = terms.key ? terms.key : new_key();
  const Bytes serial = next_serial();
  ok(gnutls_x509_crt_set_version(crt, 3), "version");
  ok(gnutls_x509_crt_set_serial(crt, serial.data(), serial.size()), "serial");
  ok(gnutls_x509_crt_set_activation_time(crt, terms.from), "from");
  ok(gnutls_x509_crt_set_expiration_time(crt, terms.until), "until");
  if (!terms.subject.empty()) {
    ok(gnutls_x509_crt_set_dn(crt, terms.subject.c_str(), nullptr), "subject");
  }
  ok(gnutls_x509_crt_set_key(crt, made.key.get()), "key");
  add_extensions(crt, terms);
  if (terms.change) terms.change(crt);
  gnutls_x509_crt_t issuer = terms.issuer != nullptr ? terms.issuer->handle.get() : crt;
  const Key& signer = terms.issuer != nullptr ? terms.issuer->key : made.key;
  ok(gnutls_x509_crt_sign2(crt, issuer, signer.get(), digest_for(signer, terms.digest),
                           terms.sign_flags),
     "sign");
  gnutls_datum_t der{};
  ok(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der), "export");
  made.der = taken(der);
  // Read again: what was just built does not know all about itself.
  gnutls_x509_crt_t again = nullptr;
  ok(gnutls_x509_crt_init(&again), "certificate");
  made.handle.reset(again, gnutls_x509_crt_deinit);
  const gnutls_datum_t octets = datum(made.der);
  gnutls_x509_crt_import(again, &octets, GNUTLS_X509_FMT_DER);  // may be bad on purpose
  return made;
}

Made make_ca(Terms terms) {
  terms.is_ca = true;
  if (terms.usage == 0) terms.usage = GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN;
  return make(std::move(terms));
}

void set_rsa(gnutls_x509_crt_t certificate, const Bytes& modulus, const Bytes& exponent) {
  gnutls_pubkey_t key = nullptr;
  ok(gnutls_pubkey_init(&key), "key");
  const gnutls_datum_t m = datum(modulus), e = datum(exponent);
  ok(gnutls_pubkey_import_rsa_raw(key, &m, &e), "key");
  ok(gnutls_x509_crt_set_pubkey(certificate, key), "key");
  gnutls_pubkey_deinit(key);
}

Bytes odd_number(unsigned bits) {
  Bytes octets((bits + 7) / 8, 0x5b);
  octets.front() = static_cast<uint8_t>(1U << (bits - 1) % 8);
  octets.back() |= 1;
  return octets;
}

Bytes make_list(const ListTerms& terms) {
  gnutls_x509_crl_t list = nullptr;
  ok(gnutls_x509_crl_init(&list), "list");
  ok(gnutls_x509_crl_set_version(list, 2), "version");
  ok(gnutls_x509_crl_set_this_update(list, terms.from), "from");
  ok(gnutls_x509_crl_set_next_update(list, terms.until), "until");
  ok(gnutls_x509_crl_set_number(list, &terms.number, 1), "number");
  for (const Made* one : terms.revoked) {
    ok(gnutls_x509_crl_set_crt(list, one->handle.get(), terms.from), "revoked");
  }
  ok(gnutls_x509_crl_sign2(list, terms.issuer->handle.get(), terms.issuer->key.get(), terms.digest,
                           0),
     "sign");
  gnutls_datum_t der{};
  ok(gnutls_x509_crl_export2(list, GNUTLS_X509_FMT_DER, &der), "export");
  gnutls_x509_crl_deinit(list);
  return taken(der);
}

Certificate read(const Made& made) {
  auto parsed = Certificate::parse(made.der);
  if (!parsed) throw std::runtime_error(parsed.error().text);
  return std::move(*parsed);
}

Bytes data_file(const std::string& name) {
  std::ifstream file(std::string(IKED_SOURCE_DIR "/tests/pki/data/") + name, std::ios::binary);
  if (!file) throw std::runtime_error("no file " + name);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

}  // namespace iked::pki::test
