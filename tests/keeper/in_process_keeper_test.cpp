// SPDX-License-Identifier: ISC
#include "keeper/in_process_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/to_text.h"
#include "conf/transforms.h"
#include "crypto/keys.h"
#include "keeper/temporary_folder.h"

namespace iked::keeper {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string policy = "ikev2 \"west\" from 192.0.2.1 to 192.0.2.2 psk ";

class InProcessKeeperTest : public testing::Test {
 protected:
  LoadResult load(const std::string& text) {
    LoadResult result = keeper_.load({folder_.write("conf", text), {}});
    if (result.config) keeper_.commit();
    return result;
  }
  SecretId secret_of(const LoadResult& result) {
    return result.config ? std::get<PskAuth>(result.config->policies.at(0).auth).secret
                         : SecretId{};
  }
  test::TemporaryFolder folder_;
  InProcessKeeper keeper_{"gw.example.com"};
};

TEST_F(InProcessKeeperTest, LoadsAConfiguration) {
  const LoadResult result = load("set passive\n" + policy + "\"correct horse battery\"\n");
  ASSERT_TRUE(result.config);
  EXPECT_TRUE(result.diagnostics.empty());
  EXPECT_TRUE(result.config->passive);
  EXPECT_EQ(to_string(result.config->default_id), "FQDN/gw.example.com");
}

TEST_F(InProcessKeeperTest, IncludesAreCheckedToo) {
  const std::string included = folder_.write("included", policy + "abcdefghijklm\n", 0640);
  EXPECT_TRUE(load("include \"" + included + "\"\n").config);
  folder_.write("included", policy + "abcdefghijklm\n", 0644);
  const LoadResult result = load("include \"" + included + "\"\n");
  EXPECT_FALSE(result.config);
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_THAT(to_string(result.diagnostics[0]), HasSubstr("conf:1:9: cannot include"));
  EXPECT_THAT(result.diagnostics[0].text, HasSubstr("mode 0644: everybody may read it"));
}

TEST_F(InProcessKeeperTest, FileReadableByOthersIsNotLoaded) {
  const LoadResult result = keeper_.load({folder_.write("open", "", 0604), {}});
  EXPECT_FALSE(result.config);
  EXPECT_THAT(to_string(result.diagnostics.at(0)),
              StartsWith(folder_.path("open") + ": mode 0604: "));
}

TEST_F(InProcessKeeperTest, MacrosOfTheCommandLineWin) {
  const std::string path = folder_.write("conf", "m = \"passive\"\nset $m\n");
  EXPECT_TRUE(keeper_.load({path, {}}).config->passive);
  EXPECT_FALSE(keeper_.load({path, {{"m", "active"}}}).config->passive);
}

TEST_F(InProcessKeeperTest, AuthValuesAreThoseOfTheSharedKey) {
  const LoadResult result = load(policy + "\"correct horse battery\"\n");
  const PskAuthRequest request{
      secret_of(result), PrfId::HMAC_SHA2_256, {1, 2, 3}, {4, 5, 6}, "west"};
  const auto values = keeper_.psk_auth(request);
  ASSERT_TRUE(values) << values.error().text;
  const SecretBytes key(as_bytes("correct horse battery"));
  EXPECT_TRUE(values->own == crypto::psk_auth_value(PrfId::HMAC_SHA2_256, key, request.own_octets));
  EXPECT_TRUE(values->peer ==
              crypto::psk_auth_value(PrfId::HMAC_SHA2_256, key, request.peer_octets));
  EXPECT_FALSE(values->own == values->peer);
}

TEST_F(InProcessKeeperTest, SecretsOfTheLoadBeforeTheLastStillAnswer) {
  const SecretId old = secret_of(load(policy + "abcdefghijklm\n"));
  load(policy + "nopqrstuvwxyz\n");
  EXPECT_TRUE(keeper_.psk_auth({old, PrfId::HMAC_SHA2_256, {}, {}, "west"}));
  load(policy + "ABCDEFGHIJKLM\n");
  const auto gone = keeper_.psk_auth({old, PrfId::HMAC_SHA2_256, {}, {}, "west"});
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().text, HasSubstr("no longer in use"));
}

// What somebody who took over iked might try.
TEST_F(InProcessKeeperTest, KeyOfAnotherPolicyIsRefused) {
  const LoadResult result = load(
      policy + "abcdefghijklm\nikev2 \"east\" from 192.0.2.1 to 192.0.2.3 psk nopqrstuvwxyz\n");
  ASSERT_TRUE(result.config);
  const SecretId west = std::get<PskAuth>(result.config->policies[0].auth).secret;
  const SecretId east = std::get<PskAuth>(result.config->policies[1].auth).secret;
  EXPECT_TRUE(keeper_.psk_auth({west, PrfId::HMAC_SHA2_256, {}, {}, "west"}));
  EXPECT_TRUE(keeper_.psk_auth({east, PrfId::HMAC_SHA2_256, {}, {}, "east"}));
  for (const char* name : {"west", "", "north"}) {
    const auto refused = keeper_.psk_auth({east, PrfId::HMAC_SHA2_256, {}, {}, name});
    ASSERT_FALSE(refused) << name;
    EXPECT_THAT(refused.error().text, HasSubstr("not the pre-shared key of policy"));
  }
}

