// SPDX-License-Identifier: ISC
// Traffic selectors as RFC 7296 3.13.1 has them: ranges of addresses and ports and one protocol.
// Narrowing is ike/narrow.h; splitting ranges into the kernel's prefixes is xfrm/'s business.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "base/ip.h"

namespace iked {

/// Addresses `first`..`last` (same family, first <= last), ports `first_port`..`last_port` and an
/// IP protocol (0 = any). Ports are 0..65535 for "any"; 65535..0 is RFC 7296's OPAQUE: ports not
/// available.
struct TrafficSelector {
  uint8_t protocol = 0;
  IpAddress first;
  IpAddress last;
  uint16_t first_port = 0;
  uint16_t last_port = 65535;

  static TrafficSelector of(const IpPrefix& prefix, uint8_t protocol = 0);
  Family family() const { return first.family(); }
  bool any_port() const { return first_port == 0 && last_port == 65535; }
  bool opaque() const { return first_port == 65535 && last_port == 0; }
  bool is_host() const { return first == last; }
  friend auto operator<=>(const TrafficSelector&, const TrafficSelector&) = default;
};

using TrafficSelectors = std::vector<TrafficSelector>;

/// "10.1.0.0/24", "10.1.0.1-10.1.0.7[tcp/80]", "0.0.0.0/0"
std::string to_string(const TrafficSelector& selector);
/// Joined with ", "; "none" when empty.
std::string to_string(const TrafficSelectors& selectors);

}  // namespace iked
