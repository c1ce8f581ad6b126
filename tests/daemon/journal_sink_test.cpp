// SPDX-License-Identifier: ISC
#include "daemon/journal_sink.h"

#include <gmock/gmock.h>

namespace iked::daemon {
namespace {

using testing::ElementsAre;

const log::About about{
    .policy = "west", .peer = "192.0.2.1:500", .spi_i = 0x1234, .spi_r = 0xabcdef0012345678};

TEST(JournalSink, RecordBecomesFields) {
  EXPECT_THAT(
      journal_fields({log::Level::notice, about, "established"}),
      ElementsAre("MESSAGE=policy \"west\" 192.0.2.1:500 0000000000001234/abcdef0012345678: "
                  "established",
                  "PRIORITY=5", "SYSLOG_IDENTIFIER=iked", "IKED_POLICY=west",
                  "IKED_PEER=192.0.2.1:500", "IKED_SPI_I=0000000000001234",
                  "IKED_SPI_R=abcdef0012345678"));
}

TEST(JournalSink, EventHasItsMessageIdAndWhatItIsAbout) {
  const std::vector<std::string> fields = journal_fields({log::Level::notice,
                                                          {.event = log::Event::child_sa_refused,
                                                           .child_spi = 0xc821c2ed,
                                                           .local_id = "FQDN/a",
                                                           .remote_id = "FQDN/b",
                                                           .exchange = "IKE_AUTH",
                                                           .notify = "TS_UNACCEPTABLE"},
                                                          "refused"});
  const std::string id(log::message_id_of(log::Event::child_sa_refused));
  EXPECT_THAT(fields, testing::IsSupersetOf({"IKED_CHILD_SPI=c821c2ed", "IKED_LOCAL_ID=FQDN/a",
                                             "IKED_REMOTE_ID=FQDN/b", "IKED_EXCHANGE=IKE_AUTH",
                                             "IKED_NOTIFY=TS_UNACCEPTABLE"}));
  EXPECT_THAT(fields, testing::Contains("MESSAGE_ID=" + id));
}

TEST(JournalSink, MonitorGetsTheSame) {
  const EventRow row = event_row({log::Level::warn, about, "no route"}, 17);
  EXPECT_EQ(row, (EventRow{.time = 17,
                           .level = "warning",
                           .policy = "west",
                           .peer = "192.0.2.1:500",
                           .spi_i = 0x1234,
                           .spi_r = 0xabcdef0012345678,
                           .text = "no route"}));
}

TEST(JournalSink, WhatIsNotKnownIsLeftOut) {
  EXPECT_THAT(journal_fields({log::Level::error, {}, "no permission"}),
              ElementsAre("MESSAGE=no permission", "PRIORITY=3", "SYSLOG_IDENTIFIER=iked"));
}

TEST(JournalSink, TerminalLineHasTimeLevelAndSubject) {
  EXPECT_EQ(terminal_line({log::Level::warn, {.policy = "west"}, "no route"}, "12:34:56.789"),
            "12:34:56.789 warning: policy \"west\": no route\n");
}

TEST(JournalSink, VerbosityChoosesTheLevel) {
  EXPECT_EQ(level_for_verbosity(0), log::Level::notice);
  EXPECT_EQ(level_for_verbosity(1), log::Level::info);
  EXPECT_EQ(level_for_verbosity(2), log::Level::debug);
  EXPECT_EQ(level_for_verbosity(9), log::Level::debug);
}

}  // namespace
}  // namespace iked::daemon
