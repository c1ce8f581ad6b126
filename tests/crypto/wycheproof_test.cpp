// SPDX-License-Identifier: ISC
// The files of Project Wycheproof against our own functions. What is "invalid" there must be
// refused here, whatever the library below thinks of it. "Acceptable" is decided as said at each
// test.
#include <algorithm>

#include "crypto/algorithms.h"
#include "crypto/key_exchange.h"
#include "crypto/message_cipher.h"
#include "crypto/prf.h"
#include "crypto/vectors.h"

namespace iked::crypto {
namespace {

bool is(const Json& test, const char* result) {
  return test.at("result") == result;
}

// ---- HMAC ---------------------------------------------------------------------------------------

/// The MAC as the ICV of a message without text: message = before | IV | ICV. Null where `text` is
/// shorter than an IV.
std::optional<bool> opens_as_icv(IntegId integ, const Bytes& key, Bytes text, const Bytes& tag) {
  const Bytes encr_key(16);
  const size_t iv = ike_encr({EncrId::AES_CBC, 128})->iv;
  if (text.size() < iv) return std::nullopt;
  const size_t iv_offset = text.size() - iv;
  append(text, tag);
  return open_in_place({{EncrId::AES_CBC, 128}, integ, encr_key, key}, text, iv_offset);
}

void check_hmac(const Json& file, PrfId id, IntegId integ, size_t least_opened) {
  Tally tally;
  size_t opened = 0;  // also tried as the ICV of a message
  for (const Json& group : file.at("testGroups")) {
    const size_t tag_octets = group.at("tagSize").get<size_t>() / 8;
    const size_t key_octets = group.at("keySize").get<size_t>() / 8;
    for (const Json& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId"));
      const Bytes key = octets_of(test, "key");
      const Bytes text = octets_of(test, "msg");
      const Bytes tag = octets_of(test, "tag");
      const SecretBytes mac = prf(id, key, {text});
      const bool right = equal_constant_time(mac.reveal().first(tag_octets), tag);
      EXPECT_EQ(right, is(test, "valid"));
      right ? ++tally.accepted : ++tally.refused;
      const IntegInfo* info = ike_integ(integ);
      if (key_octets == info->key && tag_octets == info->icv) {
        if (const std::optional<bool> open = opens_as_icv(integ, key, text, tag)) {
          EXPECT_EQ(*open, is(test, "valid"));
          ++opened;
        }
      }
    }
  }
  EXPECT_GE(opened, least_opened);
  EXPECT_GT(tally.refused, 0u);
  tally.expect_all_of(file);
}

TEST(Wycheproof, HmacSha1) {
  // Its truncated tags have 80 bits, not the 96 of IKE.
  IKED_LOAD_VECTORS(file, "wycheproof/hmac_sha1_test.json");
  check_hmac(file, PrfId::HMAC_SHA1, IntegId::HMAC_SHA1_96, 0);
}
TEST(Wycheproof, HmacSha256) {
  IKED_LOAD_VECTORS(file, "wycheproof/hmac_sha256_test.json");
  check_hmac(file, PrfId::HMAC_SHA2_256, IntegId::HMAC_SHA2_256_128, 20);
}
TEST(Wycheproof, HmacSha384) {
  IKED_LOAD_VECTORS(file, "wycheproof/hmac_sha384_test.json");
  check_hmac(file, PrfId::HMAC_SHA2_384, IntegId::HMAC_SHA2_384_192, 20);
}
TEST(Wycheproof, HmacSha512) {
  IKED_LOAD_VECTORS(file, "wycheproof/hmac_sha512_test.json");
  check_hmac(file, PrfId::HMAC_SHA2_512, IntegId::HMAC_SHA2_512_256, 20);
}

// PRF and integrity take one AES, of 128 bits; as a PRF any other key is digested first.
TEST(Wycheproof, AesCmac) {
  IKED_LOAD_VECTORS(file, "wycheproof/aes_cmac_test.json");
  Tally tally;
  for (const Json& group : file.at("testGroups")) {
    const size_t tag_octets = group.at("tagSize").get<size_t>() / 8;
    for (const Json& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId"));
      const Bytes key = octets_of(test, "key");
      const Bytes text = octets_of(test, "msg");
      const SecretBytes mac = prf(PrfId::AES128_CMAC, key, {text});
      const bool right =
          equal_constant_time(mac.reveal().first(tag_octets), octets_of(test, "tag"));
      if (key.size() != 16) {
        EXPECT_FALSE(right);
        ++tally.without_form;
        continue;
      }
      EXPECT_EQ(right, is(test, "valid"));
      right ? ++tally.accepted : ++tally.refused;
    }
  }
  EXPECT_GT(tally.accepted, 20u);
  EXPECT_GT(tally.refused, 20u);
  tally.expect_all_of(file);
}

// ---- ciphers ------------------------------------------------------------------------------------

/// `id_of` says which of the ciphers has a tag of so many octets; NONE: none of ours.
void check_aead(const Json& file, EncrId (*id_of)(size_t tag), bool sized, size_t least_accepted,
                size_t least_refused) {
  Tally tally;
  for (const Json& group : file.at("testGroups")) {
    const auto key_bits = sized ? group.at("keySize").get<uint16_t>() : uint16_t{0};
    const EncrId id = id_of(group.at("tagSize").get<size_t>() / 8);
    for (const Json& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId"));
      const Bytes nonce = octets_of(test, "iv");
      const Bytes tag = octets_of(test, "tag");
      const EncrInfo* info = ike_encr({id, key_bits});
      if (info == nullptr) {
        ++tally.without_form;
        continue;
      }
      // RFC 5282 4: the nonce is a salt and an IV of 8 octets; no other length can be made.
      if (nonce.size() != info->salt + info->iv || tag.size() != info->icv) {
        ++tally.without_form;
        continue;
      }
      Bytes key = octets_of(test, "key");
      append(key, ByteView(nonce).first(info->salt));
      const MessageKeys keys{{id, key_bits}, IntegId::NONE, key, {}};

      Bytes plain = octets_of(test, "aad");
      const size_t iv_offset = plain.size();
      append(plain, ByteView(nonce).last(info->iv));
      Bytes sealed = plain;
      append(plain, octets_of(test, "msg"));
      append(sealed, octets_of(test, "ct"));
      append(sealed, tag);

      Bytes ours = plain;
      ours.resize(sealed.size());
      seal_in_place(keys, ours, iv_offset);
      EXPECT_EQ(ours == sealed, is(test, "valid"));
      const bool opened = open_in_place(keys, sealed, iv_offset);
      EXPECT_EQ(opened, is(test, "valid"));
      if (opened) {
        sealed.resize(plain.size());
        EXPECT_EQ(to_hex(sealed), to_hex(plain));
      }
      opened ? ++tally.accepted : ++tally.refused;
    }
  }
  EXPECT_GE(tally.accepted, least_accepted);
  EXPECT_GE(tally.refused, least_refused);
  tally.expect_all_of(file);
}

TEST(Wycheproof, AesGcm) {
  IKED_LOAD_VECTORS(file, "wycheproof/aes_gcm_test.json");
  check_aead(
      file, [](size_t tag) { return tag == 16 ? EncrId::AES_GCM_16 : EncrId::NONE; }, true, 100,
      50);
}
// Nearly all of these have a nonce that is not of 11 octets.
TEST(Wycheproof, AesCcm) {
  IKED_LOAD_VECTORS(file, "wycheproof/aes_ccm_test.json");
  check_aead(
      file,
      [](size_t tag) {
        return tag == 16   ? EncrId::AES_CCM_16
               : tag == 12 ? EncrId::AES_CCM_12
               : tag == 8  ? EncrId::AES_CCM_8
                           : EncrId::NONE;
      },
      true, 18, 0);
}
TEST(Wycheproof, ChaCha20Poly1305) {
  IKED_LOAD_VECTORS(file, "wycheproof/chacha20_poly1305_test.json");
  check_aead(
      file, [](size_t tag) { return tag == 16 ? EncrId::CHACHA20_POLY1305 : EncrId::NONE; }, false,
      100, 50);
}

/// The text without its PKCS #5 padding; null where that is wrong.
std::optional<Bytes> without_padding(ByteView text) {
  if (text.empty()) return std::nullopt;
  const size_t pad = text.back();
  if (pad == 0 || pad > 16 || pad > text.size()) return std::nullopt;
  for (uint8_t octet : text.last(pad)) {
    if (octet != pad) return std::nullopt;
  }
  return to_bytes(text.first(text.size() - pad));
}

// IKE has no PKCS #5 padding: the test pads and unpads, our functions do the blocks. A cipher text
// whose padding is bad must never come to be decrypted: without its ICV it is refused untouched.
// Given an ICV, it must decrypt to what the file's author found badly padded.
TEST(Wycheproof, AesCbc) {
  IKED_LOAD_VECTORS(file, "wycheproof/aes_cbc_pkcs5_test.json");
  const Bytes integ_key = counting(1, 32);
  Tally tally;
  for (const Json& group : file.at("testGroups")) {
    const Encr encr{EncrId::AES_CBC, group.at("keySize").get<uint16_t>()};
    for (const Json& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId"));
      const Bytes key = octets_of(test, "key");
      const MessageKeys keys{encr, IntegId::HMAC_SHA2_256_128, key, integ_key};
      const Bytes iv = octets_of(test, "iv");
      const Bytes text = octets_of(test, "ct");
      Bytes sealed = iv;
      append(sealed, text);
      const SecretBytes mac = prf(PrfId::HMAC_SHA2_256, integ_key, {sealed});
      Bytes forged = sealed;
      append(forged, Bytes(16));
      append(sealed, mac.reveal().first(16));

      const Bytes untouched = forged;
      EXPECT_FALSE(open_in_place(keys, forged, 0));
      EXPECT_EQ(forged, untouched);

      ASSERT_TRUE(open_in_place(keys, sealed, 0));
      const std::optional<Bytes> plain =
          without_padding(ByteView(sealed).subspan(iv.size(), text.size()));
      if (!is(test, "valid")) {
        EXPECT_FALSE(plain.has_value());
        ++tally.refused;
        continue;
      }
      ASSERT_TRUE(plain.has_value());
      EXPECT_EQ(to_hex(*plain), test.at("msg").get<std::string>());
      Bytes again = iv;
      append(again, *plain);
      const size_t pad = text.size() - plain->size();
      again.insert(again.end(), pad, static_cast<uint8_t>(pad));
      again.resize(again.size() + 16);
      seal_in_place(keys, again, 0);
      EXPECT_EQ(to_hex(ByteView(again).subspan(iv.size(), text.size())), to_hex(text));
      ++tally.accepted;
    }
  }
  EXPECT_GE(tally.accepted, 72u);
  EXPECT_GE(tally.refused, 144u);
  tally.expect_all_of(file);
}

// ---- key exchange -------------------------------------------------------------------------------

// "Acceptable" are points on the twist, values that are not reduced, and points of low order. RFC
// 7748 5 wants the first two accepted; RFC 8031 5 the last, whose secret is zero, refused.
void check_xdh(const Json& file, KeId id, size_t least_refused) {
  Tally tally;
  const KeInfo* info = ike_ke(id);
  for (const Json& group : file.at("testGroups")) {
    for (const Json& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId"));
      const Bytes scalar = octets_of(test, "private");
      ASSERT_EQ(scalar.size(), info->random);
      const Result<SecretBytes> secret =
          shared_secret(id, SecretBytes(scalar), octets_of(test, "public"));
      const bool zero = test.at("shared") == std::string(2 * info->shared, '0');
      EXPECT_EQ(secret.has_value(), !is(test, "invalid") && !zero);
      if (secret) {
        EXPECT_EQ(hex(*secret), test.at("shared").get<std::string>());
      }
      secret ? ++tally.accepted : ++tally.refused;
    }
  }
  EXPECT_GE(tally.refused, least_refused);
  tally.expect_all_of(file);
}

TEST(Wycheproof, X25519) {
  IKED_LOAD_VECTORS(file, "wycheproof/x25519_test.json");
  check_xdh(file, KeId::CURVE25519, 31);
}
TEST(Wycheproof, X448) {
  IKED_LOAD_VECTORS(file, "wycheproof/x448_test.json");
  check_xdh(file, KeId::CURVE448, 10);
}

/// The random octets that make `scalar` the private key: (random mod (n-1)) + 1.
SecretBytes random_for(KeId id, Bytes scalar) {
  size_t i = scalar.size();
  while (i-- > 0 && scalar[i]-- == 0) {
  }
  const size_t length = ike_ke(id)->random;
  IKED_CHECK(scalar.size() <= length);
  scalar.insert(scalar.begin(), length - scalar.size(), 0);
  return SecretBytes(scalar);
}

/// The point as IKE sends it: without the octet 4 in front.
Bytes point_of(const Json& test, bool as_key_info, size_t octets) {
  Bytes value = octets_of(test, "public");
  if (as_key_info) {
    // The point stands at the end of a SubjectPublicKeyInfo. Those whose structure is odd keep
    // their length, which is refused: IKE has no such structures.
    const size_t point = 2 * octets + 1;
    if (value.size() < point || value[value.size() - point] != 4) return value;
    return {value.end() - static_cast<ptrdiff_t>(2 * octets), value.end()};
  }
  if (!value.empty() && value.front() == 4) value.erase(value.begin());
  return value;
}

// "Acceptable" are compressed points, which RFC 5903 7 does not know, and oddities of the structure
// around the point.
void check_ecdh(const Json& file, KeId id, bool as_key_info) {
  Tally tally;
  const KeInfo* info = ike_ke(id);
  for (const Json& group : file.at("testGroups")) {
    for (const Json& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId"));
      const Result<SecretBytes> secret =
          shared_secret(id, random_for(id, octets_of(test, "private")),
                        point_of(test, as_key_info, info->shared));
      if (as_key_info && !is(test, "valid")) {
        // The structure names another curve or none, which IKE's group number takes the place of: a
        // point that is good may be used, any other is refused.
        if (secret && !is(test, "acceptable")) {
          EXPECT_EQ(hex(*secret), test.at("shared").get<std::string>());
        }
      } else {
        EXPECT_EQ(secret.has_value(), is(test, "valid"));
        if (secret) {
          EXPECT_EQ(hex(*secret), test.at("shared").get<std::string>());
        }
      }
      secret ? ++tally.accepted : ++tally.refused;
    }
  }
  EXPECT_GE(tally.accepted, 200u);
  EXPECT_GE(tally.refused, 10u);
  tally.expect_all_of(file);
}

TEST(Wycheproof, EcdhP256) {
  IKED_LOAD_VECTORS(file, "wycheproof/ecdh_secp256r1_ecpoint_test.json");
  check_ecdh(file, KeId::ECP_256, false);
}
TEST(Wycheproof, EcdhP384) {
  IKED_LOAD_VECTORS(file, "wycheproof/ecdh_secp384r1_ecpoint_test.json");
  check_ecdh(file, KeId::ECP_384, false);
}
TEST(Wycheproof, EcdhP521) {
  IKED_LOAD_VECTORS(file, "wycheproof/ecdh_secp521r1_ecpoint_test.json");
  check_ecdh(file, KeId::ECP_521, false);
}
TEST(Wycheproof, EcdhBrainpool256) {
  IKED_LOAD_VECTORS(file, "wycheproof/ecdh_brainpoolP256r1_test.json");
  check_ecdh(file, KeId::BRAINPOOL_256, true);
}
TEST(Wycheproof, EcdhBrainpool384) {
  IKED_LOAD_VECTORS(file, "wycheproof/ecdh_brainpoolP384r1_test.json");
  check_ecdh(file, KeId::BRAINPOOL_384, true);
}
TEST(Wycheproof, EcdhBrainpool512) {
  IKED_LOAD_VECTORS(file, "wycheproof/ecdh_brainpoolP512r1_test.json");
  check_ecdh(file, KeId::BRAINPOOL_512, true);
}

}  // namespace
}  // namespace iked::crypto
