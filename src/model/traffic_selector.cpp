// SPDX-License-Identifier: ISC
#include "model/traffic_selector.h"

#include <optional>

namespace iked {
namespace {

std::string protocol_word(uint8_t protocol) {
  switch (protocol) {
    case 1:
      return "icmp";
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case 58:
      return "ipv6-icmp";
    default:
      return std::to_string(protocol);
  }
}

// The prefix that covers exactly first..last, if there is one.
std::optional<IpPrefix> as_prefix(const TrafficSelector& ts) {
  unsigned length = 0;
  while (length < ts.first.bits() && ts.first.bit(length) == ts.last.bit(length)) ++length;
  IpPrefix prefix{ts.first.with_bits_from(length, false), static_cast<uint8_t>(length)};
  if (prefix.first() != ts.first || prefix.last() != ts.last) return std::nullopt;
  return prefix;
}

}  // namespace

TrafficSelector TrafficSelector::of(const IpPrefix& prefix, uint8_t protocol) {
  TrafficSelector selector;
  selector.protocol = protocol;
  selector.first = prefix.first();
  selector.last = prefix.last();
  return selector;
}

std::string to_string(const TrafficSelector& ts) {
  std::string text;
  if (auto prefix = as_prefix(ts)) {
    text = to_string(*prefix);
  } else {
    text = fmt::format("{}-{}", ts.first, ts.last);
  }
  if (ts.protocol == 0 && ts.any_port()) return text;
  text += '[';
  text += ts.protocol == 0 ? "any" : protocol_word(ts.protocol);
  if (ts.opaque()) {
    text += "/opaque";
  } else if (!ts.any_port()) {
    text += ts.first_port == ts.last_port ? fmt::format("/{}", ts.first_port)
                                          : fmt::format("/{}-{}", ts.first_port, ts.last_port);
  }
  return text + ']';
}

std::string to_string(const TrafficSelectors& selectors) {
  if (selectors.empty()) return "none";
  std::string text;
  for (const TrafficSelector& selector : selectors) {
    if (!text.empty()) text += ", ";
    text += to_string(selector);
  }
  return text;
}

}  // namespace iked
