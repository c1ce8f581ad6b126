// SPDX-License-Identifier: ISC
#include "conf/suggest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "conf/keywords.h"

namespace iked::conf {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("active", "active"), 0u);
  EXPECT_EQ(edit_distance("actve", "active"), 1u);
  EXPECT_EQ(edit_distance("acctive", "active"), 1u);
  EXPECT_EQ(edit_distance("aktive", "active"), 1u);
  EXPECT_EQ(edit_distance("psk", "pks"), 1u);
  EXPECT_EQ(edit_distance("form", "from"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

TEST(Nearest, FindsTheWordMeant) {
  constexpr std::array<std::string_view, 5> known = {"from", "to", "peer", "psk", "lifetime"};
  EXPECT_THAT(nearest("form", known), ElementsAre("from"));
  EXPECT_THAT(nearest("ot", known), ElementsAre("to"));
  EXPECT_THAT(nearest("FROM", known), ElementsAre("from"));
  EXPECT_THAT(nearest("pks", known), ElementsAre("psk"));
  EXPECT_THAT(nearest("liftime", known), ElementsAre("lifetime"));
  EXPECT_THAT(nearest("life", known), ElementsAre("lifetime"));
}

TEST(Nearest, StaysSilentWhenNothingIsNear) {
  constexpr std::array<std::string_view, 3> known = {"from", "to", "peer"};
  EXPECT_THAT(nearest("colour", known), IsEmpty());
  EXPECT_THAT(nearest("x", known), IsEmpty());
  EXPECT_THAT(nearest("", known), IsEmpty());
  EXPECT_THAT(nearest(std::string(5000, 'f'), known), IsEmpty());
}

TEST(Nearest, GivesTheBestThreeAtMost) {
  constexpr std::array<std::string_view, 4> known = {"aes-128", "aes-192", "aes-256",
                                                     "aes-128-gcm"};
  EXPECT_THAT(nearest("aes", known), ElementsAre("aes-128", "aes-192", "aes-256"));
}

TEST(ListOf, ReadsLikeASentence) {
  constexpr std::array<std::string_view, 3> words = {"a", "b", "c"};
  EXPECT_EQ(list_of(words), "'a', 'b' or 'c'");
  EXPECT_EQ(list_of(std::span(words).first(2)), "'a' or 'b'");
  EXPECT_EQ(list_of(std::span(words).first(1)), "'a'");
}

TEST(Keywords, AreFoundExactlyAndCaseSensitively) {
  EXPECT_EQ(find_keyword("psk"), Keyword::psk);
  EXPECT_EQ(find_keyword("default"), Keyword::default_);
  EXPECT_EQ(find_keyword("tcpmd5"), Keyword::tcpmd5);
  EXPECT_EQ(find_keyword("active"), Keyword::active);
  EXPECT_EQ(find_keyword("vendorid"), Keyword::vendorid);
  EXPECT_FALSE(find_keyword("PSK"));
  EXPECT_FALSE(find_keyword("ps"));
  EXPECT_FALSE(find_keyword(""));
  EXPECT_FALSE(find_keyword("zzz"));
  EXPECT_EQ(word_of(Keyword::default_), "default");
}

}  // namespace
}  // namespace iked::conf
