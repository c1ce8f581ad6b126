// SPDX-License-Identifier: ISC
#include "crypto/key_exchange.h"

#include <openssl/obj_mac.h>

#include "base/check.h"
#include "crypto/algorithms.h"
#include "crypto/group.h"

namespace iked::crypto {
namespace {

/// Who computes what: one case per group, made at first use.
const Group* group_of(KeId id) {
  switch (id) {
    case KeId::MODP_2048: {
      static const ModpGroup group(Bignum(BN_get_rfc3526_prime_2048(nullptr)));
      return &group;
    }
    case KeId::ECP_256: {
      static const EcpGroup group(NID_X9_62_prime256v1);
      return &group;
    }
    case KeId::CURVE25519: {
      static const XdhGroup group("X25519", 9);
      return &group;
    }
    default:
      return nullptr;
  }
}

}  // namespace

Result<Bytes> public_value(KeId id, const SecretBytes& random) {
  const KeInfo* info = ike_ke(id);
  const Group* group = group_of(id);
  if (info == nullptr || group == nullptr) {
    return fail("key exchange with {} is not known", to_string(id));
  }
  IKED_CHECK(random.size() == info->random);
  return group->public_value(random.reveal());
}

Result<SecretBytes> shared_secret(KeId id, const SecretBytes& random, ByteView peer_value) {
  const KeInfo* info = ike_ke(id);
  const Group* group = group_of(id);
  if (info == nullptr || group == nullptr) {
    return fail("key exchange with {} is not known", to_string(id));
  }
  IKED_CHECK(random.size() == info->random);
  if (peer_value.size() != info->public_value) {
    return fail("the peer's public value for {} has {} octets instead of {}", to_string(id),
                peer_value.size(), info->public_value);
  }
  return group->shared_secret(random.reveal(), peer_value);
}

}  // namespace iked::crypto
