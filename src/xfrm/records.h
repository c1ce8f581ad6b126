// SPDX-License-Identifier: ISC
// SAs, policies and events as the kernel tells of them, read into values. Every function takes
// octets from outside of the process and fails, rather than guesses, on what it cannot read.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/kernel.h"
#include "xfrm/reader.h"
#include "xfrm/selectors.h"
#include "xfrm/uapi.h"

namespace iked::xfrm {

/// One SA of the kernel's table.
struct SaRecord {
  SaKey key;
  Reqid reqid;
  /// Only an SPI so far, reserved by ALLOCSPI or made for an ACQUIRE; it has no keys.
  bool larval = false;
  uint64_t bytes = 0;
  uint64_t packets = 0;
  uint64_t last_used = 0;  // seconds since 1970; 0 = not known
  std::optional<Mark> mark;
  uint32_t if_id = 0;
  std::optional<SaDirection> direction;  // since Linux 6.10, where it was said
  std::optional<UdpEncap> encap;
  std::optional<IpAddress> original_address;
  xfrm_usersa_info info{};
  ByteView attributes;  // into the message: keys and counters, for move()
};

/// Reads an XFRM_MSG_NEWSA.
Result<SaRecord> parse_sa(const Message& message);

/// Its counters. `now` is the time of day that the kernel goes by; it may have been set back since.
SaUsage usage_of(const SaRecord& sa, std::chrono::seconds now);

/// One policy of the kernel's table.
struct PolicyRecord {
  xfrm_selector selector{};
  uint32_t index = 0;
  uint32_t priority = 0;
  uint8_t direction = 0;  // XFRM_POLICY_IN, _OUT, _FWD; socket policies have others
  uint8_t type = XFRM_POLICY_TYPE_MAIN;
  Reqid reqid;                         // of the first template; 0 = there is none
  std::optional<ProtocolId> protocol;  // of the first template; nothing: neither ESP nor AH
  /// Of the first template, where it names outer addresses: in tunnel mode.
  std::optional<IpAddress> tunnel_source;
  std::optional<IpAddress> tunnel_destination;
  std::optional<Mark> mark;
  uint32_t if_id = 0;
};

/// Reads an XFRM_MSG_NEWPOLICY.
Result<PolicyRecord> parse_policy(const Message& message);

/// When the SA was made, by the time of day of then.
std::chrono::seconds made_at(const SaRecord& sa);

/// Nothing for the directions of socket policies.
std::optional<PolicyDirection> direction_from(uint8_t number);
/// Nothing for a selector that is not of one of the two families or has impossible lengths.
std::optional<KernelSelector> selector_from(const xfrm_selector& selector);

/// Reads one datagram of the event socket and appends the events of entries of ours (is_own) to
/// `out`, in the order of the kernel. Expiry of an SPI that was only reserved is not an event:
/// allocate_spi() promises no more than the kernel does.
void parse_events(ByteView datagram, std::vector<KernelEvent>& out);

/// Nothing for a family that is neither AF_INET nor AF_INET6.
std::optional<IpAddress> address_from(const xfrm_address_t& address, unsigned family);

}  // namespace iked::xfrm
