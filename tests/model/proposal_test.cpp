// SPDX-License-Identifier: ISC
#include "model/proposal.h"

#include <gtest/gtest.h>

namespace iked {
namespace {

TEST(Proposal, PrintsInTheWordsOfTheConfiguration) {
  Proposal ike;
  ike.encr = {{EncrId::AES_CBC, 256}, {EncrId::TDES, 0}};
  ike.prf = {PrfId::HMAC_SHA2_256};
  ike.integ = {IntegId::HMAC_SHA2_256_128, IntegId::HMAC_SHA1_96};
  ike.ke = {KeId::CURVE25519, KeId::MODP_2048};
  EXPECT_EQ(to_string(ike),
            "enc aes-256 enc 3des prf hmac-sha2-256 auth hmac-sha2-256 auth hmac-sha1 "
            "group curve25519 group modp2048");
  Proposal child;
  child.protocol = ProtocolId::ESP;
  child.encr = {{EncrId::AES_GCM_16, 128}};
  child.esn = {EsnId::ESN, EsnId::NO_ESN};
  EXPECT_EQ(to_string(child), "enc aes-128-gcm esn noesn");
  EXPECT_EQ(to_string(Proposal{}), "");
}

TEST(IkeSuite, LeavesOutWhatAnAeadDoesNotHave) {
  IkeSuite suite{{EncrId::AES_GCM_16, 256}, PrfId::HMAC_SHA2_384, IntegId::NONE, KeId::ECP_384};
  EXPECT_EQ(to_string(suite), "enc aes-256-gcm prf hmac-sha2-384 group ecp384");
  suite.encr = {EncrId::AES_CBC, 256};
  suite.integ = IntegId::HMAC_SHA2_384_192;
  EXPECT_EQ(to_string(suite), "enc aes-256 prf hmac-sha2-384 auth hmac-sha2-384 group ecp384");
}

TEST(ChildSuite, LeavesOutWhatIsNotThere) {
  ChildSuite suite;
  suite.encr = {EncrId::CHACHA20_POLY1305, 0};
  EXPECT_EQ(to_string(suite), "enc chacha20-poly1305 noesn");
  suite.protocol = ProtocolId::AH;
  suite.encr = {};
  suite.integ = IntegId::HMAC_SHA2_512_256;
  suite.ke = KeId::MODP_4096;
  suite.esn = EsnId::ESN;
  EXPECT_EQ(to_string(suite), "auth hmac-sha2-512 group modp4096 esn");
}

TEST(IsAead, KnowsTheCombinedModes) {
  for (unsigned id : {14U, 15U, 16U, 18U, 19U, 20U, 21U, 28U}) {
    EXPECT_TRUE(is_aead(EncrId{static_cast<uint16_t>(id)})) << id;
  }
  for (unsigned id : {0U, 2U, 3U, 6U, 7U, 11U, 12U, 13U, 23U, 99U}) {
    EXPECT_FALSE(is_aead(EncrId{static_cast<uint16_t>(id)})) << id;
  }
}

}  // namespace
}  // namespace iked
