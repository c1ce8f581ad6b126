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

const std::string policy = "ikev2 from 192.0.2.1 to 192.0.2.2 psk ";

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
  const PskAuthRequest request{secret_of(result), PrfId::HMAC_SHA2_256, {1, 2, 3}, {4, 5, 6}};
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
  EXPECT_TRUE(keeper_.psk_auth({old, PrfId::HMAC_SHA2_256, {}, {}}));
  load(policy + "ABCDEFGHIJKLM\n");
  const auto gone = keeper_.psk_auth({old, PrfId::HMAC_SHA2_256, {}, {}});
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().text, HasSubstr("no longer in use"));
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
  EXPECT_TRUE(keeper_.psk_auth({id, PrfId::HMAC_SHA2_256, {}, {}}));
}

TEST_F(InProcessKeeperTest, UnknownPrfIsAnError) {
  const SecretId id = secret_of(load(policy + "abcdefghijklm\n"));
  EXPECT_FALSE(keeper_.psk_auth({id, PrfId::NONE, {}, {}}));
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
