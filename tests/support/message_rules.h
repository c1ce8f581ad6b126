// SPDX-License-Identifier: ISC
// A judge on the wire: every datagram that a host of a World sends is held against the rules of RFC
// 7296 that can be seen from outside. Sees headers and the IVs of AES-GCM; knows no keys.
#pragma once

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "support/world.h"

namespace iked::test {

class MessageRules {
 public:
  /// `passive` is true for a host that may send no request just now.
  std::function<bool(const IpAddress&)> passive;
  std::vector<std::string> faults;

  void look_at(const Datagram& datagram) {
    const wire::Header header = header_of(datagram);
    if (header.exchange == ExchangeType::IKE_SA_INIT) return;  // may change: cookies, groups
    if (!is_protected(header)) return;  // an answer to who has no SA; forbidden to bear weight
    look_at_iv(header, datagram);
    if (header.response) {
      look_at_response(header, datagram);
    } else {
      look_at_request(header, datagram);
    }
  }

 private:
  // The sender's direction of an IKE SA.
  using Side = std::tuple<uint64_t, uint64_t, bool>;

  static constexpr size_t window = 1;
  static constexpr size_t generic_header = 4;
  static constexpr size_t fragment_header = 8;
  static constexpr size_t iv_size = 8;

  static Side side(const wire::Header& header, bool of_sender) {
    return {header.spi_i.value, header.spi_r.value, header.from_initiator == of_sender};
  }
  static bool is_protected(const wire::Header& header) {
    return header.next_payload == PayloadType::SK || header.next_payload == PayloadType::SKF;
  }

  void fault(const wire::Header& header, const Datagram& datagram, std::string_view what) {
    faults.push_back(fmt::format(
        "{} sent {} {} of exchange {} in SA {:x}/{:x}: {}", to_string(datagram.local.address),
        header.response ? "response" : "request", header.message_id.value,
        static_cast<int>(header.exchange), header.spi_i.value, header.spi_r.value, what));
  }

  // RFC5282 3.1: the IV is never the same under the same key.
  void look_at_iv(const wire::Header& header, const Datagram& datagram) {
    const size_t at = wire::Header::size +
                      (header.next_payload == PayloadType::SKF ? fragment_header : generic_header);
    if (datagram.octets.size() < at + iv_size) return;
    const Bytes iv(datagram.octets.begin() + static_cast<ptrdiff_t>(at),
                   datagram.octets.begin() + static_cast<ptrdiff_t>(at + iv_size));
    const auto [known, fresh] =
        ivs_.try_emplace({side(header, true), iv}, std::hash<std::string>{}(text(datagram)));
    if (!fresh && known->second != std::hash<std::string>{}(text(datagram))) {
      fault(header, datagram, "an IV a second time, with other octets");
    }
  }

  // RFC7296 2.1, 2.2, 2.3: requests are numbered without gaps, the next one waits for the answer,
  // a repetition is the same to the octet.
  void look_at_request(const wire::Header& header, const Datagram& datagram) {
    Requests& own = requests_[side(header, true)];
    const uint32_t id = header.message_id.value;
    if (own.count > 0 && id < own.last) fault(header, datagram, "an older request again");
    if (own.count > 0 && id <= own.last) return;
    if (own.count > 0 && id > own.last + window) fault(header, datagram, "a number left out");
    if (own.count > 0 && !responses_[side(header, false)].contains(id - 1)) {
      fault(header, datagram, "the one before has no answer yet");
    }
    if (passive && passive(datagram.local.address)) fault(header, datagram, "while passive");
    own.last = id;
    ++own.count;
  }

  void look_at_response(const wire::Header& header, const Datagram& datagram) {
    const auto asked = requests_.find(side(header, false));
    if (asked == requests_.end() || header.message_id.value > asked->second.last) {
      fault(header, datagram, "nobody asked");
    }
    responses_[side(header, true)].insert(header.message_id.value);
  }

  static std::string text(const Datagram& datagram) {
    return {datagram.octets.begin(), datagram.octets.end()};
  }

  struct Requests {
    uint32_t last = 0;
    size_t count = 0;
  };
  std::map<Side, Requests> requests_;
  std::map<Side, std::set<uint32_t>> responses_;
  std::map<std::pair<Side, Bytes>, size_t> ivs_;
};

}  // namespace iked::test
