// SPDX-License-Identifier: ISC
#include "ike/lingering.h"

#include <gtest/gtest.h>

#include "support/fake_kernel.h"

namespace iked::ike {
namespace {

constexpr Reqid reqid{7};

class LingeringTest : public testing::Test {
 protected:
  // A pair of SAs in the kernel; without `sends`, there is none outbound.
  ChildRemoval sas(uint32_t number, bool sends = true) {
    const IpAddress own = *IpAddress::parse("192.0.2.1");
    const IpAddress peer = *IpAddress::parse("192.0.2.2");
    ChildRemoval removal;
    removal.inbound = {peer, own, ProtocolId::ESP, ChildSpi{number}};
    kernel.sas[removal.inbound] = {};
    if (sends) {
      removal.outbound = {own, peer, ProtocolId::ESP, ChildSpi{number}};
      kernel.sas[removal.outbound] = {};
    }
    return removal;
  }
  void at(Duration since) { lingering.on_deadline(kernel, start + since); }

  test::FakeKernel kernel;
  Lingering lingering;
  const Time start = Time{1h};
};

TEST_F(LingeringTest, SasGoAfterAFewSeconds) {
  EXPECT_FALSE(lingering.next_deadline());
  lingering.add(reqid, sas(1), start);
  lingering.add(reqid, sas(2), start + 2s);
  EXPECT_EQ(lingering.next_deadline(), start + 5s);
  at(4999ms);
  EXPECT_EQ(kernel.sas.size(), 4U);
  at(5s);
  EXPECT_EQ(kernel.sas.size(), 2U);
  EXPECT_EQ(lingering.next_deadline(), start + 7s);
  at(7s);
  EXPECT_TRUE(kernel.sas.empty());
  EXPECT_FALSE(lingering.next_deadline());
}

// The peer began anew before anything was sent on the child in between: what is sent on stays.
TEST_F(LingeringTest, TheLastThatIsSentOnStaysAsLongAsTheOneThatNeverWas) {
  lingering.add(reqid, sas(1), start);
  lingering.add(Reqid{8}, sas(2), start);
  lingering.add(reqid, sas(3, /*sends=*/false), start + 4s);
  at(5s);
  EXPECT_EQ(kernel.sas.size(), 3U);  // those of the other reqid went
  at(9s);
  EXPECT_TRUE(kernel.sas.empty());
}

TEST_F(LingeringTest, TheyEndWithTheLastChildOfTheirReqid) {
  lingering.add(reqid, sas(1), start);
  lingering.add(Reqid{8}, sas(2), start);
  lingering.end(kernel, reqid);
  EXPECT_EQ(kernel.sas.size(), 2U);
  EXPECT_EQ(lingering.next_deadline(), start + 5s);
}

}  // namespace
}  // namespace iked::ike
