// SPDX-License-Identifier: ISC
#include "crypto/algorithms.h"

#include <algorithm>
#include <optional>

namespace iked::crypto {
namespace {

// ---- for IKE itself: one row per algorithm -----------------------------------------------------
// A new row needs the algorithm's provider in ciphers.cpp, mac.cpp or key_exchange.cpp and a known
// answer in known_answers.cpp; the self test names what is missing.

constexpr EncrInfo cbc(size_t key, size_t block, unsigned strength) {
  return {.key = key, .salt = 0, .iv = block, .block = block, .icv = 0, .strength = strength};
}
// RFC5282 7.1: the salt is the last octets of the key material.
constexpr EncrInfo aead(size_t key, size_t salt, size_t icv) {
  return {.key = key,
          .salt = salt,
          .iv = 8,
          .block = 1,
          .icv = icv,
          .strength = static_cast<unsigned>(8 * key)};
}
// RFC5930 2: four octets of nonce after the key, no padding.
constexpr EncrInfo ctr(size_t key) {
  return {.key = key,
          .salt = 4,
          .iv = 8,
          .block = 1,
          .icv = 0,
          .strength = static_cast<unsigned>(8 * key)};
}

constexpr CatalogueRow<Encr, EncrInfo> encr_rows[] = {
    {{EncrId::AES_CBC, 128}, cbc(16, 16, 128)},
    {{EncrId::AES_CBC, 192}, cbc(24, 16, 192)},
    {{EncrId::AES_CBC, 256}, cbc(32, 16, 256)},
    {{EncrId::AES_CTR, 128}, ctr(16)},
    {{EncrId::AES_CTR, 192}, ctr(24)},
    {{EncrId::AES_CTR, 256}, ctr(32)},
    {{EncrId::AES_GCM_8, 128}, aead(16, 4, 8)},
    {{EncrId::AES_GCM_8, 192}, aead(24, 4, 8)},
    {{EncrId::AES_GCM_8, 256}, aead(32, 4, 8)},
    {{EncrId::AES_GCM_12, 128}, aead(16, 4, 12)},
    {{EncrId::AES_GCM_12, 192}, aead(24, 4, 12)},
    {{EncrId::AES_GCM_12, 256}, aead(32, 4, 12)},
    {{EncrId::AES_GCM_16, 128}, aead(16, 4, 16)},
    {{EncrId::AES_GCM_16, 192}, aead(24, 4, 16)},
    {{EncrId::AES_GCM_16, 256}, aead(32, 4, 16)},
    {{EncrId::AES_CCM_8, 128}, aead(16, 3, 8)},
    {{EncrId::AES_CCM_8, 192}, aead(24, 3, 8)},
    {{EncrId::AES_CCM_8, 256}, aead(32, 3, 8)},
    {{EncrId::AES_CCM_12, 128}, aead(16, 3, 12)},
    {{EncrId::AES_CCM_12, 192}, aead(24, 3, 12)},
    {{EncrId::AES_CCM_12, 256}, aead(32, 3, 12)},
    {{EncrId::AES_CCM_16, 128}, aead(16, 3, 16)},
    {{EncrId::AES_CCM_16, 192}, aead(24, 3, 16)},
    {{EncrId::AES_CCM_16, 256}, aead(32, 3, 16)},
    // RFC7634 2: 36 octets of key material, no Key Length attribute.
    {{EncrId::CHACHA20_POLY1305, 0}, aead(32, 4, 16)},
    {{EncrId::CAMELLIA_CBC, 128}, cbc(16, 16, 128)},
    {{EncrId::CAMELLIA_CBC, 192}, cbc(24, 16, 192)},
    {{EncrId::CAMELLIA_CBC, 256}, cbc(32, 16, 256)},
    {{EncrId::TDES, 0}, cbc(24, 8, 112)},
};

constexpr CatalogueRow<PrfId, PrfInfo> prf_rows[] = {
    {PrfId::HMAC_MD5, {.output = 16, .key = 16}},
    {PrfId::HMAC_SHA1, {.output = 20, .key = 20}},
    // RFC4868 2.4: the preferred key length is the output length.
    {PrfId::HMAC_SHA2_256, {.output = 32, .key = 32}},
    {PrfId::HMAC_SHA2_384, {.output = 48, .key = 48}},
    {PrfId::HMAC_SHA2_512, {.output = 64, .key = 64}},
    {PrfId::AES128_XCBC, {.output = 16, .key = 16}},
    {PrfId::AES128_CMAC, {.output = 16, .key = 16}},
};

constexpr CatalogueRow<IntegId, IntegInfo> integ_rows[] = {
    {IntegId::HMAC_MD5_96, {.key = 16, .icv = 12}},
    {IntegId::HMAC_SHA1_96, {.key = 20, .icv = 12}},
    {IntegId::HMAC_SHA1_160, {.key = 20, .icv = 20}},
    {IntegId::AES_XCBC_96, {.key = 16, .icv = 12}},
    {IntegId::AES_CMAC_96, {.key = 16, .icv = 12}},
    {IntegId::HMAC_SHA2_256_128, {.key = 32, .icv = 16}},
    {IntegId::HMAC_SHA2_384_192, {.key = 48, .icv = 24}},
    {IntegId::HMAC_SHA2_512_256, {.key = 64, .icv = 32}},
};

// `random` octets make the private exponent: at least twice the strength, RFC 3526 8 and RFC 2412
// E.
constexpr KeInfo modp(size_t bits, size_t random, unsigned strength) {
  return {.public_value = bits / 8, .random = random, .shared = bits / 8, .strength = strength};
}
// RFC5903 7: x and y are sent, x is the secret. 128 bits more than the order has, so that the
// private scalar is as good as evenly distributed.
constexpr KeInfo curve(size_t octets, unsigned strength) {
  return {
      .public_value = 2 * octets, .random = octets + 16, .shared = octets, .strength = strength};
}
constexpr KeInfo montgomery(size_t octets, unsigned strength) {
  return {.public_value = octets, .random = octets, .shared = octets, .strength = strength};
}

constexpr CatalogueRow<KeId, KeInfo> ke_rows[] = {
    {KeId::MODP_768, modp(768, 20, 64)},
    {KeId::MODP_1024, modp(1024, 24, 80)},
    {KeId::MODP_1536, modp(1536, 30, 90)},
    {KeId::MODP_2048, modp(2048, 40, 112)},
    {KeId::MODP_3072, modp(3072, 52, 128)},
    {KeId::MODP_4096, modp(4096, 60, 152)},
    {KeId::MODP_6144, modp(6144, 68, 176)},
    {KeId::MODP_8192, modp(8192, 78, 200)},
    // RFC5114 2: subgroups of 160, 224 and 256 bits, and 128 bits more of randomness for an
    // exponent that is as good as evenly distributed.
    {KeId::MODP_1024_160, modp(1024, 36, 80)},
    {KeId::MODP_2048_224, modp(2048, 44, 112)},
    {KeId::MODP_2048_256, modp(2048, 48, 112)},
    {KeId::ECP_192, curve(24, 96)},
    {KeId::ECP_224, curve(28, 112)},
    {KeId::ECP_256, curve(32, 128)},
    {KeId::ECP_384, curve(48, 192)},
    {KeId::ECP_521, curve(66, 256)},
    {KeId::BRAINPOOL_224, curve(28, 112)},
    {KeId::BRAINPOOL_256, curve(32, 128)},
    {KeId::BRAINPOOL_384, curve(48, 192)},
    {KeId::BRAINPOOL_512, curve(64, 256)},
    // RFC2409 6.3 and 6.4. Composite degrees: weaker than their size suggests.
    {KeId::EC2N_155, curve(20, 64)},
    {KeId::EC2N_185, curve(24, 64)},
    {KeId::CURVE25519, montgomery(32, 128)},
    {KeId::CURVE448, montgomery(56, 224)},
};

// ---- for child SAs: what key material the kernel's algorithms take ------------------------------

struct EspRow {
  EncrId id;
  std::optional<unsigned> bits_if_unsaid;  // without a Key Length attribute; absent: one is needed
  unsigned min_bits, max_bits, step;       // what a Key Length attribute may say; 0: none may come
  size_t salt;                             // octets after the key
};

constexpr EspRow esp_rows[] = {
    {EncrId::DES, 64, 0, 0, 1, 0},
    {EncrId::TDES, 192, 0, 0, 1, 0},
    {EncrId::CAST, 128, 40, 128, 8, 0},      // RFC 2451 2.2
    {EncrId::BLOWFISH, 128, 40, 448, 8, 0},  // RFC 2451 2.2
    {EncrId::ENCR_NULL, 0, 0, 0, 1, 0},
    {EncrId::AES_CBC, {}, 128, 256, 64, 0},
    {EncrId::AES_CTR, {}, 128, 256, 64, 4},    // RFC 3686 5.1
    {EncrId::AES_CCM_8, {}, 128, 256, 64, 3},  // RFC 4309 7.1
    {EncrId::AES_CCM_12, {}, 128, 256, 64, 3},
    {EncrId::AES_CCM_16, {}, 128, 256, 64, 3},
    {EncrId::AES_GCM_8, {}, 128, 256, 64, 4},  // RFC 4106 8.1
    {EncrId::AES_GCM_12, {}, 128, 256, 64, 4},
    {EncrId::AES_GCM_16, {}, 128, 256, 64, 4},
    {EncrId::NULL_AUTH_AES_GMAC, {}, 128, 256, 64, 4},  // RFC 4543 5.3
    {EncrId::CAMELLIA_CBC, {}, 128, 256, 64, 0},
    {EncrId::CHACHA20_POLY1305, 256, 0, 0, 1, 4},  // RFC 7634 2
};

struct ChildIntegRow {
  IntegId id;
  size_t key;
};

constexpr ChildIntegRow child_integ_rows[] = {
    {IntegId::NONE, 0},
    {IntegId::HMAC_MD5_96, 16},
    {IntegId::HMAC_SHA1_96, 20},
    {IntegId::AES_XCBC_96, 16},
    {IntegId::HMAC_SHA1_160, 20},
    {IntegId::AES_CMAC_96, 16},
    {IntegId::HMAC_SHA2_256_128, 32},
    {IntegId::HMAC_SHA2_384_192, 48},
    {IntegId::HMAC_SHA2_512_256, 64},
};

template <typename Id, typename Info, size_t N>
const Info* find(const CatalogueRow<Id, Info> (&rows)[N], const Id& id) {
  const auto* row = std::ranges::find(rows, id, &CatalogueRow<Id, Info>::id);
  return row == std::end(rows) ? nullptr : &row->info;
}

Result<size_t> esp_key_length(Encr encr) {
  const auto* row = std::ranges::find(esp_rows, encr.id, &EspRow::id);
  if (row == std::end(esp_rows)) {
    return fail("{} is not a cipher for child SAs", to_string(encr.id, encr.key_bits));
  }
  unsigned bits = encr.key_bits;
  if (bits == 0 && row->bits_if_unsaid) {
    bits = *row->bits_if_unsaid;
  } else if (bits < row->min_bits || bits > row->max_bits || bits % row->step != 0) {
    return fail("{} has no key of {} bits", to_string(encr.id, encr.key_bits), bits);
  }
  return bits / 8 + row->salt;
}

}  // namespace

const EncrInfo* ike_encr(Encr encr) {
  return find(encr_rows, encr);
}
const PrfInfo* ike_prf(PrfId prf) {
  return find(prf_rows, prf);
}
const IntegInfo* ike_integ(IntegId integ) {
  return find(integ_rows, integ);
}
const KeInfo* ike_ke(KeId ke) {
  return find(ke_rows, ke);
}

std::span<const CatalogueRow<Encr, EncrInfo>> all_ike_encr() {
  return encr_rows;
}
std::span<const CatalogueRow<PrfId, PrfInfo>> all_ike_prf() {
  return prf_rows;
}
std::span<const CatalogueRow<IntegId, IntegInfo>> all_ike_integ() {
  return integ_rows;
}
std::span<const CatalogueRow<KeId, KeInfo>> all_ike_ke() {
  return ke_rows;
}

Result<ChildKeyLengths> child_key_lengths(const ChildSuite& suite) {
  ChildKeyLengths lengths;
  if (suite.protocol == ProtocolId::ESP) {
    Result<size_t> key = esp_key_length(suite.encr);
    if (!key) return fail(key);
    lengths.encr = *key;
  } else if (suite.protocol != ProtocolId::AH) {
    return fail("{} is not a protocol of child SAs", to_string(suite.protocol));
  } else if (suite.encr.id != EncrId::NONE) {
    return fail("AH has no encryption");
  }
  const auto* integ = std::ranges::find(child_integ_rows, suite.integ, &ChildIntegRow::id);
  if (integ == std::end(child_integ_rows)) {
    return fail("{} is not an integrity algorithm for child SAs", to_string(suite.integ));
  }
  lengths.integ = integ->key;
  return lengths;
}

}  // namespace iked::crypto
