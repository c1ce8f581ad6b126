// SPDX-License-Identifier: ISC
#include "wire/fragment.h"

#include <gtest/gtest.h>

#include "wire/hex.h"
#include "wire/samples.h"
#include "wire/test_keys.h"

namespace iked::wire {
namespace {

constexpr size_t fields = Header::size + 4;  // Fragment Number and Total Fragments
constexpr size_t iv_offset = fields + 4;

class FragmentOf : public testing::TestWithParam<TestSuite> {
 protected:
  crypto::MessageKeys keys() const { return test_keys(GetParam()); }
  crypto::SealLayout layout() const { return test_layout(GetParam()); }
  Bytes seal(const Fragment& fragment) const {
    return seal_fragment(auth_request().header, fragment, keys(), test_iv(GetParam()));
  }
  std::expected<Fragment, OpenFailure> open(Bytes datagram) const {
    const auto header = parse_header(datagram);
    EXPECT_TRUE(header);
    return open_fragment(*header, datagram, keys());
  }
  // Seals fragment fields that no encoder of ours writes.
  Bytes seal_raw(uint8_t next, ByteView numbers, ByteView text, ByteView before = {}) const {
    const size_t skf = 4 + numbers.size() + layout().iv + text.size() + layout().icv;
    Header header = auth_request().header;
    header.next_payload = before.empty() ? PayloadType::SKF : PayloadType::VENDOR;
    header.length = static_cast<uint32_t>(Header::size + before.size() + skf);
    Bytes datagram;
    encode_header(header, datagram);
    append(datagram, before);
    append(datagram, Bytes{next, 0, static_cast<uint8_t>(skf >> 8), static_cast<uint8_t>(skf)});
    append(datagram, numbers);
    const size_t iv = datagram.size();
    append(datagram, test_iv(GetParam()));
    append(datagram, text);
    datagram.resize(datagram.size() + layout().icv);
    crypto::seal_in_place(keys(), datagram, iv);
    return datagram;
  }
  // A multiple of every block; one octet of text and 14 of padding.
  Bytes text() const {
    Bytes octets(16);
    octets.front() = 0xaa;
    octets.back() = 14;
    return octets;
  }
};

INSTANTIATE_TEST_SUITE_P(EachSuite, FragmentOf, testing::ValuesIn(test_suites),
                         [](const auto& suite) { return "Suite" + std::to_string(suite.index); });

void fix_length(Bytes& datagram) {
  datagram[26] = static_cast<uint8_t>(datagram.size() >> 8);
  datagram[27] = static_cast<uint8_t>(datagram.size());
}

TEST_P(FragmentOf, LayoutIsThatOfTheFigure) {  // FR04, FR07
  // By hand from RFC 7383 2.5.
  Bytes datagram = seal({{2, 3}, PayloadType::NONE, hex("aa")});
  EXPECT_EQ(datagram[16], 53);  // SKF is the only payload
  const size_t skf = size_t{datagram[Header::size + 2]} << 8 | datagram[Header::size + 3];
  EXPECT_EQ(Header::size + skf, datagram.size());  // and the last
  EXPECT_EQ(datagram[Header::size], 0);            // not the first fragment
  EXPECT_EQ(datagram[Header::size + 1], 0);        // not critical
  EXPECT_EQ(to_hex(ByteView(datagram).subspan(fields, 4)), "00020003");
  const Bytes iv = test_iv(GetParam());
  EXPECT_TRUE(std::ranges::equal(iv, ByteView(datagram).subspan(iv_offset, iv.size())));
  // The cipher alone, told that everything before the IV is in clear, finds the text.
  ASSERT_TRUE(crypto::open_in_place(keys(), datagram, iv_offset));
  EXPECT_EQ(datagram[iv_offset + iv.size()], 0xaa);
}

TEST_P(FragmentOf, WhatIsSealedOpens) {  // FR03
  for (const Fragment& fragment : {Fragment{{1, 1}, PayloadType::IDi, counting(100)},
                                   Fragment{{1, 0xffff}, PayloadType::CERT, counting(1)},
                                   Fragment{{0xffff, 0xffff}, PayloadType::NONE, counting(17)},
                                   Fragment{{2, 2}, PayloadType::NONE, {}}}) {
    const Bytes datagram = seal(fragment);
    const auto header = parse_header(datagram);
    ASSERT_TRUE(header);
    EXPECT_TRUE(is_fragment(*header, datagram));
    const auto place = read_fragment_number(*header, datagram);
    ASSERT_TRUE(place) << place.error().why;
    EXPECT_EQ(*place, fragment.place);
    const auto opened = open(datagram);
    ASSERT_TRUE(opened) << opened.error().failure.why;
    EXPECT_EQ(*opened, fragment);
  }
}

TEST_P(FragmentOf, SplitSealedOpenedAndJoinedIsTheMessage) {  // FR03, FR10
  for (const Sample& sample : all_samples()) {
    for (const size_t most : std::vector<size_t>{1, 7, 64, 500, 5000}) {
      const std::vector<Fragment> sent = split_payloads(sample.payloads, most);
      std::vector<Fragment> received;
      for (const Fragment& fragment : sent) {
        auto opened = open(seal(fragment));
        ASSERT_TRUE(opened) << opened.error().failure.why;
        received.push_back(std::move(*opened));
      }
      EXPECT_EQ(received, sent);
      const auto message = join_fragments(sample.header, received);
      ASSERT_TRUE(message) << message.error().why;
      EXPECT_EQ(message->payloads, sample.payloads) << sample.name;
      EXPECT_EQ(message->header, sample.header);
    }
  }
}

// Sent whole or in parts before: it goes out in more parts, and no larger ones than asked for.
TEST_P(FragmentOf, SplitAgainIsTheSameMessageInMoreParts) {  // FR06
  for (const Sample& sample : all_samples()) {
    for (const size_t before : std::vector<size_t>{20, 64, 500, 5000}) {
      std::vector<Bytes> datagrams;
      for (const Fragment& fragment : split_payloads(sample.payloads, before)) {
        datagrams.push_back(seal(fragment));
      }
      const std::vector<Fragment> again = split_again(datagrams, 50, keys());
      EXPECT_GT(again.size(), sample.payloads.empty() ? 0 : datagrams.size());
      for (const Fragment& fragment : again) EXPECT_LE(fragment.text.size(), 50U);
      const auto message = join_fragments(sample.header, again);
      ASSERT_TRUE(message) << message.error().why;
      EXPECT_EQ(message->payloads, sample.payloads) << sample.name;
    }
  }
}

TEST_P(FragmentOf, FragmentsFitTheirDatagram) {  // FR13
  for (size_t datagram = 0; datagram < 400; ++datagram) {
    const size_t room = fragment_room(datagram, layout());
    if (room == 0) continue;
    const Fragment full{{1, 2}, PayloadType::IDi, counting(room)};
    EXPECT_LE(seal(full).size(), datagram);
    Fragment more = full;
    more.text.push_back(0);
    EXPECT_GT(seal(more).size(), datagram);
  }
  EXPECT_EQ(fragment_room(iv_offset + layout().iv + layout().icv, layout()), 0U);
  EXPECT_GT(fragment_room(576 - 28, layout()), 400U);
}

TEST_P(FragmentOf, NumbersAreFromOneToTheTotal) {  // FR05
  for (const unsigned number : {0U, 1U, 2U, 3U, 4U, 255U, 256U, 65535U}) {
    for (const unsigned total : {0U, 1U, 2U, 3U, 4U, 255U, 256U, 65535U}) {
      Bytes numbers;
      put_u16(numbers, static_cast<uint16_t>(number));
      put_u16(numbers, static_cast<uint16_t>(total));
      const Bytes datagram = seal_raw(0, numbers, text());
      const bool valid = number >= 1 && number <= total;
      EXPECT_EQ(read_fragment_number(*parse_header(datagram), datagram).has_value(), valid);
      const auto opened = open(datagram);
      ASSERT_EQ(opened.has_value(), valid) << number << " of " << total;
      if (opened) {
        EXPECT_EQ(opened->text, hex("aa"));
      } else {
        EXPECT_FALSE(opened.error().authentic);
        EXPECT_EQ(opened.error().failure.why, fmt::format("fragment {} of {}", number, total));
      }
    }
  }
}

TEST_P(FragmentOf, OnlyTheFirstOneNamesAPayload) {  // FR04
  EXPECT_TRUE(open(seal_raw(43, hex("00 01 00 02"), text())));
  EXPECT_TRUE(open(seal_raw(0, hex("00 02 00 02"), text())));
  const auto opened = open(seal_raw(43, hex("00 02 00 02"), text()));
  ASSERT_FALSE(opened);
  EXPECT_FALSE(opened.error().authentic);
  EXPECT_EQ(opened.error().failure.why, "fragment 2 begins with VENDOR");
}

TEST_P(FragmentOf, EveryChangedBitIsDetected) {  // FR03
  const Bytes datagram = seal({{1, 2}, PayloadType::IDi, counting(20)});
  for (size_t at = 0; at < datagram.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes damaged = datagram;
      damaged[at] = static_cast<uint8_t>(damaged[at] ^ 1U << bit);
      const auto header = parse_header(damaged);
      if (!header) continue;
      const auto opened = open_fragment(*header, damaged, keys());
      ASSERT_FALSE(opened) << at << " " << bit;
      EXPECT_FALSE(opened.error().authentic) << at << " " << bit;
    }
  }
}

TEST_P(FragmentOf, EveryTruncationFailsUnauthentic) {  // FR03
  const Bytes datagram = seal({{1, 2}, PayloadType::IDi, counting(20)});
  for (size_t size = Header::size; size < datagram.size(); ++size) {
    Bytes cut(datagram.begin(), datagram.begin() + static_cast<ptrdiff_t>(size));
    fix_length(cut);
    for (const bool fitted : {false, true}) {
      if (fitted && size >= fields)
        cut[Header::size + 3] = static_cast<uint8_t>(size - Header::size);
      const auto opened = open(cut);
      ASSERT_FALSE(opened) << size;
      EXPECT_FALSE(opened.error().authentic) << size;
    }
  }
}

TEST_P(FragmentOf, FragmentsAndWholeMessagesAreNotMixedUp) {
  const Sample sample = delete_request();
  Bytes whole = seal_message(sample.header, sample.payloads, keys(), test_iv(GetParam()));
  EXPECT_FALSE(is_fragment(*parse_header(whole), whole));
  EXPECT_FALSE(read_fragment_number(*parse_header(whole), whole));
  const auto as_fragment = open(whole);
  ASSERT_FALSE(as_fragment);
  EXPECT_FALSE(as_fragment.error().authentic);
  EXPECT_EQ(as_fragment.error().failure.why, "there is no SKF payload");

  Bytes fragment = seal({{1, 1}, PayloadType::VENDOR, hex("00 00 00 05 aa")});
  const auto as_whole = open_message(*parse_header(fragment), fragment, keys());
  ASSERT_FALSE(as_whole);
  EXPECT_FALSE(as_whole.error().authentic);
  const Bytes clear = encode_message(sample.header, sample.payloads);
  EXPECT_FALSE(is_fragment(*parse_header(clear), clear));
}

TEST_P(FragmentOf, SkfMustBeTheLastPayload) {  // FR07
  const Bytes before = hex("35 00 00 05 bb");
  EXPECT_TRUE(open(seal_raw(43, hex("00 01 00 02"), text(), before)));
  Bytes datagram = seal_raw(43, hex("00 01 00 02"), text());
  append(datagram, hex("00 00 00 05 aa"));
  fix_length(datagram);
  const auto opened = open(datagram);
  ASSERT_FALSE(opened);
  EXPECT_FALSE(opened.error().authentic);
  EXPECT_EQ(opened.error().failure.why, "5 octets follow the SKF payload");
}

TEST_P(FragmentOf, PadLengthMustBeInside) {
  for (unsigned padding = 0; padding < 256; ++padding) {
    Bytes octets(16);
    octets.back() = static_cast<uint8_t>(padding);
    const auto opened = open(seal_raw(0, hex("00 02 00 02"), octets));
    ASSERT_EQ(opened.has_value(), padding < 16) << padding;
    if (opened) {
      EXPECT_EQ(opened->text.size(), 15 - padding);
    } else {
      EXPECT_TRUE(opened.error().authentic);
    }
  }
}

TEST(Fragment, SplitsIntoEqualParts) {  // FR04, FR05
  const Payloads payloads = {VendorPayload{counting(10)}};
  const auto parts = split_payloads(payloads, 5);
  ASSERT_EQ(parts.size(), 3U);
  for (size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].place, (FragmentNumber{static_cast<uint16_t>(i + 1), 3}));
    EXPECT_EQ(parts[i].first, i == 0 ? PayloadType::VENDOR : PayloadType::NONE);
    EXPECT_EQ(parts[i].text.size(), i < 2 ? 5U : 4U);
  }
  EXPECT_EQ(split_payloads(payloads, 14).size(), 1U);
  const auto nothing = split_payloads({}, 100);
  ASSERT_EQ(nothing.size(), 1U);
  EXPECT_EQ(nothing[0], (Fragment{{1, 1}, PayloadType::NONE, {}}));
}

