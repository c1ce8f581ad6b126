// SPDX-License-Identifier: ISC
// A complete certificate revocation list of an authority (RFC5280 5). Lists for a part of the
// certificates only, and lists of changes, are refused when they are read: taking one for a
// complete list would let revoked certificates pass.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "pki/certificate.h"
#include "pki/handles.h"

namespace iked::pki {

class RevocationList {
 public:
  static constexpr size_t longest = size_t{8} << 20;

  /// DER. Fails on what cannot be relied upon: a weak signature, no date for the next list, a
  /// critical extension that is not known.
  static Result<RevocationList> parse(ByteView der);

  const std::string& issuer() const { return issuer_; }  // for people, safe to print
  const Bytes& issuer_dn() const { return issuer_dn_; }  // DER
  UnixTime this_update() const { return this_update_; }
  UnixTime next_update() const { return next_update_; }
  size_t size() const { return serials_.size(); }

  /// `serial` without leading zeros.
  bool has(const Bytes& serial) const;
  /// The issuer's name and signature fit, and it may sign lists. Dates are not looked at.
  bool is_signed_by(const Certificate& issuer) const;

 private:
  RevocationList() = default;
  Result<void> read_extensions();
  Result<void> read_entries();

  Handle<gnutls_x509_crl_int> handle_;
  std::string issuer_;
  Bytes issuer_dn_;
  UnixTime this_update_ = 0, next_update_ = 0;
  std::vector<Bytes> serials_;  // sorted, without leading zeros
};

}  // namespace iked::pki
