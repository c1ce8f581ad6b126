// SPDX-License-Identifier: ISC
// Proposals for tests of the negotiation: short ways to write them, and random ones that look like
// those of a configuration.
#pragma once

#include <algorithm>
#include <random>

#include "ike/choose.h"

namespace iked::ike {

using Random = std::mt19937_64;

inline wire::Transform transform(TransformType type, unsigned id,
                                 std::optional<uint16_t> key_bits = std::nullopt) {
  return {type, static_cast<uint16_t>(id), key_bits, false};
}
inline wire::Transform encr(EncrId id, std::optional<uint16_t> key_bits = std::nullopt) {
  return transform(TransformType::ENCR, static_cast<unsigned>(id), key_bits);
}
inline wire::Transform prf(PrfId id) {
  return transform(TransformType::PRF, static_cast<unsigned>(id));
}
inline wire::Transform integ(IntegId id) {
  return transform(TransformType::INTEG, static_cast<unsigned>(id));
}
inline wire::Transform group(KeId id) {
  return transform(TransformType::KE, static_cast<unsigned>(id));
}
inline wire::Transform esn(EsnId id) {
  return transform(TransformType::ESN, static_cast<unsigned>(id));
}

inline wire::ProposalPayload ike_offer(std::vector<wire::Transform> transforms,
                                       uint8_t number = 1) {
  return {number, ProtocolId::IKE, {}, std::move(transforms)};
}
inline wire::ProposalPayload esp_offer(std::vector<wire::Transform> transforms,
                                       uint8_t number = 1) {
  return {number, ProtocolId::ESP, {0xc0, 0, 0, 1}, std::move(transforms)};
}

inline Proposal aead_ike() {
  Proposal p;
  p.encr = {{EncrId::AES_GCM_16, 256}};
  p.prf = {PrfId::HMAC_SHA2_256};
  p.ke = {KeId::CURVE25519};
  return p;
}
inline Proposal cbc_ike() {
  Proposal p;
  p.encr = {{EncrId::AES_CBC, 256}};
  p.prf = {PrfId::HMAC_SHA2_256};
  p.integ = {IntegId::HMAC_SHA2_256_128};
  p.ke = {KeId::CURVE25519};
  return p;
}
inline Proposal aead_esp() {
  Proposal p;
  p.protocol = ProtocolId::ESP;
  p.encr = {{EncrId::AES_GCM_16, 256}};
  p.esn = {EsnId::NO_ESN};
  return p;
}
inline Proposal cbc_esp() {
  Proposal p;
  p.protocol = ProtocolId::ESP;
  p.encr = {{EncrId::AES_CBC, 256}};
  p.integ = {IntegId::HMAC_SHA2_256_128};
  p.esn = {EsnId::NO_ESN};
  return p;
}

/// Some of `all`, at least one, in any order.
template <typename T>
std::vector<T> some_of(Random& random, std::vector<T> all) {
  std::shuffle(all.begin(), all.end(), random);
  all.resize(1 + random() % all.size());
  return all;
}

inline std::vector<Encr> random_ciphers(Random& random, bool aead) {
  if (aead) {
    return some_of<Encr>(random, {{EncrId::AES_GCM_16, 128},
                                  {EncrId::AES_GCM_16, 256},
                                  {EncrId::AES_GCM_12, 256},
                                  {EncrId::CHACHA20_POLY1305, 0}});
  }
  return some_of<Encr>(random, {{EncrId::AES_CBC, 128}, {EncrId::AES_CBC, 256}, {EncrId::TDES, 0}});
}
inline std::vector<IntegId> random_integ(Random& random) {
  return some_of<IntegId>(
      random, {IntegId::HMAC_SHA2_256_128, IntegId::HMAC_SHA2_512_256, IntegId::HMAC_SHA1_96});
}
inline std::vector<KeId> random_groups(Random& random) {
  return some_of<KeId>(random, {KeId::CURVE25519, KeId::ECP_256, KeId::MODP_2048, KeId::MODP_3072});
}

inline std::vector<Proposal> random_ike(Random& random) {
  std::vector<Proposal> list(1 + random() % 3);
  for (Proposal& p : list) {
    const bool aead = random() % 2 == 0;
    p.encr = random_ciphers(random, aead);
    p.prf = some_of<PrfId>(random, {PrfId::HMAC_SHA1, PrfId::HMAC_SHA2_256, PrfId::HMAC_SHA2_512});
    if (!aead) p.integ = random_integ(random);
    p.ke = random_groups(random);
  }
  return list;
}

inline std::vector<Proposal> random_child(Random& random) {
  std::vector<Proposal> list(1 + random() % 3);
  for (Proposal& p : list) {
    p.protocol = random() % 5 == 0 ? ProtocolId::AH : ProtocolId::ESP;
    const bool aead = random() % 2 == 0;
    if (p.protocol == ProtocolId::ESP) p.encr = random_ciphers(random, aead);
    if (p.protocol == ProtocolId::AH || !aead) p.integ = random_integ(random);
    if (random() % 2 == 0) p.ke = random_groups(random);
    p.esn = some_of<EsnId>(random, {EsnId::NO_ESN, EsnId::ESN});
  }
  return list;
}

/// What another implementation may add to an offer without making it worse: transforms with unknown
/// numbers or attributes, and whole proposals of a kind that is not known.
inline void add_noise(Random& random, wire::SaPayload& offer) {
  for (wire::ProposalPayload& p : offer.proposals) {
    for (int i = 0; i < 3; ++i) {
      wire::Transform t = p.transforms[random() % p.transforms.size()];
      if (random() % 2 == 0) {
        t.id = static_cast<uint16_t>(1024 + random() % 1000);
      } else {
        t.unknown_attribute = true;
      }
      const auto at = static_cast<ptrdiff_t>(random() % (p.transforms.size() + 1));
      p.transforms.insert(p.transforms.begin() + at, t);
    }
  }
  if (random() % 2 == 0) {
    wire::ProposalPayload strange = offer.proposals[0];
    strange.transforms.push_back(transform(TransformType{6}, 35));
    offer.proposals.insert(offer.proposals.begin(), strange);
  }
  if (random() % 2 == 0) {
    wire::ProposalPayload strange = offer.proposals[0];
    strange.protocol = ProtocolId{200};
    offer.proposals.push_back(strange);
  }
  uint8_t number = 0;
  for (wire::ProposalPayload& p : offer.proposals) p.number = ++number;
}

}  // namespace iked::ike
