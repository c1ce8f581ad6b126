// SPDX-License-Identifier: ISC
// Certificate revocation lists of our own authorities.
#pragma once

#include <string>
#include <vector>

#include "authority/certificate.h"

namespace iked::authority {

struct Revoked {
  Bytes serial;  // without leading zeros
  UnixTime when = 0;
  friend bool operator==(const Revoked&, const Revoked&) = default;
};

class RevocationList {
 public:
  static constexpr unsigned days = 365;

  static Outcome<RevocationList> from_pem(ByteView pem, const std::string& path);
  /// Higher numbers are newer (RFC5280 5.2.3).
  static Outcome<RevocationList> issue(const std::vector<Revoked>& revoked, uint64_t number,
                                       const Certificate& issuer, const PrivateKey& issuer_key,
                                       UnixTime now);

  Bytes pem() const;
  std::vector<Revoked> revoked() const;
  uint64_t number() const;  // 0 if there is none, or one that is too large
  UnixTime next_update() const;
  bool is_issued_by(const Certificate& issuer) const;

  gnutls_x509_crl_int* handle() const { return handle_.get(); }

 private:
  explicit RevocationList(Handle<gnutls_x509_crl_int> handle) : handle_(std::move(handle)) {}
  Handle<gnutls_x509_crl_int> handle_;
};

}  // namespace iked::authority
