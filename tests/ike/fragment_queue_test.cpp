// SPDX-License-Identifier: ISC
#include "ike/fragment_queue.h"

#include <gtest/gtest.h>

namespace iked::ike {
namespace {

constexpr MessageId id{5};
constexpr size_t no_limit = FragmentQueue::most_octets;

wire::Fragment part(uint16_t number, uint16_t total, size_t octets = 10) {
  return {{number, total}, PayloadType::NONE, Bytes(octets, static_cast<uint8_t>(number))};
}

TEST(FragmentQueue, GivesTheWholeMessageInOrderWhateverTheOrderOfTheParts) {
  FragmentQueue queue;
  EXPECT_FALSE(queue.add(id, part(3, 3), no_limit, Time{}));
  EXPECT_FALSE(queue.add(id, part(1, 3), no_limit, Time{}));
  const auto whole = queue.add(id, part(2, 3), no_limit, Time{});
  ASSERT_TRUE(whole);
  EXPECT_EQ(*whole, (std::vector{part(1, 3), part(2, 3), part(3, 3)}));
  EXPECT_FALSE(queue.give_up_at());
}

TEST(FragmentQueue, ASinglePartIsAMessage) {
  FragmentQueue queue;
  EXPECT_TRUE(queue.add(id, part(1, 1), no_limit, Time{}));
}

TEST(FragmentQueue, DoesNotWantWhatItHas) {
  FragmentQueue queue;
  queue.add(id, part(2, 3), no_limit, Time{});
  EXPECT_FALSE(queue.wants(id, {2, 3}));
  EXPECT_TRUE(queue.wants(id, {1, 3}));
}

// RFC7383 2.6: cut anew, smaller: the old parts are worthless; a late old part is as well.
TEST(FragmentQueue, MorePartsThanBeforeBeginAnewAndFewerAreOld) {
  FragmentQueue queue;
  queue.add(id, part(1, 2), no_limit, Time{});
  EXPECT_FALSE(queue.add(id, part(2, 3), no_limit, Time{}));
  EXPECT_FALSE(queue.wants(id, {2, 2}));
  EXPECT_FALSE(queue.wants(id, {1, 1}));
  EXPECT_FALSE(queue.add(id, part(1, 3), no_limit, Time{}));
  EXPECT_TRUE(queue.add(id, part(3, 3), no_limit, Time{}));
}

TEST(FragmentQueue, AnotherMessageBeginsAnew) {
  FragmentQueue queue;
  queue.add(id, part(1, 2), no_limit, Time{});
  EXPECT_FALSE(queue.add(MessageId{6}, part(2, 2), no_limit, Time{}));
  EXPECT_TRUE(queue.add(MessageId{6}, part(1, 2), no_limit, Time{}));
}

TEST(FragmentQueue, TooManyPartsAreNotWanted) {
  const FragmentQueue queue;
  EXPECT_TRUE(queue.wants(id, {1, FragmentQueue::most_fragments}));
  EXPECT_FALSE(queue.wants(id, {1, FragmentQueue::most_fragments + 1}));
  EXPECT_FALSE(queue.wants(id, {1, 65535}));
}

TEST(FragmentQueue, TooManyOctetsDropEverything) {
  FragmentQueue queue;
  EXPECT_FALSE(queue.add(id, part(1, 3, 500), 1000, Time{}));
  EXPECT_FALSE(queue.add(id, part(2, 3, 501), 1000, Time{}));
  EXPECT_FALSE(queue.give_up_at());
  EXPECT_FALSE(queue.add(id, part(3, 3, 500), 1000, Time{}));
  EXPECT_TRUE(queue.give_up_at());
}

TEST(FragmentQueue, PatienceCountsFromTheFirstPart) {
  FragmentQueue queue;
  queue.add(id, part(1, 3), no_limit, Time{} + 10s);
  queue.add(id, part(2, 3), no_limit, Time{} + 20s);
  EXPECT_EQ(queue.give_up_at(), Time{} + 10s + FragmentQueue::patience);
  queue.clear();
  EXPECT_FALSE(queue.give_up_at());
}

}  // namespace
}  // namespace iked::ike
