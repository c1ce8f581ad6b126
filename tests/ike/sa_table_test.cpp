// SPDX-License-Identifier: ISC
#include "ike/sa_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace iked::ike {
namespace {

/// Says numbers from a list.
class ListRng final : public Rng {
 public:
  explicit ListRng(std::vector<uint64_t> numbers) : numbers_(std::move(numbers)) {}
  void fill(std::span<uint8_t> out) override {
    ASSERT_EQ(out.size(), 8U);
    ASSERT_LT(next_, numbers_.size());
    const uint64_t number = numbers_[next_++];
    for (size_t i = 0; i < 8; ++i) out[i] = static_cast<uint8_t>(number >> (56 - 8 * i));
  }

 private:
  std::vector<uint64_t> numbers_;
  size_t next_ = 0;
};

IkeSa& add(SaTable& sas, Role role, IkeSpi spi_i, IkeSpi spi_r) {
  SaState state;
  state.id = sas.new_id();
  state.role = role;
  state.spi_i = spi_i;
  state.spi_r = spi_r;
  return sas.add(std::make_unique<IkeSa>(std::move(state), ""));
}

TEST(SaTable, SpisAreUniqueAmongOurSas) {  // R081
  SaTable sas;
  const SaId first = add(sas, Role::initiator, IkeSpi{5}, IkeSpi{6}).state().id;
  add(sas, Role::responder, IkeSpi{7}, IkeSpi{8});
  ListRng rng({0, 5, 8, 5, 6});
  EXPECT_EQ(sas.unused_spi(rng), IkeSpi{6}) << "the peer's may be like ours";
  sas.erase(first);
  ListRng again({8, 5});
  EXPECT_EQ(sas.unused_spi(again), IkeSpi{5}) << "that of a dead one is free";
}

}  // namespace
}  // namespace iked::ike