TEST_F(InProcessKeeperTest, PasswordOfAUserIsNoPolicysKey) {
  const LoadResult result = load("user \"ann\" \"correct horse\"\n" + policy + "abcdefghijklm\n");
  ASSERT_TRUE(result.config);
  const SecretId password = result.config->users.at(0).password;
  EXPECT_FALSE(keeper_.psk_auth({password, PrfId::HMAC_SHA2_256, {}, {}, "west"}));
  EXPECT_FALSE(keeper_.psk_auth({password, PrfId::HMAC_SHA2_256, {}, {}, "ann"}));
}

TEST_F(InProcessKeeperTest, WipingUsersLeavesThePoliciesTheirKeys) {
  const LoadResult result =
      load("user \"ann\" \"correct horse\"\nuser \"bob\" \"abcdefghijklm\"\n" + policy +
           "abcdefghijklm\n");
  ASSERT_TRUE(result.config);
  ASSERT_TRUE(keeper_.take_secret(SecretBytes(as_bytes("typed by a client"))));
  const auto wiped = keeper_.wipe_users();
  ASSERT_TRUE(wiped);
  EXPECT_EQ(*wiped, 2u) << "ann's and the client's; bob's is also the policy's";
  EXPECT_TRUE(keeper_.psk_auth({secret_of(result), PrfId::HMAC_SHA2_256, {}, {}, "west"}));
  EXPECT_EQ(keeper_.wipe_users().value_or(99), 0u);
}

TEST_F(InProcessKeeperTest, ClientsCannotFillTheMemory) {
  Result<SecretId> last;
  int taken = 0;
  for (; taken < 5000; ++taken) {
    last = keeper_.take_secret(SecretBytes(as_bytes(std::to_string(taken))));
    if (!last) break;
  }
  EXPECT_EQ(taken, 1024);
}

TEST_F(InProcessKeeperTest, UnchangedKeysKeepTheirIds) {
  const LoadResult first = load(policy + "abcdefghijklm\n");
  const LoadResult second = load("# moved\n\n" + policy + "abcdefghijklm\n");
  const LoadResult third = load(policy + "nopqrstuvwxyz\n");
  ASSERT_TRUE(first.config && second.config && third.config);
  EXPECT_EQ(first.config->policies, second.config->policies);
  EXPECT_NE(second.config->policies, third.config->policies);
}

TEST_F(InProcessKeeperTest, FailedLoadsLeaveTheSecretsAlone) {
  const SecretId id = secret_of(load(policy + "abcdefghijklm\n"));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(load(policy + "nopqrstuvwxyz\nset foo\n").config);
  EXPECT_TRUE(keeper_.psk_auth({id, PrfId::HMAC_SHA2_256, {}, {}, "west"}));
}

TEST_F(InProcessKeeperTest, UnknownPrfIsAnError) {
  const SecretId id = secret_of(load(policy + "abcdefghijklm\n"));
  EXPECT_FALSE(keeper_.psk_auth({id, PrfId::NONE, {}, {}, "west"}));
}

TEST(KeeperCatalogue, HasEveryDefault) {
  const conf::Catalogue has = catalogue();
  for (const Proposal& proposal : conf::default_proposals(ProtocolId::IKE)) {
    for (const Encr& encr : proposal.encr) EXPECT_TRUE(has.ike_encr(encr)) << to_string(proposal);
    for (PrfId prf : proposal.prf) EXPECT_TRUE(has.ike_prf(prf)) << to_string(prf);
    for (IntegId integ : proposal.integ) EXPECT_TRUE(has.ike_integ(integ)) << to_string(integ);
    for (KeId group : proposal.ke) EXPECT_TRUE(has.group(group)) << to_string(group);
  }
  for (ProtocolId protocol : {ProtocolId::ESP, ProtocolId::AH}) {
    for (const Proposal& proposal : conf::default_proposals(protocol)) {
      for (const Encr& encr : proposal.encr)
        EXPECT_TRUE(has.child_encr(encr)) << to_string(proposal);
      for (IntegId integ : proposal.integ) EXPECT_TRUE(has.child_integ(integ)) << to_string(integ);
    }
  }
}

TEST(KeeperCatalogue, HasNoNothing) {
  const conf::Catalogue has = catalogue();
  EXPECT_FALSE(has.ike_encr({}));
  EXPECT_FALSE(has.ike_prf(PrfId::NONE));
  EXPECT_FALSE(has.ike_integ(IntegId::NONE));
  EXPECT_FALSE(has.group(KeId::NONE));
  EXPECT_FALSE(has.child_encr({}));
  EXPECT_FALSE(has.child_integ(IntegId::NONE));
}

}  // namespace
}  // namespace iked::keeper
