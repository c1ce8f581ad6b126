// SPDX-License-Identifier: ISC
// The expected keys were computed with a key schedule of a few lines of Python (hmac, hashlib).
#include "crypto/keys.h"

#include <gtest/gtest.h>

#include "crypto/algorithms.h"
#include "crypto/prf.h"
#include "crypto/test_hex.h"

namespace iked::crypto {
namespace {

const IkeSpi spi_i{0x0102030405060708};
const IkeSpi spi_r{0xa1a2a3a4a5a6a7a8};

Bytes nonce_i() {
  return counting(0x10, 32);
}
Bytes nonce_r() {
  return counting(0x50, 24);
}
SecretBytes shared() {
  return SecretBytes(counting(0xc0, 32));
}

/// Expects the seven keys to be the pieces of `block`, in this order and of these lengths.
void expect_keys(const IkeKeys& keys, std::string_view block, size_t prf, size_t integ,
                 size_t encr) {
  size_t at = 0;
  const auto next = [&](size_t length) {
    const std::string_view part = block.substr(2 * at, 2 * length);
    at += length;
    return part;
  };
  EXPECT_EQ(to_hex(keys.sk_d()), next(prf));
  EXPECT_EQ(to_hex(keys.sk_ai()), next(integ));
  EXPECT_EQ(to_hex(keys.sk_ar()), next(integ));
  EXPECT_EQ(to_hex(keys.sk_ei()), next(encr));
  EXPECT_EQ(to_hex(keys.sk_er()), next(encr));
  EXPECT_EQ(to_hex(keys.sk_pi()), next(prf));
  EXPECT_EQ(to_hex(keys.sk_pr()), next(prf));
  EXPECT_EQ(at, block.size() / 2);
}

TEST(IkeKeys, OfAnAeadEndWithTheSaltAndHaveNoIntegrityKeys) {
  const IkeSuite suite{
      .encr = {EncrId::AES_GCM_16, 256}, .prf = PrfId::HMAC_SHA2_256, .ke = KeId::CURVE25519};
  const IkeKeys keys = derive_ike_keys(suite, shared(), nonce_i(), nonce_r(), spi_i, spi_r);
  expect_keys(keys,
              "53ef260fa33b0d01dfc7bb18c64b08dc29cc677ecd15cd25b1b7e8bb49c24c32dbfa30aab917e85b"
              "097989e1c62838a76853f8c3021828ab39d5d07cc4bfc35fec15eac4becc6c6a835f1ff08644a718"
              "4c826040bba47b14181f26997fd88f819848aa3f84edc3d948b17e6980c58e24c66c1254fefde65c"
              "4d969de73d6a09cbae12fb12f42abc42d770ea294bee092634c35f0541da40326cf711587d7a5eda"
              "455213479f312f6e",
              32, 0, 36);
}

TEST(IkeKeys, OfCipherAndIntegrityStandInTheOrderOfTheRfc) {
  const IkeSuite suite{.encr = {EncrId::AES_CBC, 128},
                       .prf = PrfId::HMAC_SHA2_512,
                       .integ = IntegId::HMAC_SHA2_256_128,
                       .ke = KeId::ECP_256};
  const IkeKeys keys = derive_ike_keys(suite, shared(), nonce_i(), nonce_r(), spi_i, spi_r);
  expect_keys(keys,
              "e8aab15fb030fa6f76b9cb57f5353f8cd773cb2038651ad1dee59ea5f206f59f7e760cb078b741b5"
              "98176e1d54de4849784dc85fb1857aee7386722764a378e402f685b52db2dac70d8fa7e51658d640"
              "80cd446cd95dd3f6d606288d06a3d326eae04d5cc0b2e95ec410e2efa3ca1ba0c460a31124a70acf"
              "ec3b989c4f88c462ab2cd842e49e580e9753fae321cf15b71db55a42d42e280bbea7f1f43f2f2b5c"
              "1d22b36a4223d08df3ec014520e7a5fb5b6c4fc11ca82d67c772ba8f5caf64a3ce945065455b25b6"
              "4edaae06d0e69fc0cd34b55e480e9fedf9d653abce61a820018d8b98d8cf4bb1d334b147fc067956"
              "8e92c13dad57b161dc11cffd4b67c17a79d6e2ed3fc1deef937e1dcac7957132f1d3321f8e8ac100"
              "457c2089b26cfd91",
              64, 32, 16);
}

TEST(IkeKeys, OfChacha20Poly1305Take36Octets) {
  const IkeSuite suite{
      .encr = {EncrId::CHACHA20_POLY1305, 0}, .prf = PrfId::HMAC_SHA2_384, .ke = KeId::CURVE25519};
  const IkeKeys keys = derive_ike_keys(suite, shared(), nonce_i(), nonce_r(), spi_i, spi_r);
  expect_keys(keys,
              "db58b156b8a53f0366ba39b215ad75d20e39bc10c765f3b29ab948ba46ded3da95bba2ad19ad5835"
              "57f41a3cffa036e0df3d02170c4c540ef094fa3897ce934a9efd4ed130a3ed3975a9108ca3d0f0d5"
              "b7770fd64fc6ae192bd6b1bb2694e093cfd721f3182b583fa1fac09e6ac4298bc62c5bbe9340ba29"
              "ea2dc18386d625f2f574b9dc04f953acf741b1b3aa928553db537bb1d7c6b4a28baf3e6fc7584e1f"
              "873cbeee08d9dbc6bacab76c0839688c6a9538bd9f42b26cdd0861e72471932ebc856ae926655317"
              "f1f10fb946e558d8fad046fe9fd3cc2c",
              48, 0, 36);
}

TEST(IkeKeys, OfARekeyedSaComeFromTheOldPrfAndTheNewOne) {
  const IkeSuite suite{
      .encr = {EncrId::AES_GCM_16, 128}, .prf = PrfId::HMAC_SHA2_256, .ke = KeId::CURVE25519};
  const IkeKeys keys = derive_rekeyed_ike_keys(suite, PrfId::HMAC_SHA1, counting(0x70, 20),
                                               shared(), nonce_i(), nonce_r(), spi_i, spi_r);
  expect_keys(keys,
              "8982f3b4f2dd19640c21a62efc8412151624caebce699f695c24b0084dc3aa0fe4628a8dc61e79f9"
              "a723f5dbf072c6ced739338e560718c0ac080ab6ad573801ac3654c979c2a0e8e8b6d887c647736e"
              "1e56e2b3f5b471f7a33a8c1d50b8a29922bd229bf153ec9b513082ccaeeb55cc2033c7a959e0f4b8"
              "232186e928107b8c002ce3bee7a5dc19",
              32, 0, 20);
}

TEST(IkeKeys, HaveTheLengthsOfTheCatalogueInEverySuite) {
  for (const auto& encr : all_ike_encr()) {
    for (const auto& prf_row : all_ike_prf()) {
      const bool aead = is_aead(encr.id.id);
      for (const auto& integ : all_ike_integ()) {
        const IkeSuite suite{.encr = encr.id,
                             .prf = prf_row.id,
                             .integ = aead ? IntegId::NONE : integ.id,
                             .ke = KeId::CURVE25519};
        SCOPED_TRACE(to_string(suite));
        const IkeKeys keys = derive_ike_keys(suite, shared(), nonce_i(), nonce_r(), spi_i, spi_r);
        EXPECT_EQ(keys.sk_d().size(), prf_row.info.key);
        EXPECT_EQ(keys.sk_ai().size(), aead ? 0 : integ.info.key);
        EXPECT_EQ(keys.sk_er().size(), encr.info.key + encr.info.salt);
        EXPECT_EQ(keys.sk_pr().size(), prf_row.info.key);
        EXPECT_EQ(keys.sk_pr().data() + keys.sk_pr().size() - keys.sk_d().data(),
                  static_cast<ptrdiff_t>(3 * prf_row.info.key + 2 * keys.sk_ai().size() +
                                         2 * keys.sk_ei().size()));
      }
    }
  }
}

TEST(IkeKeys, DependOnEveryInput) {
  const IkeSuite suite{
      .encr = {EncrId::AES_GCM_16, 256}, .prf = PrfId::HMAC_SHA2_256, .ke = KeId::CURVE25519};
  const auto sk_d = [&](const SecretBytes& g, const Bytes& ni, const Bytes& nr, IkeSpi i,
                        IkeSpi r) {
    return to_hex(derive_ike_keys(suite, g, ni, nr, i, r).sk_d());
  };
  const std::string base = sk_d(shared(), nonce_i(), nonce_r(), spi_i, spi_r);
  EXPECT_NE(sk_d(SecretBytes(counting(0xc1, 32)), nonce_i(), nonce_r(), spi_i, spi_r), base);
  EXPECT_NE(sk_d(shared(), counting(0x11, 32), nonce_r(), spi_i, spi_r), base);
  EXPECT_NE(sk_d(shared(), nonce_i(), counting(0x51, 24), spi_i, spi_r), base);
  EXPECT_NE(sk_d(shared(), nonce_i(), nonce_r(), IkeSpi{1}, spi_r), base);
  EXPECT_NE(sk_d(shared(), nonce_i(), nonce_r(), spi_i, IkeSpi{1}), base);
  EXPECT_NE(sk_d(shared(), nonce_r(), nonce_i(), spi_r, spi_i), base);
}

TEST(IkeKeys, AreEmptyBeforeTheyAreDerivedAndAfterTheyMoved) {
  IkeKeys keys;
  EXPECT_TRUE(keys.empty());
  const IkeSuite suite{
      .encr = {EncrId::AES_GCM_16, 256}, .prf = PrfId::HMAC_SHA2_256, .ke = KeId::CURVE25519};
  keys = derive_ike_keys(suite, shared(), nonce_i(), nonce_r(), spi_i, spi_r);
  EXPECT_FALSE(keys.empty());
  const IkeKeys other = std::move(keys);
  EXPECT_TRUE(keys.empty());  // NOLINT: what is left is specified
  EXPECT_EQ(other.sk_d().size(), 32u);
}

TEST(IkeKeysDeathTest, LengthsMustFillTheBlock) {
  EXPECT_DEATH(IkeKeys(SecretBytes(10), 1, 1, 1), "block");
}

TEST(ChildKeys, OfAnAeadAreCutInitiatorFirst) {
  const ChildSuite suite{.encr = {EncrId::AES_GCM_16, 128}};
  const ChildKeys keys = derive_child_keys(PrfId::HMAC_SHA2_256, counting(0x70, 32), suite, nullptr,
                                           nonce_i(), nonce_r());
  EXPECT_EQ(hex(keys.encr_i), "37263f4a4215540079697d85f0f3cc2532e79b60");
  EXPECT_EQ(hex(keys.encr_r), "c605cac6ff65f957b70ffe8d758697a08efc353c");
  EXPECT_TRUE(keys.integ_i.empty());
  EXPECT_TRUE(keys.integ_r.empty());
}

TEST(ChildKeys, WithPfsStartFromTheFreshSecretAndPutEncryptionFirst) {
  const ChildSuite suite{
      .encr = {EncrId::AES_CBC, 256}, .integ = IntegId::HMAC_SHA2_512_256, .ke = KeId::CURVE25519};
  const SecretBytes fresh = shared();
  const ChildKeys keys = derive_child_keys(PrfId::HMAC_SHA2_256, counting(0x70, 32), suite, &fresh,
                                           nonce_i(), nonce_r());
  EXPECT_EQ(hex(keys.encr_i), "4e53963ae1ffc1098be78c7f1df367074bb2d4153598ecf1ed6d2b29c71cfc85");
  EXPECT_EQ(
      hex(keys.integ_i),
      "a70670852c9f434c086eb69d122a61f9e0849af3acea1ce137bf4fa0c43462766b8e0569b49e98aea5737174"
      "5e4a8742f52d4f5ac1398ae5f067644134db74f2");
  EXPECT_EQ(hex(keys.encr_r), "4bf8c55c167192fccb30b4c8bab3fc8eafc86731b2bcbba8e36e53afc58e96ac");
  EXPECT_EQ(
      hex(keys.integ_r),
      "0417c927de3c77e8316bf59c313faac3387038241d448b12f78d471f834688b285c2450a06335ee5e3eade60"
      "41400b542742ae391d73418e8219cc7b6baebe8d");
}

TEST(ChildKeys, OfAhHaveIntegrityOnly) {
  const ChildSuite suite{.protocol = ProtocolId::AH, .integ = IntegId::HMAC_SHA1_96};
  const ChildKeys keys = derive_child_keys(PrfId::HMAC_SHA2_256, counting(0x70, 32), suite, nullptr,
                                           nonce_i(), nonce_r());
  EXPECT_TRUE(keys.encr_i.empty());
  EXPECT_TRUE(keys.encr_r.empty());
  EXPECT_EQ(hex(keys.integ_i), "37263f4a4215540079697d85f0f3cc2532e79b60");
  EXPECT_EQ(hex(keys.integ_r), "c605cac6ff65f957b70ffe8d758697a08efc353c");
}

TEST(SignedOctets, AreMessageOtherNonceAndPrfOfTheId) {
  const ByteView message = as_bytes("the whole first message");
  Bytes id{2, 0, 0, 0};  // type FQDN, reserved
  append(id, as_bytes("east.example.org"));
  const Bytes octets =
      signed_octets(PrfId::HMAC_SHA2_256, message, nonce_r(), counting(0x20, 32), id);
  Bytes expected = to_bytes(message);
  append(expected, nonce_r());
  append(expected, unhex("2667a9996e1c38951e12bd9ab3b20bbc78d741b86f42d24370912a914dd917ca"));
  EXPECT_EQ(to_hex(octets), to_hex(expected));
}

TEST(PskAuthValue, UsesTheKeyPadWithoutTerminator) {
  const SecretBytes psk(as_bytes("mekmitasdigoat"));
  Bytes id{2, 0, 0, 0};
  append(id, as_bytes("east.example.org"));
  const auto auth = [&](PrfId prf_id) {
    return hex(psk_auth_value(prf_id, psk,
                              signed_octets(prf_id, as_bytes("the whole first message"), nonce_r(),
                                            counting(0x20, 32), id)));
  };
  EXPECT_EQ(auth(PrfId::HMAC_SHA2_256),
            "d8e8e57110670110c5138bf2eb9a8a18c0bc3c00b265552a78d9d553787491ce");
  EXPECT_EQ(auth(PrfId::HMAC_SHA1), "54bfce9536aaab44fd20e5db790f21a5bb049b6d");
}

}  // namespace
}  // namespace iked::crypto
