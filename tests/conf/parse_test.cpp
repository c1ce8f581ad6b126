// SPDX-License-Identifier: ISC
#include "conf/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "conf/support.h"

namespace iked::conf {
namespace {

using test::parse_text;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string key = " psk \"correct horse battery\"";
const std::string flow = " from 10.1.0.0/24 to 10.2.0.0/24 peer 192.0.2.2";

TEST(Parse, DefaultsAreThoseOfTheManual) {
  const auto parsed = parse_text("ikev2 from 10.1.0.1 to 10.2.0.1" + key);
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_FALSE(parsed.config().passive);
  EXPECT_FALSE(parsed.config().decouple);
  EXPECT_EQ(parsed.config().dpd_check_interval.count(), 60);
  const Policy& policy = parsed.policy();
  EXPECT_EQ(policy.name, "policy1");
  EXPECT_FALSE(policy.active);
  EXPECT_EQ(policy.precedence, Precedence::normal);
  EXPECT_EQ(policy.mode, Mode::tunnel);
  EXPECT_EQ(policy.child_protocol, ProtocolId::ESP);
  EXPECT_FALSE(policy.force_udp_encap);
  EXPECT_EQ(policy.ike_lifetime.count(), 0);
  EXPECT_EQ(policy.child_lifetime.count(), 10800);
  EXPECT_EQ(policy.child_bytes, 4294967296u);
  EXPECT_FALSE(policy.local_id);
  EXPECT_FALSE(policy.peer_id);
}

TEST(Parse, SettingsAreSet) {
  const auto parsed = parse_text("set passive\nset decouple\nset dpd_check_interval 30\n");
  ASSERT_TRUE(parsed.good());
  EXPECT_TRUE(parsed.config().passive);
  EXPECT_TRUE(parsed.config().decouple);
  EXPECT_EQ(parsed.config().dpd_check_interval.count(), 30);
  const auto back = parse_text("set passive\nset active\nset decouple\nset couple\n");
  EXPECT_FALSE(back.config().passive);
  EXPECT_FALSE(back.config().decouple);
}

TEST(Parse, HostNameIsTheDefaultIdentity) {
  const auto parsed = parse_text("");
  ASSERT_TRUE(parsed.good());
  EXPECT_EQ(to_string(parsed.config().default_id), "FQDN/here.example.com");
}

TEST(Parse, RemembersWhereAPolicyWasWritten) {
  const auto parsed =
      parse_text("# one\ninclude \"d\"\n  ikev2" + flow + key, {{"d", "\nikev2" + flow + key}});
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(to_string(parsed.config(), parsed.policy(0).where), "d:2");
  EXPECT_EQ(to_string(parsed.config(), parsed.policy(1).where), "c:3");
  EXPECT_EQ(parsed.policy(1).where.column, 3u);
}

TEST(Parse, StatementsComeInAnyOrder) {
  const auto parsed = parse_text("ikev2" + flow + key + "\nset passive\nm = \"x\"\nset couple\n");
  ASSERT_TRUE(parsed.good());
  EXPECT_TRUE(parsed.config().passive);
  EXPECT_EQ(parsed.config().policies.size(), 1u);
}

TEST(Parse, PolicyNumbersCountNamedPoliciesToo) {
  const auto parsed = parse_text("ikev2 \"a\"" + flow + key + "\nikev2" + flow + key);
  ASSERT_TRUE(parsed.good());
  EXPECT_EQ(parsed.policy(1).name, "policy2");
}

TEST(Parse, DuplicateNamesAreWarnedOf) {
  const auto parsed = parse_text("ikev2 \"a\"" + flow + key + "\nikev2 \"a\"" + flow + key);
  ASSERT_TRUE(parsed.good());
  EXPECT_THAT(parsed.text(), HasSubstr("c:2:7: warning: a second policy with the name \"a\""));
  EXPECT_THAT(parsed.text(), HasSubstr("the first one is at c:1:7"));
}

TEST(Parse, CommandLineMacrosWinOverTheFile) {
  const auto parsed =
      parse_text("gw = \"192.0.2.1\"\nikev2 from 10.1.0.0/24 to 10.2.0.0/24 peer $gw" + key, {},
                 {{"gw", "192.0.2.9"}});
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(to_string(parsed.policy().peer), "192.0.2.9");
}

TEST(Parse, CommandLineMacroNeedsAName) {
  const auto parsed = parse_text("", {}, {{"a b", "x"}});
  EXPECT_FALSE(parsed.good());
  EXPECT_THAT(parsed.text(), StartsWith("command line: -D a b: a macro's name"));
  EXPECT_THAT(parse_text("", {}, {{"from", "x"}}).text(),
              HasSubstr("-D from: this is a reserved word"));
}

TEST(Parse, MissingTopFileIsOneError) {
  test::MemoryEnvironment environment;
  test::MemorySecrets secrets;
  const auto result = parse({"nowhere", {}, "h"}, environment, secrets, test::some_catalogue());
  EXPECT_FALSE(result.config);
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(to_string(result.diagnostics[0]),
            "nowhere: cannot be opened: No such file or directory");
}

TEST(Parse, OneErrorPerStatementAndAllStatementsAreLookedAt) {
  const auto parsed =
      parse_text("set foo bar baz\nikev2 ? ! %\nset passive\nikev2" + flow + " enc x group y\n");
  EXPECT_FALSE(parsed.good());
  EXPECT_EQ(parsed.result.diagnostics.size(), 3u) << parsed.text();
}

TEST(Parse, AtMostTwentyErrorsAreShown) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "set foo\n";
  const auto parsed = parse_text(text);
  ASSERT_EQ(parsed.result.diagnostics.size(), 21u);
  EXPECT_EQ(to_string(parsed.result.diagnostics.back()),
            "c: too many errors; the rest was not looked at");
}

TEST(Parse, ErrorInAMacroThatFailedIsReportedOnce) {
  const auto parsed = parse_text("net = 10.0.0.0/8\nikev2 from $net to any" + key);
  EXPECT_EQ(parsed.result.diagnostics.size(), 1u) << parsed.text();
}

TEST(Parse, ForeignStatementsAreSkippedWithALine) {
  std::vector<std::string> lines;
  log::set_sink([&](const log::Record& record) { lines.emplace_back(record.text); });
  const auto parsed = parse_text("set passive\nflow esp from any \\\n to { any }\nset couple\n");
  log::set_sink({});
  EXPECT_TRUE(parsed.good()) << parsed.text();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], "c:2:1: skipped: 'flow' begins a statement of ipsec.conf");
}

