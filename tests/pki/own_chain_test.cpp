// SPDX-License-Identifier: ISC
#include "pki/own_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pki/maker.h"

namespace iked::pki::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string host = "gw.example.com";

/// Two roots, one with an intermediate, and a certificate of ours below each.
struct OwnChains : ::testing::Test {
  Made red = make_ca({.subject = "CN=red"});
  Made blue = make_ca({.subject = "CN=blue"});
  Made middle = make_ca({.subject = "CN=middle", .issuer = &blue});
  Made of_red = make({.subject = "CN=1", .issuer = &red, .dns = {host}});
  Made of_middle = make({.subject = "CN=2", .issuer = &middle, .dns = {host}});
  std::vector<const Made*> own = {&of_red, &of_middle};
  std::vector<const Made*> known = {&red, &blue, &middle};
  Identity identity = Identity::parse(host).value();
  std::vector<Bytes> wanted;

  static std::vector<Certificate> read_all(const std::vector<const Made*>& made) {
    std::vector<Certificate> all;
    for (const Made* one : made) all.push_back(read(*one));
    return all;
  }

  Result<OwnChain> choose() const {
    const auto ours = read_all(own), authorities = read_all(known);
    std::vector<const Certificate*> a, b;
    for (const auto& one : ours) a.push_back(&one);
    for (const auto& one : authorities) b.push_back(&one);
    return choose_own_chain(a, b, identity, wanted, now);
  }

  void want(const Made& authority) { wanted.push_back(read(authority).public_key_hash()); }
};

TEST_F(OwnChains, RootThatIsWantedDecides) {
  want(blue);
  auto chosen = choose();
  ASSERT_TRUE(chosen) << chosen.error().text;
  EXPECT_EQ(chosen->own, 1U);
  EXPECT_TRUE(chosen->wanted);
  EXPECT_THAT(chosen->certificates, ElementsAre(of_middle.der, middle.der));
  wanted.clear();
  want(red);
  chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->own, 0U);
  EXPECT_THAT(chosen->certificates, ElementsAre(of_red.der));
}

TEST_F(OwnChains, IntermediateThatIsWantedIsNotSent) {
  want(middle);
  const auto chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_TRUE(chosen->wanted);
  EXPECT_THAT(chosen->certificates, ElementsAre(of_middle.der));
}

TEST_F(OwnChains, OneOfManyIsEnough) {
  want(make_ca({.subject = "CN=green"}));
  want(blue);
  const auto chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->own, 1U);
}

TEST_F(OwnChains, StrangersWishIsAHint) {
  want(make_ca({.subject = "CN=green"}));
  const auto chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_FALSE(chosen->wanted);
}

TEST_F(OwnChains, WithoutAWishWhatLastsLongerIsTaken) {
  const Made longer =
      make({.subject = "CN=3", .issuer = &red, .dns = {host}, .until = now + 999 * day});
  own = {&of_red, &longer, &of_middle};
  const auto chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->own, 1U);
  EXPECT_TRUE(chosen->wanted);
}

TEST_F(OwnChains, WhatIsInForceComesFirst) {
  const Made future = make({.subject = "CN=3",
                            .issuer = &red,
                            .dns = {host},
                            .from = now + day,
                            .until = now + 999 * day});
  const Made past = make({.subject = "CN=4", .issuer = &red, .dns = {host}, .until = now - 1});
  own = {&future, &past, &of_red};
  auto chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->own, 2U);
  own = {&past};
  chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->own, 0U);
}

TEST_F(OwnChains, IdentityMustBeCovered) {
  identity = Identity::parse("other.example.com").value();
  const auto chosen = choose();
  ASSERT_FALSE(chosen);
  EXPECT_THAT(chosen.error().text, HasSubstr("is for FQDN/other.example.com"));
}

TEST_F(OwnChains, KeyMustBeAbleToSign) {
  const Made cipher = make({.issuer = &red, .dns = {host}, .usage = GNUTLS_KEY_KEY_ENCIPHERMENT});
  own = {&cipher};
  EXPECT_FALSE(choose());
}

TEST_F(OwnChains, SelfSignedIsSentAlone) {
  const Made alone = make({.subject = "CN=alone", .dns = {host}});
  own = {&alone};
  want(alone);
  const auto chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_TRUE(chosen->wanted);
  EXPECT_THAT(chosen->certificates, ElementsAre(alone.der));
}

TEST_F(OwnChains, MissingIntermediateEndsTheChain) {
  known = {&blue};
  own = {&of_middle};
  want(blue);
  const auto chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_FALSE(chosen->wanted);
  EXPECT_THAT(chosen->certificates, ElementsAre(of_middle.der));
}

TEST_F(OwnChains, CircleOfAuthoritiesEnds) {
  const Key one = new_key(), two = new_key();
  const Made a = make_ca({.subject = "CN=a", .key = one}),
             b = make_ca({.subject = "CN=b", .key = two});
  const Made a_by_b = make_ca({.subject = "CN=a", .issuer = &b, .key = one});
  const Made b_by_a = make_ca({.subject = "CN=b", .issuer = &a, .key = two});
  const Made below = make({.issuer = &a, .dns = {host}});
  own = {&below};
  known = {&a_by_b, &b_by_a};
  const auto chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_THAT(chosen->certificates, ElementsAre(below.der, a_by_b.der, b_by_a.der));
}

TEST_F(OwnChains, AuthorityOfTheSameNameIsNotTaken) {
  const Made twin = make_ca({.subject = "CN=middle", .issuer = &red});
  known = {&twin, &red, &blue, &middle};
  own = {&of_middle};
  want(blue);
  const auto chosen = choose();
  ASSERT_TRUE(chosen);
  EXPECT_THAT(chosen->certificates, ElementsAre(of_middle.der, middle.der));
}

}  // namespace
}  // namespace iked::pki::test
