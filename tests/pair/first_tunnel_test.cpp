// SPDX-License-Identifier: ISC
// The first tunnel, told message by message.
#include <gtest/gtest.h>

#include "support/pair.h"

namespace iked::test {
namespace {

TEST(FirstTunnel, ComesUpInFourMessages) {
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

TEST(FirstTunnel, BothKernelsHaveTheSameKeys) {
  Pair pair;
  pair.connect();
  ASSERT_EQ(pair.a->kernel.sas.size(), 2U);
  for (const auto& [key, sa] : pair.a->kernel.sas) {
    ASSERT_TRUE(pair.b->kernel.sas.contains(key));
    EXPECT_EQ(pair.b->kernel.sas.at(key).encr_key, sa.encr_key);
    EXPECT_EQ(sa.encr_key.size(), 36U);
  }
  EXPECT_EQ(pair.a->kernel.policies.size(), 3U);
}

}  // namespace
}  // namespace iked::test
