// SPDX-License-Identifier: ISC
#include "wire/encode.h"

namespace iked::wire {

Result<NoncePayload> parse_nonce(ByteView body) {  // RFC7296 3.9
  // RFC7296 3.9: "The size of the Nonce Data MUST be between 16 and 256 octets, inclusive."
  if (body.size() < 16 || body.size() > 256) {
    return fail("a nonce of {} octets, where 16 to 256 are allowed", body.size());
  }
  return NoncePayload{to_bytes(body)};
}

void encode(const NoncePayload& nonce, Bytes& out) {
  append(out, nonce.nonce);
}

}  // namespace iked::wire
