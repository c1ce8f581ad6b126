// SPDX-License-Identifier: ISC
#include "base/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace iked {

IpAddress IpAddress::v4(std::array<uint8_t, 4> octets) {
  IpAddress address;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  return address;
}

IpAddress IpAddress::v6(std::array<uint8_t, 16> octets) {
  IpAddress address;
  address.family_ = Family::v6;
  address.octets_ = octets;
  return address;
}

Result<IpAddress> IpAddress::from_octets(ByteView octets) {
  if (octets.size() != 4 && octets.size() != 16) {
    return fail("an IP address has 4 or 16 octets, not {}", octets.size());
  }
  IpAddress address;
  address.family_ = octets.size() == 4 ? Family::v4 : Family::v6;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  return address;
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string z(text);
  IpAddress address;
  // inet_pton would stop at a NUL and not see what follows.
  if (z.find('\0') != std::string::npos) {
    return fail("'{}' is not an IP address", printable(as_bytes(text)));
  }
  if (inet_pton(AF_INET, z.c_str(), address.octets_.data()) == 1) return address;
  address.family_ = Family::v6;
  if (inet_pton(AF_INET6, z.c_str(), address.octets_.data()) == 1) return address;
  return fail("'{}' is not an IP address", printable(as_bytes(text)));
}

IpAddress IpAddress::any(Family family) {
  IpAddress address;
  address.family_ = family;
  return address;
}

bool IpAddress::is_any() const {
  return std::all_of(octets_.begin(), octets_.end(), [](uint8_t octet) { return octet == 0; });
}

bool IpAddress::is_link_local() const {
  if (is_v4()) return octets_[0] == 169 && octets_[1] == 254;
  return octets_[0] == 0xfe && (octets_[1] & 0xc0) == 0x80;
}

IpAddress IpAddress::with_bits_from(unsigned first, bool value) const {
  IpAddress changed = *this;
  for (unsigned i = first; i < bits(); ++i) {
    const auto mask = static_cast<uint8_t>(0x80 >> (i % 8));
    uint8_t& octet = changed.octets_[i / 8];
    octet = static_cast<uint8_t>(value ? octet | mask : octet & ~mask);
  }
  return changed;
}

std::string to_string(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(address.is_v4() ? AF_INET : AF_INET6, address.octets().data(), text, sizeof text);
  return text;
}

std::string to_string(const Endpoint& endpoint) {
  if (endpoint.address.is_v4()) return fmt::format("{}:{}", endpoint.address, endpoint.port);
  if (endpoint.scope == 0) return fmt::format("[{}]:{}", endpoint.address, endpoint.port);
  return fmt::format("[{}%{}]:{}", endpoint.address, endpoint.scope, endpoint.port);
}

Result<IpPrefix> IpPrefix::make(IpAddress address, unsigned length) {
  if (length > address.bits()) {
    return fail("/{} is too long for {}: at most /{}", length, address, address.bits());
  }
  return IpPrefix{address.with_bits_from(length, false), static_cast<uint8_t>(length)};
}

IpPrefix IpPrefix::host(IpAddress address) {
  return {address, static_cast<uint8_t>(address.bits())};
}

IpPrefix IpPrefix::any(Family family) {
  return {IpAddress::any(family), 0};
}

Result<IpPrefix> IpPrefix::parse(std::string_view text) {
  const size_t slash = text.find('/');
  auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return fail(address);
  if (slash == std::string_view::npos) return host(*address);
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), length);
  if (error != std::errc{} || end != digits.end()) {
    return fail("'{}' is not a prefix length", printable(as_bytes(digits)));
  }
  return make(*address, length);
}

bool IpPrefix::contains(const IpAddress& other) const {
  if (other.family() != address.family()) return false;
  const ByteView a = address.octets();
  const ByteView b = other.octets();
  const size_t whole = length / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<ptrdiff_t>(whole), b.begin())) return false;
  const unsigned rest = length % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

std::string to_string(const IpPrefix& prefix) {
  return prefix.is_host() ? to_string(prefix.address)
                          : fmt::format("{}/{}", prefix.address, prefix.length);
}

size_t hash_of(const IpAddress& address, uint64_t seed) {
  uint64_t h = seed ^ (address.is_v4() ? 4 : 6);
  for (uint8_t octet : address.octets()) {
    h = (h ^ octet) * 0x9e3779b97f4a7c15U;
    h ^= h >> 29;
  }
  return h;
}

}  // namespace iked
