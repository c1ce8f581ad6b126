// SPDX-License-Identifier: ISC
// Address changes of an established IKE SA (MOBIKE, RFC 4555): what the two sides tell each other
// about them in notifies. What becomes of the SA is IkeSa's (ike_sa_mobility.cpp), the exchanges
// are in exchange/update_addresses.h.
#pragma once

#include <vector>

#include "ike/context.h"
#include "ike/sa_state.h"
#include "wire/message.h"

namespace iked::ike {

/// Whether this IKE SA may follow address changes, as far as we are concerned. Tunnel mode only:
/// in transport mode the addresses are what the selectors are about.
bool may_move(const Context& ctx, const PolicyEntry& entry);

/// What a message of IKE_AUTH says about it: MOBIKE_SUPPORTED and further addresses of ours, which
/// are those that `local` names beside the one in use. RFC4555 3.2, 3.4
wire::Payloads mobility_offer(const Context& ctx, const SaState& state, const PolicyEntry& entry);

/// ADDITIONAL_IP4_ADDRESS and ADDITIONAL_IP6_ADDRESS for these, or NO_ADDITIONAL_ADDRESSES.
wire::Payloads additional_addresses(const std::vector<IpAddress>& addresses);

/// The further addresses that a message names; nothing when it says nothing of them. The list is
/// complete: it takes the place of what was known before (RFC4555 3.6). At most 16 are kept.
std::optional<std::vector<IpAddress>> read_additional_addresses(const wire::Message& message);

/// NO_NATS_ALLOWED for a message on this path: RFC4555 3.9 wants it wherever NAT traversal is off.
wire::NotifyPayload no_nats_allowed(const Path& path);
/// False when the message says that no NAT may be between, and one is. `path` as it came.
bool nats_are_allowed(const wire::Message& message, const Path& path);

/// Whether a host may be at this address: one host's, and not of this host alone.
bool is_usable(const IpAddress& address);

/// Addresses of ours that the policy names, without the one in use.
std::vector<IpAddress> other_own_addresses(const PolicyEntry& entry, const IpAddress& in_use);

}  // namespace iked::ike
