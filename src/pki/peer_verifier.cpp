// SPDX-License-Identifier: ISC
#include "pki/peer_verifier.h"

#include "crypto/signature.h"
#include "pki/verify.h"

namespace iked::pki {
namespace {

std::string folder_of(IdType type) {
  switch (type) {
    case IdType::IPV4_ADDR:
      return "ipv4";
    case IdType::IPV6_ADDR:
      return "ipv6";
    case IdType::RFC822_ADDR:
      return "ufqdn";
    default:
      return "fqdn";
  }
}

Result<Verified> by_pinned_key(const PeerProof& proof, const crypto::AuthSignature& auth) {
  std::string why;
  for (const PinnedKey& pinned : proof.pinned) {
    const Result<crypto::PublicKey> key = crypto::PublicKey::parse(pinned.public_key);
    if (!key) {
      why = key.error().text;
      continue;
    }
    const Result<void> good = key->verify(auth.scheme, proof.octets, auth.signature);
    if (good) return Verified{auth.scheme, key->kind(), "its key in " + pinned.file};
    why = good.error().text;
  }
  return fail(
      "{} does not have the private key that belongs to {} ({}): copy the peer's public key there "
      "again",
      to_string(proof.peer), proof.pinned.back().file, why);
}

}  // namespace

PeerVerifier::PeerVerifier(const Credentials& credentials, const Settings& settings)
    : folder_(credentials.folder), settings_(settings) {
  for (const NamedDer& each : credentials.authorities) (void)store_.add_ca(each.der, each.file);
  for (const NamedDer& each : credentials.crls) (void)store_.add_crl(each.der, each.file);
}

Result<Verified> PeerVerifier::verify(const PeerProof& proof, UnixTime now) const {
  Result<crypto::AuthSignature> auth = crypto::read_auth_data(proof.method, proof.data);
  if (!auth) {
    return fail("the signature of {} is not used: {}", to_string(proof.peer), auth.error().text);
  }
  if (!proof.pinned.empty()) return by_pinned_key(proof, *auth);

  ChainRequest request{.peer = proof.peer,
                       .now = now,
                       .partial_chain = settings_.cert_partial_chain,
                       .leniency = settings_.cert_leniency};
  for (const PeerCertificate& each : proof.certificates) {
    if (each.encoding == CertEncoding::X509_SIGNATURE) request.certificates.push_back(each.data);
  }
  if (request.certificates.empty()) {
    return fail(
        "{} sent no certificate, and no key of it is known: put its public key into "
        "{}/pubkeys/{}/{}, or give it a certificate",
        to_string(proof.peer), folder_, folder_of(proof.peer.type), value_of(proof.peer));
  }
  if (store_.authorities().empty()) {
    return fail(
        "{} has a certificate, and nobody is trusted: put the certificate of its authority into "
        "{}/ca/",
        to_string(proof.peer), folder_);
  }
  Result<ChainVerdict> chain = pki::verify(store_, request);
  if (!chain) return fail(chain);
  const Result<crypto::PublicKey> key = crypto::PublicKey::parse(chain->public_key);
  if (!key) return fail("the certificate of {}: {}", to_string(proof.peer), key.error().text);
  if (const auto good = key->verify(auth->scheme, proof.octets, auth->signature); !good) {
    return fail("{} does not have the private key of the certificate that it sent ({})",
                to_string(proof.peer), good.error().text);
  }
  return Verified{auth->scheme, key->kind(), std::move(chain->how)};
}

}  // namespace iked::pki
