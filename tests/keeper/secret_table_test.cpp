// SPDX-License-Identifier: ISC
#include "keeper/secret_table.h"

#include <gtest/gtest.h>

namespace iked::keeper {
namespace {

SecretBytes secret(std::string_view text) {
  return SecretBytes(as_bytes(text));
}

class SecretTableTest : public testing::Test {
 protected:
  SecretId load(std::string_view text) {
    SecretTable::Load load(table_);
    const SecretId id = load.put(secret(text));
    load.keep();
    table_.commit();
    return id;
  }
  SecretTable table_{SecretBytes(32)};
};

TEST_F(SecretTableTest, EqualSecretsShareAnId) {
  SecretTable::Load load(table_);
  const SecretId a = load.put(secret("a"));
  EXPECT_TRUE(a);
  EXPECT_EQ(load.put(secret("a")), a);
  EXPECT_NE(load.put(secret("b")), a);
  load.keep();
  EXPECT_EQ(table_.size(), 2u);
  EXPECT_TRUE(*table_.find(a) == secret("a"));
}

TEST_F(SecretTableTest, EqualSecretsShareAnIdOverLoads) {
  const SecretId a = load("a");
  EXPECT_NE(load("b"), a);
  EXPECT_EQ(load("a"), a);
}

TEST_F(SecretTableTest, LastLoadAndTheOneBeforeStay) {
  const SecretId a = load("a");
  const SecretId b = load("b");
  EXPECT_NE(table_.find(a), nullptr);
  const SecretId c = load("c");
  EXPECT_EQ(table_.find(a), nullptr);
  EXPECT_NE(table_.find(b), nullptr);
  EXPECT_NE(table_.find(c), nullptr);
  EXPECT_EQ(load("a"), a) << "the id is the secret's, whenever it comes";
}

TEST_F(SecretTableTest, SecretsOfAFailedLoadDoNotStay) {
  const SecretId a = load("a");
  SecretId b;
  {
    SecretTable::Load failed(table_);
    b = failed.put(secret("b"));
  }
  EXPECT_EQ(table_.find(b), nullptr);
  EXPECT_NE(table_.find(a), nullptr);
  EXPECT_EQ(table_.size(), 1u);
}

TEST_F(SecretTableTest, FailedLoadsDoNotAgeTheOthers) {
  const SecretId a = load("a");
  for (int i = 0; i < 5; ++i) SecretTable::Load(table_).put(secret("b"));
  EXPECT_NE(table_.find(a), nullptr);
}

// Configurations that were read and then not used.
TEST_F(SecretTableTest, LoadsThatAreNotUsedDoNotAgeTheOthers) {
  const SecretId a = load("a");
  for (const char* text : {"b", "c", "d", "e"}) {
    SecretTable::Load refused(table_);
    refused.put(secret(text));
    refused.keep();
  }
  EXPECT_NE(table_.find(a), nullptr);
  load("f");
  EXPECT_NE(table_.find(a), nullptr) << "it was in use before";
  load("g");
  EXPECT_EQ(table_.size(), 2u);
}

TEST_F(SecretTableTest, AnotherProcessWithTheSameKeyGivesTheSameIds) {
  const SecretId a = load("a");
  SecretTable later{SecretBytes(32)};
  EXPECT_EQ(SecretTable::Load(later).put(secret("a")), a);
  SecretBytes other(32);
  other.reveal_writable()[0] = 1;
  SecretTable stranger{std::move(other)};
  EXPECT_NE(SecretTable::Load(stranger).put(secret("a")), a) << "ids must not tell of the secret";
}

TEST_F(SecretTableTest, TakenSecretsStayUntilForgotten) {
  const SecretId a = table_.take(secret("a"));
  for (const char* text : {"b", "c", "d"}) load(text);
  EXPECT_NE(table_.find(a), nullptr);
  EXPECT_TRUE(table_.forget(a));
  EXPECT_FALSE(table_.forget(a));
  EXPECT_EQ(table_.find(a), nullptr);
}

TEST_F(SecretTableTest, UnknownIdsAreNull) {
  EXPECT_EQ(table_.find(SecretId{}), nullptr);
  EXPECT_EQ(table_.find(SecretId{77}), nullptr);
}

}  // namespace
}  // namespace iked::keeper
