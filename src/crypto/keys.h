// SPDX-License-Identifier: ISC
// The key schedule of RFC 7296 2.14, 2.15 and 2.17: pure functions from shared secrets to keys.
#pragma once

#include <array>

#include "base/secret.h"
#include "model/ids.h"
#include "model/proposal.h"

namespace iked::crypto {

/// The seven keys of an IKE SA in one piece of memory, in the order of RFC7296 2.14. SK_ei and
/// SK_er end with the salt where the cipher is an AEAD; SK_ai and SK_ar are empty then.
class IkeKeys {
 public:
  IkeKeys() = default;
  /// `block` holds SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr with these lengths.
  IkeKeys(SecretBytes block, size_t prf_key, size_t integ_key, size_t encr_key);

  ByteView sk_d() const;
  ByteView sk_ai() const;
  ByteView sk_ar() const;
  ByteView sk_ei() const;
  ByteView sk_er() const;
  ByteView sk_pi() const;
  ByteView sk_pr() const;
  bool empty() const { return block_.empty(); }

 private:
  ByteView part(size_t index) const;
  SecretBytes block_;
  std::array<uint16_t, 8> begin_{};  // offsets; the last is the end
};

/// RFC7296 2.14: SKEYSEED = prf(Ni | Nr, g^ir), then prf+ over Ni | Nr | SPIi | SPIr.
IkeKeys derive_ike_keys(const IkeSuite& suite, const SecretBytes& shared, ByteView nonce_i,
                        ByteView nonce_r, IkeSpi spi_i, IkeSpi spi_r);

/// RFC7296 2.18: the keys of the IKE SA that replaces one whose SK_d and PRF are given.
IkeKeys derive_rekeyed_ike_keys(const IkeSuite& suite, PrfId old_prf, ByteView old_sk_d,
                                const SecretBytes& shared, ByteView nonce_i, ByteView nonce_r,
                                IkeSpi spi_i, IkeSpi spi_r);

/// RFC7296 2.17: initiator's direction first, encryption before integrity.
struct ChildKeys {
  SecretBytes encr_i, integ_i;  // initiator to responder
  SecretBytes encr_r, integ_r;  // responder to initiator
};
/// `shared` is g^ir(new) with PFS, else null. `suite` must be in the catalogue.
ChildKeys derive_child_keys(PrfId prf, ByteView sk_d, const ChildSuite& suite,
                            const SecretBytes* shared, ByteView nonce_i, ByteView nonce_r);

/// RFC7296 2.15: <SignedOctets> = RealMessage | NonceOfOther | prf(SK_p, RestOfIDPayload).
Bytes signed_octets(PrfId prf, ByteView message, ByteView other_nonce, ByteView sk_p,
                    ByteView id_body);

/// RFC7296 2.15: AUTH = prf(prf(Shared Secret, "Key Pad for IKEv2"), <SignedOctets>).
SecretBytes psk_auth_value(PrfId prf, const SecretBytes& psk, ByteView octets);

}  // namespace iked::crypto
