// SPDX-License-Identifier: ISC
#include "ike/nat_detection.h"

#include "crypto/prf.h"

namespace iked::ike {
namespace {

wire::NotifyPayload notify(NotifyType type, Bytes data) {
  return {type, ProtocolId::NONE, {}, std::move(data)};
}

}  // namespace

Bytes nat_hash(IkeSpi spi_i, IkeSpi spi_r, const Endpoint& endpoint) {
  Bytes spis;
  put_u64(spis, spi_i.value);
  put_u64(spis, spi_r.value);
  Bytes port;
  put_u16(port, endpoint.port);
  return crypto::sha1({spis, endpoint.address.octets(), port});
}

wire::Payloads nat_detection_payloads(IkeSpi spi_i, IkeSpi spi_r, const Endpoint& source,
                                      const Endpoint& destination, bool pretend, ByteView noise) {
  Bytes source_hash = pretend ? to_bytes(noise) : nat_hash(spi_i, spi_r, source);
  return {notify(NotifyType::NAT_DETECTION_SOURCE_IP, std::move(source_hash)),
          notify(NotifyType::NAT_DETECTION_DESTINATION_IP, nat_hash(spi_i, spi_r, destination))};
}

NatDetection read_nat_detection(const wire::Message& message, const Endpoint& local,
                                const Endpoint& remote) {
  const Bytes our_hash = nat_hash(message.header.spi_i, message.header.spi_r, local);
  const Bytes their_hash = nat_hash(message.header.spi_i, message.header.spi_r, remote);
  bool saw_source = false;
  bool saw_destination = false;
  bool source_fits = false;
  bool destination_fits = false;
  for (const wire::Payload& payload : message.payloads) {
    const auto* notify = std::get_if<wire::NotifyPayload>(&payload);
    if (notify == nullptr) continue;
    if (notify->notify == NotifyType::NAT_DETECTION_SOURCE_IP) {
      saw_source = true;
      source_fits = source_fits || notify->data == their_hash;
    } else if (notify->notify == NotifyType::NAT_DETECTION_DESTINATION_IP) {
      saw_destination = true;
      destination_fits = destination_fits || notify->data == our_hash;
    }
  }
  NatDetection result;
  result.supported = saw_source && saw_destination;
  result.we_are_behind = result.supported && !destination_fits;
  result.peer_is_behind = result.supported && !source_fits;
  return result;
}

}  // namespace iked::ike
