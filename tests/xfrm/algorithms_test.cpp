// SPDX-License-Identifier: ISC
#include "xfrm/algorithms.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace iked::xfrm {
namespace {

struct CipherCase {
  Encr encr;
  std::string_view name;
  size_t key_octets;
  unsigned icv_bits;
};

// Rows T-011 to T-023 of the requirements, and the AEADs.
TEST(KernelCipher, HasTheKernelsNameKeySizeAndIcvOfEachAlgorithm) {
  const std::vector<CipherCase> cases{
      {{EncrId::DES, 0}, "cbc(des)", 8, 0},
      {{EncrId::TDES, 0}, "cbc(des3_ede)", 24, 0},
      {{EncrId::CAST, 128}, "cbc(cast5)", 16, 0},
      {{EncrId::BLOWFISH, 160}, "cbc(blowfish)", 20, 0},
      {{EncrId::ENCR_NULL, 0}, "ecb(cipher_null)", 0, 0},
      {{EncrId::AES_CBC, 128}, "cbc(aes)", 16, 0},
      {{EncrId::AES_CBC, 192}, "cbc(aes)", 24, 0},
      {{EncrId::AES_CBC, 256}, "cbc(aes)", 32, 0},
      {{EncrId::AES_CTR, 128}, "rfc3686(ctr(aes))", 20, 0},
      {{EncrId::AES_CCM_8, 128}, "rfc4309(ccm(aes))", 19, 64},
      {{EncrId::AES_CCM_12, 192}, "rfc4309(ccm(aes))", 27, 96},
      {{EncrId::AES_CCM_16, 256}, "rfc4309(ccm(aes))", 35, 128},
      {{EncrId::AES_GCM_8, 128}, "rfc4106(gcm(aes))", 20, 64},
      {{EncrId::AES_GCM_12, 192}, "rfc4106(gcm(aes))", 28, 96},
      {{EncrId::AES_GCM_16, 256}, "rfc4106(gcm(aes))", 36, 128},
      {{EncrId::NULL_AUTH_AES_GMAC, 256}, "rfc4543(gcm(aes))", 36, 128},
      {{EncrId::CAMELLIA_CBC, 256}, "cbc(camellia)", 32, 0},
      {{EncrId::CHACHA20_POLY1305, 0}, "rfc7539esp(chacha20,poly1305)", 36, 128},
  };
  for (const CipherCase& c : cases) {
    const auto cipher = kernel_cipher(c.encr);
    ASSERT_TRUE(cipher) << c.name << ": " << cipher.error().text;
    EXPECT_EQ(cipher->name, c.name);
    EXPECT_EQ(cipher->key_octets, c.key_octets) << c.name;
    EXPECT_EQ(cipher->icv_bits, c.icv_bits) << c.name;
    EXPECT_EQ(cipher->aead(), is_aead(c.encr.id)) << c.name;
  }
}

TEST(KernelCipher, RefusesKeyLengthsThatTheAlgorithmDoesNotHave) {
  for (const Encr& encr : {Encr{EncrId::AES_CBC, 0}, Encr{EncrId::AES_CBC, 100},
                           Encr{EncrId::AES_GCM_16, 64}, Encr{EncrId::DES, 128},
                           Encr{EncrId::ENCR_NULL, 128}, Encr{EncrId::CHACHA20_POLY1305, 128}}) {
    const auto cipher = kernel_cipher(encr);
    ASSERT_FALSE(cipher) << cipher->name;
    EXPECT_NE(cipher.error().text.find("has no key length of"), std::string::npos);
  }
}

TEST(KernelCipher, RefusesWhatTheKernelHasNoNameFor) {
  const auto cipher = kernel_cipher({EncrId{200}, 128});
  ASSERT_FALSE(cipher);
  EXPECT_EQ(cipher.error().text, "enc 200 is not an algorithm of the kernel's ESP");
}

// Rows T-001 to T-005: the truncation is always explicit.
TEST(KernelMac, HasTheKernelsNameKeySizeAndTruncationOfEachAlgorithm) {
  const std::vector<std::tuple<IntegId, std::string_view, size_t, unsigned>> cases{
      {IntegId::HMAC_MD5_96, "hmac(md5)", 16, 96},
      {IntegId::HMAC_SHA1_96, "hmac(sha1)", 20, 96},
      {IntegId::HMAC_SHA1_160, "hmac(sha1)", 20, 160},
      {IntegId::AES_XCBC_96, "xcbc(aes)", 16, 96},
      {IntegId::AES_CMAC_96, "cmac(aes)", 16, 96},
      {IntegId::HMAC_SHA2_256_128, "hmac(sha256)", 32, 128},
      {IntegId::HMAC_SHA2_384_192, "hmac(sha384)", 48, 192},
      {IntegId::HMAC_SHA2_512_256, "hmac(sha512)", 64, 256},
  };
  for (const auto& [id, name, key_octets, truncated_bits] : cases) {
    const auto mac = kernel_mac(id);
    ASSERT_TRUE(mac) << name;
    EXPECT_EQ(mac->name, name);
    EXPECT_EQ(mac->key_octets, key_octets) << name;
    EXPECT_EQ(mac->truncated_bits, truncated_bits) << name;
  }
  EXPECT_FALSE(kernel_mac(IntegId::NONE));
  EXPECT_FALSE(kernel_mac(IntegId{99}));
}

}  // namespace
}  // namespace iked::xfrm
