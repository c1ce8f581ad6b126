// SPDX-License-Identifier: ISC
#include "wire/fragment.h"

#include "base/check.h"
#include "wire/encode.h"
#include "wire/sealed.h"

namespace iked::wire {
namespace {

constexpr size_t generic_header = 4;
constexpr size_t numbers = 4;  // Fragment Number and Total Fragments
constexpr size_t pad_length_octet = 1;

/// What stands in clear before the IV.
struct Place {
  FragmentNumber number;
  PayloadType first = PayloadType::NONE;
  size_t iv = 0;  // offset in the datagram
};

// RFC7383 2.5: both are at least 1, and the number "MUST be less than or equal to" the total.
bool is_valid(FragmentNumber place) {
  return place.number >= 1 && place.number <= place.total;
}

Parsed<Place> find_fragment(const Header& header, ByteView datagram) {
  IKED_CHECK(datagram.size() >= Header::size);
  auto skf = find_sealed(header.next_payload, datagram);
  if (!skf) return std::unexpected(std::move(skf.error()));
  if (skf->type != PayloadType::SKF) return invalid_syntax("there is no SKF payload");
  Reader r{datagram.subspan(skf->body)};
  FragmentNumber place;
  place.number = r.u16();
  place.total = r.u16();
  if (!r.ok()) return invalid_syntax("SKF payload is cut short");
  if (!is_valid(place)) return invalid_syntax("fragment {} of {}", place.number, place.total);
  // RFC7383 2.5: Next Payload is that of the first inner payload in the first fragment, and zero in
  // the others.
  if (place.number > 1 && skf->first != PayloadType::NONE) {
    return invalid_syntax("fragment {} begins with {}", place.number, to_string(skf->first));
  }
  return Place{place, skf->first, skf->body + numbers};
}

std::vector<Fragment> split_chain(PayloadType first, ByteView chain, size_t most) {
  IKED_CHECK(most > 0);
  const size_t total = std::max<size_t>(1, (chain.size() + most - 1) / most);
  IKED_CHECK(total <= 0xffff);
  std::vector<Fragment> fragments(total);
  for (size_t i = 0; i < total; ++i) {
    const ByteView part = chain.first(std::min(most, chain.size()));
    chain = chain.subspan(part.size());
    fragments[i].place = {static_cast<uint16_t>(i + 1), static_cast<uint16_t>(total)};
    fragments[i].text = to_bytes(part);
  }
  fragments.front().first = first;
  return fragments;
}

}  // namespace

bool is_fragment(const Header& header, ByteView datagram) {
  IKED_CHECK(datagram.size() >= Header::size);
  const auto sealed = find_sealed(header.next_payload, datagram);
  return sealed && sealed->type == PayloadType::SKF;
}

Parsed<FragmentNumber> read_fragment_number(const Header& header, ByteView datagram) {
  auto place = find_fragment(header, datagram);
  if (!place) return std::unexpected(std::move(place.error()));
  return place->number;
}

std::expected<Fragment, OpenFailure> open_fragment(const Header& header,
                                                   std::span<uint8_t> datagram,
                                                   const crypto::MessageKeys& keys) {
  auto place = find_fragment(header, datagram);
  if (!place) return unauthentic(std::move(place.error()));
  const auto text = open_text(datagram, place->iv, keys);
  if (!text) return std::unexpected(text.error());
  return Fragment{place->number, place->first, to_bytes(*text)};
}

Parsed<Message> join_fragments(const Header& header, std::span<const Fragment> fragments) {
  IKED_CHECK(!fragments.empty());
  Bytes text;
  for (size_t i = 0; i < fragments.size(); ++i) {
    const FragmentNumber place = fragments[i].place;
    IKED_CHECK(place.number == i + 1 && place.total == fragments.size());
    append(text, fragments[i].text);
  }
  auto payloads = parse_chain(fragments.front().first, text);
  if (!payloads) return std::unexpected(std::move(payloads.error()));
  return Message{header, std::move(*payloads)};
}

std::vector<Fragment> split_payloads(const Payloads& payloads, size_t most) {
  Bytes chain;
  encode_chain(payloads, chain);
  return split_chain(first_type(payloads), chain, most);
}

std::vector<Fragment> split_again(std::span<const Bytes> datagrams, size_t most,
                                  const crypto::MessageKeys& keys) {
  Bytes chain;
  PayloadType first = PayloadType::NONE;
  for (size_t i = 0; i < datagrams.size(); ++i) {
    Bytes datagram = datagrams[i];
    const auto header = parse_header(datagram);
    IKED_CHECK(header);
    const auto sealed = find_sealed(header->next_payload, datagram);
    IKED_CHECK(sealed);
    const size_t iv = sealed->body + (sealed->type == PayloadType::SKF ? numbers : 0);
    const auto text = open_text(datagram, iv, keys);
    IKED_CHECK(text);
    if (i == 0) first = sealed->first;
    append(chain, *text);
  }
  // RFC7383 2.6: by a larger total the receiver tells that these are not parts of the former kind.
  if (chain.size() > datagrams.size()) most = std::min(most, (chain.size() - 1) / datagrams.size());
  return split_chain(first, chain, most);
}

size_t fragment_room(size_t datagram, const crypto::SealLayout& layout) {
  const size_t around = Header::size + generic_header + numbers + layout.iv + layout.icv;
  if (datagram < around) return 0;
  const size_t text = datagram - around;
  const size_t whole_blocks = text - text % layout.block;
  return whole_blocks < pad_length_octet ? 0 : whole_blocks - pad_length_octet;
}

Bytes seal_fragment(Header header, const Fragment& fragment, const crypto::MessageKeys& keys,
                    ByteView iv) {
  IKED_CHECK(is_valid(fragment.place));
  IKED_CHECK(fragment.place.number == 1 || fragment.first == PayloadType::NONE);
  Bytes fields;
  put_u16(fields, fragment.place.number);
  put_u16(fields, fragment.place.total);
  return seal_text(header, PayloadType::SKF, fragment.first, fields, fragment.text, keys, iv);
}

}  // namespace iked::wire
