// SPDX-License-Identifier: ISC
// The first tunnel, told message by message.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

class FirstTunnel : public ::testing::Test {
 protected:
  LogCapture log;
};

TEST_F(FirstTunnel, ComesUpInFourMessages) {
  Pair pair;
  pair.connect();

  // HDR(A,0), SAi1, KEi, Ni, N(NAT_DETECTION_SOURCE_IP), N(NAT_DETECTION_DESTINATION_IP) -->
  // <-- HDR(A,B), SAr1, KEr, Nr, N(NAT_DETECTION_SOURCE_IP), N(NAT_DETECTION_DESTINATION_IP)
  // HDR(A,B), SK {IDi, N(INITIAL_CONTACT), IDr, AUTH, SAi2, TSi, TSr} -->
  // <-- HDR(A,B), SK {IDr, AUTH, SAr2, TSi, TSr}
  ASSERT_EQ(pair.world.sent.size(), 4U);
  ASSERT_EQ(pair.a->established().size(), 1U);
  ASSERT_EQ(pair.b->established().size(), 1U);
  const IkeSaRow a = pair.a->established()[0];
  const IkeSaRow b = pair.b->established()[0];
  EXPECT_EQ(a.spi_i, b.spi_i);
  EXPECT_EQ(a.spi_r, b.spi_r);
  EXPECT_TRUE(a.initiator);
  EXPECT_FALSE(b.initiator);
  EXPECT_EQ(a.remote_id, "FQDN/b.example.com");
  EXPECT_EQ(b.remote_id, "FQDN/a.example.com");
  ASSERT_EQ(a.children.size(), 1U);
  ASSERT_EQ(b.children.size(), 1U);
  EXPECT_EQ(a.children[0].spi_in, b.children[0].spi_out);
  EXPECT_EQ(a.children[0].spi_out, b.children[0].spi_in);
}

// R049, R053, R071, R073, R077, R080, R160
TEST_F(FirstTunnel, HeadersAreAsTheRfcWantsThem) {
  Pair pair;
  pair.connect();
  ASSERT_EQ(pair.world.sent.size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    const wire::Header header = header_of(pair.world.sent[i]);
    EXPECT_EQ(header.major, 2);
    EXPECT_EQ(header.minor, 0);
    EXPECT_EQ(header.from_initiator, i % 2 == 0);
    EXPECT_EQ(header.response, i % 2 == 1);
    EXPECT_EQ(header.message_id.value, i / 2);
    EXPECT_TRUE(bool(header.spi_i));
    EXPECT_EQ(bool(header.spi_r), i > 0);
    EXPECT_EQ(header.exchange, i < 2 ? ExchangeType::IKE_SA_INIT : ExchangeType::IKE_AUTH);
    // Nothing of IKE_AUTH stands outside of SK.
    if (i >= 2) {
      EXPECT_EQ(header.next_payload, PayloadType::SK);
    }
  }
}

TEST_F(FirstTunnel, BothKernelsHaveTheSameKeys) {
  Pair pair;
  pair.connect();
  ASSERT_EQ(pair.a->kernel.sas.size(), 2U);
  std::set<Bytes> keys;
  for (const auto& [key, sa] : pair.a->kernel.sas) {
    ASSERT_TRUE(pair.b->kernel.sas.contains(key));
    EXPECT_EQ(pair.b->kernel.sas.at(key).encr_key, sa.encr_key);
    EXPECT_EQ(sa.encr_key.size(), 36U);  // AES-256 and 4 octets of salt
    keys.insert(sa.encr_key);
  }
  EXPECT_EQ(keys.size(), 2U);  // one for each direction
}

TEST_F(FirstTunnel, InstallsOutInAndForwardPolicies) {
  Pair pair;
  pair.connect();
  ASSERT_EQ(pair.a->kernel.policies.size(), 3U);
  const KernelPolicy& out = pair.a->kernel.policies[0];
  EXPECT_EQ(out.direction, PolicyDirection::out);
  EXPECT_EQ(to_string(out.source), "10.1.0.0/24");
  EXPECT_EQ(to_string(out.destination), "10.2.0.0/24");
  EXPECT_EQ(to_string(out.tunnel_source), "192.0.2.1");
  EXPECT_EQ(to_string(out.tunnel_destination), "192.0.2.2");
  for (const auto& [key, sa] : pair.a->kernel.sas) EXPECT_EQ(sa.reqid, out.reqid);
}

