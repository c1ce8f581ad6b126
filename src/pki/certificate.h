// SPDX-License-Identifier: ISC
// An X.509 certificate as read from a peer or a file (RFC5280 4.1). It is taken apart here, and
// what must never be in one is refused; whether it is to be trusted is the business of
// pki/verify.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/identity.h"
#include "pki/extensions.h"
#include "pki/handles.h"

namespace iked::pki {

/// Seconds since 1970, UTC.
using UnixTime = int64_t;

/// "2026-11-22 14:48:07 UTC"
std::string to_text(UnixTime time);

class Certificate {
 public:
  static constexpr size_t longest = 16384;
  static constexpr size_t longest_name = 4096;

  /// Strict DER of one certificate and nothing behind it. Fails on what no certificate may have:
  /// an extension twice, names with a NUL in them, addresses that are not 4 or 16 octets.
  static Result<Certificate> parse(ByteView der);

  const Bytes& der() const { return der_; }
  /// The DER SubjectPublicKeyInfo.
  const Bytes& public_key() const { return public_key_; }
  /// The SHA-1 digest of public_key(): 20 octets, as in a CERTREQ payload (RFC7296 3.7).
  const Bytes& public_key_hash() const { return public_key_hash_; }
  /// For people, safe to print: "/C=DE/CN=gw.example.com"; the first of names() when it is empty.
  const std::string& subject() const { return subject_; }
  const std::string& issuer() const { return issuer_; }
  const Bytes& subject_dn() const { return subject_dn_; }  // DER
  const Bytes& issuer_dn() const { return issuer_dn_; }    // DER
  const Bytes& serial() const { return serial_; }          // without leading zeros
  UnixTime not_before() const { return not_before_; }
  UnixTime not_after() const { return not_after_; }
  /// The identities in its subjectAltName: addresses, FQDN and UFQDN. Names with a wildcard are not
  /// among them.
  const std::vector<Identity>& names() const { return extensions_.names; }
  const Extensions& extensions() const { return extensions_; }

  /// Whether its holder may call himself `identity` (RFC4945 3.1): an address, FQDN or UFQDN that
  /// is among names(), with the same type and octets, or the subject's distinguished name, octet by
  /// octet. A common name is not a host name. No other type of identity is ever covered.
  bool covers(const Identity& identity) const;
  /// The same name as subject and issuer: a root, or the next key of an authority.
  bool is_self_issued() const { return subject_dn_ == issuer_dn_; }
  /// So is a certificate that has no other issuer, by names and key identifiers.
  bool is_self_signed() const { return is_self_issued() && names_as_issuer(*this); }
  /// By its names and key identifiers; the signature is not looked at.
  bool names_as_issuer(const Certificate& issuer) const;
  /// The signature is that of `issuer`, which has basicConstraints and keyUsage for it. Its dates,
  /// key and name constraints are not looked at.
  bool is_signed_by(const Certificate& issuer) const;

  /// Why nobody should rely on its key; nothing when it is good: RSA of 2048 to 8192 bits, DSA of
  /// 2048 or 3072, ECDSA with P-256, P-384 or P-521, Ed25519, Ed448.
  const std::optional<std::string>& key_fault() const { return key_fault_; }
  /// The same for the algorithm of the signature on it.
  const std::optional<std::string>& signature_fault() const { return signature_fault_; }

  gnutls_x509_crt_int* handle() const { return handle_.get(); }

 private:
  Certificate() = default;
  Result<void> read_names();
  Result<void> read_key();

  Handle<gnutls_x509_crt_int> handle_;
  Bytes der_, public_key_, public_key_hash_, subject_dn_, issuer_dn_, serial_;
  std::string subject_, issuer_;
  UnixTime not_before_ = 0, not_after_ = 0;
  Extensions extensions_;
  std::optional<std::string> key_fault_, signature_fault_;
};

}  // namespace iked::pki
