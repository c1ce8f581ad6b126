// SPDX-License-Identifier: ISC
// The catalogue: which algorithms exist for IKE itself, how long their keys are, how strong they
// are. One table per transform type in algorithms.cpp; who computes what is in prf.cpp,
// message_cipher.cpp and key_exchange.cpp. ESP algorithms are the kernel's: xfrm/ has their table;
// their key lengths are here because key material is cut here.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "model/proposal.h"

namespace iked::crypto {

/// Lengths in octets. For an AEAD `icv` is its tag and `salt` the part of the nonce that comes from
/// the key material (RFC 5282 7.1); for others both are 0.
struct EncrInfo {
  size_t key = 0;
  size_t salt = 0;
  size_t iv = 0;     // explicit, on the wire
  size_t block = 1;  // padding to a multiple of this
  size_t icv = 0;
  unsigned strength = 0;  // bits
};
struct PrfInfo {
  size_t output = 0;
  size_t key = 0;  // preferred key length (RFC7296 2.13)
};
struct IntegInfo {
  size_t key = 0;
  size_t icv = 0;  // after truncation
};
struct KeInfo {
  size_t public_value = 0;  // exact length of the KE payload's data
  size_t random = 0;        // octets of randomness that one key pair takes
  size_t shared = 0;        // length of g^ir
  unsigned strength = 0;    // bits
};

/// Null when IKE cannot use it (unknown number, wrong key length, kernel-only algorithm).
const EncrInfo* ike_encr(Encr encr);
const PrfInfo* ike_prf(PrfId prf);
const IntegInfo* ike_integ(IntegId integ);
const KeInfo* ike_ke(KeId ke);

/// The whole catalogue, in no order of preference.
template <typename Id, typename Info>
struct CatalogueRow {
  Id id;
  Info info;
};
std::span<const CatalogueRow<Encr, EncrInfo>> all_ike_encr();
std::span<const CatalogueRow<PrfId, PrfInfo>> all_ike_prf();
std::span<const CatalogueRow<IntegId, IntegInfo>> all_ike_integ();
std::span<const CatalogueRow<KeId, KeInfo>> all_ike_ke();

/// Key material that one direction of a child SA takes: cipher key with its salt, integrity key.
/// Fails on what the catalogue does not know.
struct ChildKeyLengths {
  size_t encr = 0;
  size_t integ = 0;
};
Result<ChildKeyLengths> child_key_lengths(const ChildSuite& suite);

}  // namespace iked::crypto
