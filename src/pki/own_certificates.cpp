// SPDX-License-Identifier: ISC
#include "pki/own_certificates.h"

#include <algorithm>

#include "pki/trust.h"
#include "pki/verify.h"

namespace iked::pki {
namespace {

struct Named {
  std::string file;
  Certificate certificate;
};

const Certificate* issuer_of(const Certificate& below, const std::vector<Named>& others) {
  for (const Named& each : others) {
    if (below.names_as_issuer(each.certificate) && below.is_signed_by(each.certificate)) {
      return &each.certificate;
    }
  }
  return nullptr;
}

OwnCertificate describe(const Named& own, const std::vector<Named>& others) {
  OwnCertificate made{.file = own.file, .chain = {own.certificate.der()}};
  made.names = own.certificate.names();
  made.names.push_back({IdType::DER_ASN1_DN, own.certificate.subject_dn()});
  const Certificate* at = &own.certificate;
  while (!at->is_self_signed() && made.chain.size() < ChainRequest::longest_chain) {
    at = issuer_of(*at, others);
    if (at == nullptr) break;
    made.authority_hashes.push_back(at->public_key_hash());
    // The root is what the peer has to have anyway.
    if (!at->is_self_signed()) made.chain.push_back(at->der());
  }
  return made;
}

}  // namespace

std::vector<Fault> describe_certificates(Credentials& credentials,
                                         const std::vector<NamedDer>& found, bool partial_chain) {
  std::vector<Fault> faults;
  TrustStore store;
  std::erase_if(credentials.authorities, [&](const NamedDer& each) {
    const Result<void> added = store.add_ca(each.der, each.file);
    if (!added) faults.push_back({each.file, added.error().text});
    return !added;
  });
  std::erase_if(credentials.crls, [&](const NamedDer& each) {
    const Result<void> added = store.add_crl(each.der, each.file);
    if (!added) faults.push_back({each.file, added.error().text});
    return !added;
  });
  credentials.anchor_hashes = store.anchor_hashes(partial_chain);

  std::vector<Named> own, others;
  const auto take = [&](const NamedDer& each) {
    Result<Certificate> parsed = Certificate::parse(each.der);
    if (!parsed) return faults.push_back({each.file, parsed.error().text});
    const bool ours = !credentials.own_key.empty() && parsed->public_key() == credentials.own_key;
    (ours ? own : others).push_back({each.file, std::move(*parsed)});
  };
  std::ranges::for_each(found, take);
  std::ranges::for_each(credentials.authorities, take);
  for (const Named& each : own) credentials.certificates.push_back(describe(each, others));
  return faults;
}

}  // namespace iked::pki
