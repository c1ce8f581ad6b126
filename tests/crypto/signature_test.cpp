// SPDX-License-Identifier: ISC
#include "crypto/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/vectors.h"
#include "support/test_keys.h"

namespace iked::crypto {
namespace {

using testing::HasSubstr;

PrivateKey key(const char* pem) {
  auto parsed = PrivateKey::parse_pem(SecretBytes(as_bytes(pem)));
  if (!parsed) throw std::runtime_error(parsed.error().text);
  return std::move(*parsed);
}

std::string error_of(const char* pem) {
  const auto parsed = PrivateKey::parse_pem(SecretBytes(as_bytes(pem)));
  return parsed ? "" : parsed.error().text;
}

const Bytes text = to_bytes(as_bytes("what both sides have said"));

struct Kind {
  const char* pem;
  KeyKind kind;
  const char* name;
};
const Kind kinds[] = {
    {test::rsa_key, KeyKind::rsa, "RSA 2048"},
    {test::p256_key, KeyKind::ecdsa256, "ECDSA P-256"},
    {test::p384_key, KeyKind::ecdsa384, "ECDSA P-384"},
    {test::p521_key, KeyKind::ecdsa521, "ECDSA P-521"},
    {test::ed25519_key, KeyKind::ed25519, "Ed25519"},
    {test::ed448_key, KeyKind::ed448, "Ed448"},
    {test::dsa_key, KeyKind::dsa, "DSA 1024"},
};

TEST(Signature, EachKeySignsWithEachSchemeThatFitsAndNoOther) {
  for (const Kind& each : kinds) {
    const PrivateKey ours = key(each.pem);
    EXPECT_EQ(ours.public_key().kind(), each.kind);
    EXPECT_EQ(ours.public_key().name(), each.name);
    const PublicKey theirs = PublicKey::parse(ours.public_key().spki()).value();
    size_t signing = 0;
    for (size_t i = 0; i < signature_schemes; ++i) {
      const auto scheme = static_cast<SignatureScheme>(i);
      SCOPED_TRACE(each.name + (" " + to_string(scheme)));
      Result<Bytes> signature = ours.sign(scheme, text);
      ASSERT_EQ(signature.has_value(), fits(scheme, each.kind));
      if (!signature) {
        EXPECT_FALSE(theirs.verify(scheme, text, Bytes(64)));
        continue;
      }
      ++signing;
      EXPECT_TRUE(theirs.verify(scheme, text, *signature));
      Bytes other = text;
      other[3] ^= 1;
      EXPECT_FALSE(theirs.verify(scheme, other, *signature));
      Bytes bent = *signature;
      bent[bent.size() / 2] ^= 1;
      EXPECT_FALSE(theirs.verify(scheme, text, bent));
      EXPECT_FALSE(theirs.verify(scheme, text, {}));
    }
    EXPECT_GE(signing, 1U);
  }
}

TEST(Signature, AuthDataHasTheFormOfItsMethod) {
  const struct {
    const char* pem;
    AuthMethod method;
    SignatureScheme scheme;
    size_t size;  // 0 = not fixed
  } rows[] = {
      {test::rsa_key, AuthMethod::RSA_SIGNATURE, SignatureScheme::rsa_sha1, 256},
      {test::p256_key, AuthMethod::ECDSA_256, SignatureScheme::ecdsa_sha256, 64},
      {test::p384_key, AuthMethod::ECDSA_384, SignatureScheme::ecdsa_sha384, 96},
      {test::p521_key, AuthMethod::ECDSA_521, SignatureScheme::ecdsa_sha512, 132},
      {test::dsa_key, AuthMethod::DSS_SIGNATURE, SignatureScheme::dsa_sha1, 40},
      {test::rsa_key, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::rsa_sha256, 1 + 15 + 256},
      {test::rsa_key, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::rsa_sha512, 0},
      {test::rsa_key, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::rsa_pss_sha256, 0},
      {test::rsa_key, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::rsa_pss_sha384, 0},
      {test::rsa_key, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::rsa_pss_sha512, 0},
      {test::p384_key, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::ecdsa_sha256, 0},
      {test::ed25519_key, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::ed25519, 1 + 7 + 64},
      {test::ed448_key, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::ed448, 1 + 7 + 114},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(to_string(row.method) + " " + to_string(row.scheme));
    const PrivateKey ours = key(row.pem);
    const Bytes data = write_auth_data(row.method, row.scheme, ours.sign(row.scheme, text).value());
    if (row.size != 0) EXPECT_EQ(data.size(), row.size);
    const Result<AuthSignature> read = read_auth_data(row.method, data);
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(read->scheme, row.scheme);
    EXPECT_TRUE(ours.public_key().verify(read->scheme, text, read->signature));
    for (size_t cut = 0; cut < data.size(); ++cut) {
      const auto part = read_auth_data(row.method, ByteView(data).first(cut));
      EXPECT_FALSE(part && ours.public_key().verify(part->scheme, text, part->signature)) << cut;
    }
  }
}

TEST(Signature, RefusesNamesOfAlgorithmsThatAreWeakOrNone) {
  const struct {
    const char* identifier;
    const char* why;
  } rows[] = {
      {"300d06092a864886f70d01010a3000", "SHA2"},                  // PSS with its defaults: SHA-1
      {"300b06092a864886f70d01010a", "SHA-1"},                     // PSS without parameters
      {"300d06092a864886f70d0101040500", "1.2.840.113549.1.1.4"},  // RSA with MD5
      {"300906072a8648ce3d0401", "1.2.840.10045.4.1"},             // ECDSA with SHA-1
      {"300a06082a8648ce3d04030200", "cannot be read"},
      {"", "cannot be read"},
  };
  for (const auto& row : rows) {
    const Bytes identifier = from_hex(row.identifier).value();
    Bytes data{static_cast<uint8_t>(identifier.size())};
    append(data, identifier);
    append(data, Bytes(256));
    const auto read = read_auth_data(AuthMethod::DIGITAL_SIGNATURE, data);
    ASSERT_FALSE(read) << row.identifier;
    EXPECT_THAT(read.error().text, HasSubstr(row.why));
  }
}

TEST(Signature, TakesRsaPssWithAllOfItsParametersWritten) {
  const Bytes identifier = from_hex(
                               "304606092a864886f70d01010a3039a00f300d06096086480165030402010500"
                               "a11c301a06092a864886f70d010108300d06096086480165030402010500"
                               "a203020120a303020101")
                               .value();
  Bytes data{static_cast<uint8_t>(identifier.size())};
  append(data, identifier);
  append(data, Bytes(256));
  const auto read = read_auth_data(AuthMethod::DIGITAL_SIGNATURE, data);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->scheme, SignatureScheme::rsa_pss_sha256);
}

TEST(Signature, PrivateKeysThatAreOfNoUseSayWhy) {
  EXPECT_THAT(error_of(test::short_rsa_key), HasSubstr("1024 bits is too short"));
  EXPECT_THAT(error_of(test::other_curve_key), HasSubstr("P-256, P-384 or P-521"));
  EXPECT_THAT(error_of(test::encrypted_key), HasSubstr("encrypted"));
  EXPECT_THAT(error_of("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
              HasSubstr("no private key"));
  EXPECT_THAT(error_of(""), HasSubstr("no private key"));
  EXPECT_EQ(error_of(test::sec1_key), "");
}

TEST(PublicKey, TakesOneFormOfAKeyOnly) {
  const Bytes good = key(test::p256_key).public_key().spki();
  EXPECT_TRUE(PublicKey::parse(good));
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(PublicKey::parse(longer));
  for (size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_FALSE(PublicKey::parse(ByteView(good).first(cut))) << cut;
  }
  EXPECT_FALSE(PublicKey::parse_pem(test::explicit_curve_public_key));
  EXPECT_FALSE(PublicKey::parse(Bytes(5000)));
  // Not on the curve.
  Bytes bent = good;
  bent.back() ^= 1;
  EXPECT_FALSE(PublicKey::parse(bent));
}

TEST(PublicKey, RefusesRsaKeysThatNoHonestPeerHas) {
  // PKCS #1: SEQUENCE { modulus, exponent }.
  const auto pkcs1 = [](size_t octets, const Bytes& exponent) {
    Bytes out{0x30, 0x82, 0, 0, 0x02, 0x82};
    const size_t modulus = octets + 1;
    out.push_back(static_cast<uint8_t>(modulus >> 8));
    out.push_back(static_cast<uint8_t>(modulus));
    out.push_back(0);
    out.insert(out.end(), octets, 0xff);
    out.push_back(0x02);
    out.push_back(static_cast<uint8_t>(exponent.size()));
    append(out, exponent);
    const size_t body = out.size() - 4;
    out[2] = static_cast<uint8_t>(body >> 8);
    out[3] = static_cast<uint8_t>(body);
    return out;
  };
  const Bytes f4{1, 0, 1};
  EXPECT_TRUE(PublicKey::parse_rsa(pkcs1(256, f4)));
  EXPECT_TRUE(PublicKey::parse_rsa(pkcs1(1024, f4)));
  EXPECT_FALSE(PublicKey::parse_rsa(pkcs1(128, f4)));
  EXPECT_FALSE(PublicKey::parse_rsa(pkcs1(2048, f4)));  // 16384 bits
  EXPECT_FALSE(PublicKey::parse_rsa(pkcs1(256, {0})));
  EXPECT_FALSE(PublicKey::parse_rsa(pkcs1(256, {1})));
  EXPECT_FALSE(PublicKey::parse_rsa(pkcs1(256, {2})));
  EXPECT_TRUE(PublicKey::parse_rsa(pkcs1(256, {3})));
  EXPECT_FALSE(PublicKey::parse_rsa(pkcs1(256, {1, 0, 0, 0, 1})));
}

void check_file(const Json& file, SignatureScheme scheme) {
  Tally tally;
  for (const Json& group : file.at("testGroups")) {
    const auto parsed = PublicKey::parse(octets_of(group, "publicKeyDer"));
    ASSERT_TRUE(parsed) << parsed.error().text;
    for (const Json& each : group.at("tests")) {
      const bool good =
          parsed->verify(scheme, octets_of(each, "msg"), octets_of(each, "sig")).has_value();
      const std::string result = each.at("result");
      if (result != "acceptable") {
        EXPECT_EQ(good, result == "valid") << each.at("tcId") << " " << each.at("comment");
      }
      ++(good ? tally.accepted : tally.refused);
    }
  }
  tally.expect_all_of(file);
}

TEST(WycheproofSignatures, Rsa) {
  IKED_LOAD_VECTORS(a, "wycheproof/rsa_signature_2048_sha256_test.json");
  check_file(a, SignatureScheme::rsa_sha256);
  IKED_LOAD_VECTORS(b, "wycheproof/rsa_signature_2048_sha384_test.json");
  check_file(b, SignatureScheme::rsa_sha384);
  IKED_LOAD_VECTORS(c, "wycheproof/rsa_signature_2048_sha512_test.json");
  check_file(c, SignatureScheme::rsa_sha512);
  IKED_LOAD_VECTORS(d, "wycheproof/rsa_signature_3072_sha256_test.json");
  check_file(d, SignatureScheme::rsa_sha256);
  IKED_LOAD_VECTORS(e, "wycheproof/rsa_signature_4096_sha512_test.json");
  check_file(e, SignatureScheme::rsa_sha512);
}

TEST(WycheproofSignatures, RsaPss) {
  IKED_LOAD_VECTORS(a, "wycheproof/rsa_pss_2048_sha256_mgf1_32_test.json");
  check_file(a, SignatureScheme::rsa_pss_sha256);
  IKED_LOAD_VECTORS(b, "wycheproof/rsa_pss_3072_sha256_mgf1_32_test.json");
  check_file(b, SignatureScheme::rsa_pss_sha256);
  IKED_LOAD_VECTORS(c, "wycheproof/rsa_pss_4096_sha512_mgf1_64_test.json");
  check_file(c, SignatureScheme::rsa_pss_sha512);
}

TEST(WycheproofSignatures, Ecdsa) {
  IKED_LOAD_VECTORS(a, "wycheproof/ecdsa_secp256r1_sha256_test.json");
  check_file(a, SignatureScheme::ecdsa_sha256);
  IKED_LOAD_VECTORS(b, "wycheproof/ecdsa_secp384r1_sha384_test.json");
  check_file(b, SignatureScheme::ecdsa_sha384);
  IKED_LOAD_VECTORS(c, "wycheproof/ecdsa_secp521r1_sha512_test.json");
  check_file(c, SignatureScheme::ecdsa_sha512);
}

TEST(WycheproofSignatures, Edwards) {
  IKED_LOAD_VECTORS(a, "wycheproof/ed25519_test.json");
  check_file(a, SignatureScheme::ed25519);
  IKED_LOAD_VECTORS(b, "wycheproof/ed448_test.json");
  check_file(b, SignatureScheme::ed448);
}

}  // namespace
}  // namespace iked::crypto
