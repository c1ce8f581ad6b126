// SPDX-License-Identifier: ISC
// Which program we are, for people who look into a capture and for peers that want to be kind to
// us. Nothing here depends on a peer's (RFC7296 3.12); `set novendorid` keeps ours back.
#pragma once

#include "wire/payloads.h"

namespace iked::ike {

/// Without a version: an attacker need not know it.
inline wire::VendorPayload own_vendor_id() {
  return {to_bytes(as_bytes("iked for Linux"))};
}

}  // namespace iked::ike
