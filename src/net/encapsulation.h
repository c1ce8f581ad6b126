// SPDX-License-Identifier: ISC
// What port 4500 carries besides IKE, and the marker that tells them apart (RFC3948 2). Pure
// functions; sockets are udp_socket.h.
#pragma once

#include <optional>

#include "base/bytes.h"

namespace iked::net {

inline constexpr size_t non_esp_marker_size = 4;

/// The IKE message in a UDP payload that came to a port with (`natt`) or without non-ESP marker.
/// Nothing when it is something else: a NAT keepalive, ESP, or too short to tell.
std::optional<ByteView> find_ike_message(ByteView payload, bool natt);

}  // namespace iked::net
