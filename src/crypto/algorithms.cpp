// SPDX-License-Identifier: ISC
#include "crypto/algorithms.h"

#include <algorithm>
#include <optional>

namespace iked::crypto {
namespace {

// ---- for IKE itself: one row per algorithm -----------------------------------------------------
// A new row needs the algorithm's provider in message_cipher.cpp, prf.cpp or key_exchange.cpp and a
// known answer in known_answers.cpp; the self test names what is missing.

constexpr CatalogueRow<Encr, EncrInfo> encr_rows[] = {
    // {id, bits}                        key  salt    iv     block     icv    strength
    {{EncrId::AES_CBC, 128},
     {.key = 16, .salt = 0, .iv = 16, .block = 16, .icv = 0, .strength = 128}},
    {{EncrId::AES_CBC, 192},
     {.key = 24, .salt = 0, .iv = 16, .block = 16, .icv = 0, .strength = 192}},
    {{EncrId::AES_CBC, 256},
     {.key = 32, .salt = 0, .iv = 16, .block = 16, .icv = 0, .strength = 256}},
    // RFC5282 7.1: the salt is the last four octets of the key material.
    {{EncrId::AES_GCM_16, 128},
     {.key = 16, .salt = 4, .iv = 8, .block = 1, .icv = 16, .strength = 128}},
    {{EncrId::AES_GCM_16, 192},
     {.key = 24, .salt = 4, .iv = 8, .block = 1, .icv = 16, .strength = 192}},
    {{EncrId::AES_GCM_16, 256},
     {.key = 32, .salt = 4, .iv = 8, .block = 1, .icv = 16, .strength = 256}},
    // RFC7634 2: 36 octets of key material, no Key Length attribute.
    {{EncrId::CHACHA20_POLY1305, 0},
     {.key = 32, .salt = 4, .iv = 8, .block = 1, .icv = 16, .strength = 256}},
};

constexpr CatalogueRow<PrfId, PrfInfo> prf_rows[] = {
    {PrfId::HMAC_SHA1, {.output = 20, .key = 20}},
    // RFC4868 2.4: the preferred key length is the output length.
    {PrfId::HMAC_SHA2_256, {.output = 32, .key = 32}},
    {PrfId::HMAC_SHA2_384, {.output = 48, .key = 48}},
    {PrfId::HMAC_SHA2_512, {.output = 64, .key = 64}},
};

constexpr CatalogueRow<IntegId, IntegInfo> integ_rows[] = {
    {IntegId::HMAC_SHA1_96, {.key = 20, .icv = 12}},
    {IntegId::HMAC_SHA2_256_128, {.key = 32, .icv = 16}},
    {IntegId::HMAC_SHA2_384_192, {.key = 48, .icv = 24}},
    {IntegId::HMAC_SHA2_512_256, {.key = 64, .icv = 32}},
};

constexpr CatalogueRow<KeId, KeInfo> ke_rows[] = {
    // A private exponent of 320 bits is well over twice the strength, RFC 3526 8.
    {KeId::MODP_2048, {.public_value = 256, .random = 40, .shared = 256, .strength = 112}},
    // RFC5903 7: x and y are sent, x is the secret. 128 bits more than the order has, so that the
    // private scalar is as good as evenly distributed.
    {KeId::ECP_256, {.public_value = 64, .random = 48, .shared = 32, .strength = 128}},
    {KeId::CURVE25519, {.public_value = 32, .random = 32, .shared = 32, .strength = 128}},
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
