// SPDX-License-Identifier: ISC
#include "xfrm/reader.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>

#include <cerrno>

namespace iked::xfrm {
namespace {

Bytes octets(std::string_view hex) {
  return from_hex(hex).value();
}

TEST(MessageReader, WalksMessagesWithTheirPadding) {
  const Bytes two = octets(
      "12000000 1000 0200 01000000 00000000 aabb 0000"
      "10000000 1100 0000 02000000 00000000");
  MessageReader reader(two);
  const auto first = reader.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->type, 16);
  EXPECT_EQ(first->flags, 2);
  EXPECT_EQ(first->sequence, 1U);
  EXPECT_EQ(to_hex(first->payload), "aabb");
  const auto second = reader.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->type, 17);
  EXPECT_TRUE(second->payload.empty());
  EXPECT_FALSE(reader.next());
}

TEST(MessageReader, StopsAtLengthsThatLie) {
  for (const char* hex : {
           "",
           "10000000 1000 0200 01000000 000000",      // half a header
           "0f000000 1000 0200 01000000 00000000",    // shorter than its header
           "00000000 1000 0200 01000000 00000000",    // no progress
           "11000000 1000 0200 01000000 00000000",    // longer than the datagram
           "ffffffff 1000 0200 01000000 00000000 00"  // much longer
       }) {
    const Bytes datagram = octets(hex);
    MessageReader reader(datagram);
    EXPECT_FALSE(reader.next()) << hex;
    EXPECT_FALSE(reader.next()) << hex;
  }
}

TEST(AttributeReader, WalksAttributesWithTheirPadding) {
  const Bytes three = octets("0500 0100 aa 000000 0400 0280 0600 0300 bbcc");
  AttributeReader reader(three);
  EXPECT_EQ(to_hex(reader.next()->value), "aa");
  const auto second = reader.next();
  EXPECT_EQ(second->type, 2);  // without the bit for nesting
  EXPECT_TRUE(second->value.empty());
  EXPECT_EQ(to_hex(reader.next()->value), "bbcc");  // padding at the very end may be missing
  EXPECT_FALSE(reader.next());
}

TEST(AttributeReader, StopsAtLengthsThatLie) {
  for (const char* hex : {"", "0400 01", "0300 0100", "0000 0100", "0500 0100", "ffff 0100 00"}) {
    const Bytes attributes = octets(hex);
    AttributeReader reader(attributes);
    EXPECT_FALSE(reader.next()) << hex;
  }
}

TEST(FindAttribute, TakesTheLastOfSeveral) {
  const Bytes twice = octets("0500 0100 aa 000000 0500 0100 bb 000000");
  EXPECT_EQ(to_hex(find_attribute(twice, 1).value()), "bb");
  EXPECT_FALSE(find_attribute(twice, 2));
}

TEST(ReadStruct, NeedsAllOctetsAndNoAlignment) {
  const Bytes five = octets("ff 01020304");
  EXPECT_EQ(read_struct<uint32_t>(ByteView(five).subspan(1)).has_value(), true);
  EXPECT_FALSE(read_struct<uint32_t>(ByteView(five).subspan(2)));
}

Outcome outcome_of(std::string_view hex, uint16_t flags) {
  const Bytes payload = octets(hex);
  return parse_outcome({NLMSG_ERROR, flags, 0, payload}).value();
}

TEST(ParseOutcome, ZeroIsTheAcknowledgement) {
  const Outcome outcome = outcome_of("00000000 10000000 1000 0000 00000000 00000000", 0);
  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(outcome.words, "");
}

// "no" in NLMSGERR_ATTR_MSG.
TEST(ParseOutcome, CarriesTheKernelsOwnWords) {
  const Outcome capped =
      outcome_of("daffffff 10010000 1000 0000 00000000 00000000 0700 0100 6e6f00 00",
                 NLM_F_ACK_TLVS | NLM_F_CAPPED);
  EXPECT_EQ(capped.error, ENOSYS);
  EXPECT_EQ(to_string(capped), "no (Function not implemented)");
}

TEST(ParseOutcome, FindsTheWordsBehindAQuotedRequest) {
  const Outcome outcome = outcome_of(
      "efffffff 14000000 1000 0000 00000000 00000000 aaaaaaaa 0700 0100 6e6f00 00", NLM_F_ACK_TLVS);
  EXPECT_EQ(to_string(outcome), "no (File exists)");
  const Outcome lies = outcome_of(
      "efffffff ffffffff 1000 0000 00000000 00000000 aaaaaaaa 0700 0100 6e6f00 00", NLM_F_ACK_TLVS);
  EXPECT_EQ(to_string(lies), "File exists");
}

TEST(ParseOutcome, RefusesWhatIsNoErrno) {
  for (const char* hex : {"", "00000000", "00000080 10000000 1000 0000 00000000 00000000",
                          "01000000 10000000 1000 0000 00000000 00000000"}) {
    const Bytes payload = octets(hex);
    EXPECT_FALSE(parse_outcome({NLMSG_ERROR, 0, 0, payload})) << hex;
  }
  EXPECT_FALSE(parse_outcome({NLMSG_DONE, 0, 0, {}}));
}

TEST(ParseOutcome, MakesTheWordsSafeForALog) {
  const Outcome outcome =
      outcome_of("efffffff 10000000 1000 0000 00000000 00000000 0700 0100 1b5b00 00",
                 NLM_F_ACK_TLVS | NLM_F_CAPPED);
  EXPECT_EQ(outcome.words, "\\x1b[");
}

}  // namespace
}  // namespace iked::xfrm
