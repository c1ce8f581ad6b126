// SPDX-License-Identifier: ISC
#include "daemon/decoupled_kernel.h"

#include <gmock/gmock.h>

#include <deque>

namespace iked::daemon {
namespace {

/// Gives out prepared numbers, so that a test can make it give a bad one.
class ListRng final : public Rng {
 public:
  explicit ListRng(std::deque<uint32_t> numbers) : numbers_(std::move(numbers)) {}
  void fill(std::span<uint8_t> out) override {
    ASSERT_FALSE(numbers_.empty());
    uint64_t number = numbers_.front();
    numbers_.pop_front();
    for (size_t i = out.size(); i-- > 0; number >>= 8) out[i] = static_cast<uint8_t>(number);
  }

 private:
  std::deque<uint32_t> numbers_;
};

ChildSpi allocate(DecoupledKernel& kernel) {
  const Result<ChildSpi> spi = kernel.allocate_spi({}, {}, ProtocolId::ESP, Reqid{1});
  return spi ? *spi : ChildSpi{};
}

ChildRemoval removal_of(ChildSpi spi) {
  ChildRemoval removal;
  removal.inbound.spi = spi;
  return removal;
}

TEST(DecoupledKernel, ReservedSpisAreNotGivenOut) {
  ListRng rng({0, 1, 255, 256});
  DecoupledKernel kernel(rng);
  EXPECT_EQ(allocate(kernel), ChildSpi{256});
}

TEST(DecoupledKernel, SpiInUseIsNotGivenOutAgainUntilItIsRemoved) {
  ListRng rng({1000, 1000, 1001, 1000});
  DecoupledKernel kernel(rng);
  EXPECT_EQ(allocate(kernel), ChildSpi{1000});
  EXPECT_EQ(allocate(kernel), ChildSpi{1001});
  kernel.remove(removal_of(ChildSpi{1000}));
  EXPECT_EQ(allocate(kernel), ChildSpi{1000});
}

TEST(DecoupledKernel, InstallsMovesAndCountsNothingWithoutAnError) {
  ListRng rng({});
  DecoupledKernel kernel(rng);
  EXPECT_TRUE(kernel.install(ChildInstall{}));
  EXPECT_TRUE(kernel.move({}, {}, std::nullopt));
  const auto usage = kernel.usage({});
  ASSERT_TRUE(usage && *usage);
  EXPECT_EQ((*usage)->packets, 0U);
  EXPECT_FALSE((*usage)->idle);
}

}  // namespace
}  // namespace iked::daemon