TEST_F(FirstTunnel, ChildWithCipherAndIntegrity) {
  Pair pair;
  for (Policy* policy : {&pair.policy_a(), &pair.policy_b()}) {
    Proposal& p = policy->child_proposals[0];
    p.encr = {{EncrId::AES_CBC, 256}};
    p.integ = {IntegId::HMAC_SHA2_256_128};
  }
  pair.connect();
  ASSERT_EQ(pair.a->kernel.sas.size(), 2U);
  for (const auto& [key, sa] : pair.a->kernel.sas) {
    EXPECT_EQ(sa.encr_key.size(), 32U);
    EXPECT_EQ(sa.integ_key.size(), 32U);
    EXPECT_EQ(pair.b->kernel.sas.at(key).integ_key, sa.integ_key);
  }
}

// R013: USE_TRANSPORT_MODE, asked for and granted.
TEST_F(FirstTunnel, TransportMode) {
  Pair pair;
  for (Policy* policy : {&pair.policy_a(), &pair.policy_b()}) {
    policy->mode = Mode::transport;
    policy->flows = {{{AnyHost{}, 0}, {AnyHost{}, 0}}};
  }
  pair.connect();
  ASSERT_EQ(pair.a->kernel.sas.size(), 2U);
  EXPECT_EQ(pair.a->kernel.sas.begin()->second.mode, Mode::transport);
  EXPECT_EQ(pair.a->kernel.policies.size(), 2U);  // nothing is forwarded
  EXPECT_EQ(to_string(pair.a->kernel.policies[0].source), "192.0.2.1");
  EXPECT_EQ(to_string(pair.a->kernel.policies[0].destination), "192.0.2.2");
}

TEST_F(FirstTunnel, SeveralFlowsShareOneChild) {
  Pair pair;
  pair.policy_a().flows.push_back({{host("10.1.1.0/24"), 0}, {host("10.2.0.0/24"), 0}});
  pair.policy_b().flows.push_back({{host("10.2.0.0/24"), 0}, {host("10.1.1.0/24"), 0}});
  pair.connect();
  ASSERT_EQ(pair.a->established()[0].children.size(), 1U);
  EXPECT_EQ(pair.a->established()[0].children[0].local_selectors.size(), 2U);
  EXPECT_EQ(pair.a->kernel.policies.size(), 6U);
  EXPECT_EQ(pair.b->kernel.policies.size(), 6U);
}

TEST_F(FirstTunnel, SaysWhoTalkedToWhom) {
  Pair pair;
  pair.connect();
  EXPECT_EQ(log.count({"notice: policy \"to-b\" 192.0.2.2:4500", "IKE SA up", "FQDN/a.example.com",
                       "FQDN/b.example.com"}),
            1U)
      << log.all();
  EXPECT_EQ(log.count({"policy \"to-a\" 192.0.2.1:4500", "child SA up",
                       "from 10.2.0.0/24 to 10.1.0.0/24"}),
            1U)
      << log.all();
}

// R067, R062: the responder sends nothing of its own, and nothing at all when nothing is wanted.
TEST_F(FirstTunnel, PassivePolicyWaits) {
  Pair pair;
  pair.policy_a().active = false;
  pair.connect();
  pair.world.advance(1h);
  EXPECT_TRUE(pair.world.sent.empty());
}

TEST_F(FirstTunnel, ActivePolicyWithoutAKeyCallsNobody) {
  Pair pair;
  pair.policy_a().auth = EapAuth{};
  pair.connect();
  pair.world.advance(1h);
  EXPECT_TRUE(pair.world.sent.empty());
}

TEST_F(FirstTunnel, PassiveModeSendsNoRequest) {
  Pair pair;
  pair.config_a.passive = true;
  pair.connect();
  pair.world.advance(1h);
  EXPECT_TRUE(pair.world.sent.empty());
  pair.a->command(ike::SetPassive{false});
  pair.world.settle();
  EXPECT_EQ(pair.a->established().size(), 1U);
}

// The peer calls while we still look up its name: there is no need to call back.
TEST_F(FirstTunnel, PeerThatCallsFirstIsNotCalledBack) {
  Pair pair;
  pair.policy_b().active = true;
  pair.policy_b().peer = HostName{"a.example.com", std::nullopt};
  pair.before_start = [](Pair& p) {
    p.b->names["a.example.com"] = {*IpPrefix::parse("192.0.2.1")};
    p.world.look_up_takes = 1s;
  };
  pair.policy_a().active = true;
  pair.connect();
  pair.world.advance(1min);
  EXPECT_EQ(pair.a->established().size(), 1U);
  EXPECT_EQ(pair.b->established().size(), 1U);
}

TEST_F(FirstTunnel, PassiveModeEndsACallThatIsUnderWay) {
  Pair pair;
  pair.world.link.loss = 1.0;
  pair.connect();
  pair.a->command(ike::SetPassive{true});
  pair.world.sent.clear();
  pair.world.advance(10min);
  EXPECT_TRUE(pair.world.sent.empty());
  EXPECT_EQ(pair.a->engine->sa_count(), 0U);
}

}  // namespace
}  // namespace iked::test
