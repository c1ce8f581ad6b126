// SPDX-License-Identifier: ISC
// Where the answers come from: HMAC, RFC 2202 and RFC 4231 case 2; AES-XCBC and AES-CMAC, RFC 4434
// and RFC 4615; AES-CBC, NIST SP 800-38A F.2 with its first two blocks, the ICV computed with
// Python; AES-GCM, cases 4, 10 and 16 of the GCM specification; ChaCha20-Poly1305, RFC 8439 2.8.2;
// 3DES, Camellia, AES-CTR and AES-CCM, computed with PyCryptodome and Python; key exchanges,
// computed in plain Python from the groups' definitions, the MODP primes from pi.
#include "crypto/known_answers.h"

namespace iked::crypto {
namespace {

constexpr std::string_view jefe = "4a656665";
constexpr std::string_view wanted = "7768617420646f2079612077616e7420666f72206e6f7468696e673f";
constexpr std::string_view twenty = "000102030405060708090a0b0c0d0e0f10111213";
constexpr std::string_view cbc_before = "00112233";
constexpr std::string_view cbc_iv = "000102030405060708090a0b0c0d0e0f";
constexpr std::string_view cbc_text =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
constexpr std::string_view integ_key =
    "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
    "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f";
constexpr std::string_view gcm_before = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr std::string_view gcm_text =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b5"
    "25b16aedf5aa0de657ba637b39";

constexpr std::string_view gcm_128_sealed =
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466"
    "931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47";
constexpr std::string_view gcm_192_sealed =
    "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144"
    "c525ac619d18c84a3f4718e2448b2fe324d9ccda27102519498e80f1478f37ba55bd6d27618c";
constexpr std::string_view gcm_256_sealed =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590d"
    "bb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b";

constexpr PrfAnswer prf_answers[] = {
    {.id = PrfId::HMAC_MD5,
     .key = jefe,
     .data = wanted,
     .digest = "750c783e6ab0b503eaa86e310a5db738"},
    {.id = PrfId::AES128_XCBC,
     .key = "000102030405060708090a0b0c0d0e0f",
     .data = twenty,
     .digest = "47f51b4564966215b8985c63055ed308"},
    {.id = PrfId::AES128_XCBC,
     .key = "00010203040506070809",
     .data = twenty,
     .digest = "0fa087af7d866e7653434e602fdde835"},
    {.id = PrfId::AES128_XCBC,
     .key = "000102030405060708090a0b0c0d0e0fedcb",
     .data = twenty,
     .digest = "8cd3c93ae598a9803006ffb67c40e9e4"},
    {.id = PrfId::AES128_CMAC,
     .key = "000102030405060708090a0b0c0d0e0f",
     .data = twenty,
     .digest = "980ae87b5f4c9c5214f5b6a8455e4c2d"},
    {.id = PrfId::AES128_CMAC,
     .key = "00010203040506070809",
     .data = twenty,
     .digest = "290d9e112edb09ee141fcf64c0b72f3d"},
    {.id = PrfId::AES128_CMAC,
     .key = "000102030405060708090a0b0c0d0e0fedcb",
     .data = twenty,
     .digest = "84a348a4a45d235babfffc0d2b4da09a"},
    {.id = PrfId::HMAC_SHA1,
     .key = jefe,
     .data = wanted,
     .digest = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {.id = PrfId::HMAC_SHA2_256,
     .key = jefe,
     .data = wanted,
     .digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {.id = PrfId::HMAC_SHA2_384,
     .key = jefe,
     .data = wanted,
     .digest = "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69"
               "e2c78b3239ecfab21649"},
    {.id = PrfId::HMAC_SHA2_512,
     .key = jefe,
     .data = wanted,
     .digest = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a"
               "994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
};

constexpr SealAnswer seal_answers[] = {
    {.encr = {EncrId::AES_CBC, 128},
     .integ = IntegId::HMAC_SHA1_96,
     .encr_key = "2b7e151628aed2a6abf7158809cf4f3c",
     .integ_key = integ_key.substr(0, 2 * 20),
     .before = cbc_before,
     .iv = cbc_iv,
     .text = cbc_text,
     .sealed = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b29f55e99c6d6f"
               "33d1fbae1001"},
    {.encr = {EncrId::AES_CBC, 128},
     .integ = IntegId::HMAC_SHA2_256_128,
     .encr_key = "2b7e151628aed2a6abf7158809cf4f3c",
     .integ_key = integ_key.substr(0, 2 * 32),
     .before = cbc_before,
     .iv = cbc_iv,
     .text = cbc_text,
     .sealed = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b29ceb46ec3d5c"
               "54b07f448e12ad306f88"},
    {.encr = {EncrId::AES_CBC, 128},
     .integ = IntegId::HMAC_SHA2_384_192,
     .encr_key = "2b7e151628aed2a6abf7158809cf4f3c",
     .integ_key = integ_key.substr(0, 2 * 48),
     .before = cbc_before,
     .iv = cbc_iv,
     .text = cbc_text,
     .sealed = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b29c21761a55c9"
               "48f76b8cc1bd2971130dc95edbeaa3e4e754"},
    {.encr = {EncrId::AES_CBC, 128},
     .integ = IntegId::HMAC_SHA2_512_256,
     .encr_key = "2b7e151628aed2a6abf7158809cf4f3c",
     .integ_key = integ_key.substr(0, 2 * 64),
     .before = cbc_before,
     .iv = cbc_iv,
     .text = cbc_text,
     .sealed = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2433979ff856b"
               "14a341c001da58f445cd3ff6ed82e8eff1d70196f411f93be951"},
    {.encr = {EncrId::AES_CBC, 192},
     .integ = IntegId::HMAC_SHA2_256_128,
     .encr_key = "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
     .integ_key = integ_key.substr(0, 2 * 32),
     .before = cbc_before,
     .iv = cbc_iv,
     .text = cbc_text,
     .sealed = "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a0a64849706c5"
               "04eb2e88604f52ddc8e6"},
    {.encr = {EncrId::AES_CBC, 256},
     .integ = IntegId::HMAC_SHA2_256_128,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     .integ_key = integ_key.substr(0, 2 * 32),
     .before = cbc_before,
     .iv = cbc_iv,
     .text = cbc_text,
     .sealed = "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7dca39f824749f"
               "ee0e3e739887359596bb"},
    {.encr = {EncrId::AES_GCM_8, 128},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308cafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = gcm_128_sealed.substr(0, gcm_128_sealed.size() - 2 * 8)},
    {.encr = {EncrId::AES_GCM_12, 128},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308cafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = gcm_128_sealed.substr(0, gcm_128_sealed.size() - 2 * 4)},
    {.encr = {EncrId::AES_GCM_16, 128},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308cafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = gcm_128_sealed},
    {.encr = {EncrId::AES_GCM_8, 192},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = gcm_192_sealed.substr(0, gcm_192_sealed.size() - 2 * 8)},
    {.encr = {EncrId::AES_GCM_12, 192},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = gcm_192_sealed.substr(0, gcm_192_sealed.size() - 2 * 4)},
    {.encr = {EncrId::AES_GCM_16, 192},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = gcm_192_sealed},
    {.encr = {EncrId::AES_GCM_8, 256},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308cafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = gcm_256_sealed.substr(0, gcm_256_sealed.size() - 2 * 8)},
    {.encr = {EncrId::AES_GCM_12, 256},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308cafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = gcm_256_sealed.substr(0, gcm_256_sealed.size() - 2 * 4)},
    {.encr = {EncrId::AES_GCM_16, 256},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308cafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = gcm_256_sealed},
    {.encr = {EncrId::CHACHA20_POLY1305, 0},
     .integ = IntegId::NONE,
     .encr_key = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f07000000",
     .integ_key = "",
     .before = "50515253c0c1c2c3c4c5c6c7",
     .iv = "4041424344454647",
     .text = "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f662027"
             "39393a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020"
             "666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069742e",
     .sealed = "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9"
               "671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee3"
               "28091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116"
               "1ae10b594f09e26a7e902ecbd0600691"},
    {.encr = {EncrId::AES_CTR, 128},
     .integ = IntegId::HMAC_MD5_96,
     .encr_key = "603deb1015ca71be2b73aef0857d778100000030",
     .integ_key = integ_key.substr(0, 2 * 16),
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "1c0e4c2fca52f72833b89a82080c7c4d97b2f577da9e9b33b57210b14bf1201123b0e65fe06d"
               "94dd1f52d581"},
    {.encr = {EncrId::AES_CTR, 192},
     .integ = IntegId::HMAC_SHA1_160,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d700000030",
     .integ_key = integ_key.substr(0, 2 * 20),
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "b7d48310631c4b13673796cdb8b22a11eac11bfd1e0d2535fff55b28aae8a66a478621dbde0a"
               "2abe89479a489497eaf20e4d81fb"},
    {.encr = {EncrId::AES_CTR, 256},
     .integ = IntegId::AES_XCBC_96,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff400000030",
     .integ_key = integ_key.substr(0, 2 * 16),
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "16f16f9dab767b74b3672f084e7a9b51dae8184649d3e8e8b6983f1d8542fbefbe6de8d8c60c"
               "6b9f3953512b"},
    {.encr = {EncrId::CAMELLIA_CBC, 128},
     .integ = IntegId::AES_CMAC_96,
     .encr_key = "603deb1015ca71be2b73aef0857d7781",
     .integ_key = integ_key.substr(0, 2 * 16),
     .before = cbc_before,
     .iv = "000102030405060708090a0b0c0d0e0f",
     .text = cbc_text,
     .sealed = "ac76022c747358dc499642bd7584864ef1b75ec9fd6d516f0574912defac5c7a4aa5f18de24c"
               "2d9cacd52e77"},
    {.encr = {EncrId::CAMELLIA_CBC, 192},
     .integ = IntegId::HMAC_SHA2_256_128,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d7",
     .integ_key = integ_key.substr(0, 2 * 32),
     .before = cbc_before,
     .iv = "000102030405060708090a0b0c0d0e0f",
     .text = cbc_text,
     .sealed = "11bf3fc691797d313255c2ffca07c67336f1a5ee2eaa0f1ac2d3e5d1c28b1990a22a4e6fa8f6"
               "277e7a75302e63486f50"},
    {.encr = {EncrId::CAMELLIA_CBC, 256},
     .integ = IntegId::HMAC_SHA2_256_128,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     .integ_key = integ_key.substr(0, 2 * 32),
     .before = cbc_before,
     .iv = "000102030405060708090a0b0c0d0e0f",
     .text = cbc_text,
     .sealed = "e6cfa35fc02b134a4d2c0b6737ac3eda36cbeb73bd504b4070b1b7de2b21eb503ea73edbae26"
               "836d80fb6fe69a8f3eb7"},
    {.encr = {EncrId::TDES, 0},
     .integ = IntegId::HMAC_SHA1_96,
     .encr_key = "0123456789abcdef23456789abcdef01456789abcdef0123",
     .integ_key = integ_key.substr(0, 2 * 20),
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "df4fb48a5c3414fa340a1553efae84317b4c6aab8845fb9247ee5e08514dd2bc7520c86c8bfe"
               "a3d5a096486e"},
    {.encr = {EncrId::AES_CCM_8, 128},
     .integ = IntegId::NONE,
     .encr_key = "603deb1015ca71be2b73aef0857d7781a1a2a3",
     .integ_key = "",
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "82c23a7bbdfc5d1670cb792f2e6db7440256d622bd6dbc6787f2050c5bcbf22c6f94c4efdefa"
               "ade9"},
    {.encr = {EncrId::AES_CCM_8, 192},
     .integ = IntegId::NONE,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d7a1a2a3",
     .integ_key = "",
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "2cece6e73d59e28eca7c3b879136a4c3c3fb2dcfffc422a70609371454da48b643c1180fc175"
               "e13e"},
    {.encr = {EncrId::AES_CCM_8, 256},
     .integ = IntegId::NONE,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4a1a2a3",
     .integ_key = "",
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "0f231550419526668a84e0b5920dd18d124f4c3b32450a357fbafa1fbbbbbbcadfb3705e0b5f"
               "42e5"},
    {.encr = {EncrId::AES_CCM_12, 128},
     .integ = IntegId::NONE,
     .encr_key = "603deb1015ca71be2b73aef0857d7781a1a2a3",
     .integ_key = "",
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "82c23a7bbdfc5d1670cb792f2e6db7440256d622bd6dbc6787f2050c5bcbf22cbea90a87cb4f"
               "52e6d7bbc6a6"},
    {.encr = {EncrId::AES_CCM_12, 192},
     .integ = IntegId::NONE,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d7a1a2a3",
     .integ_key = "",
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "2cece6e73d59e28eca7c3b879136a4c3c3fb2dcfffc422a70609371454da48b6736b52020632"
               "4a8e4390ae12"},
    {.encr = {EncrId::AES_CCM_12, 256},
     .integ = IntegId::NONE,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4a1a2a3",
     .integ_key = "",
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "0f231550419526668a84e0b5920dd18d124f4c3b32450a357fbafa1fbbbbbbca568d5f47b420"
               "89c5bc8a4ccb"},
    {.encr = {EncrId::AES_CCM_16, 128},
     .integ = IntegId::NONE,
     .encr_key = "603deb1015ca71be2b73aef0857d7781a1a2a3",
     .integ_key = "",
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "82c23a7bbdfc5d1670cb792f2e6db7440256d622bd6dbc6787f2050c5bcbf22c058f09d66daf"
               "1218293d2c376ea79fd2"},
    {.encr = {EncrId::AES_CCM_16, 192},
     .integ = IntegId::NONE,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d7a1a2a3",
     .integ_key = "",
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "2cece6e73d59e28eca7c3b879136a4c3c3fb2dcfffc422a70609371454da48b601eaf8ff03b3"
               "eb3c778c0f6e8e36d53f"},
    {.encr = {EncrId::AES_CCM_16, 256},
     .integ = IntegId::NONE,
     .encr_key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4a1a2a3",
     .integ_key = "",
     .before = cbc_before,
     .iv = "0001020304050607",
     .text = cbc_text,
     .sealed = "0f231550419526668a84e0b5920dd18d124f4c3b32450a357fbafa1fbbbbbbca35be9e8c86ac"
               "033b838eace14f6b1ba0"},
};

constexpr KeyExchangeAnswer key_exchange_answers[] = {
    {KeId::MODP_768, "390057023cdb17df29283ec3cebc5c7c0a0eb04c6c1e6e7d75d4e80a78fb4d6e"},
    {KeId::MODP_1024, "538e21afffd5ee1daa837baa17bd7822b76e8b76604b94e5c7e57de4c813f8b5"},
    {KeId::MODP_1536, "1dbf1993fee8ec6f1da3d1cd6f91eb6d53e75b32158ce7ff06beef5ea722f1af"},
    {KeId::MODP_2048, "ce8c875506bd98cc4b8dd80c693137ecc2bcdce5118138108e034d7fdc69441c"},
    {KeId::MODP_3072, "7f0719d189fdd3d1ed8f8105a184588607f4b8a7ff53d0831c8bb38ff8eb3eaf"},
    {KeId::MODP_4096, "4edfcaa8fafcc785d3c5751be1b12e571e26a7ab5d2f96a6edd7968a4fd27c16"},
    {KeId::MODP_6144, "5993e009ea9e6da8c5afef86da4392a5cf19176fb27ac6b4374e0c06a3dd6dfd"},
    {KeId::MODP_8192, "17f70b6930714533a04df4fc5dcd0fb8c071256665a8f1986adde9043a3433c5"},
    {KeId::MODP_1024_160, "8129bf815c752bce5c5107d3f9dc349e170aa40acb4905c4e499e5e07f7d9dc8"},
    {KeId::MODP_2048_224, "fe5ffb946bd120ea0ff4a3a8569bf5bde6ac7c8149de69886b99aba01e02e000"},
    {KeId::MODP_2048_256, "2c5225c76bbfafacc8e35e7d5ad749177e655baf56edb850673fc7e91bafde3f"},
    {KeId::ECP_192, "6dbc1a619e418a690344358aa1bbf99dcc317adccb842cc4ad8e44e905abdc56"},
    {KeId::ECP_224, "2486fc07f9fe7d6fb97a8d87d384e077097fdcede06e98c9ecb221a3bc86f92d"},
    {KeId::ECP_256, "c1fb5d81c4916a941542d3854c352aa7bfedf03dbff0f1a8aef9ab2f69ecddf8"},
    {KeId::ECP_384, "3ce0201f553a06859bef6195ea46544ef22815caf4b747cfee3361b4af6f5073"},
    {KeId::ECP_521, "3f73e9db9a50459127bbb2d54d9d78c66192b94e9907a063f35ce11b84b1e5a9"},
    {KeId::BRAINPOOL_224, "22037cd0f9b1964d3721d8fce47c730d1259f9ba87623cada369d6a50752bd15"},
    {KeId::BRAINPOOL_256, "dbe3e25878c1cc0f96254fe30273799c7db011e3cd9f00f38337136a7c66e068"},
    {KeId::BRAINPOOL_384, "f59e763246e5575ed88b45f8d859f646d6fafc005072a92f23316daf70ce78fd"},
    {KeId::BRAINPOOL_512, "3333c875bb4be639c51a001f1dd715aa054ac6a9c79a0e2701dd436e3ce6677a"},
    {KeId::EC2N_155, "9e2ab7f922a988fce467134df7f50ed59026cdf13c1c1f9d2f65b42f08815ce7"},
    {KeId::EC2N_185, "e222069d5cfdb84ea9be85a6377ccd006b5c75666f12ef77b0c32a9a9eb66d93"},
    {KeId::CURVE25519, "a9368bde2222b5b4cbab8f617d467ea60e54f95f882754b956d4a9dbc147b6d3"},
    {KeId::CURVE448, "355b1bc4ab25751265bfdd1d6d435cb4ef0c69ecb4103d473527292b4305792a"},
};

}  // namespace

const KnownAnswers& known_answers() {
  static constexpr KnownAnswers all{prf_answers, seal_answers, key_exchange_answers};
  return all;
}

}  // namespace iked::crypto
