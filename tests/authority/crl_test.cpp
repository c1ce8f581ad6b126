// SPDX-License-Identifier: ISC
#include "authority/crl.h"

#include <gmock/gmock.h>

#include "authority/fixture.h"

namespace iked::authority {
namespace {

using testing::IsEmpty;

TEST(RevocationList, HasWhatWasRevoked) {
  const Issued from;
  const std::vector<Revoked> revoked{{{0x01}, test_now},
                                     {{0xff, 0x02}, test_now + 60},
                                     {from.certificate.serial(), test_now + 120}};
  const auto list = RevocationList::issue(revoked, 7, from.ca, from.ca_key, test_now);
  ASSERT_TRUE(list) << list.error().text;
  const auto again = RevocationList::from_pem(list->pem(), "ca.crl");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->revoked(), revoked);
  EXPECT_EQ(again->number(), 7u);
  EXPECT_EQ(again->next_update(), test_now + 365 * one_day);
  EXPECT_TRUE(again->is_issued_by(from.ca));
}

TEST(RevocationList, EmptyOneIsValid) {
  const Issued from, other;
  const auto list = RevocationList::issue({}, 1, from.ca, from.ca_key, test_now);
  ASSERT_TRUE(list);
  EXPECT_THAT(list->revoked(), IsEmpty());
  EXPECT_TRUE(list->is_issued_by(from.ca));
  EXPECT_FALSE(list->is_issued_by(other.ca));
}

TEST(RevocationList, NumberIsKeptAtEachLength) {
  const Issued from;
  for (const uint64_t number : {uint64_t{1}, uint64_t{127}, uint64_t{128}, uint64_t{255},
                                uint64_t{1795420640}, uint64_t{0x80000000}, uint64_t{0xffffffff}}) {
    EXPECT_EQ(RevocationList::issue({}, number, from.ca, from.ca_key, test_now)->number(), number);
  }
}

TEST(RevocationList, EachTypeOfKeySigns) {
  for (const KeyType type :
       {KeyType::p384, KeyType::p521, KeyType::ed25519, KeyType::ed448, KeyType::rsa2048}) {
    const PrivateKey key = PrivateKey::generate(type);
    const auto ca = issue_authority({.common_name = "vpn"}, key, test_now);
    ASSERT_TRUE(ca);
    const auto list = RevocationList::issue({{{0x05}, test_now}}, 1, *ca, key, test_now);
    ASSERT_TRUE(list) << list.error().text;
    EXPECT_TRUE(list->is_issued_by(*ca));
  }
}

TEST(RevocationList, GarbageIsRefused) {
  EXPECT_FALSE(RevocationList::from_pem({}, "f"));
  EXPECT_FALSE(RevocationList::from_pem(Issued().ca.pem(), "f"));
}

}  // namespace
}  // namespace iked::authority
