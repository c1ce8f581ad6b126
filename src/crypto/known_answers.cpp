// SPDX-License-Identifier: ISC
// Where the answers come from: HMAC, RFC 2202 and RFC 4231 case 2; AES-CBC, NIST SP 800-38A F.2
// with its first two blocks, the ICV computed with Python; AES-GCM, cases 4, 10 and 16 of the GCM
// specification; ChaCha20-Poly1305, RFC 8439 2.8.2; MODP, computed with Python's pow(); P-256, RFC
// 5903 8.1 (the random octets are the private key less 1); curve25519, RFC 7748 6.1.
#include "crypto/known_answers.h"

namespace iked::crypto {
namespace {

constexpr std::string_view jefe = "4a656665";
constexpr std::string_view wanted = "7768617420646f2079612077616e7420666f72206e6f7468696e673f";
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

constexpr PrfAnswer prf_answers[] = {
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
    {.encr = {EncrId::AES_GCM_16, 128},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308cafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466"
               "931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    {.encr = {EncrId::AES_GCM_16, 192},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144"
               "c525ac619d18c84a3f4718e2448b2fe324d9ccda27102519498e80f1478f37ba55bd6d27618c"},
    {.encr = {EncrId::AES_GCM_16, 256},
     .integ = IntegId::NONE,
     .encr_key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308cafebabe",
     .integ_key = "",
     .before = gcm_before,
     .iv = "facedbaddecaf888",
     .text = gcm_text,
     .sealed = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590d"
               "bb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
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
};

constexpr KeyExchangeAnswer key_exchange_answers[] = {
    {.id = KeId::MODP_2048,
     .random = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5"
               "a6a7",
     .peer_value = "562ee104030f327e5c518253fa39ce636f54abaa96005b4157099188a354f9a68d10240e182f"
                   "4e3042557547b48a0c99aed1bd161e5d76551bee37ec06242d0ffa33128894081721c1e47224"
                   "60fd93977c964a83a018992378eccc8b23ac6b7dc82e19b91bfc6859442220c754cd1e5caacd"
                   "cd0e97b4e4be28024f5c7bc4babc37278433486aa8a95469c5eaa93bac24befeed066c2c96e8"
                   "18a80a3255abe3f135fb21485b03153f643673633fec276738c10cb982d7daf91191f911848c"
                   "d57401cdbb6b54774dc1a8b2d1edf43ea2cb1b11fc86e6068054c1fedc9bdfbf78fbd95acb72"
                   "44f58886b3cba6696b3f0ce62bf8b7fdcf89a93423aaa7080de6a1b1",
     .public_value = "d61f836ea2ef1e6650ab61a63a0efd8314f3a7ff618df59221598cdf773371ebe86ebc17460c"
                     "7bf931c6316e1bb4575b055ced36ed99619995550f39564bc9c6735b00b29934d5e53d0da1bc"
                     "cee34f9ae7ae4c2f88bf36ce31608a279d39a0e5b5b798c1b506710cef6d248abac65ccf2b45"
                     "dadf73a27fdc33dedf8f5943df0dab4622500fc1e604aa663e57354ffa0149a5f44bdfd71943"
                     "97e8a21245e1260e8a2d097c59de0d526cf1e399cc17e421eb887663132067671b85adaf5088"
                     "b5e3b56f1ab2e38d066b125f30df821402241d582b09faa60b7334814a059a1444376dd9fe00"
                     "4738c3ce204ad96ff4d6c1a26ec88f59dfdc7f5a47c3c186f770606c",
     .shared = "866c295e2035a4482480d00bfeaa53418c323138d3d624a0ad88b48e16d4ebf37858f4d72510"
               "7a80d35293d171f75d52de5d19fd08845de5c0492e0d4bfc5d1679cc93f38883545d46d04609"
               "7e5204d91dba6eca55ef86ed6c821fed752fbdbd31d0336f5f19b7688413086095f798fd65ec"
               "2950b201ef797b40a3344e6b8e546c2d5c4e70f8233097a112cf3fc1600a6b27e6b72638dbc0"
               "2138a6bc9927a4fbb74173b52c000c53d7699370172c9d1b775be4f9f0b9e24b66663022b4fa"
               "b6b4df92c442eec14f9ce4f62c1d3f97051d6fcf702ccefb86301486680d2e87045b0f871002"
               "8a2984aeb6cfa104735c484ca2a94eb9ca136227a95035be88cf6a0b"},
    {.id = KeId::ECP_256,
     .random = "00000000000000000000000000000000c88f01f510d9ac3f70a292daa2316de544e9aab8afe8"
               "4049c62a9c57862d1432",
     .peer_value = "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366c"
                   "c23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
     .public_value = "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb"
                     "8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
     .shared = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
    {.id = KeId::CURVE25519,
     .random = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
     .peer_value = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
     .public_value = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
     .shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
};
}  // namespace

const KnownAnswers& known_answers() {
  static constexpr KnownAnswers all{prf_answers, seal_answers, key_exchange_answers};
  return all;
}

}  // namespace iked::crypto
