// SPDX-License-Identifier: ISC
// Traffic selectors are ranges; the kernel matches prefixes and masked ports. This file splits the
// one into the other without ever covering more, and ranks the pieces. It sends nothing.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "model/traffic_selector.h"

namespace iked::xfrm {

/// Matches the ports p with (p ^ value) & mask == 0. Host byte order.
struct PortBlock {
  uint16_t value = 0;
  uint16_t mask = 0;  // 0 = any port
  friend auto operator<=>(const PortBlock&, const PortBlock&) = default;
};

/// What one kernel policy can match. For ICMP the kernel keeps the type in `source_port` and the
/// code in `destination_port`; for Mobility Headers the type in `source_port`.
struct KernelSelector {
  IpPrefix source;
  IpPrefix destination;
  uint8_t protocol = 0;
  PortBlock source_port;
  PortBlock destination_port;
  friend auto operator<=>(const KernelSelector&, const KernelSelector&) = default;
};

/// "10.1.0.0/24 -> 10.2.0.0/24", "10.1.0.1[tcp/80] -> 0.0.0.0/0[tcp]"
std::string to_string(const KernelSelector& selector);

/// More kernel selectors than this for one pair of traffic selectors are refused.
inline constexpr size_t kMaxSelectors = 64;

/// The fewest prefixes that together are exactly `first`..`last`, in ascending order. `first` must
/// not be above `last`, and both of one family.
std::vector<IpPrefix> split_addresses(const IpAddress& first, const IpAddress& last);

/// The fewest blocks that together are exactly `first`..`last`, in ascending order.
std::vector<PortBlock> split_ports(uint16_t first, uint16_t last);

/// The kernel selectors for packets from `source` to `destination`: exactly what the two allow, and
/// nothing at all where they allow nothing in this direction (ICMP that the source only receives,
/// RFC 4301 4.4.1.3). Fails, with the reason for the administrator, when families or protocols
/// differ, when ports are given for a protocol that has none, and over kMaxSelectors.
Result<std::vector<KernelSelector>> split(const TrafficSelector& source,
                                          const TrafficSelector& destination);

/// The traffic selector that is exactly `prefix` and, for a protocol with ports, `block`. Of a
/// block that is no range the covering range. The inverse of split() for single packets.
TrafficSelector selector_of(const IpPrefix& prefix, uint8_t protocol, PortBlock block);

/// The kernel's priority of a policy with this selector; the lower number wins.
///
///   priority = 0x10000 + 4 * (open address bits * 128 + (any protocol ? 64 : 0) + open port bits)
///
/// Open bits are those the selector leaves to the packet, of both sides together: up to 64 or 256
/// address bits, up to 32 port bits. So fewer addresses always win over more, whatever the ports;
/// then one protocol over all, then fewer ports. The steps of four leave room for other policies
/// with the same selector: +0 is ours, +1 for policies that only trap the first packet, +2 for
/// blocking what must not leave in clear. Below 0x10000 is room for what must come first of all,
/// above 0x40000 for what must come last.
uint32_t priority_of(const KernelSelector& selector);

}  // namespace iked::xfrm
