// SPDX-License-Identifier: ISC
#include "xfrm/selectors.h"

#include <array>
#include <bit>
#include <optional>
#include <string>
#include <utility>

namespace iked::xfrm {
namespace {

constexpr uint8_t kIcmp = 1;
constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kDccp = 33;
constexpr uint8_t kIcmpv6 = 58;
constexpr uint8_t kSctp = 132;
constexpr uint8_t kMobilityHeader = 135;
constexpr uint8_t kUdpLite = 136;

constexpr PortBlock kAnyPort{0, 0};

bool has_ports(uint8_t protocol) {
  return protocol == kTcp || protocol == kUdp || protocol == kDccp || protocol == kSctp ||
         protocol == kUdpLite;
}

// Walks down the tree of prefixes along the two ends of a range. A prefix is on an end's path when
// that end begins with it; off both paths it is inside of the range or was not entered.
class AddressSplitter {
 public:
  AddressSplitter(const IpAddress& first, const IpAddress& last)
      : first_(first),
        last_(last),
        first_zeros_(equal_bits_from(first, false)),
        last_ones_(equal_bits_from(last, true)) {}

  std::vector<IpPrefix> split() {
    visit(0, true, true);
    return std::move(found_);
  }

 private:
  // The bit from which on all are `value`.
  static unsigned equal_bits_from(const IpAddress& address, bool value) {
    unsigned from = address.bits();
    while (from > 0 && address.bit(from - 1) == value) --from;
    return from;
  }

  void visit(unsigned length, bool on_first, bool on_last) {
    if ((!on_first || length >= first_zeros_) && (!on_last || length >= last_ones_)) {
      const auto address =
          IpAddress::from_octets(ByteView(octets_).first(first_.octets().size())).value();
      found_.push_back({address, static_cast<uint8_t>(length)});
      return;
    }
    for (const bool bit : {false, true}) {
      const bool before = on_first && !bit && first_.bit(length);
      const bool after = on_last && bit && !last_.bit(length);
      if (before || after) continue;
      const auto mask = static_cast<uint8_t>(0x80 >> (length % 8));
      if (bit) octets_[length / 8] |= mask;
      visit(length + 1, on_first && first_.bit(length) == bit, on_last && last_.bit(length) == bit);
      if (bit) octets_[length / 8] &= static_cast<uint8_t>(~mask);
    }
  }

