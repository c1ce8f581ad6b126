// SPDX-License-Identifier: ISC
#include "model/identity.h"

#include <gtest/gtest.h>

namespace iked {
namespace {

TEST(Identity, IsTypedFromItsLooks) {
  struct Case {
    const char* text;
    IdType type;
    const char* shown;
  };
  const Case cases[] = {
      {"192.0.2.1", IdType::IPV4_ADDR, "IPV4/192.0.2.1"},
      {"2001:DB8::1", IdType::IPV6_ADDR, "IPV6/2001:db8::1"},
      {"a.example.com", IdType::FQDN, "FQDN/a.example.com"},
      {"a", IdType::FQDN, "FQDN/a"},
      {"192.0.2", IdType::FQDN, "FQDN/192.0.2"},
      {"user@example.com", IdType::RFC822_ADDR, "UFQDN/user@example.com"},
      {"@", IdType::RFC822_ADDR, "UFQDN/@"},
  };
  for (const Case& c : cases) {
    const auto identity = Identity::parse(c.text);
    ASSERT_TRUE(identity) << c.text;
    EXPECT_EQ(identity->type, c.type) << c.text;
    EXPECT_EQ(to_string(*identity), c.shown);
    EXPECT_EQ(fmt::format("{}/{}", to_string(*identity).substr(0, to_string(*identity).find('/')),
                          value_of(*identity)),
              c.shown);
  }
}

TEST(Identity, OctetsAreThoseOfTheWire) {
  EXPECT_EQ(to_hex(Identity::parse("192.0.2.1")->octets), "c0000201");
  EXPECT_EQ(Identity::parse("::1")->octets.size(), 16U);
  EXPECT_EQ(as_text(Identity::parse("a.b")->octets), "a.b");
  const IpAddress address = *IpAddress::parse("2001:db8::1");
  EXPECT_EQ(Identity::of(address), *Identity::parse("2001:db8::1"));
}

TEST(Identity, EmptyIsRefused) {
  EXPECT_EQ(Identity::parse("").error().text, "an ID may not be empty");
}

TEST(Identity, SlashBeginsADistinguishedName) {
  const auto id = Identity::parse("/C=DE/CN=gw.example.com");
  ASSERT_TRUE(id) << id.error().text;
  EXPECT_EQ(id->type, IdType::DER_ASN1_DN);
  EXPECT_EQ(to_hex(id->octets),
            "3026310b300906035504061302444531173015060355040"
            "30c0e67772e6578616d706c652e636f6d");
  EXPECT_EQ(to_string(*id), "ASN1_DN//C=DE/CN=gw.example.com");
  EXPECT_FALSE(Identity::parse("/C=CH/CN"));
  EXPECT_EQ(value_of({IdType::DER_ASN1_DN, {1, 2}}), "0x0102");
  EXPECT_EQ(value_of(*Identity::parse("/CN=\na")), "/CN=\\x0aa");
}

TEST(Identity, EqualMeansTypeAndOctets) {
  const Identity fqdn{IdType::FQDN, to_bytes(as_bytes("a@b"))};
  EXPECT_NE(fqdn, *Identity::parse("a@b"));
  EXPECT_NE(*Identity::parse("A.example.com"), *Identity::parse("a.example.com"));
  EXPECT_EQ(*Identity::parse("a.example.com"), *Identity::parse("a.example.com"));
  // The octets of an address are no text.
  EXPECT_NE((Identity{IdType::FQDN, {192, 0, 2, 1}}), *Identity::parse("192.0.2.1"));
}

TEST(Identity, ForeignOctetsAreSafeToPrint) {
  EXPECT_EQ(to_string(Identity{IdType::FQDN, to_bytes(as_bytes("a\x1b[2J\n"))}),
            "FQDN/a\\x1b[2J\\x0a");
  EXPECT_EQ(to_string(Identity{IdType::RFC822_ADDR, Bytes(500, 'a')}),
            "UFQDN/" + std::string(128, 'a') + "...");
  EXPECT_EQ(to_string(Identity{IdType::IPV4_ADDR, {1, 2, 3}}), "IPV4/010203");
  EXPECT_EQ(to_string(Identity{IdType::IPV6_ADDR, {}}), "IPV6/");
  EXPECT_EQ(to_string(Identity{IdType::KEY_ID, {0xab, 0xcd}}), "KEY_ID/0xabcd");
  EXPECT_EQ(to_string(Identity{IdType::DER_ASN1_DN, {0x30, 0}}), "ASN1_DN/0x3000");
  EXPECT_EQ(to_string(Identity{IdType{77}, {1}}), "ID type 77/0x01");
}

}  // namespace
}  // namespace iked
