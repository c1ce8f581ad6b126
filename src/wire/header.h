// SPDX-License-Identifier: ISC
// The fixed header of every IKE message. RFC7296 3.1
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "model/iana.h"
#include "model/ids.h"

namespace iked::wire {

struct Header {
  static constexpr size_t size = 28;

  IkeSpi spi_i;
  IkeSpi spi_r;
  PayloadType next_payload = PayloadType::NONE;
  uint8_t major = 2;
  uint8_t minor = 0;
  ExchangeType exchange = ExchangeType::IKE_SA_INIT;
  bool from_initiator = false;  // I flag: sent by the original initiator of the IKE SA
  bool response = false;        // R flag
  MessageId message_id;
  uint32_t length = 0;  // of the whole message, as the header claims

  friend bool operator==(const Header&, const Header&) = default;
};

/// Reads the header only: shorter input fails, the length field must equal the datagram's size,
/// SPIi must not be zero (RFC7296 2.6). The version is reported, not judged. Octets behind the
/// message are refused like missing ones: by 3.1 a datagram is one message and the length is all of
/// it.
Result<Header> parse_header(ByteView datagram);

/// Appends the 28 octets; `length` and `next_payload` as they stand in `header`.
void encode_header(const Header& header, Bytes& out);

}  // namespace iked::wire
