// SPDX-License-Identifier: ISC
// A judge on the wire: every datagram that a host of a World sends is held against the rules of RFC
// 7296 that can be seen from outside. Sees headers and the IVs of AES-GCM; knows no keys.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
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
    forget_the_dead();
    sides_[side(header, true)].heard = seen_;
    look_at_iv(header, datagram);
    if (header.response) {
      look_at_response(header, datagram);
    } else {
      look_at_request(header, datagram);
    }
  }

 private:
  // The sender's direction of an IKE SA.
  using SideName = std::tuple<uint64_t, uint64_t, bool>;
  struct Side {
    uint32_t last_request = 0;
    uint32_t last_response = 0;
    size_t requests = 0;
    size_t responses = 0;
    std::map<uint64_t, size_t> ivs;  // the last ones, and digests of what they sealed
    uint64_t heard = 0;
  };

  static constexpr size_t window = 1;
  static constexpr size_t ivs_kept = 256;
  static constexpr uint64_t patience = 1 << 20;
  static constexpr size_t generic_header = 4;
  static constexpr size_t fragment_header = 8;
  static constexpr size_t iv_size = 8;

  static SideName side(const wire::Header& header, bool of_sender) {
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

  // RFC5282 3.1: the IV is never the same under the same key. iked's are counted, so that the last
  // ones tell whether an earlier one comes again.
  void look_at_iv(const wire::Header& header, const Datagram& datagram) {
    const size_t at = wire::Header::size +
                      (header.next_payload == PayloadType::SKF ? fragment_header : generic_header);
    if (datagram.octets.size() < at + iv_size) return;
    uint64_t iv = 0;
    for (size_t i = 0; i < iv_size; ++i) iv = iv << 8 | datagram.octets[at + i];
    auto& last = sides_[side(header, true)].ivs;
    const size_t digest = std::hash<std::string_view>{}(text(datagram));
    const auto [known, fresh] = last.try_emplace(iv, digest);
    if (!fresh && known->second != digest) {
      fault(header, datagram, "an IV a second time, with other octets");
    }
    if (fresh && last.size() > 1 && known == last.begin()) {
      fault(header, datagram, "an IV from before the last ones");
    }
    if (last.size() > ivs_kept) last.erase(last.begin());
  }

  // RFC7296 2.1, 2.2, 2.3: requests are numbered without gaps, the next one waits for the answer,
  // a repetition is the same to the octet.
  void look_at_request(const wire::Header& header, const Datagram& datagram) {
    Side& own = sides_[side(header, true)];
    const uint32_t id = header.message_id.value;
    if (own.requests > 0 && id < own.last_request)
      fault(header, datagram, "an older request again");
    if (own.requests > 0 && id <= own.last_request) return;
    if (own.requests > 0 && id > own.last_request + window) {
      fault(header, datagram, "a number left out");
    }
    const Side& peer = sides_[side(header, false)];
    if (own.requests > 0 && (peer.responses == 0 || peer.last_response + 1 < id)) {
      fault(header, datagram, "the one before has no answer yet");
    }
    if (passive && passive(datagram.local.address)) fault(header, datagram, "while passive");
    own.last_request = id;
    ++own.requests;
  }

  void look_at_response(const wire::Header& header, const Datagram& datagram) {
    const Side& asking = sides_[side(header, false)];
    const uint32_t id = header.message_id.value;
    if (asking.requests == 0 || id > asking.last_request) fault(header, datagram, "nobody asked");
    Side& own = sides_[side(header, true)];
    own.last_response = std::max(own.last_response, id);
    ++own.responses;
  }

  // Whoever lives says something within so many messages of all.
  void forget_the_dead() {
    if (++seen_ % patience != 0) return;
    std::erase_if(sides_, [&](const auto& one) { return one.second.heard + patience < seen_; });
  }

  static std::string_view text(const Datagram& datagram) {
    return {reinterpret_cast<const char*>(datagram.octets.data()), datagram.octets.size()};
  }

  uint64_t seen_ = 0;
  std::map<SideName, Side> sides_;
};

}  // namespace iked::test
