// SPDX-License-Identifier: ISC
#include "ikectl/text.h"

#include <gtest/gtest.h>

namespace iked::ikectl {
namespace {

TEST(Text, NothingCanCommandTheTerminal) {
  EXPECT_EQ(clean("a\x1b[2Jb\rc\nd\te\x7f"), "a?[2Jb?c?d?e?");
  EXPECT_EQ(clean("x\xc2\x9b"
                  "31m"),
            "x?31m");
}

TEST(Text, LettersOfAllLanguagesStay) {
  EXPECT_EQ(clean("Käse \xc2\xa9 日本"), "Käse \xc2\xa9 日本");
  EXPECT_EQ(clean("\xc2"), "\xc2");
}

TEST(Text, LinesStayWhereTheyAreWanted) {
  EXPECT_EQ(clean("a\n\tb\x1b", true), "a\n\tb?");
}

TEST(Text, DurationsHaveTwoUnits) {
  EXPECT_EQ(duration(0), "0s");
  EXPECT_EQ(duration(59), "59s");
  EXPECT_EQ(duration(75), "1m15s");
  EXPECT_EQ(duration(3675), "1h1m");
  EXPECT_EQ(duration(273900), "3d4h");
}

}  // namespace
}  // namespace iked::ikectl
