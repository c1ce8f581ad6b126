// SPDX-License-Identifier: ISC
// What the encoders of this folder share; nobody else needs it. One `encode` per payload appends
// its body.
#pragma once

#include "base/check.h"
#include "wire/payloads.h"

namespace iked::wire {

void encode(const SaPayload& payload, Bytes& out);
void encode(const KePayload& payload, Bytes& out);
void encode(const IdiPayload& payload, Bytes& out);
void encode(const IdrPayload& payload, Bytes& out);
void encode(const CertPayload& payload, Bytes& out);
void encode(const CertreqPayload& payload, Bytes& out);
void encode(const AuthPayload& payload, Bytes& out);
void encode(const NoncePayload& payload, Bytes& out);
void encode(const NotifyPayload& payload, Bytes& out);
void encode(const DeletePayload& payload, Bytes& out);
void encode(const VendorPayload& payload, Bytes& out);
void encode(const TsiPayload& payload, Bytes& out);
void encode(const TsrPayload& payload, Bytes& out);
void encode(const CpPayload& payload, Bytes& out);
void encode(const EapPayload& payload, Bytes& out);

/// RESERVED fields (RFC7296 2.5: sent as zero), padding, and room for what is filled in later.
inline void put_zeros(Bytes& out, size_t octets) {
  out.resize(out.size() + octets);
}

/// For counts of one octet.
inline void put_u8(Bytes& out, size_t count) {
  IKED_CHECK(count <= 0xff);
  out.push_back(static_cast<uint8_t>(count));
}

/// Writes the size of a complete message into its header. RFC7296 3.1.
inline void fill_message_length(Bytes& message) {
  IKED_CHECK(message.size() >= 28 && message.size() <= 0xffffffff);
  for (size_t i = 0; i < 4; ++i) {
    message[24 + i] = static_cast<uint8_t>(message.size() >> (24 - 8 * i));
  }
}

/// A 16-bit length that can only be known later: the constructor leaves room for it, `fill` writes
/// how many octets there are from `begin` to the end.
class LengthField {
 public:
  LengthField(Bytes& out, size_t begin) : begin_(begin), at_(out.size()) { put_u16(out, 0); }

  void fill(Bytes& out) const {
    const size_t length = out.size() - begin_;
    IKED_CHECK(length <= 0xffff);
    out[at_] = static_cast<uint8_t>(length >> 8);
    out[at_ + 1] = static_cast<uint8_t>(length);
  }

 private:
  size_t begin_;
  size_t at_;
};

}  // namespace iked::wire