TEST(Parse, ReservedMacroNameIsAnErrorNotAForeignStatement) {
  EXPECT_THAT(parse_text("from = \"x\"\n").text(), StartsWith("c:1:1: 'from' is a reserved word"));
}

TEST(Parse, MistypedKeywordTakenForANameIsWarnedOf) {
  const auto warning = [](const std::string& name) {
    const auto parsed = parse_text("ikev2 " + name + flow + key);
    EXPECT_TRUE(parsed.good()) << parsed.text();
    return parsed.text();
  };
  EXPECT_THAT(warning("actve"), StartsWith("c:1:7: warning: 'actve' is no keyword, so it is taken "
                                           "for the policy's name; did you mean 'active'?\n"));
  EXPECT_THAT(warning("actve"),
              HasSubstr("\n  if it is the name, put quotes around it: \"actve\"\n"));
  for (const char* name : {"ACTIVE", "Active", "act", "pasive", "tunel", "ep", "ESP"}) {
    EXPECT_THAT(warning(name), HasSubstr("did you mean '")) << name;
  }
  for (const char* name : {"\"actve\"", "west", "east", "active2", "office", "a", "b"}) {
    EXPECT_EQ(warning(name), "") << name;
  }
}

TEST(Parse, EmptyConfigurationIsAWarningOnly) {
  const auto parsed = parse_text("\n# nothing\n");
  EXPECT_TRUE(parsed.good());
  EXPECT_EQ(parsed.text(), "c: warning: no valid configuration rules found\n");
}

TEST(Parse, IgnoreErrorsLeavesOutBrokenPoliciesOnly) {
  const std::string good = "ikev2 \"p\" from 10.1.0.0/24 to 10.2.0.0/24 psk \"0123456789abc\"\n";
  const std::string broken = "ikev2 \"q\" frm 10.1.0.0/24 to 10.2.0.0/24\n";
  EXPECT_FALSE(parse_text(good + broken).good());
  EXPECT_FALSE(parse_text("set ignore_errors no\n" + good + broken).good());
  // Wherever the setting stands.
  for (const std::string& text :
       {"set ignore_errors yes\n" + broken + good, good + broken + "set ignore_errors yes\n"}) {
    const auto parsed = parse_text(text);
    ASSERT_TRUE(parsed.good()) << parsed.text();
    EXPECT_EQ(parsed.config().policies.size(), 1u);
    EXPECT_EQ(parsed.config().policies_left_out, 1u);
    EXPECT_THAT(parsed.text(), HasSubstr("warning: unknown word 'frm'; did you mean 'from'?"));
    EXPECT_THAT(parsed.text(), HasSubstr("this policy is left out"));
  }
  for (const std::string other :
       {"set nothing\n", "user a\n", "include \"missing\"\n", "x = /\n"}) {
    EXPECT_FALSE(parse_text("set ignore_errors yes\n" + good + other).good()) << other;
  }
}

