// SPDX-License-Identifier: ISC
// What the administrator trusts: the certificates of /etc/iked/ca, and the revocation lists. It is
// filled once and then only read.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "pki/certificate.h"
#include "pki/revocation_list.h"

namespace iked::pki {

/// A certificate that the administrator has put there.
struct Authority {
  Certificate certificate;
  std::string name;          // of the file, for messages
  bool self_signed = false;  // a root, or a peer's self-signed certificate
};

struct NamedList {
  RevocationList list;
  std::string name;  // of the file, for messages
};

class TrustStore {
 public:
  /// A root, an intermediate, or the self-signed certificate of a peer. Fails on a key that is not
  /// to be relied upon and on what verify() could never make use of. The same one twice is kept
  /// once.
  Result<void> add_ca(ByteView der, std::string name);
  Result<void> add_crl(ByteView der, std::string name);

  const std::vector<Authority>& authorities() const { return authorities_; }
  const std::vector<NamedList>& lists() const { return lists_; }

  /// Chains may end here: it is a root, or `partial_chain` makes any of them do.
  static bool is_anchor(const Authority& authority, bool partial_chain) {
    return authority.self_signed || partial_chain;
  }
  /// What our CERTREQ payloads have: the SHA-1 digests of the anchors' public keys, 20 octets each,
  /// sorted, without repetitions (RFC7296 3.7).
  std::vector<Bytes> anchor_hashes(bool partial_chain) const;

 private:
  std::vector<Authority> authorities_;
  std::vector<NamedList> lists_;
};

}  // namespace iked::pki
