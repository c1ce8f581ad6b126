// SPDX-License-Identifier: ISC
// Who is who by signature (RFC7296 2.15, RFC7427): how we sign, what a policy takes for a proof,
// and the decision itself. All of it is pure.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "ike/job.h"
#include "model/policy.h"
#include "wire/message.h"

namespace iked::ike {

/// Null where the policy wants a pre-shared key.
const SignatureAuth* signature_auth(const Policy& policy);

/// The hashes that we say we know, RFC7427 4. SHA-1 is not among them.
std::vector<HashId> own_hashes();

/// SIGNATURE_HASH_ALGORITHMS of an IKE_SA_INIT message; empty without it.
std::vector<HashId> read_hashes(const wire::Message& message);

/// What we sign with as `wanted` says. `peer_hashes`: what the peer said, empty when it does not
/// know RFC 7427. The error says what to change.
Result<SigningChoice> choose_signature(SignatureKind wanted, KeyKind own,
                                       const std::vector<HashId>& peer_hashes);

/// The same from what we have.
Result<SigningChoice> plan_signature(const Credentials& credentials, const Policy& policy,
                                     const std::vector<HashId>& peer_hashes);

/// What speaks for the peer once its signature was looked at.
struct Evidence {
  AuthMethod method = AuthMethod::DIGITAL_SIGNATURE;
  SignatureScheme scheme = SignatureScheme::rsa_sha256;
  KeyKind key = KeyKind::rsa;
  bool signature_is_good = false;   // by that key, over the octets of this very exchange
  bool key_is_peers = false;        // pinned for its ID, or in a certificate that is good for it
  bool identity_is_wanted = false;  // it is the policy's dstid, if there is one
};

/// The one place that decides: yes only when everything speaks for it.
Result<void> authenticated(SignatureKind wanted, const Evidence& evidence);

/// authenticated() for the outcome of a VerifyJob. `wanted` is null when a reload has taken the
/// words away in between.
Result<void> judge_signature(const SignatureAuth* wanted, const Policy& policy,
                             const Identity& peer, AuthMethod method,
                             const Result<Verified>& outcome);

/// What a policy with these words takes, regardless of whose key it is.
bool accepts(SignatureKind wanted, AuthMethod method, SignatureScheme scheme, KeyKind key);
/// The same as far as the method alone tells.
bool may_accept(SignatureKind wanted, AuthMethod method);

/// For messages: "a signature", "an RSA signature ('rsa')".
std::string describe(SignatureKind wanted);

/// The check of the peer's AUTH payload, for a worker. `octets` are what the peer must have signed.
VerifyJob verify_job(const Credentials& credentials, const Identity& peer,
                     const wire::Message& message, Bytes octets);

/// Our certificate for the ID that we claim, of several the one whose authority is among `wanted`,
/// and what is between it and its root. RFC7296 3.6: "... the first certificate provided MUST
/// contain the public key used to verify the AUTH field". None when we have none.
std::vector<wire::Payload> certificate_payloads(const Credentials& credentials, const Identity& own,
                                                const std::vector<Bytes>& wanted);

/// The hashes of the CERTREQ payloads of a message (RFC7296 3.7).
std::vector<Bytes> wanted_authorities(const wire::Message& message);

/// Our CERTREQ; nothing when we trust no authority.
std::optional<wire::CertreqPayload> certificate_request(const Credentials& credentials);

}  // namespace iked::ike
