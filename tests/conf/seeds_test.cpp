// SPDX-License-Identifier: ISC
// The examples of the manual of OpenBSD 4.8 parse, word for word, and mean what it says of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/support.h"

namespace iked::conf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

test::Parsed parse_all(const std::string& text, std::map<std::string, std::string> others = {}) {
  return test::parse_text(text, std::move(others), {}, test::full_catalogue());
}

IpPrefix prefix(const char* text) {
  return *IpPrefix::parse(text);
}

TEST(Seeds, TwoGatewaysAndTheirNetworks) {
  const auto parsed = parse_all(
      "# Set up a VPN:\n"
      "# First between the gateway machines 192.168.3.1 and 192.168.3.2\n"
      "# Second between the networks 10.1.1.0/24 and 10.1.2.0/24\n"
      "ikev2 esp from 192.168.3.1 to 192.168.3.2\n"
      "ikev2 esp from 10.1.1.0/24 to 10.1.2.0/24 peer 192.168.3.2\n");
  ASSERT_TRUE(parsed.good()) << parsed.text();
  ASSERT_THAT(parsed.config().policies, SizeIs(2));
  const Policy& hosts = parsed.policy(0);
  // "For host-to-host connections ... it will be set to dst automatically."
  EXPECT_EQ(hosts.peer, HostSpec(prefix("192.168.3.2")));
  EXPECT_EQ(hosts.local, HostSpec(prefix("192.168.3.1")));
  EXPECT_FALSE(hosts.active);
  EXPECT_EQ(hosts.child_protocol, ProtocolId::ESP);
  // "This is the default mode if no option is specified": certificates, of any kind of key here.
  EXPECT_EQ(hosts.auth, AuthConfig(SignatureAuth{SignatureKind::any}));
  const Policy& nets = parsed.policy(1);
  EXPECT_EQ(nets.flows.at(0).local.host, HostSpec(prefix("10.1.1.0/24")));
  EXPECT_EQ(nets.flows.at(0).remote.host, HostSpec(prefix("10.1.2.0/24")));
  EXPECT_EQ(nets.peer, HostSpec(prefix("192.168.3.2")));
}

TEST(Seeds, IncludeAndMacro) {
  const auto parsed = parse_all(
      "include \"/etc/macros.conf\"\n"
      "ikev2 esp from 192.168.7.0/24 to 192.168.8.0/24 peer $remote_gw\n",
      {{"/etc/macros.conf", "remote_gw = \"192.168.3.12\"\n"}});
  ASSERT_TRUE(parsed.good()) << parsed.text();
  EXPECT_EQ(parsed.policy().peer, HostSpec(prefix("192.168.3.12")));
}

TEST(Seeds, TagOfADomain) {
  const auto parsed = parse_all(
      "ikev2 esp from 10.1.1.0/24 to 10.1.2.0/24 peer 192.168.3.2 \\\n"
      "    tag ipsec-$domain\n");
  ASSERT_TRUE(parsed.good()) << parsed.text();
  // "The variable expansion ... occurs only at runtime."
  EXPECT_EQ(parsed.policy().tag, "ipsec-$domain");
}

TEST(Seeds, OutgoingNat) {
  const auto parsed = parse_all(
      "ikev2 esp from 10.10.10.1 (192.168.1.0/24) to 192.168.2.0/24 \\\npeer 10.10.20.1\n");
  ASSERT_TRUE(parsed.good()) << parsed.text();
  const Flow& flow = parsed.policy().flows.at(0);
  EXPECT_EQ(flow.local.host, HostSpec(prefix("10.10.10.1")));  // what the peer sees
  EXPECT_EQ(flow.nat_source, HostSpec(prefix("192.168.1.0/24")));
  // from src [port sport] [(srcnat)], as the manual has it, and the other way round
  const auto with_port = [](const char* from) {
    const auto both = parse_all(
        fmt::format("ikev2 esp proto tcp from {} to 192.168.2.0/24 peer 10.10.20.1\n", from));
    EXPECT_TRUE(both.good()) << both.text();
    return both.policy();
  };
  EXPECT_EQ(with_port("10.10.10.1 port 80 (192.168.1.0/24)"),
            with_port("10.10.10.1 (192.168.1.0/24) port 80"));
}

TEST(Seeds, Windows7WithPasswords) {
  const auto parsed = parse_all(
      "user \"test\" \"password123\"\n"
      "\n"
      "ikev2 \"win7\" esp \\\n"
      "  from 172.16.2.0/24 to 0.0.0.0/0 \\\n"
      "  peer 10.0.0.0/8 local 192.168.56.0/24 \\\n"
      "  eap \"mschap-v2\" \\\n"
      "  config address 172.16.2.1 \\\n"
      "  tag \"$name-$id\"\n");
  ASSERT_TRUE(parsed.good()) << parsed.text();
  ASSERT_THAT(parsed.config().users, SizeIs(1));
  EXPECT_EQ(parsed.config().users[0].name, "test");
  EXPECT_EQ(parsed.secrets.text_of(parsed.config().users[0].password), "password123");
  const Policy& policy = parsed.policy();
  EXPECT_EQ(policy.name, "win7");
  EXPECT_EQ(policy.peer, HostSpec(prefix("10.0.0.0/8")));
  EXPECT_EQ(policy.local, HostSpec(prefix("192.168.56.0/24")));
  EXPECT_EQ(policy.auth, AuthConfig(EapAuth{EapMethod::mschap_v2}));
  EXPECT_THAT(policy.config_options,
              ElementsAre(ConfigOption{false, ConfigKind::address, prefix("172.16.2.1")}));
  EXPECT_EQ(policy.tag, "$name-$id");
  EXPECT_FALSE(can_authenticate(policy));
  EXPECT_THAT(parsed.text(), HasSubstr("this policy is kept but not used"));
}