TEST(Fragment, WhatIsJoinedIsParsedLikeAnyChain) {  // FR10
  const Header header = auth_request().header;
  const auto bad = [&header](PayloadType first, std::string_view text) {
    return join_fragments(header, std::vector{Fragment{{1, 1}, first, hex(text)}});
  };
  EXPECT_TRUE(bad(PayloadType::VENDOR, "00 00 00 05 aa"));
  EXPECT_FALSE(bad(PayloadType::VENDOR, "00 00 00 06 aa"));
  EXPECT_FALSE(bad(PayloadType::SKF, "00 00 00 05 aa"));
  EXPECT_FALSE(bad(PayloadType::SK, "00 00 00 05 aa"));
  EXPECT_FALSE(bad(PayloadType::NONE, "00"));
  const auto critical = bad(PayloadType{200}, "00 80 00 05 aa");
  ASSERT_FALSE(critical);
  EXPECT_EQ(critical.error().notify, NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD);
}

TEST(FragmentDeathTest, WrongPartsAreNeverJoinedOrSealed) {  // FR05
  const Header header = auth_request().header;
  const TestSuite& suite = test_suites[0];
  const std::vector<Fragment> one = {Fragment{{1, 2}, PayloadType::VENDOR, {}}};
  EXPECT_DEATH((void)join_fragments(header, one), "");
  for (const Fragment& wrong : {Fragment{{0, 1}, {}, {}}, Fragment{{2, 1}, {}, {}},
                                Fragment{{2, 2}, PayloadType::VENDOR, {}}}) {
    EXPECT_DEATH((void)seal_fragment(header, wrong, test_keys(suite), test_iv(suite)), "");
  }
}

}  // namespace
}  // namespace iked::wire
