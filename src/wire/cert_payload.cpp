// SPDX-License-Identifier: ISC
#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {
namespace {

// RFC7296 3.6: a hash of 20 octets, then a URL.
constexpr size_t sha1 = 20;

bool is_hash_and_url(CertEncoding encoding) {
  return encoding == CertEncoding::HASH_AND_URL_X509 ||
         encoding == CertEncoding::HASH_AND_URL_BUNDLE;
}

}  // namespace

Result<CertPayload> parse_cert(ByteView body) {  // RFC7296 3.6
  Reader r{body};
  CertPayload cert;
  cert.encoding = CertEncoding{r.u8()};
  cert.data = r.rest_copy();
  if (r.ok() && is_hash_and_url(cert.encoding) && cert.data.size() <= sha1) {
    return fail("a {} of {} octets has no URL", to_string(cert.encoding), cert.data.size());
  }
  return r.finish(std::move(cert), "CERT payload");
}

void encode(const CertPayload& cert, Bytes& out) {
  out.push_back(static_cast<uint8_t>(cert.encoding));
  append(out, cert.data);
}

}  // namespace iked::wire
