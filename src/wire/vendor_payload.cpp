// SPDX-License-Identifier: ISC
#include "wire/encode.h"

namespace iked::wire {

Result<VendorPayload> parse_vendor(ByteView body) {  // RFC7296 3.12
  return VendorPayload{to_bytes(body)};
}

void encode(const VendorPayload& vendor, Bytes& out) {
  append(out, vendor.id);
}

}  // namespace iked::wire
