// SPDX-License-Identifier: ISC
#pragma once

#include "base/bytes.h"
#include "base/ip.h"

namespace iked {

/// One IKE message as it came or shall go: without UDP header and without the non-ESP marker, which
/// net/ takes off and puts on (RFC7296 3.1) according to the local port.
struct Datagram {
  Endpoint local;  // the address it was sent to, and our port
  Endpoint remote;
  bool natt = false;  // on the socket for port 4500 (non-ESP marker in front)
  Bytes octets;
};

}  // namespace iked
