// SPDX-License-Identifier: ISC
// The public parts of what iked proves identities with: its own key, the keys of peers,
// certificates. The keeper reads them; the private key itself stays there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/identity.h"
#include "model/signature.h"

namespace iked {

/// Something in DER and the file it is from.
struct NamedDer {
  std::string file;
  Bytes der;
  friend bool operator==(const NamedDer&, const NamedDer&) = default;
};

/// A key of a peer that needs no certificate: pubkeys/fqdn/gw.example.com.
struct PinnedKey {
  std::string file;
  Identity identity;
  Bytes public_key;  // DER SubjectPublicKeyInfo
  friend bool operator==(const PinnedKey&, const PinnedKey&) = default;
};

/// A certificate for our key, with what is needed to choose between several.
struct OwnCertificate {
  std::string file;
  std::vector<Bytes> chain;             // DER: itself, then those between it and its root
  std::vector<Identity> names;          // whom it is good for
  std::vector<Bytes> authority_hashes;  // SHA-1 of the keys of those above it, as in CERTREQ
  friend bool operator==(const OwnCertificate&, const OwnCertificate&) = default;
};

struct Credentials {
  std::string folder = "/etc/iked";  // where they are from, for messages
  std::optional<KeyKind> own_kind;   // of our private key; nothing = there is none
  Bytes own_key;                     // its public part, DER SubjectPublicKeyInfo
  std::vector<PinnedKey> pinned;
  std::vector<NamedDer> authorities;         // ca/
  std::vector<NamedDer> crls;                // crls/
  std::vector<Bytes> anchor_hashes;          // what our CERTREQ payloads say
  std::vector<OwnCertificate> certificates;  // certs/: for our key
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

}  // namespace iked
