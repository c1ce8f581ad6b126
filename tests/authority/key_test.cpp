// SPDX-License-Identifier: ISC
#include "authority/key.h"

#include <gmock/gmock.h>

#include "authority/fixture.h"

namespace iked::authority {
namespace {

using testing::HasSubstr;

std::string pem_text(const PrivateKey& key, const Passphrase* passphrase = nullptr) {
  return std::string(as_text(key.to_pem(passphrase)->reveal()));
}
Outcome<PrivateKey> read(const std::string& text, const Passphrase* passphrase = nullptr) {
  return PrivateKey::from_pem(SecretBytes(as_bytes(text)), passphrase, "k.key");
}

TEST(PrivateKey, OfEachTypeIsReadBackTheSame) {
  for (const auto& [word, type] : key_type_names()) {
    if (type == KeyType::rsa4096) continue;  // takes seconds, and differs from 3072 by its length
    const PrivateKey key = PrivateKey::generate(type);
    const auto again = read(pem_text(key));
    ASSERT_TRUE(again) << word << ": " << again.error().text;
    EXPECT_EQ(again->id(), key.id());
    EXPECT_EQ(again->public_pem(), key.public_pem());
    EXPECT_THAT(pem_text(key), HasSubstr("BEGIN PRIVATE KEY"));
  }
}

TEST(PrivateKey, DescriptionNamesTheKind) {
  EXPECT_EQ(PrivateKey::generate(KeyType::p256).description(), "ECDSA P-256");
  EXPECT_EQ(PrivateKey::generate(KeyType::rsa2048).description(), "RSA-2048");
  EXPECT_EQ(PrivateKey::generate(KeyType::ed25519).description(), "EdDSA (Ed25519)");
}

TEST(PrivateKey, EncryptedOneNeedsItsPassphrase) {
  const PrivateKey key = PrivateKey::generate(KeyType::p256);
  const auto right = Passphrase::make(as_bytes("korrekt \xc3\xbc")),
             wrong = Passphrase::make(as_bytes("x")), none = Passphrase::make({});
  const std::string text = pem_text(key, &*right);
  EXPECT_THAT(text, HasSubstr("BEGIN ENCRYPTED PRIVATE KEY"));
  const auto opened = read(text, &*right);
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_EQ(opened->id(), key.id());
  EXPECT_THAT(read(text, &*wrong).error().text, HasSubstr("wrong passphrase for k.key"));
  EXPECT_THAT(read(text).error().text, HasSubstr("needs a passphrase"));
  EXPECT_FALSE(read(text, &*none));
}

TEST(PrivateKey, GarbageIsRefused) {
  const std::string good = pem_text(PrivateKey::generate(KeyType::p256));
  std::string damaged = good;
  damaged[100] = damaged[100] == 'A' ? 'B' : 'A';  // in the secret number
  const std::string public_key(as_text(PrivateKey::generate(KeyType::p256).public_pem()));
  for (const std::string& text : {std::string(), std::string("x"), public_key, good.substr(0, 80),
                                  std::string("-----BEGIN PRIVATE KEY-----\n"), damaged}) {
    EXPECT_FALSE(read(text)) << text;
  }
}

TEST(PrivateKey, ShortRsaIsRefused) {
  // RSA of 1024 bits, made for this test and nothing else.
  const auto key = read(text_of(IKED_SOURCE_DIR "/tests/authority/data/rsa1024.key"));
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().text, HasSubstr("RSA key of 1024 bits: from 2048 to 8192"));
}

TEST(PrivateKey, OlderFormsOfOpenSslAreRead) {
  const auto passphrase = Passphrase::make(as_bytes("secret"));
  const auto sec1 = read(text_of(IKED_SOURCE_DIR "/tests/authority/data/p256-sec1.key"));
  EXPECT_TRUE(sec1) << sec1.error().text;
  const auto old =
      read(text_of(IKED_SOURCE_DIR "/tests/authority/data/rsa2048-traditional.key"), &*passphrase);
  EXPECT_TRUE(old) << old.error().text;
}

TEST(KeyType, UnknownWordIsAnsweredWithAll) {
  EXPECT_EQ(*parse_key_type("rsa"), KeyType::rsa3072);
  const auto unknown = parse_key_type("dsa");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, Failure::Kind::usage);
  EXPECT_THAT(unknown.error().text, HasSubstr("p256, p384, p521, ed25519, ed448, rsa, rsa2048"));
}

}  // namespace
}  // namespace iked::authority
