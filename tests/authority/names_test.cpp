// SPDX-License-Identifier: ISC
#include "authority/names.h"

#include <gmock/gmock.h>

namespace iked::authority {
namespace {

using testing::HasSubstr;

TEST(Host, KindFollowsFromTheName) {
  struct Row {
    std::string_view word;
    HostKind kind;
    std::string_view text;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"192.0.2.1", HostKind::ipv4, "192.0.2.1"},
           {"2001:DB8:0::1", HostKind::ipv6, "2001:db8::1"},
           {"::ffff:192.0.2.1", HostKind::ipv6, "::ffff:192.0.2.1"},
           {"gw.example.com", HostKind::fqdn, "gw.example.com"},
           {"GW.Example.COM", HostKind::fqdn, "gw.example.com"},
           {"local", HostKind::fqdn, "local"},
           {"4you.example", HostKind::fqdn, "4you.example"},
           {"xn--bcher-kva.example", HostKind::fqdn, "xn--bcher-kva.example"},
           {"Joe.Doe+vpn@Example.com", HostKind::ufqdn, "Joe.Doe+vpn@example.com"}}) {
    const auto host = Host::parse(row.word);
    ASSERT_TRUE(host) << row.word << ": " << host.error().text;
    EXPECT_EQ(host->kind(), row.kind) << row.word;
    EXPECT_EQ(host->text(), row.text);
  }
}

TEST(Host, OctetsOfAnAddressAreBinary) {
  EXPECT_EQ(to_hex(Host::parse("192.0.2.1")->octets()), "c0000201");
  EXPECT_EQ(Host::parse("2001:db8::1")->octets().size(), 16u);
  EXPECT_EQ(as_text(Host::parse("a.example")->octets()), "a.example");
}

TEST(Host, WhatCouldLeadElsewhereIsRefused) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view word : {""sv,
                                      "."sv,
                                      ".."sv,
                                      "../ca"sv,
                                      "a/b"sv,
                                      "/etc/passwd"sv,
                                      "a\0b"sv,
                                      "-rf"sv,
                                      ".hidden"sv,
                                      "a..b"sv,
                                      "a."sv,
                                      "a b"sv,
                                      "a\nb"sv,
                                      "a;b"sv,
                                      "*"sv,
                                      "b\xc3\xbc"
                                      "cher.example"sv,
                                      "-a.example"sv,
                                      "a-.example"sv,
                                      "ca"sv,
                                      "CA"sv,
                                      "@example.com"sv,
                                      "joe@"sv,
                                      "j/oe@example.com"sv,
                                      "joe@exa/mple.com"sv,
                                      "../joe@example.com"sv,
                                      "a@b@c"sv}) {
    const auto host = Host::parse(word);
    ASSERT_FALSE(host) << word;
    EXPECT_EQ(host.error().kind, Failure::Kind::usage) << word;
  }
}

TEST(Host, AddressWithAMistakeIsNotTakenForAHostName) {
  for (const char* word : {"192.0.2.256", "192.0.2", "192.0.2.1.5", "1", "10.0.0.08"}) {
    const auto host = Host::parse(word);
    ASSERT_FALSE(host) << word;
    EXPECT_THAT(host.error().text, HasSubstr("looks like an IPv4 address")) << word;
  }
  for (const char* word : {"2001:db8:::1", "fe80::1%eth0", ":", "g::1", "[2001:db8::1]"}) {
    const auto host = Host::parse(word);
    ASSERT_FALSE(host) << word;
    EXPECT_THAT(host.error().text, HasSubstr("looks like an IPv6 address")) << word;
  }
}

TEST(Host, LengthHasItsLimits) {
  const std::string label(63, 'a');
  EXPECT_TRUE(Host::parse(label));
  EXPECT_FALSE(Host::parse(label + "a"));
  const std::string longest = label + "." + label + "." + label + "." + std::string(48, 'b');
  ASSERT_EQ(longest.size(), Host::longest);
  EXPECT_TRUE(Host::parse(longest));
  EXPECT_FALSE(Host::parse(longest + "b"));
}

TEST(Host, CommonNameHas64CharactersAtMost) {
  const std::string label(60, 'a');
  EXPECT_EQ(Host::parse("gw.example.com")->common_name(), "gw.example.com");
  EXPECT_EQ(Host::parse(label + ".example.com")->common_name(), label);
  EXPECT_EQ(Host::parse("joe@" + label + ".example.com")->common_name().size(), 64u);
}

TEST(CaName, IsAPlainFileName) {
  for (const char* word : {"vpn", "VPN-2", "a", "0", "a.b_c"}) EXPECT_TRUE(CaName::parse(word));
  using std::string_view_literals::operator""sv;
  for (const std::string_view word : {""sv, "."sv, ".."sv, "a/b"sv, "../x"sv, "-x"sv, "a b"sv,
                                      "a\0b"sv, ".x"sv, "_x"sv, "a:b"sv, "\xc3\xbc"sv}) {
    const auto name = CaName::parse(word);
    ASSERT_FALSE(name) << word;
    EXPECT_EQ(name.error().kind, Failure::Kind::usage);
  }
  EXPECT_TRUE(CaName::parse(std::string(64, 'a')));
  EXPECT_FALSE(CaName::parse(std::string(65, 'a')));
}

}  // namespace
}  // namespace iked::authority
