// SPDX-License-Identifier: ISC
#include "crypto/signature.h"
#include "ike/job.h"

namespace iked::ike {
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

Result<Verified> by_pinned_key(const VerifyJob& job, const crypto::AuthSignature& auth) {
  std::string why;
  for (const PinnedKey& pinned : job.pinned) {
    const Result<crypto::PublicKey> key = crypto::PublicKey::parse(pinned.public_key);
    if (!key) {
      why = key.error().text;
      continue;
    }
    const Result<void> good = key->verify(auth.scheme, job.octets, auth.signature);
    if (good) return Verified{auth.scheme, key->kind(), "its key in " + pinned.file};
    why = good.error().text;
  }
  return fail(
      "{} does not have the private key that belongs to {} ({}): copy the peer's public key there "
      "again",
      to_string(job.peer), job.pinned.back().file, why);
}

}  // namespace

Result<Verified> run(const VerifyJob& job) {
  Result<crypto::AuthSignature> auth = crypto::read_auth_data(job.method, job.data);
  if (!auth)
    return fail("the signature of {} is not used: {}", to_string(job.peer), auth.error().text);
  if (!job.pinned.empty()) return by_pinned_key(job, *auth);
  return fail("no key of {} is known: put its public key into {}/pubkeys/{}/{}",
              to_string(job.peer), job.folder, folder_of(job.peer.type), value_of(job.peer));
}

}  // namespace iked::ike
