// SPDX-License-Identifier: ISC
#include "conf/algorithms.h"

#include <array>

namespace iked::conf {
namespace {

using EncrWord = AlgorithmWord<Encr>;
using GroupWord = AlgorithmWord<KeId>;

constexpr EncrWord encr_table[] = {
    {"aes-128", {EncrId::AES_CBC, 128}},
    {"aes-192", {EncrId::AES_CBC, 192}},
    {"aes-256", {EncrId::AES_CBC, 256}},
    {"aes-128-gcm", {EncrId::AES_GCM_16, 128}},
    {"aes-192-gcm", {EncrId::AES_GCM_16, 192}},
    {"aes-256-gcm", {EncrId::AES_GCM_16, 256}},
    {"aes-128-gcm-12", {EncrId::AES_GCM_12, 128}},
    {"aes-192-gcm-12", {EncrId::AES_GCM_12, 192}},
    {"aes-256-gcm-12", {EncrId::AES_GCM_12, 256}},
    {"aes-128-gcm-8", {EncrId::AES_GCM_8, 128}},
    {"aes-192-gcm-8", {EncrId::AES_GCM_8, 192}},
    {"aes-256-gcm-8", {EncrId::AES_GCM_8, 256}},
    {"chacha20-poly1305", {EncrId::CHACHA20_POLY1305, 0}},
    {"aes-128-ctr", {EncrId::AES_CTR, 128}},
    {"aes-192-ctr", {EncrId::AES_CTR, 192}},
    {"aes-256-ctr", {EncrId::AES_CTR, 256}},
    {"aes-ctr", {EncrId::AES_CTR, 128}},
    {"aes-128-ccm", {EncrId::AES_CCM_16, 128}},
    {"aes-192-ccm", {EncrId::AES_CCM_16, 192}},
    {"aes-256-ccm", {EncrId::AES_CCM_16, 256}},
    {"aes-128-ccm-12", {EncrId::AES_CCM_12, 128}},
    {"aes-192-ccm-12", {EncrId::AES_CCM_12, 192}},
    {"aes-256-ccm-12", {EncrId::AES_CCM_12, 256}},
    {"aes-128-ccm-8", {EncrId::AES_CCM_8, 128}},
    {"aes-192-ccm-8", {EncrId::AES_CCM_8, 192}},
    {"aes-256-ccm-8", {EncrId::AES_CCM_8, 256}},
    {"aes-128-gmac", {EncrId::NULL_AUTH_AES_GMAC, 128}},
    {"aes-192-gmac", {EncrId::NULL_AUTH_AES_GMAC, 192}},
    {"aes-256-gmac", {EncrId::NULL_AUTH_AES_GMAC, 256}},
    {"camellia-128", {EncrId::CAMELLIA_CBC, 128}},
    {"camellia-192", {EncrId::CAMELLIA_CBC, 192}},
    {"camellia-256", {EncrId::CAMELLIA_CBC, 256}},
    {"3des", {EncrId::TDES, 0}},
    {"3des-cbc", {EncrId::TDES, 0}},
    {"blowfish", {EncrId::BLOWFISH, 160}},
    {"cast", {EncrId::CAST, 128}},
    {"des", {EncrId::DES, 0}},
    {"null", {EncrId::ENCR_NULL, 0}},
};

constexpr AlgorithmWord<PrfId> prf_table[] = {
    {"hmac-sha2-256", PrfId::HMAC_SHA2_256}, {"hmac-sha2-384", PrfId::HMAC_SHA2_384},
    {"hmac-sha2-512", PrfId::HMAC_SHA2_512}, {"aes-xcbc", PrfId::AES128_XCBC},
    {"aes-cmac", PrfId::AES128_CMAC},        {"hmac-sha1", PrfId::HMAC_SHA1},
    {"hmac-md5", PrfId::HMAC_MD5},
};

constexpr AlgorithmWord<IntegId> integ_table[] = {
    {"hmac-sha2-256", IntegId::HMAC_SHA2_256_128},
    {"hmac-sha2-384", IntegId::HMAC_SHA2_384_192},
    {"hmac-sha2-512", IntegId::HMAC_SHA2_512_256},
    {"aes-xcbc", IntegId::AES_XCBC_96},
    {"aes-cmac", IntegId::AES_CMAC_96},
    {"hmac-sha1", IntegId::HMAC_SHA1_96},
    {"hmac-sha1-160", IntegId::HMAC_SHA1_160},
    {"hmac-md5", IntegId::HMAC_MD5_96},
};

constexpr GroupWord group_table[] = {
    {"none", KeId::NONE},
    {"curve25519", KeId::CURVE25519},
    {"grp31", KeId::CURVE25519},
    {"curve448", KeId::CURVE448},
    {"grp32", KeId::CURVE448},
    {"ecp256", KeId::ECP_256},
    {"ec256", KeId::ECP_256},
    {"grp19", KeId::ECP_256},
    {"ecp384", KeId::ECP_384},
    {"ec384", KeId::ECP_384},
    {"grp20", KeId::ECP_384},
    {"ecp521", KeId::ECP_521},
    {"ec521", KeId::ECP_521},
    {"grp21", KeId::ECP_521},
    {"modp2048", KeId::MODP_2048},
    {"grp14", KeId::MODP_2048},
    {"modp3072", KeId::MODP_3072},
    {"grp15", KeId::MODP_3072},
    {"modp4096", KeId::MODP_4096},
    {"grp16", KeId::MODP_4096},
    {"modp6144", KeId::MODP_6144},
    {"grp17", KeId::MODP_6144},
    {"modp8192", KeId::MODP_8192},
    {"grp18", KeId::MODP_8192},
    {"brainpool256", KeId::BRAINPOOL_256},
    {"grp28", KeId::BRAINPOOL_256},
    {"brainpool384", KeId::BRAINPOOL_384},
    {"grp29", KeId::BRAINPOOL_384},
    {"brainpool512", KeId::BRAINPOOL_512},
    {"grp30", KeId::BRAINPOOL_512},
    {"brainpool224", KeId::BRAINPOOL_224},
    {"grp27", KeId::BRAINPOOL_224},
    {"ecp224", KeId::ECP_224},
    {"ec224", KeId::ECP_224},
    {"grp26", KeId::ECP_224},
    {"ecp192", KeId::ECP_192},
    {"ec192", KeId::ECP_192},
    {"grp25", KeId::ECP_192},
    {"modp2048-256", KeId::MODP_2048_256},
    {"grp24", KeId::MODP_2048_256},
    {"modp2048-224", KeId::MODP_2048_224},
    {"grp23", KeId::MODP_2048_224},
    {"modp1024-160", KeId::MODP_1024_160},
    {"grp22", KeId::MODP_1024_160},
    {"modp1536", KeId::MODP_1536},
    {"grp5", KeId::MODP_1536},
    {"modp1024", KeId::MODP_1024},
    {"grp2", KeId::MODP_1024},
    {"modp768", KeId::MODP_768},
    {"grp1", KeId::MODP_768},
    {"ec155", KeId::EC2N_155},
    {"grp3", KeId::EC2N_155},
    {"ec185", KeId::EC2N_185},
    {"grp4", KeId::EC2N_185},
};

}  // namespace

std::span<const AlgorithmWord<Encr>> encr_words() {
  return encr_table;
}
std::span<const AlgorithmWord<PrfId>> prf_words() {
  return prf_table;
}
std::span<const AlgorithmWord<IntegId>> integ_words() {
  return integ_table;
}
std::span<const AlgorithmWord<KeId>> group_words() {
  return group_table;
}

bool is_weak(const Encr& encr) {
  switch (encr.id) {
    case EncrId::DES:
    case EncrId::TDES:  // 64-bit blocks: RFC 8247 discourages it, RFC 8221 forbids it for ESP
    case EncrId::BLOWFISH:
    case EncrId::CAST:
      return true;
    default:
      return false;
  }
}

bool is_weak(PrfId prf) {
  return prf == PrfId::HMAC_MD5 || prf == PrfId::HMAC_SHA1;
}

bool is_weak(IntegId integ) {
  return integ == IntegId::HMAC_MD5_96 || integ == IntegId::HMAC_SHA1_96 ||
         integ == IntegId::HMAC_SHA1_160;
}

bool is_weak(KeId group) {
  switch (group) {
    case KeId::MODP_768:
    case KeId::MODP_1024:
    case KeId::MODP_1536:
    case KeId::MODP_1024_160:
    case KeId::MODP_2048_224:  // groups 22 to 24 may have been built to be broken (RFC 8247 2.4)
    case KeId::MODP_2048_256:
    case KeId::EC2N_155:
    case KeId::EC2N_185:
    case KeId::ECP_192:
    case KeId::ECP_224:
    case KeId::BRAINPOOL_224:
      return true;
    default:
      return false;
  }
}

std::span<const std::string_view> words_for_foreign(std::string_view word) {
  struct Row {
    std::string_view foreign;  // in lower case, without '-', '_' and '/'
    std::string_view ours[2];
  };
  static constexpr Row rows[] = {
      {"aes128cbc", {"aes-128"}},
      {"aes192cbc", {"aes-192"}},
      {"aes256cbc", {"aes-256"}},
      {"aes128gcm16", {"aes-128-gcm"}},
      {"aes256gcm16", {"aes-256-gcm"}},
      {"aesgcm", {"aes-128-gcm", "aes-256-gcm"}},
      {"aescbc", {"aes-128", "aes-256"}},
      {"sha", {"hmac-sha1"}},
      {"sha1", {"hmac-sha1"}},
      {"md5", {"hmac-md5"}},
      {"sha256", {"hmac-sha2-256"}},
      {"sha384", {"hmac-sha2-384"}},
      {"sha512", {"hmac-sha2-512"}},
      {"sha2256", {"hmac-sha2-256"}},
      {"sha2384", {"hmac-sha2-384"}},
      {"sha2512", {"hmac-sha2-512"}},
      {"hmacsha256", {"hmac-sha2-256"}},
      {"hmacsha384", {"hmac-sha2-384"}},
      {"hmacsha512", {"hmac-sha2-512"}},
      {"prfsha256", {"hmac-sha2-256"}},
      {"prfsha384", {"hmac-sha2-384"}},
      {"prfsha512", {"hmac-sha2-512"}},
      {"x25519", {"curve25519"}},
      {"x448", {"curve448"}},
      {"chacha20", {"chacha20-poly1305"}},
      {"chacha20poly1305", {"chacha20-poly1305"}},
      {"p256", {"ecp256"}},
      {"p384", {"ecp384"}},
      {"p521", {"ecp521"}},
      {"prime256v1", {"ecp256"}},
      {"secp256r1", {"ecp256"}},
      {"secp384r1", {"ecp384"}},
      {"secp521r1", {"ecp521"}},
      {"dh14", {"modp2048"}},
      {"dh19", {"ecp256"}},
      {"dh20", {"ecp384"}},
      {"dh21", {"ecp521"}},
      {"dh31", {"curve25519"}},
  };
  std::string small;
  for (char c : word) {
    if (c == '-' || c == '_' || c == '/') continue;
    small.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
  }
  for (const Row& row : rows) {
    if (row.foreign == small) return std::span(row.ours, row.ours[1].empty() ? 1 : 2);
  }
  return {};
}

std::string_view refusal_of_group(std::string_view word) {
  if (word == "sntrup761x25519") {
    return "it is a private group of OpenIKED without a number of IANA; use 'curve25519'";
  }
  return {};
}

}  // namespace iked::conf
