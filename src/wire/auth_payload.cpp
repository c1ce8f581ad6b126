// SPDX-License-Identifier: ISC
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {

Result<AuthPayload> parse_auth(ByteView body) {  // RFC7296 3.8
  Reader r{body};
  AuthPayload auth;
  auth.method = AuthMethod{r.u8()};
  r.skip(3);  // RESERVED
  auth.data = r.rest_copy();
  return r.finish(std::move(auth), "AUTH payload");
}

void encode(const AuthPayload& auth, Bytes& out) {
  out.push_back(static_cast<uint8_t>(auth.method));
  put_zeros(out, 3);
  append(out, auth.data);
}

}  // namespace iked::wire
