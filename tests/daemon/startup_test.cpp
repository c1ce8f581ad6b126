// SPDX-License-Identifier: ISC
#include "daemon/startup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/log.h"

namespace iked::daemon {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// A kernel that lacks some algorithms, by their names in iked.conf.
class FitToKernel : public testing::Test {
 protected:
  void SetUp() override {
    log::set_sink([this](const log::Record& record) { logged.emplace_back(record.text); });
    config.files = {"/etc/iked.conf"};
  }
  void TearDown() override { log::set_sink({}); }

  Policy& add_policy(std::vector<Proposal> proposals) {
    Policy policy;
    policy.name = "west";
    policy.where = {0, 7, 1};
    policy.child_proposals = std::move(proposals);
    config.policies.push_back(std::move(policy));
    return config.policies.back();
  }
  std::vector<std::string> fit() {
    return fit_to_kernel(config, [this](const ChildSuite& suite, Family) -> Result<void> {
      ++asked;
      for (const std::string& name : missing) {
        if (to_string(suite).find(name) != std::string::npos) {
          return fail("no {} here; load its module", name);
        }
      }
      return {};
    });
  }

  Config config;
  std::set<std::string> missing;
  int asked = 0;
  std::vector<std::string> logged;
};

const Proposal kAead{.protocol = ProtocolId::ESP,
                     .encr = {{EncrId::AES_GCM_16, 256}, {EncrId::CHACHA20_POLY1305, 0}}};
const Proposal kCbc{.protocol = ProtocolId::ESP,
                    .encr = {{EncrId::AES_CBC, 256}, {EncrId::CAMELLIA_CBC, 128}},
                    .integ = {IntegId::HMAC_SHA2_256_128, IntegId::HMAC_SHA1_96}};

TEST_F(FitToKernel, WhatTheKernelHasStaysAsItIs) {
  add_policy({kAead, kCbc});
  ASSERT_TRUE(fit().empty());
  EXPECT_THAT(config.policies[0].child_proposals, ElementsAre(kAead, kCbc));
  EXPECT_TRUE(logged.empty());
}

TEST_F(FitToKernel, WhatItLacksIsNotOfferedAndSaidOnce) {
  missing = {"chacha20-poly1305", "hmac-sha1"};
  add_policy({kAead, kCbc});
  add_policy({kAead});
  ASSERT_TRUE(fit().empty());
  Proposal aead = kAead;
  aead.encr.pop_back();
  Proposal cbc = kCbc;
  cbc.integ.pop_back();
  EXPECT_THAT(config.policies[0].child_proposals, ElementsAre(aead, cbc));
  EXPECT_THAT(config.policies[1].child_proposals, ElementsAre(aead));
  EXPECT_EQ(asked, 6) << "each suite is asked for once";
  EXPECT_THAT(logged, ElementsAre(AllOf(HasSubstr("/etc/iked.conf:7: not offered to the peer"),
                                        HasSubstr("no chacha20-poly1305 here; load its module")),
                                  HasSubstr("no hmac-sha1 here")));
}

TEST_F(FitToKernel, AProposalThatIsLeftWithNothingGoes) {
  missing = {"aes-256-gcm", "chacha20-poly1305"};
  add_policy({kAead, kCbc});
  ASSERT_TRUE(fit().empty());
  EXPECT_THAT(config.policies[0].child_proposals, ElementsAre(kCbc));
}

TEST_F(FitToKernel, APolicyThatIsLeftWithNothingGoesAndSaysWhy) {
  missing = {"camellia"};
  add_policy({kAead});
  add_policy({{.protocol = ProtocolId::ESP,
               .encr = {{EncrId::CAMELLIA_CBC, 128}},
               .integ = {IntegId::HMAC_SHA2_256_128}}});
  EXPECT_THAT(fit(), ElementsAre("/etc/iked.conf:7: policy \"west\" has no algorithm for its "
                                 "traffic that works here: no camellia here; load its module"));
  ASSERT_EQ(config.policies.size(), 1U) << "the other one can work";
  EXPECT_THAT(config.policies[0].child_proposals, ElementsAre(kAead));
}

TEST_F(FitToKernel, AhHasNoCipherToMiss) {
  missing = {"hmac-sha1"};
  add_policy(
      {{.protocol = ProtocolId::AH, .integ = {IntegId::HMAC_SHA1_96, IntegId::HMAC_SHA2_256_128}}});
  ASSERT_TRUE(fit().empty());
  EXPECT_THAT(config.policies[0].child_proposals[0].integ, ElementsAre(IntegId::HMAC_SHA2_256_128));
  EXPECT_TRUE(config.policies[0].child_proposals[0].encr.empty());
}

// ---- what an earlier iked left

IpPrefix prefix(std::string_view text) {
  return IpPrefix::parse(text).value();
}

xfrm::LeftoverPolicy left(std::string_view local, std::string_view remote,
                          std::string_view outer_local, std::string_view outer_remote) {
  return {prefix(local), prefix(remote), IpAddress::parse(outer_local).value(),
          IpAddress::parse(outer_remote).value()};
}

Config one_tunnel() {
  Config config;
  Policy policy;
  policy.name = "west";
  policy.local = AnyHost{};
  policy.peer = prefix("192.0.2.2");
  policy.flows = {{{prefix("10.1.0.0/16"), 0}, {prefix("10.2.0.0/16"), 0}}};
  config.policies.push_back(std::move(policy));
  return config;
}

TEST(JudgeLeftovers, WhatTheConfigurationStillHasCarriesOn) {
  const Config config = one_tunnel();
  const xfrm::Judge judge = judge_by(config);
  EXPECT_EQ(judge(left("10.1.0.0/16", "10.2.0.0/16", "192.0.2.1", "192.0.2.2")),
            xfrm::Fate::carries_on);
  // Narrowed, and in ranges that became several prefixes.
  EXPECT_EQ(judge(left("10.1.7.0/24", "10.2.0.0/25", "192.0.2.1", "192.0.2.2")),
            xfrm::Fate::carries_on);
}

TEST(JudgeLeftovers, WithAnotherPeerOrFromAnotherAddressItIsClosed) {
  Config config = one_tunnel();
  const auto of_old_peer = left("10.1.0.0/16", "10.2.0.0/16", "192.0.2.1", "192.0.2.3");
  const auto of_old_address = left("10.1.0.0/16", "10.2.0.0/16", "192.0.2.9", "192.0.2.2");
  EXPECT_EQ(judge_by(config)(of_old_peer), xfrm::Fate::closed);
  EXPECT_EQ(judge_by(config)(of_old_address), xfrm::Fate::carries_on);
  config.policies[0].local = prefix("192.0.2.1");
  EXPECT_EQ(judge_by(config)(of_old_address), xfrm::Fate::closed);
  // A name may have any address.
  config.policies[0].peer = HostName{"gw.example.com", {}};
  EXPECT_EQ(judge_by(config)(of_old_peer), xfrm::Fate::carries_on);
}

TEST(JudgeLeftovers, WhatNoFlowCouldBeIsGone) {
  Config config = one_tunnel();
  EXPECT_EQ(judge_by(config)(left("10.0.0.0/8", "10.2.0.0/16", "192.0.2.1", "192.0.2.2")),
            xfrm::Fate::gone);
  EXPECT_EQ(judge_by(config)(left("10.1.0.0/16", "10.3.0.0/16", "192.0.2.1", "192.0.2.2")),
            xfrm::Fate::gone);
  config.policies[0].precedence = Precedence::skip;
  EXPECT_EQ(judge_by(config)(left("10.1.0.0/16", "10.2.0.0/16", "192.0.2.1", "192.0.2.2")),
            xfrm::Fate::gone);
}

}  // namespace
}  // namespace iked::daemon