  const IpAddress& first_;
  const IpAddress& last_;
  const unsigned first_zeros_;
  const unsigned last_ones_;
  std::array<uint8_t, 16> octets_{};  // the bits decided so far
  std::vector<IpPrefix> found_;
};

void split_into(uint32_t start, uint32_t size, uint32_t first, uint32_t last,
                std::vector<PortBlock>& out) {
  const uint32_t end = start + size - 1;
  if (end < first || start > last) return;
  if (start >= first && end <= last) {
    out.push_back({static_cast<uint16_t>(start), static_cast<uint16_t>(0x10000 - size)});
    return;
  }
  split_into(start, size / 2, first, last, out);
  split_into(start + size / 2, size / 2, first, last, out);
}

// The kernel's two port fields. ICMP has its type in the first and its code in the second, Mobility
// Headers their type in the first.
struct PortPair {
  PortBlock source;
  PortBlock destination;
};

PortBlock octet_block(unsigned value, unsigned mask) {
  if (mask == 0) return kAnyPort;
  // The field's upper octet is always zero.
  return {static_cast<uint16_t>(value), static_cast<uint16_t>(0xff00 | mask)};
}

std::vector<PortPair> split_types(const TrafficSelector& sent) {
  if (sent.opaque()) return {};
  if (sent.any_port()) return {{kAnyPort, kAnyPort}};
  std::vector<PortPair> found;
  // RFC7296 3.13.1: "the most significant 8 bits" of the port are the type, the least the code.
  for (const PortBlock& block : split_ports(sent.first_port, sent.last_port)) {
    found.push_back({octet_block(block.value >> 8, block.mask >> 8),
                     octet_block(block.value & 0xff, block.mask & 0xff)});
  }
  return found;
}

std::vector<PortPair> split_mobility_types(const TrafficSelector& sent) {
  if (sent.opaque()) return {};
  if (sent.any_port()) return {{kAnyPort, kAnyPort}};
  std::vector<PortPair> found;
  // RFC7296 3.13.1: the type is in the upper octet, the lower is zero, also at the range's end.
  for (const PortBlock& block : split_ports(sent.first_port >> 8, sent.last_port >> 8)) {
    found.push_back({octet_block(block.value, block.mask & 0xff), kAnyPort});
  }
  return found;
}

std::vector<PortBlock> split_port_side(const TrafficSelector& side) {
  // RFC7296 3.13.1: OPAQUE means that the ports cannot be seen, which is so in fragments: there the
  // kernel looks for port 0.
  if (side.opaque()) return {{0, 0xffff}};
  return split_ports(side.first_port, side.last_port);
}

Result<std::vector<PortPair>> split_port_pairs(const TrafficSelector& source,
                                               const TrafficSelector& destination) {
  const uint8_t protocol = source.protocol;
  // RFC 4301 4.4.1.3: the "port" of a side says what that side sends; the other one's is about the
  // packets that come back.
  if (protocol == kIcmp || protocol == kIcmpv6) return split_types(source);
  if (protocol == kMobilityHeader) return split_mobility_types(source);
  if (has_ports(protocol)) {
    std::vector<PortPair> pairs;
    for (const PortBlock& from : split_port_side(source)) {
      for (const PortBlock& to : split_port_side(destination)) pairs.push_back({from, to});
    }
    return pairs;
  }
  for (const TrafficSelector* side : {&source, &destination}) {
    // RFC7296 3.13.1: "For protocols for which port is undefined (including protocol 0) ... this
    // field MUST be zero"; RFC 4301 4.4.1.3 also allows OPAQUE where there never is a port.
    if (side->any_port() || (protocol != 0 && side->opaque())) continue;
    return fail("traffic selector {}: only tcp, udp, sctp, dccp and udplite have ports",
                to_string(*side));
  }
  return std::vector<PortPair>{{kAnyPort, kAnyPort}};
}

std::optional<std::string> contradiction(const TrafficSelector& source,
                                         const TrafficSelector& destination) {
  for (const TrafficSelector* side : {&source, &destination}) {
    if (side->first.family() != side->last.family() || side->first > side->last ||
        (side->first_port > side->last_port && !side->opaque())) {
      return "a range ends before it begins";
    }
  }
  if (source.family() != destination.family()) return "IPv4 and IPv6 in one flow";
  if (source.protocol != destination.protocol) return "the protocols of the two sides differ";
  return std::nullopt;
}

std::string side_text(const IpPrefix& prefix, uint8_t protocol, PortBlock block) {
  return to_string(selector_of(prefix, protocol, block));
}

}  // namespace

std::string to_string(const KernelSelector& s) {
  return fmt::format("{} -> {}", side_text(s.source, s.protocol, s.source_port),
                     side_text(s.destination, s.protocol, s.destination_port));
}

std::vector<IpPrefix> split_addresses(const IpAddress& first, const IpAddress& last) {
  return AddressSplitter(first, last).split();
}

std::vector<PortBlock> split_ports(uint16_t first, uint16_t last) {
  std::vector<PortBlock> found;
  split_into(0, 0x10000, first, last, found);
  return found;
}

Result<std::vector<KernelSelector>> split(const TrafficSelector& source,
                                          const TrafficSelector& destination) {
  if (const auto why = contradiction(source, destination)) {
    return fail("traffic selectors {} -> {}: {}", to_string(source), to_string(destination), *why);
  }
  const std::vector<IpPrefix> from = split_addresses(source.first, source.last);
  const std::vector<IpPrefix> to = split_addresses(destination.first, destination.last);
  auto ports = split_port_pairs(source, destination);
  if (!ports) return fail(ports);
  const size_t count = from.size() * to.size() * ports->size();
  if (count > kMaxSelectors) {
    return fail(
        "traffic selectors {} -> {} need {} kernel policies, more than {}: use ranges that fall on "
        "prefixes",
        to_string(source), to_string(destination), count, kMaxSelectors);
  }
  std::vector<KernelSelector> found;
  found.reserve(count);
  for (const IpPrefix& one : from) {
    for (const IpPrefix& other : to) {
      for (const auto& [port, other_port] : *ports) {
        found.push_back({one, other, source.protocol, port, other_port});
      }
    }
  }
  return found;
}

TrafficSelector selector_of(const IpPrefix& prefix, uint8_t protocol, PortBlock block) {
  TrafficSelector selector = TrafficSelector::of(prefix, protocol);
  if (block.mask == 0) return selector;
  selector.first_port = block.value & block.mask;
  selector.last_port = static_cast<uint16_t>(block.value | static_cast<uint16_t>(~block.mask));
  return selector;
}

uint32_t priority_of(const KernelSelector& selector) {
  const unsigned width = selector.source.address.bits();
  const unsigned open_addresses = 2 * width - selector.source.length - selector.destination.length;
  const auto open_ports = static_cast<unsigned>(32 - std::popcount(selector.source_port.mask) -
                                                std::popcount(selector.destination_port.mask));
  const unsigned any_protocol = selector.protocol == 0 ? 64 : 0;
  return 0x10000 + 4 * (open_addresses * 128 + any_protocol + open_ports);
}

}  // namespace iked::xfrm
