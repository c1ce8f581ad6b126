// SPDX-License-Identifier: ISC
#include "pki/trust.h"

#include <algorithm>

namespace iked::pki {

Result<void> TrustStore::add_ca(ByteView der, std::string name) {
  auto certificate = Certificate::parse(der);
  if (!certificate) return fail("{}: {}", name, certificate.error().text);
  if (const auto& fault = certificate->key_fault()) {
    return fail("{}: the key of {} {}", name, certificate->subject(), *fault);
  }
  const auto same = [&](const Authority& a) { return a.certificate.der() == certificate->der(); };
  if (std::ranges::any_of(authorities_, same)) return {};
  const bool self_signed = certificate->is_self_signed();
  if (!self_signed && !certificate->extensions().is_ca) {
    return fail(
        "{}: the certificate of {} is neither that of an authority nor self-signed; this is "
        "the place for those that are trusted",
        name, certificate->subject());
  }
  authorities_.push_back({std::move(*certificate), std::move(name), self_signed});
  return {};
}

Result<void> TrustStore::add_crl(ByteView der, std::string name) {
  auto list = RevocationList::parse(der);
  if (!list) return fail("{}: {}", name, list.error().text);
  lists_.push_back({std::move(*list), std::move(name)});
  return {};
}

std::vector<Bytes> TrustStore::anchor_hashes(bool partial_chain) const {
  std::vector<Bytes> hashes;
  for (const Authority& one : authorities_) {
    if (is_anchor(one, partial_chain)) hashes.push_back(one.certificate.public_key_hash());
  }
  std::ranges::sort(hashes);
  const auto repeated = std::ranges::unique(hashes);
  hashes.erase(repeated.begin(), repeated.end());
  return hashes;
}

}  // namespace iked::pki
