// SPDX-License-Identifier: ISC
// The SKF payload: a message that is sealed in parts (RFC 7383). Each part is encrypted and
// authenticated by itself. Which parts are waited for, how long and how many, is ike/'s question.
#pragma once

#include "wire/message.h"

namespace iked::wire {

/// Which part of how many; 1 <= number <= total. RFC7383 2.5
struct FragmentNumber {
  uint16_t number = 1;
  uint16_t total = 1;
  friend auto operator<=>(const FragmentNumber&, const FragmentNumber&) = default;
};

/// One part of a chain of payloads. `first` is the type of the chain's first payload in part 1 and
/// NONE in the others.
struct Fragment {
  FragmentNumber place;
  PayloadType first = PayloadType::NONE;
  Bytes text;
  friend bool operator==(const Fragment&, const Fragment&) = default;
};

/// Whether a message has an SKF payload where another has its SK payload: which of open_fragment
/// and open_message is for it. `header` is what parse_header made of the same octets.
bool is_fragment(const Header& header, ByteView datagram);

/// The place of a fragment without a look at its ICV or its text, so that a repetition can be told
/// before any work is done. Nothing of it is to be believed yet. Fails where open_fragment fails
/// without any key.
Parsed<FragmentNumber> read_fragment_number(const Header& header, ByteView datagram);

/// Checks and opens the SKF payload; `datagram` is decrypted in place. Everything before the IV,
/// the fragment's numbers included, is covered by the ICV.
std::expected<Fragment, OpenFailure> open_fragment(const Header& header,
                                                   std::span<uint8_t> datagram,
                                                   const crypto::MessageKeys& keys);

/// Parses what all fragments of one message hold together, as open_message does with what an SK
/// payload holds. `fragments` are opened ones, and all of one message in order.
Parsed<Message> join_fragments(const Header& header, std::span<const Fragment> fragments);

/// Cuts the chain of payloads into parts of `most` octets, the last one maybe shorter. At least
/// one, at most 65535.
std::vector<Fragment> split_payloads(const Payloads& payloads, size_t most);

/// The same with what a message of our own holds that was sealed before, whole or in parts: RFC7383
/// 2.5.2, it goes out again in smaller parts, and in more of them. `datagrams` are all of its
/// datagrams in order, `keys` those that sealed them.
std::vector<Fragment> split_again(std::span<const Bytes> datagrams, size_t most,
                                  const crypto::MessageKeys& keys);

/// How many octets of payloads a fragment can hold when its IKE message may have `datagram` octets;
/// 0 when it cannot hold any. RFC7383 2.5.1
size_t fragment_room(size_t datagram, const crypto::SealLayout& layout);

/// Encodes and seals one fragment, with the least padding; header and `iv` as for seal_message.
/// Each fragment needs an IV of its own.
Bytes seal_fragment(Header header, const Fragment& fragment, const crypto::MessageKeys& keys,
                    ByteView iv);

}  // namespace iked::wire
