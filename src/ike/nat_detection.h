// SPDX-License-Identifier: ISC
// NAT detection: hashes of addresses that a NAT would make untrue. RFC7296 2.23
#pragma once

#include "model/ids.h"
#include "wire/message.h"

namespace iked::ike {

/// SHA-1(SPIi | SPIr | IP | port), all in network byte order.
Bytes nat_hash(IkeSpi spi_i, IkeSpi spi_r, const Endpoint& endpoint);

/// The two notifies of a message from `source` to `destination`. With `pretend`, the source hash is
/// one that no address has (from `noise`, 20 octets), so that the peer sees a NAT and encapsulates
/// in UDP.
wire::Payloads nat_detection_payloads(IkeSpi spi_i, IkeSpi spi_r, const Endpoint& source,
                                      const Endpoint& destination, bool pretend, ByteView noise);

struct NatDetection {
  bool supported = false;      // both notifies were there
  bool we_are_behind = false;  // the peer sent to another address than we have
  bool peer_is_behind = false;
  bool any() const { return we_are_behind || peer_is_behind; }
};

/// `local` and `remote` as the message came. RFC7296 2.23: several source hashes may be there; one
/// that fits is enough.
NatDetection read_nat_detection(const wire::Message& message, const Endpoint& local,
                                const Endpoint& remote);

}  // namespace iked::ike
