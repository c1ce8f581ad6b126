// SPDX-License-Identifier: ISC
// What must hold for every message that we send, and for everything that damage makes of it.
#include <gtest/gtest.h>

#include "wire/round_trip.h"
#include "wire/samples.h"

namespace iked::wire {
namespace {

// Parses as the daemon would, with a length field that is right for what is there, so that the
// damage reaches the payloads.
void parse_damaged(Bytes datagram) {
  if (const auto header = parse_header(datagram)) {
    if (const auto message = parse_message(*header, datagram)) check_round_trip(*message);
  }
}

// An exact copy on the heap, so that ASan sees a read of one octet too many.
Bytes cut(const Bytes& whole, size_t size) {
  return Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
}

TEST(Property, WhatWeEncodeParsesBack) {
  for (const Sample& sample : all_samples()) {
    const Bytes datagram = encode_message(sample.header, sample.payloads);
    const auto header = parse_header(datagram);
    ASSERT_TRUE(header) << sample.name;
    const auto message = parse_message(*header, datagram);
    ASSERT_TRUE(message) << sample.name << ": " << message.error().why;
    EXPECT_EQ(message->payloads, sample.payloads) << sample.name;
    Header expected = sample.header;
    expected.next_payload = header->next_payload;
    expected.length = header->length;
    EXPECT_EQ(message->header, expected) << sample.name;
    EXPECT_EQ(encode_message(message->header, message->payloads), datagram) << sample.name;
  }
}

TEST(Property, EveryTruncationFails) {  // R161, R163
  for (const Sample& sample : all_samples()) {
    const Bytes datagram = encode_message(sample.header, sample.payloads);
    for (size_t size = 0; size < datagram.size(); ++size) {
      EXPECT_FALSE(parse_header(cut(datagram, size))) << sample.name << " " << size;
    }
    for (size_t size = Header::size; size < datagram.size(); ++size) {
      Bytes shorter = cut(datagram, size);
      shorter[26] = static_cast<uint8_t>(size >> 8);
      shorter[27] = static_cast<uint8_t>(size);
      const auto header = parse_header(shorter);
      ASSERT_TRUE(header);
      EXPECT_FALSE(parse_message(*header, shorter)) << sample.name << " " << size;
    }
  }
}

TEST(Property, NoChangedOctetDoesHarm) {  // R163, R165
  for (const Sample& sample : all_samples()) {
    const Bytes datagram = encode_message(sample.header, sample.payloads);
    for (size_t at = 0; at < datagram.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        Bytes damaged = datagram;
        damaged[at] = static_cast<uint8_t>(damaged[at] ^ 1U << bit);
        parse_damaged(std::move(damaged));
      }
      for (const uint8_t value : Bytes{0x00, 0x01, 0x7f, 0xff}) {
        Bytes damaged = datagram;
        damaged[at] = value;
        parse_damaged(std::move(damaged));
      }
    }
  }
}

TEST(Property, NoLostOrDoubledOctetDoesHarm) {  // R163, R165
  for (const Sample& sample : all_samples()) {
    const Bytes datagram = encode_message(sample.header, sample.payloads);
    for (size_t at = Header::size; at < datagram.size(); ++at) {
      Bytes lost = datagram;
      lost.erase(lost.begin() + static_cast<ptrdiff_t>(at));
      lost[26] = static_cast<uint8_t>(lost.size() >> 8);
      lost[27] = static_cast<uint8_t>(lost.size());
      parse_damaged(std::move(lost));
      Bytes doubled = datagram;
      doubled.insert(doubled.begin() + static_cast<ptrdiff_t>(at), doubled[at]);
      doubled[26] = static_cast<uint8_t>(doubled.size() >> 8);
      doubled[27] = static_cast<uint8_t>(doubled.size());
      parse_damaged(std::move(doubled));
    }
  }
}

}  // namespace
}  // namespace iked::wire
