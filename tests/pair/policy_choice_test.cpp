// SPDX-License-Identifier: ISC
// Several policies take the same caller: which one it gets. What the caller asks for beyond its ID
// decides, in this order: our ID, the flows, the mode; else the last policy.
#include <gtest/gtest.h>

#include "support/log_capture.h"
#include "support/pair.h"

namespace iked::test {
namespace {

class PolicyChoice : public ::testing::Test {
 protected:
  PolicyChoice() {
    for (Policy* policy : {&pair.policy_a(), &pair.policy_b(), &other}) use_hosts(*policy);
    other.name = "other";
  }

  // Between the hosts themselves, so that both modes are possible.
  static void use_hosts(Policy& policy) { policy.flows = {{{policy.local, 0}, {policy.peer, 0}}}; }

  /// The policy that b chose, with `other` behind and in front of its first one.
  std::array<std::string, 2> chosen() {
    std::array<std::string, 2> names;
    for (const bool in_front : {false, true}) {
      Pair fresh;
      fresh.config_a = pair.config_a;
      fresh.config_b = pair.config_b;
      auto& policies = fresh.config_b.policies;
      policies.insert(in_front ? policies.begin() : policies.end(), other);
      fresh.connect();
      const auto sas = fresh.b->established();
      names[in_front] = sas.size() == 1 ? sas[0].policy : "none";
    }
    return names;
  }
  using Names = std::array<std::string, 2>;

  LogCapture log;
  Pair pair;
  Policy other = pair.policy_b();
};

TEST_F(PolicyChoice, TheLastWhenAllAreAsGood) {
  EXPECT_EQ(chosen(), (Names{"other", "to-a"}));
}

TEST_F(PolicyChoice, TheOneWithTheIdThatTheCallerNames) {
  other.local_id = *Identity::parse("b2.example.com");
  EXPECT_EQ(chosen(), (Names{"to-a", "to-a"}));
  pair.policy_a().peer_id = other.local_id;
  EXPECT_EQ(chosen(), (Names{"other", "other"}));
  // Without a name any of them is right.
  pair.policy_a().peer_id.reset();
  EXPECT_EQ(chosen(), (Names{"other", "to-a"}));
}

TEST_F(PolicyChoice, TheDefaultIdIsAnIdLikeAnyOther) {
  other.local_id.reset();
  EXPECT_EQ(chosen(), (Names{"to-a", "to-a"}));
  pair.policy_a().peer_id = pair.config_b.default_id;
  EXPECT_EQ(chosen(), (Names{"other", "other"}));
}

TEST_F(PolicyChoice, TheOneWithTheFlows) {
  other.flows = {{{host("10.2.0.0/24"), 0}, {host("10.1.0.0/24"), 0}}};
  EXPECT_EQ(chosen(), (Names{"to-a", "to-a"}));
}

TEST_F(PolicyChoice, TheOneWithTheMode) {
  other.mode = Mode::transport;
  EXPECT_EQ(chosen(), (Names{"to-a", "to-a"}));
  pair.policy_a().mode = Mode::transport;
  EXPECT_EQ(chosen(), (Names{"other", "other"}));
}

TEST_F(PolicyChoice, FlowsCountMoreThanTheMode) {
  other.flows = {{{host("10.2.0.0/24"), 0}, {host("10.1.0.0/24"), 0}}};
  pair.policy_b().mode = Mode::transport;
  EXPECT_EQ(chosen(), (Names{"to-a", "to-a"}));
}

TEST_F(PolicyChoice, OurIdCountsMoreThanFlowsAndMode) {
  other.flows = {{{host("10.2.0.0/24"), 0}, {host("10.1.0.0/24"), 0}}};
  other.mode = Mode::transport;
  pair.policy_b().local_id = *Identity::parse("b2.example.com");
  EXPECT_EQ(chosen(), (Names{"other", "other"}));
}

// Nothing makes up for algorithms that the policy does not have: IKE_SA_INIT was for the last one.
TEST_F(PolicyChoice, NeverOneWithoutTheAlgorithms) {
  other.mode = Mode::transport;
  pair.policy_b().ike_proposals[0].encr = {{EncrId::AES_GCM_16, 128}};
  EXPECT_EQ(chosen(), (Names{"other", "to-a"}));
}

}  // namespace
}  // namespace iked::test
