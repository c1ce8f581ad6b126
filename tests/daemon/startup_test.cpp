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

}  // namespace
}  // namespace iked::daemon