TEST(Parse, QuickSkipAndDefaultAreKept) {
  const auto parsed = parse_text(
      "ikev2 \"a\" quick from any to any peer any psk \"0123456789abc\"\n"
      "ikev2 \"b\" skip from any to any\n"
      "ikev2 \"c\" default from any to any psk \"0123456789abc\"\n");
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(parsed.policy(0).precedence, Precedence::quick_one);
  EXPECT_EQ(parsed.policy(1).precedence, Precedence::skip);
  EXPECT_EQ(parsed.policy(2).precedence, Precedence::fallback);
  EXPECT_EQ(parsed.policy(2).peer, HostSpec(AnyHost{}));
}

TEST(Parse, LinkLocalAddressKeepsItsZone) {
  const auto parsed =
      parse_text("ikev2 from fe80::1%eth0 to fe80:0::2%eth0 psk \"0123456789abcdef\"\n");
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(parsed.policy().peer, HostSpec(HostName{"fe80::2%eth0", {}}));
  for (const char* bad : {"fe80::1%", "fe80::1%a/64", "fe80::1%0123456789abcdef",
                          "2001:db8::1%eth0", "fe80::1%eth0/64", "fe80::g%eth0", "fe80::1%a%b"}) {
    EXPECT_FALSE(parse_text(fmt::format("ikev2 from any to any peer \"{}\"\n", bad)).good()) << bad;
  }
  // A zone means IPv6.
  EXPECT_FALSE(parse_text("ikev2 from any to any peer fe80::1%eth0 local 192.0.2.1\n").good());
}

TEST(Parse, PskAsTextAndAsHexadecimalAreTheSameSecret) {
  const auto parsed =
      parse_text("ikev2" + flow + " psk abcdefghijklm\nikev2" + flow +
                 " psk 0x6162636465666768696a6b6c6d\nikev2" + flow + " psk other-secret-key\n");
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(parsed.policy(0).auth, parsed.policy(1).auth);
  EXPECT_NE(parsed.policy(0).auth, parsed.policy(2).auth);
  EXPECT_EQ(parsed.secrets.text_of(std::get<PskAuth>(parsed.policy(0).auth).secret),
            "abcdefghijklm");
}

TEST(Parse, PskOf64AndMoreOctetsIsTakenWhole) {
  for (size_t length : {64u, 255u, 256u, 257u, 1024u}) {
    const std::string text = std::string(length - 5, 'x') + "abcde";
    const auto parsed = parse_text("ikev2" + flow + " psk \"" + text + "\"\n");
    ASSERT_TRUE(parsed.good()) << length;
    EXPECT_EQ(parsed.secrets.ids.begin()->first, text);
    const auto hex = parse_text("ikev2" + flow + " psk 0x" + to_hex(as_bytes(text)) + "\n");
    ASSERT_TRUE(hex.good()) << length;
    EXPECT_EQ(hex.secrets.ids.begin()->first, text);
  }
}

TEST(Parse, PskFromAFileOfHexadecimalDigits) {
  const auto parsed =
      parse_text("ikev2" + flow + " psk file \"k\"\n", {{"k", "6162636465666768696a6b6c6d\n"}});
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(parsed.secrets.ids.begin()->first, "abcdefghijklm");
}

TEST(Parse, EmptyAndOddPskAreRefused) {
  for (const char* word : {"\"\"", "0x", "0xabc", "0xgg"}) {
    EXPECT_FALSE(parse_text("ikev2" + flow + " psk " + word + "\n").good()) << word;
  }
}

TEST(Parse, ShortOrMonotonousPskIsWarnedOf) {
  for (const char* word : {"short", "0x0011223344", "aaaaaaaaaaaaaaaaaaaaaaaa"}) {
    const auto parsed = parse_text("ikev2" + flow + " psk " + word + "\n");
    EXPECT_TRUE(parsed.good());
    EXPECT_THAT(parsed.text(), HasSubstr("easily guessed")) << word;
  }
  EXPECT_EQ(parse_text("ikev2" + flow + key).warnings(), 0u);
}

TEST(Parse, IdentitiesAreTypedByTheirLooks) {
  const auto type = [](const std::string& id) {
    const auto parsed = parse_text("ikev2" + flow + " dstid \"" + id + "\"" + key);
    return parsed.good() ? parsed.policy().peer_id->type : IdType{};
  };
  EXPECT_EQ(type("gw.example.com"), IdType::FQDN);
  EXPECT_EQ(type("user@example.com"), IdType::RFC822_ADDR);
  EXPECT_EQ(type("192.0.2.1"), IdType::IPV4_ADDR);
  EXPECT_EQ(type("2001:db8::1"), IdType::IPV6_ADDR);
  EXPECT_EQ(type("123"), IdType::FQDN);
}

