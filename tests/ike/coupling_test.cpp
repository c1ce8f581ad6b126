// SPDX-License-Identifier: ISC
#include "ike/coupling.h"

#include <gmock/gmock.h>

#include <deque>

#include "support/fake_kernel.h"
#include "support/log_capture.h"

namespace iked::ike {
namespace {

using test::FakeKernel;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

ChildSpi allocate(Coupling& kernel) {
  const Result<ChildSpi> spi = kernel.allocate_spi({}, {}, ProtocolId::ESP, Reqid{1});
  return spi ? *spi : ChildSpi{};
}

ChildRemoval removal_of(ChildSpi spi) {
  ChildRemoval removal;
  removal.inbound.spi = spi;
  return removal;
}

TEST(Coupling, ReservedSpisAreNotGivenOut) {
  ListRng rng({0, 1, 255, 256});
  Coupling kernel(nullptr, rng);
  EXPECT_EQ(allocate(kernel), ChildSpi{256});
}

TEST(Coupling, SpiInUseIsNotGivenOutAgainUntilItIsRemoved) {
  ListRng rng({1000, 1000, 1001, 1000});
  Coupling kernel(nullptr, rng);
  EXPECT_EQ(allocate(kernel), ChildSpi{1000});
  EXPECT_EQ(allocate(kernel), ChildSpi{1001});
  kernel.remove(removal_of(ChildSpi{1000}));
  EXPECT_EQ(allocate(kernel), ChildSpi{1000});
}

ChildInstall install_of(ChildSpi in, ChildSpi out) {
  ChildInstall child;
  child.inbound.key.spi = in;
  child.outbound.key.spi = out;
  for (KernelSa* sa : {&child.inbound, &child.outbound}) {
    sa->encr_key = SecretBytes(Bytes(36, static_cast<uint8_t>(sa->key.spi.value)));
    sa->lifetime = {.soft = 80s, .hard = 100s};
  }
  return child;
}

TEST(Coupling, WithoutAKernelWhatIsInstalledWaits) {
  ListRng rng({});
  Coupling kernel(nullptr, rng);
  const ChildInstall child = install_of({1000}, {2000});
  EXPECT_TRUE(kernel.install(child));
  const auto usage = kernel.usage(child.inbound.key);
  ASSERT_TRUE(usage && *usage);
  EXPECT_EQ((*usage)->packets, 0U);
  EXPECT_FALSE((*usage)->idle);

  SaKey elsewhere = child.outbound.key;
  elsewhere.destination = *IpAddress::parse("192.0.2.9");
  EXPECT_TRUE(kernel.move(child.outbound.key, elsewhere, UdpEncap{4500, 4501}));
  EXPECT_FALSE(kernel.usage(child.outbound.key).value());
  EXPECT_FALSE(kernel.move(child.outbound.key, elsewhere, {}));

  FakeKernel real;
  real.late_spis = true;
  EXPECT_THAT(kernel.couple(real, {{child.inbound.key, 30s}, {elsewhere, 90s}}, {}), IsEmpty());
  ASSERT_EQ(real.sas.size(), 2U);
  EXPECT_EQ(real.sas[elsewhere].encap, (UdpEncap{4500, 4501}));
  EXPECT_FALSE(real.sas[elsewhere].inbound);
  // The kernel counts from now on, and the SA is older than that.
  EXPECT_EQ(real.sas[child.inbound.key].lifetime.soft, 50s);
  EXPECT_EQ(real.sas[child.inbound.key].lifetime.hard, 70s);
  EXPECT_EQ(real.sas[elsewhere].lifetime.soft, 1s);
}

TEST(Coupling, RemovedWhileItWaitsDoesNotComeBack) {
  ListRng rng({});
  Coupling kernel(nullptr, rng);
  const ChildInstall child = install_of({1000}, {2000});
  EXPECT_TRUE(kernel.install(child));
  kernel.remove({child.inbound.key, child.outbound.key, {}, {}, 0});
  FakeKernel real;
  EXPECT_THAT(kernel.couple(real, {{child.inbound.key, 0s}}, {}), ElementsAre(child.inbound.key));
  EXPECT_TRUE(real.clean());
}

TEST(Coupling, FlowThatAnotherProgramHasByNowIsNamedAndTheOthersComeBack) {
  test::LogCapture log;
  ListRng rng({});
  FakeKernel real;
  KernelPolicy ours, theirs;
  ours.reqid = Reqid{1};
  ours.source = TrafficSelector::of(*IpPrefix::parse("10.1.0.0/24"));
  theirs.reqid = Reqid{2};
  Coupling kernel(nullptr, rng);
  real.policies = {theirs};
  EXPECT_THAT(kernel.couple(real, {}, {{theirs}, {ours}}), IsEmpty());
  EXPECT_EQ(real.policies.size(), 2U);
  EXPECT_EQ(log.count({"a flow does not come back into the kernel"}), 1U);
}

}  // namespace
}  // namespace iked::ike
