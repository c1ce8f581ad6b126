// SPDX-License-Identifier: ISC
#include "xfrm/algorithms.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace iked::xfrm {
namespace {

struct CipherRow {  // NOLINT(clang-analyzer-optin.performance.Padding): the order reads as a table
  EncrId id;
  std::string_view name;
  std::array<uint16_t, 3> key_bits;  // what is possible, 0 = no more
  uint8_t salt_octets;
  uint8_t icv_bits;
  /// Taken when no key length was negotiated, because there is only one (RFC7296 3.3.5) or the RFC
  /// of the algorithm names a default; 0 = the length must have been negotiated.
  uint16_t default_bits;
};

constexpr std::array<uint16_t, 3> kAesBits{128, 192, 256};

constexpr CipherRow kCiphers[] = {
    // NOLINT(modernize-avoid-c-arrays): the size is its rows
    {EncrId::DES, "cbc(des)", {64}, 0, 0, 64},
    {EncrId::TDES, "cbc(des3_ede)", {192}, 0, 0, 192},
    {EncrId::CAST, "cbc(cast5)", {128}, 0, 0, 128},
    {EncrId::BLOWFISH, "cbc(blowfish)", {128, 160, 256}, 0, 0, 128},
    {EncrId::ENCR_NULL, "ecb(cipher_null)", {}, 0, 0, 0},
    {EncrId::AES_CBC, "cbc(aes)", kAesBits, 0, 0, 0},
    {EncrId::AES_CTR, "rfc3686(ctr(aes))", kAesBits, 4, 0, 0},
    {EncrId::AES_CCM_8, "rfc4309(ccm(aes))", kAesBits, 3, 64, 0},
    {EncrId::AES_CCM_12, "rfc4309(ccm(aes))", kAesBits, 3, 96, 0},
    {EncrId::AES_CCM_16, "rfc4309(ccm(aes))", kAesBits, 3, 128, 0},
    {EncrId::AES_GCM_8, "rfc4106(gcm(aes))", kAesBits, 4, 64, 0},
    {EncrId::AES_GCM_12, "rfc4106(gcm(aes))", kAesBits, 4, 96, 0},
    {EncrId::AES_GCM_16, "rfc4106(gcm(aes))", kAesBits, 4, 128, 0},
    {EncrId::NULL_AUTH_AES_GMAC, "rfc4543(gcm(aes))", kAesBits, 4, 128, 0},
    {EncrId::CAMELLIA_CBC, "cbc(camellia)", kAesBits, 0, 0, 0},
    {EncrId::CHACHA20_POLY1305, "rfc7539esp(chacha20,poly1305)", {256}, 4, 128, 256},
};

struct MacRow {
  IntegId id;
  KernelMac mac;
};

// The truncation is always said: the kernel's default for hmac(sha256) is 96 bits, not the 128 of
// RFC 4868.
constexpr MacRow kMacs[] = {
    // NOLINT(modernize-avoid-c-arrays): the size is its rows
    {IntegId::HMAC_MD5_96, {"hmac(md5)", 16, 96}},
    {IntegId::HMAC_SHA1_96, {"hmac(sha1)", 20, 96}},
    {IntegId::AES_XCBC_96, {"xcbc(aes)", 16, 96}},
    {IntegId::HMAC_SHA1_160, {"hmac(sha1)", 20, 160}},
    {IntegId::AES_CMAC_96, {"cmac(aes)", 16, 96}},
    {IntegId::HMAC_SHA2_256_128, {"hmac(sha256)", 32, 128}},
    {IntegId::HMAC_SHA2_384_192, {"hmac(sha384)", 48, 192}},
    {IntegId::HMAC_SHA2_512_256, {"hmac(sha512)", 64, 256}},
};

}  // namespace

Result<KernelCipher> kernel_cipher(const Encr& encr) {
  const auto* row = std::ranges::find(kCiphers, encr.id, &CipherRow::id);
  if (row == std::end(kCiphers)) {
    return fail("{} is not an algorithm of the kernel's ESP", to_string(encr.id, encr.key_bits));
  }
  const uint16_t bits = encr.key_bits != 0 ? encr.key_bits : row->default_bits;
  const bool has_no_key = row->key_bits[0] == 0;
  if (has_no_key ? bits != 0 : bits == 0 || std::ranges::count(row->key_bits, bits) == 0) {
    return fail("{} has no key length of {} bits", row->name, bits);
  }
  return KernelCipher{row->name, bits / size_t{8} + row->salt_octets, row->icv_bits};
}

Result<KernelMac> kernel_mac(IntegId integ) {
  const auto* row = std::ranges::find(kMacs, integ, &MacRow::id);
  if (row == std::end(kMacs)) {
    return fail("{} is not an algorithm of the kernel's ESP", to_string(integ));
  }
  return row->mac;
}

}  // namespace iked::xfrm