TEST(Seeds, BigTestWithAPreSharedKey) {
  const auto parsed = parse_all(
      "ikev2 \"big test\" \\\n"
      "  esp proto tcp \\\n"
      "  from 10.0.0.0/8 port 23 to 20.0.0.0/8 port 40 \\\n"
      "  from 192.168.1.1 to 192.168.2.2 \\\n"
      "  peer any local any \\\n"
      "  ikesa enc 3des auth hmac-sha1 group modp1024 \\\n"
      "  childsa enc aes-128 auth hmac-sha1 \\\n"
      "  srcid host.example.com \\\n"
      "  dstid 192.168.0.254 \\\n"
      "  psk \"foobar\"\n");
  ASSERT_TRUE(parsed.good()) << parsed.text();
  const Policy& policy = parsed.policy();
  EXPECT_THAT(policy.protocols, ElementsAre(6));
  ASSERT_THAT(policy.flows, SizeIs(2));
  EXPECT_EQ(policy.flows[0].local, (FlowEnd{prefix("10.0.0.0/8"), 23}));
  EXPECT_EQ(policy.flows[0].remote, (FlowEnd{prefix("20.0.0.0/8"), 40}));
  EXPECT_EQ(policy.peer, HostSpec(AnyHost{}));
  ASSERT_THAT(policy.ike_proposals, SizeIs(1));
  EXPECT_THAT(policy.ike_proposals[0].encr, ElementsAre(Encr{EncrId::TDES, 0}));
  EXPECT_THAT(policy.ike_proposals[0].integ, ElementsAre(IntegId::HMAC_SHA1_96));
  EXPECT_THAT(policy.ike_proposals[0].ke, ElementsAre(KeId::MODP_1024));
  ASSERT_THAT(policy.child_proposals, SizeIs(1));
  EXPECT_THAT(policy.child_proposals[0].encr, ElementsAre(Encr{EncrId::AES_CBC, 128}));
  EXPECT_EQ(policy.local_id, *Identity::parse("host.example.com"));
  EXPECT_EQ(policy.peer_id->type, IdType::IPV4_ADDR);
  EXPECT_EQ(parsed.secrets.text_of(std::get<PskAuth>(policy.auth).secret), "foobar");
}

TEST(Seeds, EveryAlgorithmOfTheTables) {
  const auto takes = [](const std::string& words) {
    const auto parsed =
        parse_all("ikev2 from 10.0.0.1 to 10.0.0.2 " + words + " psk \"0123456789abcdef\"\n");
    EXPECT_TRUE(parsed.good()) << parsed.text();
  };
  for (const char* name :
       {"hmac-md5", "hmac-sha1", "hmac-sha2-256", "hmac-sha2-384", "hmac-sha2-512"}) {
    takes(fmt::format("ikesa auth {0} prf {0} childsa enc null auth {0}", name));
  }
  for (const char* name : {"3des", "aes-128", "aes-192", "aes-256"}) {
    takes(fmt::format("ikesa enc {0} childsa enc {0}", name));
  }
  for (const char* name : {"des", "aes-ctr", "blowfish", "cast", "null"}) {
    takes(fmt::format("childsa enc {}", name));
  }
  const std::pair<const char*, int> groups[] = {
      {"modp768", 1},   {"modp1024", 2},      {"ec155", 3},         {"ec185", 4},
      {"modp1536", 5},  {"modp2048", 14},     {"modp3072", 15},     {"modp4096", 16},
      {"modp6144", 17}, {"modp8192", 18},     {"ec256", 19},        {"ec384", 20},
      {"ec521", 21},    {"modp1024-160", 22}, {"modp2048-224", 23}, {"modp2048-256", 24},
      {"ec192", 25},    {"ec224", 26},
  };
  for (const auto& [name, number] : groups) {
    const auto by_name =
        parse_all(fmt::format("ikev2 from 10.0.0.1 to 10.0.0.2 ikesa group {} psk \"x\"\n", name));
    const auto by_number = parse_all(
        fmt::format("ikev2 from 10.0.0.1 to 10.0.0.2 ikesa group grp{} psk \"x\"\n", number));
    ASSERT_TRUE(by_name.good() && by_number.good()) << name << by_name.text();
    EXPECT_EQ(by_name.policy().ike_proposals, by_number.policy().ike_proposals) << name;
    EXPECT_EQ(by_name.policy().ike_proposals.at(0).ke.at(0), KeId{static_cast<uint16_t>(number)});
  }
}

TEST(Seeds, IdentitiesOfEveryKind) {
  const std::pair<const char*, IdType> cases[] = {
      {"foo.example.com", IdType::FQDN},
      {"reyk@example.com", IdType::RFC822_ADDR},
      {"192.0.2.1", IdType::IPV4_ADDR},
      {"2001:db8::1", IdType::IPV6_ADDR},
      {"\"/C=DE/CN=10.0.0.1/emailAddress=reyk@example.com\"", IdType::DER_ASN1_DN},
  };
  for (const auto& [text, type] : cases) {
    const auto parsed = parse_all(
        fmt::format("ikev2 from 10.0.0.1 to 10.0.0.2 srcid {0} dstid {0} psk \"x\"\n", text));
    ASSERT_TRUE(parsed.good()) << parsed.text();
    EXPECT_EQ(parsed.policy().local_id->type, type) << text;
    EXPECT_EQ(parsed.policy().peer_id, parsed.policy().local_id);
  }
}

}  // namespace
}  // namespace iked::conf