TEST(Parse, CompressedIpv6IsAnAddressAsIdentity) {
  const auto parsed = parse_text("ikev2" + flow + " dstid 2001:db8::1" + key);
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(to_string(*parsed.policy().peer_id), "IPV6/2001:db8::1");
}

TEST(Parse, PeerIsTheOtherEndOfAHostToHostFlow) {
  const auto parsed = parse_text("ikev2 active from 192.0.2.1 to 192.0.2.2" + key);
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(to_string(parsed.policy().peer), "192.0.2.2");
  EXPECT_EQ(to_string(parsed.policy().local), "192.0.2.1");
}

TEST(Parse, AnyPeerIsAny) {
  const auto parsed = parse_text("ikev2 from any to any peer any local any" + key);
  ASSERT_TRUE(parsed.good());
  EXPECT_EQ(parsed.policy().peer, HostSpec(AnyHost{}));
  EXPECT_EQ(parsed.policy().flows[0].local.host, HostSpec(AnyHost{}));
}

TEST(Parse, NamesStayNames) {
  const auto parsed =
      parse_text("ikev2 active from eth0 to office.example.com/24 peer gw.example.com" + key);
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(parsed.policy().peer, HostSpec(HostName{"gw.example.com", {}}));
  EXPECT_EQ(parsed.policy().flows[0].remote.host, HostSpec(HostName{"office.example.com", 24}));
}

TEST(Parse, PortsByNumberAndService) {
  const auto parsed =
      parse_text("ikev2 proto tcp from 10.1.0.1 port 1024 to 10.2.0.1 port ssh" + key);
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(parsed.policy().flows[0].local.port, 1024);
  EXPECT_EQ(parsed.policy().flows[0].remote.port, 22);
  EXPECT_EQ(parsed.warnings(), 0u);
}

TEST(Parse, PortsWithoutTcpOrUdpAreWarnedOf) {
  EXPECT_THAT(parse_text("ikev2 from 10.1.0.1 port 5 to 10.2.0.1" + key).text(),
              HasSubstr("'port' without"));
  EXPECT_THAT(parse_text("ikev2 proto icmp from 10.1.0.1 port 5 to 10.2.0.1" + key).text(),
              HasSubstr("'port' without"));
}

TEST(Parse, TooManySelectorsAreRefused) {
  std::string flows;
  for (int i = 0; i < 16; ++i) flows += fmt::format(" from 10.1.{}.0/24 to 10.2.0.0/24", i);
  std::string protocols;
  for (int i = 1; i <= 16; ++i) protocols += fmt::format(" {}", i);
  EXPECT_TRUE(parse_text("ikev2" + flows + " peer any" + key).good());
  const auto parsed = parse_text("ikev2 proto {" + protocols + " }" + flows + " peer any" + key);
  EXPECT_THAT(parsed.text(), HasSubstr("more than the 255 selectors"));
}

TEST(Parse, EveryClauseInOrderIsTaken) {
  const auto parsed = parse_text(
      "ikev2 \"n\" quick active tunnel natt esp inet proto udp from 10.0.0.1 to 10.0.0.2 peer "
      "10.0.0.2 "
      "local 10.0.0.1 ikesa enc aes-256 childsa enc aes-256 srcid a dstid b ikelifetime 1h "
      "lifetime 1h "
      "bytes 1G" +
      key);
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_TRUE(parsed.policy().force_udp_encap);
  EXPECT_EQ(parsed.policy().protocols, std::vector<uint8_t>{17});
  EXPECT_EQ(parsed.policy().family, Family::v4);
  EXPECT_EQ(parsed.policy().child_bytes, 1u << 30);
}

TEST(Parse, LineOf10MegabytesIsNoProblem) {
  const auto parsed = parse_text("set pasive " + std::string(10 << 20, 'x') + "\nset foo\n");
  EXPECT_EQ(parsed.result.diagnostics.size(), 2u);
  EXPECT_LT(parsed.text().size(), 2000u);
}

TEST(Parse, IncludedFilesBeyondAThousandAreRefused) {
  std::string text;
  for (int i = 0; i < 1100; ++i) text += "include \"d\"\n";
  EXPECT_THAT(parse_text(text, {{"d", "\n"}}).text(), HasSubstr("more than 1000 files"));
}

}  // namespace
}  // namespace iked::conf
