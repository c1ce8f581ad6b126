// SPDX-License-Identifier: ISC
#include "crypto/key_exchange.h"

#include <openssl/obj_mac.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "crypto/algorithms.h"
#include "crypto/group.h"

namespace iked::crypto {
namespace {

/// Made at first use and kept: `Make` says how.
template <auto Make>
const Group* once() {
  static const auto group = Make();
  return &group;
}

template <BIGNUM* (*Prime)(BIGNUM*)>
const Group* modp() {
  return once<[] { return ModpGroup::safe(Bignum(Prime(nullptr))); }>();
}

/// Null where the library was built without it, as some are without curves over 2^n elements.
template <int Nid>
const Group* curve() {
  static const std::optional<EcGroup> group = EcGroup::make(Nid);
  return group ? &*group : nullptr;
}

/// Who computes what: one row per group.
struct GroupRow {
  KeId id;
  const Group* (*group)();
};

constexpr GroupRow group_rows[] = {
    {KeId::MODP_768, modp<BN_get_rfc2409_prime_768>},
    {KeId::MODP_1024, modp<BN_get_rfc2409_prime_1024>},
    {KeId::MODP_1536, modp<BN_get_rfc3526_prime_1536>},
    {KeId::MODP_2048, modp<BN_get_rfc3526_prime_2048>},
    {KeId::MODP_3072, modp<BN_get_rfc3526_prime_3072>},
    {KeId::MODP_4096, modp<BN_get_rfc3526_prime_4096>},
    {KeId::MODP_6144, modp<BN_get_rfc3526_prime_6144>},
    {KeId::MODP_8192, modp<BN_get_rfc3526_prime_8192>},
    {KeId::MODP_1024_160, once<[] { return ModpGroup::subgroup("dh_1024_160"); }>},
    {KeId::MODP_2048_224, once<[] { return ModpGroup::subgroup("dh_2048_224"); }>},
    {KeId::MODP_2048_256, once<[] { return ModpGroup::subgroup("dh_2048_256"); }>},
    {KeId::ECP_192, curve<NID_X9_62_prime192v1>},
    {KeId::ECP_224, curve<NID_secp224r1>},
    {KeId::ECP_256, curve<NID_X9_62_prime256v1>},
    {KeId::ECP_384, curve<NID_secp384r1>},
    {KeId::ECP_521, curve<NID_secp521r1>},
    {KeId::BRAINPOOL_224, curve<NID_brainpoolP224r1>},
    {KeId::BRAINPOOL_256, curve<NID_brainpoolP256r1>},
    {KeId::BRAINPOOL_384, curve<NID_brainpoolP384r1>},
    {KeId::BRAINPOOL_512, curve<NID_brainpoolP512r1>},
    {KeId::EC2N_155, curve<NID_ipsec3>},
    {KeId::EC2N_185, curve<NID_ipsec4>},
    {KeId::CURVE25519, once<[] { return XdhGroup("X25519", 9); }>},
    {KeId::CURVE448, once<[] { return XdhGroup("X448", 5); }>},
};

/// Null when nothing here computes it.
const Group* group_of(KeId id) {
  const auto* row = std::ranges::find(group_rows, id, &GroupRow::id);
  return row == std::end(group_rows) ? nullptr : row->group();
}

}  // namespace

Result<Bytes> public_value(KeId id, const SecretBytes& random) {
  const KeInfo* info = ike_ke(id);
  const Group* group = group_of(id);
  if (info == nullptr || group == nullptr) {
    return fail("nothing here computes key exchange with {}", to_string(id));
  }
  IKED_CHECK(random.size() == info->random);
  return group->public_value(random.reveal());
}

Result<SecretBytes> shared_secret(KeId id, const SecretBytes& random, ByteView peer_value) {
  const KeInfo* info = ike_ke(id);
  const Group* group = group_of(id);
  if (info == nullptr || group == nullptr) {
    return fail("nothing here computes key exchange with {}", to_string(id));
  }
  IKED_CHECK(random.size() == info->random);
  if (peer_value.size() != info->public_value) {
    return fail("the peer's public value for {} has {} octets instead of {}", to_string(id),
                peer_value.size(), info->public_value);
  }
  return group->shared_secret(random.reveal(), peer_value);
}

}  // namespace iked::crypto
