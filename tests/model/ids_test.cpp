// SPDX-License-Identifier: ISC
#include "model/ids.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

#include "model/reqid_range.h"
#include "model/rng.h"

namespace iked {
namespace {

// Numbers of different kinds do not mix, nor do bare ones.
static_assert(!std::is_convertible_v<IkeSpi, ChildSpi>);
static_assert(!std::is_convertible_v<SaId, PolicyId>);
static_assert(!std::is_convertible_v<uint64_t, SaId>);
static_assert(!std::is_convertible_v<SaId, uint64_t>);
static_assert(!std::is_convertible_v<SaId, bool>);

TEST(Id, ZeroIsNone) {
  EXPECT_FALSE(IkeSpi{});
  EXPECT_TRUE(IkeSpi{1});
  EXPECT_LT(MessageId{1}, MessageId{2});
  EXPECT_EQ(ChildSpi{7}, ChildSpi{7});
}

TEST(Id, CanBeHashed) {
  std::unordered_set<PolicyId> set;
  for (uint64_t i = 0; i < 100; ++i) set.insert(PolicyId{i % 10});
  EXPECT_EQ(set.size(), 10U);
}

TEST(ReqidRange, OursAreFarFromEverybodyElse) {
  EXPECT_TRUE(is_own(kFirstReqid));
  EXPECT_TRUE(is_own(kLastReqid));
  EXPECT_TRUE(is_own(kProbeReqid));
  EXPECT_FALSE(is_own(Reqid{kFirstReqid.value - 1}));
  EXPECT_FALSE(is_own(Reqid{kProbeReqid.value + 1}));
  EXPECT_FALSE(is_own(Reqid{0}));
  EXPECT_FALSE(is_own(Reqid{1}));
  // A tunnel never has the reqid of the probes.
  EXPECT_LT(kLastReqid, kProbeReqid);
}

class Counting final : public Rng {
 public:
  void fill(std::span<uint8_t> out) override {
    for (uint8_t& octet : out) octet = ++last_;
  }

 private:
  uint8_t last_ = 0;
};

TEST(Rng, NumbersTakeEightFreshOctets) {
  Counting rng;
  EXPECT_EQ(rng.u64(), 0x0102030405060708U);
  EXPECT_EQ(rng.u64(), 0x090a0b0c0d0e0f10U);
}

}  // namespace
}  // namespace iked
