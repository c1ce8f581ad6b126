// SPDX-License-Identifier: ISC
#include "xfrm/algorithms.h"

#include <algorithm>
#include <cstdint>

namespace iked::xfrm {
namespace {

/// Key lengths in bits that are possible: `min`, `min` + `step`, ..., `max`.
struct KeyBits {
  uint16_t min = 0;
  uint16_t max = 0;
  uint16_t step = 1;
  /// Taken when no key length was negotiated, because there is only one (RFC7296 3.3.5) or the RFC
  /// of the algorithm names a default; 0 = the length must have been negotiated.
  uint16_t unsaid = 0;

  bool has(uint16_t bits) const { return bits >= min && bits <= max && (bits - min) % step == 0; }
};

constexpr KeyBits kAes{128, 256, 64};

constexpr KeyBits only(uint16_t bits) {
  return {bits, bits, 1, bits};
}

struct CipherRow {
  EncrId id;
  std::string_view name;
  KeyBits key;
  uint8_t salt_octets;
  uint8_t icv_bits;
  std::string_view module;
};

constexpr CipherRow kCiphers[] = {
    // NOLINT(modernize-avoid-c-arrays): the size is its rows
    {EncrId::DES, "cbc(des)", only(64), 0, 0, "des_generic"},
    {EncrId::TDES, "cbc(des3_ede)", only(192), 0, 0, "des_generic"},
    {EncrId::CAST, "cbc(cast5)", {40, 128, 8, 128}, 0, 0, "cast5_generic"},  // RFC 2451 2.2
    {EncrId::BLOWFISH, "cbc(blowfish)", {40, 448, 8, 128}, 0, 0, "blowfish_generic"},  // RFC
                                                                                       // 2451 2.2
    {EncrId::ENCR_NULL, "ecb(cipher_null)", only(0), 0, 0, "crypto_null"},
    {EncrId::AES_CBC, "cbc(aes)", kAes, 0, 0, "cbc"},
    {EncrId::AES_CTR, "rfc3686(ctr(aes))", kAes, 4, 0, "ctr"},
    {EncrId::AES_CCM_8, "rfc4309(ccm(aes))", kAes, 3, 64, "ccm"},
    {EncrId::AES_CCM_12, "rfc4309(ccm(aes))", kAes, 3, 96, "ccm"},
    {EncrId::AES_CCM_16, "rfc4309(ccm(aes))", kAes, 3, 128, "ccm"},
    {EncrId::AES_GCM_8, "rfc4106(gcm(aes))", kAes, 4, 64, "gcm"},
    {EncrId::AES_GCM_12, "rfc4106(gcm(aes))", kAes, 4, 96, "gcm"},
    {EncrId::AES_GCM_16, "rfc4106(gcm(aes))", kAes, 4, 128, "gcm"},
    {EncrId::NULL_AUTH_AES_GMAC, "rfc4543(gcm(aes))", kAes, 4, 128, "gcm"},
    {EncrId::CAMELLIA_CBC, "cbc(camellia)", kAes, 0, 0, "camellia_generic"},
    {EncrId::CHACHA20_POLY1305, "rfc7539esp(chacha20,poly1305)", only(256), 4, 128,
     "chacha20poly1305"},
};

struct MacRow {
  IntegId id;
  KernelMac mac;
};

// The truncation is always said: the kernel's default for hmac(sha256) is 96 bits, not the 128 of
// RFC 4868.
constexpr MacRow kMacs[] = {
    // NOLINT(modernize-avoid-c-arrays): the size is its rows
    {IntegId::HMAC_MD5_96, {"hmac(md5)", 16, 96, "md5"}},
    {IntegId::HMAC_SHA1_96, {"hmac(sha1)", 20, 96, "sha1_generic"}},
    {IntegId::AES_XCBC_96, {"xcbc(aes)", 16, 96, "xcbc"}},
    {IntegId::HMAC_SHA1_160, {"hmac(sha1)", 20, 160, "sha1_generic"}},
    {IntegId::AES_CMAC_96, {"cmac(aes)", 16, 96, "cmac"}},
    {IntegId::HMAC_SHA2_256_128, {"hmac(sha256)", 32, 128, "sha256_generic"}},
    {IntegId::HMAC_SHA2_384_192, {"hmac(sha384)", 48, 192, "sha512_generic"}},
    {IntegId::HMAC_SHA2_512_256, {"hmac(sha512)", 64, 256, "sha512_generic"}},
};

}  // namespace

Result<KernelCipher> kernel_cipher(const Encr& encr) {
  const auto* row = std::ranges::find(kCiphers, encr.id, &CipherRow::id);
  if (row == std::end(kCiphers)) {
    return fail("{} is not an algorithm of the kernel's ESP", to_string(encr.id, encr.key_bits));
  }
  // 0 stands for "not said".
  const bool said = encr.key_bits != 0;
  const uint16_t bits = said ? encr.key_bits : row->key.unsaid;
  if (!row->key.has(bits)) return fail("{} has no key length of {} bits", row->name, bits);
  return KernelCipher{row->name, bits / size_t{8} + row->salt_octets, row->icv_bits, row->module};
}

Result<KernelMac> kernel_mac(IntegId integ) {
  const auto* row = std::ranges::find(kMacs, integ, &MacRow::id);
  if (row == std::end(kMacs)) {
    return fail("{} is not an algorithm of the kernel's ESP", to_string(integ));
  }
  return row->mac;
}

}  // namespace iked::xfrm
