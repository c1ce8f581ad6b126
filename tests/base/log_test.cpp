// SPDX-License-Identifier: ISC
#include "base/log.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace iked::log {

// Counts how often it is formatted.
struct Counting {
  int* count;
};

}  // namespace iked::log

template <>
struct fmt::formatter<iked::log::Counting> : fmt::formatter<int> {
  auto format(const iked::log::Counting& c, format_context& ctx) const {
    return formatter<int>::format(++*c.count, ctx);
  }
};

namespace iked::log {
namespace {

struct Line {
  Level level;
  std::string policy, peer;
  uint64_t spi_i, spi_r;
  std::string text;
};

// Catches what is logged, and puts everything back.
class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    set_sink([this](const Record& r) {
      lines.push_back({r.level, std::string(r.about.policy), std::string(r.about.peer),
                       r.about.spi_i, r.about.spi_r, std::string(r.text)});
    });
  }
  void TearDown() override {
    set_sink({});
    set_level(Level::info);
  }
  std::vector<Line> lines;
};

struct Sa {
  About about() const { return {.policy = "a", .peer = "192.0.2.1:500", .spi_i = 1, .spi_r = 2}; }
};

TEST_F(LogTest, TextIsFormattedOnce) {
  info("{} and {}", 1, "two");
  warn("without arguments");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text, "1 and two");
  EXPECT_EQ(lines[0].level, Level::info);
  EXPECT_EQ(lines[1].text, "without arguments");
  EXPECT_EQ(lines[1].level, Level::warn);
}

TEST_F(LogTest, ArgumentsAreNeverAFormat) {
  info("{}", "{} {0} %s");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].text, "{} {0} %s");
}

TEST_F(LogTest, SubjectsBecomeFields) {
  notice(Sa{}, "up after {} s", 3);
  error(About{.policy = "b"}, "no");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].policy, "a");
  EXPECT_EQ(lines[0].peer, "192.0.2.1:500");
  EXPECT_EQ(lines[0].spi_i, 1U);
  EXPECT_EQ(lines[0].spi_r, 2U);
  EXPECT_EQ(lines[0].text, "up after 3 s");
  EXPECT_EQ(lines[1].policy, "b");
  EXPECT_EQ(lines[1].level, Level::error);
}

TEST_F(LogTest, LevelCutsWithoutFormatting) {
  int formatted = 0;
  const Counting value{&formatted};
  for (Level wanted : {Level::error, Level::warn, Level::notice, Level::info, Level::debug}) {
    set_level(wanted);
    EXPECT_EQ(level(), wanted);
    lines.clear();
    formatted = 0;
    error("{}", value);
    warn("{}", value);
    notice("{}", value);
    info("{}", value);
    debug("{}", value);
    debug(Sa{}, "{}", value);
    const auto expected = static_cast<size_t>(wanted) + 1 + (wanted == Level::debug ? 1 : 0);
    EXPECT_EQ(lines.size(), expected) << name(wanted);
    EXPECT_EQ(formatted, static_cast<int>(expected)) << name(wanted);
  }
}

TEST_F(LogTest, WatcherSeesMoreThanTheSink) {
  std::vector<std::string> seen;
  set_level(Level::notice);
  set_watcher(Level::info, [&](const Record& r) { seen.emplace_back(r.text); });
  notice("a");
  info("b");
  debug("c");
  set_watcher(Level::info, {});
  notice("d");
  info("e");
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].text, "d");
  EXPECT_EQ(level(), Level::notice);
  EXPECT_EQ(most_wanted(), Level::notice);
}

TEST(Log, EventsHaveWordsAndNumbersOfTheirOwn) {
  std::set<std::string_view> words, numbers;
  for (const EventRow& row : all_events()) {
    words.insert(row.word);
    numbers.insert(row.message_id);
    EXPECT_EQ(row.message_id.size(), 32U);
    EXPECT_EQ(word_of(row.event), row.word);
    EXPECT_EQ(message_id_of(row.event), row.message_id);
  }
  EXPECT_EQ(words.size(), all_events().size());
  EXPECT_EQ(numbers.size(), all_events().size());
  EXPECT_EQ(word_of(Event::none), "");
  EXPECT_EQ(message_id_of(Event::none), "");
}

TEST(Log, PrefixNamesWhatIsKnown) {
  EXPECT_EQ(prefix({}), "");
  EXPECT_EQ(prefix({.policy = "a"}), "policy \"a\": ");
  EXPECT_EQ(prefix({.peer = "192.0.2.1:500"}), "192.0.2.1:500: ");
  EXPECT_EQ(prefix({.policy = "a", .peer = "192.0.2.1:500", .spi_i = 0xab, .spi_r = 0}),
            "policy \"a\" 192.0.2.1:500 00000000000000ab/0000000000000000: ");
}

TEST(Log, LevelsHaveNames) {
  EXPECT_EQ(name(Level::error), "error");
  EXPECT_EQ(name(Level::warn), "warning");
  EXPECT_EQ(name(Level::notice), "notice");
  EXPECT_EQ(name(Level::info), "info");
  EXPECT_EQ(name(Level::debug), "debug");
}

TEST(Log, DefaultSinkIsStderr) {
  testing::internal::CaptureStderr();
  warn(About{.policy = "a"}, "so and so");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "warning: policy \"a\": so and so\n");
}

}  // namespace
}  // namespace iked::log
