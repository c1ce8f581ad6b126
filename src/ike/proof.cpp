// SPDX-License-Identifier: ISC
#include "ike/proof.h"

#include <algorithm>
#include <array>
#include <span>

#include "wire/notify_data.h"

namespace iked::ike {
namespace {

/// The schemes for a key in the order in which we like them. RSA by PKCS #1 first, because every
/// peer has that; ECDSA first with the hash that is as long as the curve.
std::span<const SignatureScheme> schemes_of(KeyKind key) {
  using enum SignatureScheme;
  static constexpr std::array rsa = {rsa_sha256, rsa_sha384, rsa_sha512};
  static constexpr std::array p256 = {ecdsa_sha256, ecdsa_sha384, ecdsa_sha512};
  static constexpr std::array p384 = {ecdsa_sha384, ecdsa_sha256, ecdsa_sha512};
  static constexpr std::array p521 = {ecdsa_sha512, ecdsa_sha384, ecdsa_sha256};
  static constexpr std::array short_edwards = {ed25519};
  static constexpr std::array long_edwards = {ed448};
  switch (key) {
    case KeyKind::rsa:
      return rsa;
    case KeyKind::ecdsa256:
      return p256;
    case KeyKind::ecdsa384:
      return p384;
    case KeyKind::ecdsa521:
      return p521;
    case KeyKind::ed25519:
      return short_edwards;
    case KeyKind::ed448:
      return long_edwards;
    case KeyKind::dsa:
      break;
  }
  return {};
}

/// The methods of before RFC 7427 that have a hash of their own.
std::optional<SigningChoice> old_choice(KeyKind key) {
  switch (key) {
    case KeyKind::ecdsa256:
      return SigningChoice{AuthMethod::ECDSA_256, SignatureScheme::ecdsa_sha256};
    case KeyKind::ecdsa384:
      return SigningChoice{AuthMethod::ECDSA_384, SignatureScheme::ecdsa_sha384};
    case KeyKind::ecdsa521:
      return SigningChoice{AuthMethod::ECDSA_521, SignatureScheme::ecdsa_sha512};
    case KeyKind::rsa:
      return SigningChoice{AuthMethod::RSA_SIGNATURE, SignatureScheme::rsa_sha1};
    case KeyKind::dsa:
      return SigningChoice{AuthMethod::DSS_SIGNATURE, SignatureScheme::dsa_sha1};
    default:
      return std::nullopt;
  }
}

/// Of the words that name one kind of key.
std::optional<KeyKind> key_named_by(SignatureKind wanted) {
  switch (wanted) {
    case SignatureKind::rsa:
      return KeyKind::rsa;
    case SignatureKind::ecdsa256:
      return KeyKind::ecdsa256;
    case SignatureKind::ecdsa384:
      return KeyKind::ecdsa384;
    case SignatureKind::ecdsa521:
      return KeyKind::ecdsa521;
    case SignatureKind::dsa:
      return KeyKind::dsa;
    default:
      return std::nullopt;
  }
}

constexpr size_t most_wanted = 256;
constexpr size_t most_asked_for = 16;

bool is_edwards(KeyKind key) {
  return key == KeyKind::ed25519 || key == KeyKind::ed448;
}

Result<SigningChoice> choose_rfc7427(KeyKind own, const std::vector<HashId>& peer_hashes) {
  for (const SignatureScheme scheme : schemes_of(own)) {
    if (std::ranges::find(peer_hashes, hash_of(scheme)) != peer_hashes.end()) {
      return SigningChoice{AuthMethod::DIGITAL_SIGNATURE, scheme};
    }
  }
  return fail("the peer knows no hash for signatures that our {} key can be used with",
              to_string(own));
}

}  // namespace

const SignatureAuth* signature_auth(const Policy& policy) {
  return std::get_if<SignatureAuth>(&policy.auth);
}

std::vector<HashId> own_hashes() {
  return {HashId::SHA2_256, HashId::SHA2_384, HashId::SHA2_512, HashId::IDENTITY};
}

std::vector<HashId> read_hashes(const wire::Message& message) {
  const auto* notify = message.find_notify(NotifyType::SIGNATURE_HASH_ALGORITHMS);
  if (notify == nullptr) return {};
  return wire::read_notify<std::vector<HashId>>(*notify).value_or(std::vector<HashId>());
}

Result<SigningChoice> choose_signature(SignatureKind wanted, KeyKind own,
                                       const std::vector<HashId>& peer_hashes) {
  if (const auto named = key_named_by(wanted)) {
    if (*named != own) {
      return fail("the policy wants {}, and our private key is {}", describe(wanted),
                  to_string(own));
    }
    if (auto choice = choose_rfc7427(own, peer_hashes)) return choice;
    return *old_choice(own);
  }
  if (wanted == SignatureKind::eddsa && !is_edwards(own)) {
    return fail("the policy wants {}, and our private key is {}", describe(wanted), to_string(own));
  }
  if (!peer_hashes.empty()) return choose_rfc7427(own, peer_hashes);
  if (wanted == SignatureKind::any) {
    const auto choice = old_choice(own);
    // Without RFC 7427 these are with SHA-1, which has to be asked for.
    if (choice && hash_of(choice->scheme) != HashId::SHA1) return *choice;
    if (own == KeyKind::rsa) {
      return fail(
          "the peer does not know RFC 7427, and without it an RSA signature is with SHA-1: write "
          "'rsa' in the policy to allow that, or use an ECDSA key");
    }
  }
  return fail("the peer does not know RFC 7427, and a signature by our {} key needs that",
              to_string(own));
}

Result<SigningChoice> plan_signature(const Credentials& credentials, const Policy& policy,
                                     const std::vector<HashId>& peer_hashes) {
  if (!credentials.own_kind) {
    return fail(
        "policy \"{}\" wants our signature, and there is no private key in {}/private/local.key",
        policy.name, credentials.folder);
  }
  return choose_signature(signature_auth(policy)->kind, *credentials.own_kind, peer_hashes);
}

Result<void> judge_signature(const SignatureAuth* wanted, const Policy& policy,
                             const Identity& peer, AuthMethod method,
                             const Result<Verified>& outcome) {
  if (!outcome) return std::unexpected(outcome.error());
  if (wanted == nullptr) return fail("the policy does not take signatures any more");
  return authenticated(wanted->kind,
                       {.method = method,
                        .scheme = outcome->scheme,
                        .key = outcome->key,
                        .signature_is_good = true,
                        .key_is_peers = true,
                        .identity_is_wanted = !policy.peer_id || *policy.peer_id == peer});
}

bool may_accept(SignatureKind wanted, AuthMethod method) {
  if (method == AuthMethod::DIGITAL_SIGNATURE) return true;
  if (const auto named = key_named_by(wanted)) return old_choice(*named)->method == method;
  return wanted == SignatureKind::any &&
         (method == AuthMethod::ECDSA_256 || method == AuthMethod::ECDSA_384 ||
          method == AuthMethod::ECDSA_521);
}

bool accepts(SignatureKind wanted, AuthMethod method, SignatureScheme scheme, KeyKind key) {
  if (!may_accept(wanted, method) || !fits(scheme, key)) return false;
  if (const auto named = key_named_by(wanted); named && *named != key) return false;
  if (method != AuthMethod::DIGITAL_SIGNATURE) {
    return old_choice(key) == SigningChoice{method, scheme};
  }
  if (hash_of(scheme) == HashId::SHA1) return false;
  return wanted != SignatureKind::eddsa || is_edwards(key);
}

Result<void> authenticated(SignatureKind wanted, const Evidence& evidence) {
  if (!evidence.identity_is_wanted) return fail("the peer has another ID than the policy's dstid");
  if (!accepts(wanted, evidence.method, evidence.scheme, evidence.key)) {
    return fail("the peer proves itself by {} with {} and an {} key, the policy wants {}",
                to_string(evidence.method), to_string(evidence.scheme), to_string(evidence.key),
                describe(wanted));
  }
  if (!evidence.key_is_peers) return fail("the key is not known to be the peer's");
  if (!evidence.signature_is_good) return fail("the signature is wrong");
  return {};
}

std::string describe(SignatureKind wanted) {
  switch (wanted) {
    case SignatureKind::any:
      return "a signature";
    case SignatureKind::rsa:
      return "an RSA signature ('rsa')";
    case SignatureKind::ecdsa256:
      return "an ECDSA signature on P-256 ('ecdsa256')";
    case SignatureKind::ecdsa384:
      return "an ECDSA signature on P-384 ('ecdsa384')";
    case SignatureKind::ecdsa521:
      return "an ECDSA signature on P-521 ('ecdsa521')";
    case SignatureKind::eddsa:
      return "an Ed25519 or Ed448 signature ('eddsa')";
    case SignatureKind::dsa:
      return "a DSA signature ('dsa')";
    case SignatureKind::rfc7427:
      break;
  }
  return "an RFC 7427 signature ('rfc7427')";
}

VerifyJob verify_job(const Credentials& credentials, const Identity& peer,
                     const wire::Message& message, Bytes octets) {
  PeerProof proof;
  const auto* auth = message.find<wire::AuthPayload>();
  proof.method = auth->method;
  proof.data = auth->data;
  proof.octets = std::move(octets);
  proof.peer = peer;
  for (const PinnedKey& key : credentials.pinned) {
    if (key.identity == peer) proof.pinned.push_back(key);
  }
  for (const wire::Payload& payload : message.payloads) {
    if (const auto* cert = std::get_if<wire::CertPayload>(&payload)) {
      proof.certificates.push_back({cert->encoding, cert->data});
    }
  }
  return {std::move(proof)};
}

std::vector<wire::Payload> certificate_payloads(const Credentials& credentials, const Identity& own,
                                                const std::vector<Bytes>& wanted) {
  const OwnCertificate* best = nullptr;
  for (const OwnCertificate& each : credentials.certificates) {
    if (std::ranges::find(each.names, own) == each.names.end()) continue;
    const bool asked_for = std::ranges::any_of(each.authority_hashes, [&](const Bytes& hash) {
      return std::ranges::find(wanted, hash) != wanted.end();
    });
    if (best == nullptr || asked_for) best = &each;
    if (asked_for) break;
  }
  std::vector<wire::Payload> payloads;
  if (best == nullptr) return payloads;
  for (const Bytes& der : best->chain) {
    payloads.push_back(wire::CertPayload{CertEncoding::X509_SIGNATURE, der});
  }
  return payloads;
}

std::vector<Bytes> wanted_authorities(const wire::Message& message) {
  std::vector<Bytes> hashes;
  for (const wire::Payload& payload : message.payloads) {
    const auto* request = std::get_if<wire::CertreqPayload>(&payload);
    if (request == nullptr || request->encoding != CertEncoding::X509_SIGNATURE) continue;
    for (const wire::KeyHash& hash : request->authorities) {
      if (hashes.size() < most_wanted) hashes.push_back(to_bytes(hash));
    }
  }
  return hashes;
}

std::optional<wire::CertreqPayload> certificate_request(const Credentials& credentials) {
  if (credentials.anchor_hashes.empty()) return std::nullopt;
  wire::CertreqPayload request;
  // Those who trust many would give their peers a long answer to a short question.
  if (credentials.anchor_hashes.size() > most_asked_for) return request;
  for (const Bytes& hash : credentials.anchor_hashes) {
    wire::KeyHash& added = request.authorities.emplace_back();
    std::ranges::copy_n(hash.begin(), std::min(hash.size(), added.size()), added.begin());
  }
  return request;
}

}  // namespace iked::ike
