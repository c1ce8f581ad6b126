// SPDX-License-Identifier: ISC
// IP addresses, endpoints and prefixes of either family as small values. Conversions to and from
// sockaddr are base/sockaddr.h; name resolution belongs to host/.
#pragma once

#include <fmt/format.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace iked {

enum class Family : uint8_t { v4, v6 };

/// An IPv4 or IPv6 address, octets in network order. An IPv4 address uses the first four octets and
/// keeps the rest zero, so that == and < are plain comparisons.
class IpAddress {
 public:
  IpAddress() = default;  // 0.0.0.0
  static IpAddress v4(std::array<uint8_t, 4> octets);
  static IpAddress v6(std::array<uint8_t, 16> octets);
  /// `octets` must be 4 or 16 long.
  static Result<IpAddress> from_octets(ByteView octets);
  /// Numeric forms only: "192.0.2.1", "2001:db8::1".
  static Result<IpAddress> parse(std::string_view text);
  static IpAddress any(Family family);

  Family family() const { return family_; }
  bool is_v4() const { return family_ == Family::v4; }
  bool is_any() const;
  bool is_link_local() const;
  ByteView octets() const { return {octets_.data(), is_v4() ? size_t{4} : size_t{16}}; }
  /// 32 or 128.
  unsigned bits() const { return is_v4() ? 32 : 128; }
  /// Bit `i`, counted from the most significant.
  bool bit(unsigned i) const { return (octets_[i / 8] >> (7 - i % 8) & 1) != 0; }
  /// The same address with all bits from bit `first` on set to `value`.
  IpAddress with_bits_from(unsigned first, bool value) const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  Family family_ = Family::v4;
  std::array<uint8_t, 16> octets_{};
};

std::string to_string(const IpAddress& address);

/// An address and a UDP port (host byte order).
struct Endpoint {
  IpAddress address;
  uint16_t port = 0;
  uint32_t scope = 0;  // interface index: for IPv6 link-local addresses, which mean nothing without
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// "192.0.2.1:500", "[2001:db8::1]:500", "[fe80::1%2]:500"
std::string to_string(const Endpoint& endpoint);

/// A network: the host bits of `address` are zero when made by `make`.
struct IpPrefix {
  IpAddress address;
  uint8_t length = 0;  // 0..32 or 0..128

  /// Clears the host bits. Fails when `length` is over the family's width.
  static Result<IpPrefix> make(IpAddress address, unsigned length);
  static IpPrefix host(IpAddress address);
  static IpPrefix any(Family family);
  /// "10.0.0.0/8", "192.0.2.1" (a host), "2001:db8::/32".
  static Result<IpPrefix> parse(std::string_view text);

  bool contains(const IpAddress& other) const;
  bool is_host() const { return length == address.bits(); }
  IpAddress first() const { return address; }
  IpAddress last() const { return address.with_bits_from(length, true); }
  friend auto operator<=>(const IpPrefix&, const IpPrefix&) = default;
};

/// Hosts print without "/32" or "/128".
std::string to_string(const IpPrefix& prefix);

/// For hash tables keyed by addresses that an outsider can choose: mix in a secret of your own.
size_t hash_of(const IpAddress& address, uint64_t seed);

}  // namespace iked

template <>
struct fmt::formatter<iked::IpAddress> : fmt::formatter<std::string> {
  auto format(const iked::IpAddress& a, format_context& ctx) const {
    return formatter<std::string>::format(iked::to_string(a), ctx);
  }
};
template <>
struct fmt::formatter<iked::Endpoint> : fmt::formatter<std::string> {
  auto format(const iked::Endpoint& e, format_context& ctx) const {
    return formatter<std::string>::format(iked::to_string(e), ctx);
  }
};
template <>
struct fmt::formatter<iked::IpPrefix> : fmt::formatter<std::string> {
  auto format(const iked::IpPrefix& p, format_context& ctx) const {
    return formatter<std::string>::format(iked::to_string(p), ctx);
  }
};
