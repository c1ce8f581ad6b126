// SPDX-License-Identifier: ISC
#include <algorithm>

#include "wire/encode.h"
#include "wire/reader.h"

namespace iked::wire {
namespace {

// RFC7296 3.7: hashes "are defined only for X.509 certificates, which are types 4, 12, and 13".
// RFC4806 4.1: those of OCSP responders look the same.
bool has_hashes(CertEncoding encoding) {
  switch (encoding) {
    case CertEncoding::X509_SIGNATURE:
    case CertEncoding::HASH_AND_URL_X509:
    case CertEncoding::HASH_AND_URL_BUNDLE:
    case CertEncoding::OCSP_CONTENT:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<CertreqPayload> parse_certreq(ByteView body) {  // RFC7296 3.7
  Reader r{body};
  CertreqPayload certreq;
  certreq.encoding = CertEncoding{r.u8()};
  if (!has_hashes(certreq.encoding)) {
    certreq.opaque = r.rest_copy();
    return r.finish(std::move(certreq), "CERTREQ payload");
  }
  // RFC7296 3.7: "The 20-octet hashes are concatenated and included with no other formatting."
  if (r.left() % sizeof(KeyHash) != 0) {
    return fail("a CERTREQ with {} octets of hashes, which is not a multiple of 20", r.left());
  }
  certreq.authorities.resize(r.left() / sizeof(KeyHash));
  for (KeyHash& hash : certreq.authorities) std::ranges::copy(r.take(hash.size()), hash.begin());
  return r.finish(std::move(certreq), "CERTREQ payload");
}

void encode(const CertreqPayload& certreq, Bytes& out) {
  IKED_CHECK(has_hashes(certreq.encoding) ? certreq.opaque.empty() : certreq.authorities.empty());
  out.push_back(static_cast<uint8_t>(certreq.encoding));
  for (const KeyHash& hash : certreq.authorities) append(out, hash);
  append(out, certreq.opaque);
}

}  // namespace iked::wire
