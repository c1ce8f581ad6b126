// SPDX-License-Identifier: ISC
// Vectors that RFCs and NIST published, from the folder IKED_VECTORS.
#include <openssl/evp.h>

#include "crypto/algorithms.h"
#include "crypto/key_exchange.h"
#include "crypto/keys.h"
#include "crypto/prf.h"
#include "crypto/vectors.h"

namespace iked::crypto {
namespace {

TEST(RfcVectors, Hmac4231) {
  IKED_LOAD_VECTORS(file, "rfc/rfc4231-hmac.json");
  constexpr std::pair<const char*, PrfId> digests[] = {{"sha256", PrfId::HMAC_SHA2_256},
                                                       {"sha384", PrfId::HMAC_SHA2_384},
                                                       {"sha512", PrfId::HMAC_SHA2_512}};
  size_t count = 0;
  for (const Json& test : file.at("tests")) {
    for (const auto& [name, id] : digests) {
      const std::string expected = test.at(name);
      const SecretBytes mac = prf(id, octets_of(test, "key"), {octets_of(test, "data")});
      EXPECT_EQ(hex(mac).substr(0, expected.size()), expected) << test.at("case") << name;
      ++count;
    }
  }
  EXPECT_EQ(count, 21u);
}

TEST(RfcVectors, P256OfRfc5903) {
  IKED_LOAD_VECTORS(file, "rfc/rfc5903-p256.json");
  const auto random = [](Bytes scalar) {  // (random mod (n-1)) + 1 is the private key
    scalar.back() = static_cast<uint8_t>(scalar.back() - 1);
    scalar.insert(scalar.begin(), 16, 0);
    return SecretBytes(scalar);
  };
  size_t count = 0;
  for (const Json& test : file.at("tests")) {
    const SecretBytes i = random(octets_of(test, "i"));
    const SecretBytes r = random(octets_of(test, "r"));
    Bytes public_i = octets_of(test, "gix");
    append(public_i, octets_of(test, "giy"));
    Bytes public_r = octets_of(test, "grx");
    append(public_r, octets_of(test, "gry"));
    const std::string secret = to_hex(octets_of(test, "girx"));
    EXPECT_EQ(public_value(KeId::ECP_256, i).value(), public_i);
    EXPECT_EQ(public_value(KeId::ECP_256, r).value(), public_r);
    EXPECT_EQ(hex(shared_secret(KeId::ECP_256, i, public_r).value()), secret);
    EXPECT_EQ(hex(shared_secret(KeId::ECP_256, r, public_i).value()), secret);
    ++count;
  }
  EXPECT_GE(count, 1u);
}

TEST(RfcVectors, X25519OfRfc7748) {
  IKED_LOAD_VECTORS(file, "rfc/rfc7748-x25519.json");
  size_t count = 0;
  for (const Json& test : file.at("tests")) {
    const Result<SecretBytes> out = shared_secret(
        KeId::CURVE25519, SecretBytes(octets_of(test, "scalar")), octets_of(test, "u"));
    ASSERT_TRUE(out.has_value());
    EXPECT_EQ(hex(*out), test.at("out").get<std::string>());
    ++count;
  }
  EXPECT_GE(count, 2u);
}

/// Our prime of a MODP group, found from outside: the largest value accepted is p - 2. Searched
/// from the highest bit down.
Bytes prime_of(KeId group, size_t octets, const SecretBytes& random) {
  Bytes largest(octets);
  for (size_t bit = 0; bit < 8 * octets; ++bit) {
    uint8_t& octet = largest[bit / 8];
    const auto mask = static_cast<uint8_t>(0x80u >> (bit % 8));
    octet |= mask;
    // 0 and 1 are refused for being too small; no bit of p - 2 depends on them.
    if (!shared_secret(group, random, largest)) octet &= static_cast<uint8_t>(~mask);
  }
  for (int carry = 2, i = static_cast<int>(octets) - 1; carry != 0; --i) {
    const int sum = largest[static_cast<size_t>(i)] + carry;
    largest[static_cast<size_t>(i)] = static_cast<uint8_t>(sum);
    carry = sum >> 8;
  }
  return largest;
}

TEST(RfcVectors, PrimesOfRfc3526) {
  IKED_LOAD_VECTORS(file, "rfc/rfc3526-modp.json");
  size_t count = 0;
  for (const Json& test : file.at("tests")) {
    const KeId id{test.at("group").get<uint16_t>()};
    const KeInfo* info = ike_ke(id);
    if (info == nullptr) continue;  // not in the catalogue
    const Bytes prime =
        prime_of(id, test.at("bits").get<size_t>() / 8, SecretBytes(Bytes(info->random, 0x11)));
    Bytes digest(32);
    ASSERT_EQ(EVP_Digest(prime.data(), prime.size(), digest.data(), nullptr, EVP_sha256(), nullptr),
              1);
    EXPECT_EQ(to_hex(digest), test.at("sha256_of_prime").get<std::string>());
    ++count;
  }
  EXPECT_GE(count, 1u);
}

// ---- NIST's vectors of the key schedule ---------------------------------------------------------

constexpr IkeSuite nist_suite{.encr = {EncrId::AES_CBC, 128},
                              .prf = PrfId::HMAC_SHA1,
                              .integ = IntegId::HMAC_SHA1_96,
                              .ke = KeId::CURVE25519};

IkeSpi spi_of(const Json& object, const char* member) {
  IkeSpi spi;
  for (uint8_t octet : octets_of(object, member)) spi.value = spi.value << 8 | octet;
  return spi;
}

std::string joined(const IkeKeys& keys) {
  return to_hex(keys.sk_d()) + to_hex(keys.sk_ai()) + to_hex(keys.sk_ar()) + to_hex(keys.sk_ei()) +
         to_hex(keys.sk_er()) + to_hex(keys.sk_pi()) + to_hex(keys.sk_pr());
}

void check_nist(const Json& in, const Json& out) {
  const Bytes nonce_i = octets_of(in, "ni");
  const Bytes nonce_r = octets_of(in, "nr");
  const SecretBytes shared(octets_of(in, "gir"));
  const SecretBytes fresh(octets_of(in, "gir_new"));
  const size_t length = in.at("dkm_bits").get<size_t>() / 8;
  Bytes nonces = nonce_i;
  append(nonces, nonce_r);
  EXPECT_EQ(hex(prf(PrfId::HMAC_SHA1, nonces, {shared.reveal()})), out.at("skeyseed"));

  // 132 octets are just the keys of AES-CBC-128 with HMAC-SHA1-96.
  const IkeKeys keys =
      derive_ike_keys(nist_suite, shared, nonce_i, nonce_r, spi_of(in, "spii"), spi_of(in, "spir"));
  ASSERT_EQ(length, 132u);
  EXPECT_EQ(joined(keys), out.at("dkm"));

  const ChildSuite child{.encr = {EncrId::AES_CBC, 256}, .integ = IntegId::HMAC_SHA2_256_128};
  const auto child_keys = [&](const SecretBytes* pfs) {
    const ChildKeys k =
        derive_child_keys(PrfId::HMAC_SHA1, keys.sk_d(), child, pfs, nonce_i, nonce_r);
    return hex(k.encr_i) + hex(k.integ_i) + hex(k.encr_r) + hex(k.integ_r);
  };
  EXPECT_EQ(child_keys(nullptr), out.at("dkm_child").get<std::string>().substr(0, 256));
  EXPECT_EQ(child_keys(&fresh), out.at("dkm_child_dh").get<std::string>().substr(0, 256));
  // All 132 octets, more than a child takes.
  EXPECT_EQ(hex(prf_plus(PrfId::HMAC_SHA1, keys.sk_d(), nonces, length)), out.at("dkm_child"));
  Bytes with_fresh = to_bytes(fresh.reveal());
  append(with_fresh, nonces);
  EXPECT_EQ(hex(prf_plus(PrfId::HMAC_SHA1, keys.sk_d(), with_fresh, length)),
            out.at("dkm_child_dh"));

  const SecretBytes rekeyed =
      prf(PrfId::HMAC_SHA1, keys.sk_d(), {fresh.reveal(), nonce_i, nonce_r});
  EXPECT_EQ(hex(rekeyed), out.at("skeyseed_rekey"));
  // The rekeyed SA's keys come from just that seed.
  Bytes seed = nonces;
  put_u64(seed, 1);
  put_u64(seed, 2);
  EXPECT_EQ(joined(derive_rekeyed_ike_keys(nist_suite, PrfId::HMAC_SHA1, keys.sk_d(), fresh,
                                           nonce_i, nonce_r, IkeSpi{1}, IkeSpi{2})),
            hex(prf_plus(PrfId::HMAC_SHA1, rekeyed.reveal(), seed, length)));
}

TEST(RfcVectors, KeyScheduleOfNist) {
  IKED_LOAD_VECTORS(file, "rfc/nist-ikev2-kdf.json");
  size_t count = 0;
  for (const Json& test : file.at("tests")) {
    ASSERT_EQ(test.at("in").at("hash"), "sha1");
    check_nist(test.at("in"), test.at("out"));
    ++count;
  }
  EXPECT_GE(count, 1u);
}

}  // namespace
}  // namespace iked::crypto
