// SPDX-License-Identifier: ISC
#include "crypto/keys.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "crypto/algorithms.h"
#include "crypto/prf.h"

namespace iked::crypto {
namespace {

enum Part : size_t { SK_D, SK_AI, SK_AR, SK_EI, SK_ER, SK_PI, SK_PR, PARTS };

/// RFC7296 2.14: {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr}
///                = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr)
IkeKeys expand(const IkeSuite& suite, const SecretBytes& skeyseed, ByteView nonce_i,
               ByteView nonce_r, IkeSpi spi_i, IkeSpi spi_r) {
  const PrfInfo* prf_info = ike_prf(suite.prf);
  const EncrInfo* encr = ike_encr(suite.encr);
  IKED_CHECK(prf_info != nullptr && encr != nullptr);
  size_t integ_key = 0;
  if (suite.integ != IntegId::NONE) {
    const IntegInfo* integ = ike_integ(suite.integ);
    IKED_CHECK(integ != nullptr);
    integ_key = integ->key;
  }
  const size_t encr_key = encr->key + encr->salt;

  Bytes seed;
  seed.reserve(nonce_i.size() + nonce_r.size() + 16);
  append(seed, nonce_i);
  append(seed, nonce_r);
  put_u64(seed, spi_i.value);
  put_u64(seed, spi_r.value);
  const size_t length = 3 * prf_info->key + 2 * integ_key + 2 * encr_key;
  return IkeKeys(prf_plus(suite.prf, skeyseed.reveal(), seed, length), prf_info->key, integ_key,
                 encr_key);
}

}  // namespace

IkeKeys::IkeKeys(SecretBytes block, size_t prf_key, size_t integ_key, size_t encr_key)
    : block_(std::move(block)) {
  const std::array<size_t, PARTS> lengths{prf_key,  integ_key, integ_key, encr_key,
                                          encr_key, prf_key,   prf_key};
  size_t end = 0;
  for (size_t i = 0; i < PARTS; ++i) {
    end += lengths[i];
    IKED_CHECK(end <= std::numeric_limits<uint16_t>::max());
    begin_[i + 1] = static_cast<uint16_t>(end);
  }
  IKED_CHECK(end == block_.size());
}

ByteView IkeKeys::part(size_t index) const {
  return block_.reveal().subspan(begin_[index], begin_[index + 1] - begin_[index]);
}

ByteView IkeKeys::sk_d() const {
  return part(SK_D);
}
ByteView IkeKeys::sk_ai() const {
  return part(SK_AI);
}
ByteView IkeKeys::sk_ar() const {
  return part(SK_AR);
}
ByteView IkeKeys::sk_ei() const {
  return part(SK_EI);
}
ByteView IkeKeys::sk_er() const {
  return part(SK_ER);
}
ByteView IkeKeys::sk_pi() const {
  return part(SK_PI);
}
ByteView IkeKeys::sk_pr() const {
  return part(SK_PR);
}

IkeKeys derive_ike_keys(const IkeSuite& suite, const SecretBytes& shared, ByteView nonce_i,
                        ByteView nonce_r, IkeSpi spi_i, IkeSpi spi_r) {
  // RFC7296 2.14: with these two PRFs "only the first 64 bits of Ni and the first 64 bits of Nr are
  // used in calculating SKEYSEED".
  const bool fixed_key = suite.prf == PrfId::AES128_XCBC || suite.prf == PrfId::AES128_CMAC;
  const auto part = [&](ByteView nonce) {
    return fixed_key ? nonce.first(std::min<size_t>(8, nonce.size())) : nonce;
  };
  Bytes nonces;
  append(nonces, part(nonce_i));
  append(nonces, part(nonce_r));
  const SecretBytes skeyseed = prf(suite.prf, nonces, {shared.reveal()});
  return expand(suite, skeyseed, nonce_i, nonce_r, spi_i, spi_r);
}

IkeKeys derive_rekeyed_ike_keys(const IkeSuite& suite, PrfId old_prf, ByteView old_sk_d,
                                const SecretBytes& shared, ByteView nonce_i, ByteView nonce_r,
                                IkeSpi spi_i, IkeSpi spi_r) {
  // RFC7296 2.18: SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr), where "it is the old IKE SA's
  // PRF that is used"; all that follows is done with the new one.
  const SecretBytes skeyseed = prf(old_prf, old_sk_d, {shared.reveal(), nonce_i, nonce_r});
  return expand(suite, skeyseed, nonce_i, nonce_r, spi_i, spi_r);
}

ChildKeys derive_child_keys(PrfId prf, ByteView sk_d, const ChildSuite& suite,
                            const SecretBytes* shared, ByteView nonce_i, ByteView nonce_r) {
  const Result<ChildKeyLengths> lengths = child_key_lengths(suite);
  IKED_CHECK(lengths.has_value());

  // RFC7296 2.17: KEYMAT = prf+(SK_d, [g^ir (new) |] Ni | Nr)
  const ByteView fresh = shared == nullptr ? ByteView{} : shared->reveal();
  SecretBytes seed(fresh.size() + nonce_i.size() + nonce_r.size());
  auto to = seed.reveal_writable().begin();
  for (ByteView piece : {fresh, nonce_i, nonce_r}) {
    to = std::copy(piece.begin(), piece.end(), to);
  }
  const SecretBytes keymat =
      prf_plus(prf, sk_d, seed.reveal(), 2 * (lengths->encr + lengths->integ));

  // RFC7296 2.17: "All keys for SAs carrying data from the initiator to the responder are taken
  // before SAs going from the responder to the initiator." In each "the encryption key (if any)
  // MUST be taken from the first bits and the integrity key (if any) MUST be taken from the
  // remaining bits."
  size_t at = 0;
  const auto take = [&](size_t length) {
    SecretBytes key(keymat.reveal().subspan(at, length));
    at += length;
    return key;
  };
  ChildKeys keys;
  keys.encr_i = take(lengths->encr);
  keys.integ_i = take(lengths->integ);
  keys.encr_r = take(lengths->encr);
  keys.integ_r = take(lengths->integ);
  return keys;
}

Bytes signed_octets(PrfId prf, ByteView message, ByteView other_nonce, ByteView sk_p,
                    ByteView id_body) {
  const SecretBytes maced_id = crypto::prf(prf, sk_p, {id_body});
  Bytes octets;
  octets.reserve(message.size() + other_nonce.size() + maced_id.size());
  append(octets, message);
  append(octets, other_nonce);
  append(octets, maced_id.reveal());
  return octets;
}

SecretBytes psk_auth_value(PrfId prf, const SecretBytes& psk, ByteView octets) {
  // RFC7296 2.15: "the string "Key Pad for IKEv2" is 17 ASCII characters without null termination."
  const SecretBytes key = crypto::prf(prf, psk.reveal(), {as_bytes("Key Pad for IKEv2")});
  return crypto::prf(prf, key.reveal(), {octets});
}

}  // namespace iked::crypto
